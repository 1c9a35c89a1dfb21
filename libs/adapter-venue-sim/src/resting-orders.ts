import type { Mark } from '@evenkeel/facts';
import type { Contract } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import type { MarketRules } from './market-model';
import { crosses, touch } from '@evenkeel/venues';
import type { VenueOrderState } from './venue-state';

export interface RestingFill {
  readonly contracts: Decimal;
  /** Names the fill once and for ever. */
  readonly name: string;
}

/**
 * What a mark brings a resting order. A market that has moved through its limit fills all of it. With a market model, volume that
 * trades while it stands at the touch first works off the queue before it, then fills it; moves the queue in place.
 */
export function matchResting(
  state: VenueOrderState,
  mark: Mark,
  contract: Contract,
  rules: MarketRules | undefined,
): RestingFill | undefined {
  const { order, resting } = state;
  const limit = Decimal.parse(order.limitPrice);
  if (crosses(order.side, limit, touch(mark, contract, order.side)))
    return { contracts: resting, name: 'fill-resting' };
  if (rules === undefined || state.queueAhead === undefined || mark.volume === undefined) return undefined;
  const near = touch(mark, contract, order.side === 'buy' ? 'sell' : 'buy');
  // Behind the touch nothing trades at our price.
  if (!crosses(order.side, limit, near)) return undefined;
  const traded = Decimal.parse(mark.volume).times(Decimal.ofNumber(rules.queueShare, 6));
  const beyond = traded.minus(state.queueAhead);
  state.queueAhead = state.queueAhead.minus(traded).max(Decimal.ZERO);
  const contracts = beyond.min(resting).roundToStep(contract.lot, 'floor');
  return contracts.isPositive() ? { contracts, name: `fill-queue-${mark.eventTime}` } : undefined;
}
