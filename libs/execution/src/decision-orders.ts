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
    if (state.parents.size > 0 && state.parents.has(parentIdOf(decision.decisionId, index))) continue;
    const proposal = proposalOf(decision, trade, clientOrderId);
    return startParent(state, decision, { trade, proposal, index }) ?? placeOrder(state, proposal, timeout);
  }
  return undefined;
}
