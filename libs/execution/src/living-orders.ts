import { NANOS_PER_HOUR } from '@evenkeel/kernel';
import { setDeadline } from './deadlines';
import { bookOf } from './execution-state';
import type { BookExecution, ExecutionState } from './execution-state';
import { isAwaited, isOpen, isResting, workingOf } from './hedge-order/queries';
import { UNPLACED } from './hedge-order/state';
import type { HedgeOrder } from './hedge-order/state';
import { scopesOf } from './kill-switch';
import { NOTHING_PENDING } from './pending';

/** So many cancels that the venue confirmed the order after, and it is no longer trusted with new ones. */
export const CANCELS_MAX = 6;

/**
 * Puts an order where its state says it belongs: among those that are waited for or given up, with what it may still trade, when
 * its patience ends, whether it is to be taken back, and when it may be forgotten. Called after every fold of it, so that whoever
 * asks looks at the orders that answer and at no other: with 2,000 orders resting elsewhere an order costs 1.1 × of what it
 * costs alone, where looking through them all cost 4 ×.
 */
export function place(state: ExecutionState, order: HedgeOrder): void {
  const book = bookOf(state, order.book);
  const awaited = isAwaited(order);
  keep(state, 'open', book, order, awaited);
  keep(state, 'unknown', book, order, !awaited && isOpen(order));
  if (!isOpen(order)) order.rank = UNPLACED.rank;
  setDeadline(state.deadlines, order, awaited ? order.timeoutAt : undefined);
  countPending(book, order);
  lookAt(state, order);
  noteEnd(state, order);
  if (order.excess.isPositive()) state.overfilled.set(order.clientOrderId, order);
}

function keep(
  state: ExecutionState,
  where: 'open' | 'unknown',
  book: BookExecution,
  order: HedgeOrder,
  belongs: boolean,
): void {
  const { clientOrderId } = order;
  const all = state[where];
  if (!belongs) {
    if (all.delete(clientOrderId)) book[where].delete(clientOrderId);
    return;
  }
  if (!all.has(clientOrderId)) {
    state.ranks += 1;
    order.rank = state.ranks;
  }
  all.set(clientOrderId, order);
  book[where].set(clientOrderId, order);
}

/** What open orders of an instrument could still trade, positive contracts. */
function countPending(book: BookExecution, order: HedgeOrder): void {
  const working = workingOf(order);
  if (working === order.counted) return;
  const { buys, sells } = book.pending.get(order.instrument) ?? NOTHING_PENDING;
  const change = working.minus(order.counted);
  order.counted = working;
  const pending =
    order.side === 'buy' ? { buys: buys.plus(change), sells } : { buys, sells: sells.plus(change) };
  if (pending.buys.isZero() && pending.sells.isZero()) book.pending.delete(order.instrument);
  else book.pending.set(order.instrument, pending);
}

/** As `livingOrders` has them: those that are waited for first, each in the order in which it came there. */
export function byPlace(a: HedgeOrder, b: HedgeOrder): number {
  return Number(isAwaited(b)) - Number(isAwaited(a)) || a.rank - b.rank;
}

/** Every order of a book that could still be filled, as `livingOrders` has them. */
export function livingOf({ open, unknown }: Pick<BookExecution, 'open' | 'unknown'>): HedgeOrder[] {
  return unknown.size === 0 ? [...open.values()] : [...open.values(), ...unknown.values()];
}

/** Among those to be taken back, or not. */
function lookAt(state: ExecutionState, order: HedgeOrder): void {
  if (isOpen(order) && (isUnheeded(order) || wantedNow(state, order) !== undefined))
    state.toCancel.set(order.clientOrderId, order);
  else state.toCancel.delete(order.clientOrderId);
}

/** After something that bears on every order of a book: a halt of its venue, the end of one. */
export function lookAtBook(state: ExecutionState, book: BookExecution): void {
  for (const order of livingOf(book)) lookAt(state, order);
}

/** After a latch was engaged or released. */
export function lookAtAll(state: ExecutionState): void {
  for (const book of state.books.values()) lookAtBook(state, book);
}

/** A policy takes an order back that it left resting. */
export function withdraw(state: ExecutionState, order: HedgeOrder): void {
  order.withdrawn = true;
  lookAt(state, order);
}

/** Why an order is to be taken back whatever the time; undefined also while the venue has been asked and has not answered. */
export function wantedNow(state: ExecutionState, order: HedgeOrder): string | undefined {
  const { cancel } = order;
  if (cancel !== undefined)
    return cancel.unheeded && cancel.attempt < CANCELS_MAX ? cancel.reason : undefined;
  if (isLatched(state, order)) return 'KILL_ENGAGED';
  if (isResting(order) && isHalted(state, order)) return 'VENUE_HALTED';
  return order.withdrawn ? 'WITHDRAWN' : undefined;
}

/** The venue left it standing as often as it is asked. */
export function isUnheeded({ cancel }: HedgeOrder): boolean {
  return cancel?.unheeded === true && cancel.attempt >= CANCELS_MAX;
}

function isLatched(state: ExecutionState, order: HedgeOrder): boolean {
  return state.latches.size > 0 && scopesOf(order).some((scope) => state.latches.has(scope));
}

/** Nothing new may go to its venue, so nobody could follow the market with it. */
function isHalted({ books }: ExecutionState, { book, venue }: HedgeOrder): boolean {
  return books.get(book)?.accounts.get(venue)?.watch.halted !== undefined;
}

/** Into the hour at whose end it may be forgotten, so that a sweep visits what it forgets. */
function noteEnd(state: ExecutionState, order: HedgeOrder): void {
  const endedBy = isOpen(order) ? undefined : hourEnd(order.closedAt ?? order.intendedAt);
  if (endedBy === order.endedBy) return;
  order.endedBy = endedBy;
  if (endedBy !== undefined) endedIn(state, endedBy).push(order);
}

export function endedIn({ ended }: ExecutionState, hour: bigint): HedgeOrder[] {
  let orders = ended.get(hour);
  if (orders === undefined) ended.set(hour, (orders = []));
  return orders;
}

function hourEnd(at: bigint): bigint {
  return ((at + NANOS_PER_HOUR - 1n) / NANOS_PER_HOUR) * NANOS_PER_HOUR;
}
