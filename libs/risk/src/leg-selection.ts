import type { Contract } from '@evenkeel/instruments';
import { quotedSpotOf } from './market-view';
import type { MarketView, RuleLimits } from './market-view';
import type { InstrumentMark, SpotMark } from './state';

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
  return markProblem(contract, market.limits, mark);
}

/** Why a contract cannot be valued on its mark, at any time; empty when it can. */
export function markProblem(
  { kind }: Pick<Contract, 'kind'>,
  limits: Pick<RuleLimits, 'basisQuotes'>,
  known: InstrumentMark | undefined,
): string {
  if (kind === 'pool') return 'RISK.NO_MODEL';
  if (known === undefined) return 'RISK.NO_MARK';
  if (kind !== 'option') return '';
  if (known.mark.status === 'HALTED') return 'RISK.HALTED_MARK';
  const { volatility } = known.mark;
  if (volatility === undefined || !(volatility > 0)) return 'RISK.NO_VOLATILITY';
  return known.forward > 0 && quotedSpotOf(limits, known) > 0 ? '' : 'RISK.NO_FORWARD';
}

export function refusalMessage(code: string, { id, underlying, spec }: Contract, market: MarketView): string {
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
