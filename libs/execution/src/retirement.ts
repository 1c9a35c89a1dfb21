import type { AggregateRef, Kept } from '@evenkeel/facts';
import { forgottenUpTo } from '@evenkeel/facts';
import { settleFills } from '@evenkeel/instruments';
import { NANOS_PER_HOUR } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { ExecutionState } from './execution-state';
import type { HedgeOrder } from './hedge-order/state';
import { endedIn } from './living-orders';

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
  for (const [hour, orders] of state.ended) {
    if (hour > upTo) continue;
    state.ended.delete(hour);
    for (const order of orders) {
      // One that came back to life is no more in this hour, or not yet over again.
      if (order.endedBy !== hour) continue;
      if (isWorkedFor(state, order)) later(state, order, upTo);
      else gone.push(forget(state, order));
    }
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
function isWorkedFor({ working }: ExecutionState, { parentId }: HedgeOrder): boolean {
  return parentId !== undefined && working.has(parentId);
}

function later(state: ExecutionState, order: HedgeOrder, upTo: Instant): void {
  order.endedBy = upTo + NANOS_PER_HOUR;
  endedIn(state, order.endedBy).push(order);
}

function forget(state: ExecutionState, { clientOrderId }: HedgeOrder): AggregateRef {
  state.orders.delete(clientOrderId);
  state.overfilled.delete(clientOrderId);
  return { context: 'execution', type: 'hedge-order', id: clientOrderId };
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
