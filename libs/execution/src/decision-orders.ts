import type { HedgeDecision, Step } from '@evenkeel/facts';
import type { Nanoseconds } from '@evenkeel/kernel';
import { parentIdOf, startParent } from './algorithms/parent-work';
import type { ExecutionState } from './execution-state';
import { clientOrderIdOf, placeOrder, proposalOf } from './order-placement';
import type { VenueEffect } from './venue-effect';

/** The first trade of a decision that nothing has been said about yet. */
export function nextOrder(
  state: ExecutionState,
  decision: HedgeDecision,
  timeout: Nanoseconds,
): Step<VenueEffect> | undefined {
  for (let index = 0; index < decision.trades.length; index += 1) {
    const trade = decision.trades[index];
    const clientOrderId = clientOrderIdOf(decision.decisionId, index);
    if (trade === undefined || state.orders.has(clientOrderId)) continue;
    if (state.parents.has(parentIdOf(decision.decisionId, index))) continue;
    const parent = startParent(state, decision, trade, index);
    if (parent !== undefined) return parent;
    return placeOrder(state, proposalOf(decision, trade, clientOrderId), timeout);
  }
  return undefined;
}
