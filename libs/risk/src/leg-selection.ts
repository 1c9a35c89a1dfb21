import type { UnpricedLeg } from '@evenkeel/facts';
import { required, yearsBetween } from '@evenkeel/kernel';
import type { ContractTerms } from './contract-terms';
import { contractTermsOf } from './contract-terms';
import type { MarketView } from './market-view';
import type { BookState, InstrumentMark, Position } from './state';

/** A position with everything needed to value it. */
export interface PriceableLeg {
  readonly terms: ContractTerms;
  readonly position: Position;
  readonly mark: InstrumentMark;
  /** Composite spot of the underlying, USD. */
  readonly spot: number;
  /** Forward of the expiry (options) or the contract's own price, over spot: the basis that is held while spot moves. */
  readonly basis: number;
  /** ACT/365; 0 for contracts without expiry. */
  readonly years: number;
}

export interface LegSelection {
  readonly priceable: readonly PriceableLeg[];
  readonly unpriced: readonly UnpricedLeg[];
}

/** Sorts a book's open positions into those that can be valued now and those that cannot, with the reason. */
export function selectLegs(book: BookState, market: MarketView): LegSelection {
  const priceable: PriceableLeg[] = [];
  const unpriced: UnpricedLeg[] = [];
  for (const instrument of Object.keys(book.positions)) {
    const position = required(book.positions[instrument], `the position in ${instrument}`);
    const terms = contractTermsOf(required(book.specifications[instrument], `the terms of ${instrument}`));
    const outcome = examine(terms, position, market);
    if ('code' in outcome) unpriced.push({ instrument, quantity: position.quantity, ...outcome });
    else priceable.push(outcome);
  }
  return { priceable, unpriced };
}

interface Refusal {
  readonly code: string;
  readonly message: string;
}

function examine(terms: ContractTerms, position: Position, market: MarketView): PriceableLeg | Refusal {
  const { id, underlying } = terms;
  if (terms.expiry !== undefined && market.now >= terms.expiry) {
    return {
      code: 'RISK.EXPIRED_UNSETTLED',
      message: `${id} expired at ${terms.expiryText} and no delivery price has come`,
    };
  }
  if (terms.kind === 'pool') return { code: 'RISK.NO_MODEL', message: `no model for ${id}` };
  const spot = market.spot(underlying);
  if (spot === undefined) return { code: 'RISK.NO_SPOT', message: `no spot price of ${underlying} yet` };
  if (market.isStale(spot))
    return {
      code: 'RISK.STALE_SPOT',
      message: `the spot price of ${underlying} is of ${spot.mark.eventTime}`,
    };
  const mark = market.mark(id);
  if (mark === undefined) return { code: 'RISK.NO_MARK', message: `no mark of ${id} yet` };
  if (terms.kind === 'option') return examineOption(terms, position, mark, spot.price, market);
  if (market.isStale(mark))
    return { code: 'RISK.STALE_MARK', message: `the mark of ${id} is of ${mark.mark.eventTime}` };
  return { terms, position, mark, spot: spot.price, basis: mark.price / spot.price, years: 0 };
}

function examineOption(
  terms: ContractTerms,
  position: Position,
  mark: InstrumentMark,
  spot: number,
  market: MarketView,
): PriceableLeg | Refusal {
  const { id } = terms;
  const { volatility } = mark.mark;
  if (market.nowMs - mark.timeMs > market.limits.maxVolatilityAgeMs) {
    return { code: 'RISK.STALE_VOLATILITY', message: `the volatility of ${id} is of ${mark.mark.eventTime}` };
  }
  if (mark.mark.status === 'HALTED') {
    return {
      code: 'RISK.HALTED_MARK',
      message: `the mark of ${id} is halted: ${mark.mark.reasons.join(', ')}`,
    };
  }
  if (volatility === undefined || !(volatility > 0))
    return { code: 'RISK.NO_VOLATILITY', message: `the mark of ${id} has no volatility` };
  if (!(mark.forward > 0) || !(mark.spotThen > 0)) {
    return {
      code: 'RISK.NO_FORWARD',
      message: `the mark of ${id} has no forward, or came before any spot price`,
    };
  }
  const years = terms.expiry === undefined ? 0 : yearsBetween(market.now, terms.expiry);
  return { terms, position, mark, spot, basis: mark.forward / mark.spotThen, years };
}
