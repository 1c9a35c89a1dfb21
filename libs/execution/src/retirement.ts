import type { AggregateRef, Kept } from '@evenkeel/facts';
import { forgottenUpTo } from '@evenkeel/facts';
import { settleFills } from '@evenkeel/instruments';
import type { ExecutionState } from './execution-state';
import { isOpen } from './hedge-order/queries';
import type { HedgeOrder } from './hedge-order/state';

/**
 * Forgets what was over a day ago. Done as time is observed and never while an input is answered, so that what was said to an
 * input is known until it has settled. What a venue says of a forgotten order is somebody else's word: `onForeignOrder`.
 */
export function retire(state: ExecutionState): void {
  const { retired } = state;
  if (retired.length > 0) state.retired = [];
  const upTo = forgottenUpTo(state.now);
  if (upTo <= state.forgottenUpTo) return;
  state.forgottenUpTo = upTo;
  const gone: AggregateRef[] = [];
  for (const order of state.orders.values()) {
    if (!isOver(state, order) || (order.closedAt ?? order.intendedAt) > upTo) continue;
    state.orders.delete(order.clientOrderId);
    gone.push({ context: 'execution', type: 'hedge-order', id: order.clientOrderId });
  }
  for (const { parentId, completedAt } of state.parents.values()) {
    if (completedAt === undefined || completedAt > upTo) continue;
    state.parents.delete(parentId);
    gone.push({ context: 'execution', type: 'parent-order', id: parentId });
  }
  for (const { accounts } of state.books.values())
    for (const { watch } of accounts.values()) {
      settleFills(watch.ledger, upTo);
      for (const [tradeId, tradedAt] of watch.foreignTrades)
        if (tradedAt <= upTo) watch.foreignTrades.delete(tradeId);
    }
  state.retired = gone;
}

/** A parent counts what its children filled for as long as it works. */
function isOver(state: ExecutionState, order: HedgeOrder): boolean {
  return !isOpen(order) && (order.parentId === undefined || !state.working.has(order.parentId));
}

export function keptBy(state: ExecutionState): Kept {
  let [uncounted, fills, trades, answers, accepted, controls, requests] = [0, 0, 0, 0, 0, 0, 0];
  for (const book of state.books.values()) {
    uncounted += book.risk.uncounted.size;
    requests += book.limitProposals.size;
    controls += book.controls.overrides.size + book.controls.restrictions.size;
    for (const { decisions } of book.controls.repetitions.values()) controls += 1 + decisions.size;
    for (const { watch } of book.accounts.values()) {
      fills += watch.ledger.fills.size;
      trades += watch.foreignTrades.size;
      answers += watch.answered.size + watch.unanswered.size;
      accepted += watch.accepted.size;
    }
  }
  return {
    orders: state.orders.size,
    'unknown-orders': state.unknown.size,
    'parent-orders': state.parents.size,
    'uncounted-fills': uncounted,
    'account-fills': fills,
    'foreign-trades': trades,
    answers,
    'accepted-differences': accepted,
    controls,
    'open-requests': requests + state.accountsDue.length,
    marks: state.prices.size,
  };
}
