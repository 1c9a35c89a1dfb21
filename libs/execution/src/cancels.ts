import type { Step } from '@evenkeel/facts';
import { formatInstant } from '@evenkeel/kernel';
import { childrenToCancel } from './algorithms/parent-work';
import { overdueIn } from './deadlines';
import type { ExecutionState } from './execution-state';
import { isAwaited, isResting } from './hedge-order/queries';
import type { HedgeOrder } from './hedge-order/state';
import { byPlace, isUnheeded, wantedNow } from './living-orders';
import { draftOf } from './order-placement';
import { haltVenue } from './venue-account/decide';
import type { VenueEffect } from './venue-effect';

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
  if (state.toCancel.size === 0 && !woken) return undefined;
  const unheeded = [...state.toCancel.values()].filter((order) => isUnheeded(order) && isAwaited(order));
  for (const order of unheeded.sort(byPlace)) {
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
  const looked = new Set(state.toCancel.values());
  if (woken) for (const order of overdueIn(state.deadlines, state.now)) looked.add(order);
  for (const order of children?.keys() ?? []) looked.add(order);
  for (const order of [...looked].sort(byPlace)) {
    const reason =
      wantedNow(state, order) ?? (woken ? restOver(state, order) : undefined) ?? children?.get(order);
    if (reason !== undefined) due.push({ order, reason });
  }
  return due;
}

/** A resting order whose time is over; one that the venue is changing is waited for. */
function restOver(state: ExecutionState, order: HedgeOrder): string | undefined {
  if (order.cancel !== undefined || order.pendingAmend !== undefined) return undefined;
  if (!isResting(order) || order.status !== 'acknowledged') return undefined;
  return order.timeoutAt !== undefined && order.timeoutAt <= state.now ? 'REST_OVER' : undefined;
}

/** True when an order is to be taken back and nobody has asked the venue yet: reason to wake up at once. */
export function hasCancelDue(state: ExecutionState): boolean {
  for (const order of state.toCancel.values()) if (wantedNow(state, order) !== undefined) return true;
  return false;
}
