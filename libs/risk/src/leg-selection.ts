import type { UnpricedLeg } from '@evenkeel/facts';
import type { Contract } from '@evenkeel/instruments';
import { yearsBetween } from '@evenkeel/kernel';
import { quotedSpotOf } from './market-view';
import type { MarketView } from './market-view';
import type { OpenLeg } from './open-book';
import type { InstrumentMark, Position, SpotMark } from './state';

/** What the numbers of a leg follow from. */
export interface LegInputs {
  readonly contract: LegTerms;
  readonly position: Pick<Position, 'quantity' | 'contracts' | 'basisNumber'>;
  readonly mark: LegMark;
  /** Composite spot of the underlying, USD. */
  readonly spot: number;
  /** Of an option: the underlying's price that its quoted forward belongs to, USD; else 0. */
  readonly quotedSpot: number;
  /** Forward of the expiry (options) or the contract's own price, over spot: the basis that is held while spot moves. */
  readonly basis: number;
  /** ACT/365; 0 for contracts without expiry. */
  readonly years: number;
}

/** What valuing a leg asks of its contract. */
export type LegTerms = Pick<
  Contract,
  'id' | 'kind' | 'underlying' | 'payoff' | 'coinSettled' | 'sizeNumber' | 'strikeNumber' | 'optionType'
>;

/** What valuing a leg asks of its mark. */
export type LegMark = Pick<InstrumentMark, 'price' | 'forward'> & {
  readonly mark: Pick<InstrumentMark['mark'], 'volatility' | 'eventTime'>;
};

/** A position of a book with everything needed to value it. */
export interface PriceableLeg extends LegInputs {
  readonly contract: Contract;
  readonly position: Position;
  readonly mark: InstrumentMark;
}

export interface LegSelection {
  readonly priceable: readonly PriceableLeg[];
  readonly unpriced: readonly UnpricedLeg[];
}

/** Sorts open positions into those that can be valued now and those that cannot, with the reason. */
export function selectLegs(legs: readonly OpenLeg[], market: MarketView): LegSelection {
  const priceable: PriceableLeg[] = [];
  const unpriced: UnpricedLeg[] = [];
  for (const leg of legs) {
    const { contract, position } = leg;
    const mark = market.mark(contract.id);
    const spot = market.spot(contract.underlying);
    const code = refusalCode(contract, market, spot, mark);
    if (code !== '' || mark === undefined || spot === undefined) {
      unpriced.push({
        instrument: contract.id,
        quantity: position.quantity,
        code,
        message: refusalMessage(code, contract, market),
      });
    } else if (contract.kind === 'option') {
      const quotedSpot = quotedSpotOf(market, mark);
      const years = contract.expiry === undefined ? 0 : yearsBetween(market.now, contract.expiry);
      priceable.push({
        contract,
        position,
        mark,
        spot: spot.price,
        quotedSpot,
        basis: mark.forward / quotedSpot,
        years,
      });
    } else {
      priceable.push({
        contract,
        position,
        mark,
        spot: spot.price,
        quotedSpot: 0,
        basis: mark.price / spot.price,
        years: 0,
      });
    }
  }
  return { priceable, unpriced };
}

/** Why a contract cannot be valued now; empty when it can. */
export function refusalCode(
  contract: Contract,
  market: MarketView,
  spot: SpotMark | undefined,
  mark: InstrumentMark | undefined,
): string {
  if (contract.expiry !== undefined && market.now >= contract.expiry) return 'RISK.EXPIRED_UNSETTLED';
  if (contract.kind === 'pool') return 'RISK.NO_MODEL';
  if (spot === undefined) return 'RISK.NO_SPOT';
  if (market.isStale(spot)) return 'RISK.STALE_SPOT';
  if (mark === undefined) return 'RISK.NO_MARK';
  if (contract.kind !== 'option') return market.isStale(mark) ? 'RISK.STALE_MARK' : '';
  if (market.nowMs - mark.timeMs > market.limits.maxVolatilityAgeMs) return 'RISK.STALE_VOLATILITY';
  if (mark.mark.status === 'HALTED') return 'RISK.HALTED_MARK';
  const { volatility } = mark.mark;
  if (volatility === undefined || !(volatility > 0)) return 'RISK.NO_VOLATILITY';
  return mark.forward > 0 && quotedSpotOf(market, mark) > 0 ? '' : 'RISK.NO_FORWARD';
}

function refusalMessage(code: string, { id, underlying, spec }: Contract, market: MarketView): string {
  const spotTime = market.spot(underlying)?.mark.eventTime ?? '';
  const mark = market.mark(id)?.mark;
  switch (code) {
    case 'RISK.EXPIRED_UNSETTLED':
      return `${id} expired at ${spec.expiry ?? ''} and no delivery price has come`;
    case 'RISK.NO_MODEL':
      return `no model for ${id}`;
    case 'RISK.NO_SPOT':
      return `no spot price of ${underlying} yet`;
    case 'RISK.STALE_SPOT':
      return `the spot price of ${underlying} is of ${spotTime}`;
    case 'RISK.NO_MARK':
      return `no mark of ${id} yet`;
    case 'RISK.STALE_MARK':
      return `the mark of ${id} is of ${mark?.eventTime ?? ''}`;
    case 'RISK.STALE_VOLATILITY':
      return `the volatility of ${id} is of ${mark?.eventTime ?? ''}`;
    case 'RISK.HALTED_MARK':
      return `the mark of ${id} is halted: ${mark?.reasons.join(', ') ?? ''}`;
    case 'RISK.NO_VOLATILITY':
      return `the mark of ${id} has no volatility`;
    default:
      return `the mark of ${id} has no forward, or came before any spot price`;
  }
}
