import type { Step } from '@evenkeel/facts';
import { formatInstant } from '@evenkeel/kernel';
import { childrenToCancel } from './algorithms/parent-work';
import { livingOrders } from './execution-state';
import type { ExecutionState } from './execution-state';
import { isResting } from './hedge-order/queries';
import type { HedgeOrder } from './hedge-order/state';
import { scopesOf } from './kill-switch';
import { draftOf } from './order-placement';
import { haltVenue } from './venue-account/decide';
import type { VenueEffect } from './venue-effect';

/** So many cancels that the venue confirmed the order after, and it is no longer trusted with new ones. */
export const CANCELS_MAX = 6;

interface DueCancel {
  readonly order: HedgeOrder;
  readonly reason: string;
}

/**
 * Takes orders back: an intent for each, and the effects beside them. A venue that leaves an order standing for the
 * `CANCELS_MAX`th time is halted instead; a person then decides. Undefined when nothing is due. `woken`: time has come to look
 * at what only time brings about.
 */
export function nextCancels(state: ExecutionState, woken: boolean): Step<VenueEffect> | undefined {
  for (const order of state.open.values()) {
    if (order.cancel?.unheeded !== true || order.cancel.attempt < CANCELS_MAX) continue;
    const halt = haltVenue(state, order, 'CANCEL_UNHEEDED');
    if (halt !== undefined) return { commits: [halt], effects: [] };
  }
  const due = dueCancels(state, woken);
  if (due.length === 0) return undefined;
  const at = formatInstant(state.now);
  return {
    commits: due.map(({ order, reason }) => {
      const { clientOrderId, book, instrument, cancel } = order;
      const payload = { clientOrderId, book, instrument, reason, at, attempt: (cancel?.attempt ?? 0) + 1 };
      return draftOf(clientOrderId, book, at, { type: 'CancelIntended', payload });
    }),
    effects: due.map(({ order, reason }): VenueEffect => {
      const { clientOrderId, book, venue } = order;
      return { kind: 'cancel', clientOrderId, book, venue, reason };
    }),
  };
}

function dueCancels(state: ExecutionState, woken: boolean): DueCancel[] {
  const due: DueCancel[] = [];
  const children = woken
    ? new Map(childrenToCancel(state).map(({ order, reason }) => [order, reason]))
    : undefined;
  for (const order of livingOrders(state)) {
    const reason =
      wantedNow(state, order) ?? (woken ? restOver(state, order) : undefined) ?? children?.get(order);
    if (reason !== undefined) due.push({ order, reason });
  }
  return due;
}

/** Why an order is to be taken back whatever the time; undefined also while the venue has been asked and has not answered. */
function wantedNow(state: ExecutionState, order: HedgeOrder): string | undefined {
  const { cancel } = order;
  if (cancel !== undefined)
    return cancel.unheeded && cancel.attempt < CANCELS_MAX ? cancel.reason : undefined;
  if (isLatched(state, order)) return 'KILL_ENGAGED';
  if (isResting(order) && isHalted(state, order)) return 'VENUE_HALTED';
  return order.withdrawn ? 'WITHDRAWN' : undefined;
}

/** A resting order whose time is over; one that the venue is changing is waited for. */
function restOver(state: ExecutionState, order: HedgeOrder): string | undefined {
  if (order.cancel !== undefined || order.pendingAmend !== undefined) return undefined;
  if (!isResting(order) || order.status !== 'acknowledged') return undefined;
  return order.timeoutAt !== undefined && order.timeoutAt <= state.now ? 'REST_OVER' : undefined;
}

function isLatched(state: ExecutionState, order: HedgeOrder): boolean {
  return state.latches.size > 0 && scopesOf(order).some((scope) => state.latches.has(scope));
}

/** Nothing new may go to its venue, so nobody could follow the market with it. */
function isHalted({ books }: ExecutionState, { book, venue }: HedgeOrder): boolean {
  return books.get(book)?.accounts.get(venue)?.watch.halted !== undefined;
}

/** True when an order is to be taken back and nobody has asked the venue yet: reason to wake up at once. */
export function hasCancelDue(state: ExecutionState): boolean {
  for (const order of livingOrders(state)) if (wantedNow(state, order) !== undefined) return true;
  return false;
}
