import { NANOS_PER_MILLISECOND } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { hasCancelDue } from './cancels';
import type { ExecutionState } from './execution-state';
import { scopesOf } from './kill-switch';
import { venueOrderOf } from './venue-effect';
import type { VenueEffect, VenueOrder } from './venue-effect';

/**
 * When the first open order's patience runs out, or at once when one is to be taken back and nobody has asked the venue
 * yet. The host takes the earlier of this and what a simulated venue has due.
 */
export function nextTimeout(state: ExecutionState): Instant | undefined {
  if (hasCancelDue(state)) return state.now + NANOS_PER_MILLISECOND;
  let earliest: Instant | undefined;
  for (const { timeoutAt } of state.open.values()) {
    if (timeoutAt !== undefined && (earliest === undefined || timeoutAt < earliest)) earliest = timeoutAt;
  }
  return earliest;
}

/**
 * Orders whose intent is durable and whose fate is not known, in order of intent. After a crash the host asks the venue
 * for each; nothing is sent again blindly.
 */
export function openIntents(state: Pick<ExecutionState, 'open'>): VenueOrder[] {
  return [...state.open.values()].map(venueOrderOf);
}

/** What a host does about one open order after a crash, at the event time at which it should have been done. */
export type RecoveryAction =
  /** Ask the venue whether it knows the order, and submit it only when the venue answers that it does not. */
  | { readonly kind: 'submit-unless-known'; readonly order: VenueOrder; readonly at: Instant }
  /** The question may have been lost with the process; asking again is harmless. */
  | {
      readonly kind: 'query';
      readonly clientOrderId: string;
      readonly book: string;
      readonly venue: string;
      readonly at: Instant;
    };

/**
 * The effects that a crash may have swallowed, in order of intent. Acknowledged orders need none: their reports come, or
 * their silence is noticed.
 */
export function recoveryActions(state: ExecutionState): RecoveryAction[] {
  return [...state.open.values()].flatMap((order): RecoveryAction[] => {
    if (order.status === 'acknowledged') return [];
    if (order.status === 'intended') {
      // Its end is on record: should it never have left, it stays where it is.
      if (order.cancel !== undefined) return [];
      return [{ kind: 'submit-unless-known', order: venueOrderOf(order), at: order.intendedAt }];
    }
    return [
      {
        kind: 'query',
        clientOrderId: order.clientOrderId,
        book: order.book,
        venue: order.venue,
        at: order.askedAt ?? state.now,
      },
    ];
  });
}

/**
 * Cancels that are on record and that a crash, or a lost connection, may have swallowed; for the host to ask for again after the
 * `recoveryActions`. Harmless when done twice.
 */
export function recoveryCancels(
  state: ExecutionState,
): (Extract<VenueEffect, { kind: 'cancel' }> & { readonly at: Instant })[] {
  return [...state.open.values()].flatMap(({ clientOrderId, book, venue, cancel }) =>
    cancel === undefined
      ? []
      : [{ kind: 'cancel' as const, clientOrderId, book, venue, reason: cancel.reason, at: cancel.askedAt }],
  );
}

/** Open orders that a latch covers: what a host cancels at once when it is engaged. */
export function openOrdersUnder(state: Pick<ExecutionState, 'open'>, scope: string): VenueOrder[] {
  return openIntents(state).filter((order) => scopesOf(order).includes(scope));
}

/** The correlation of the decision behind an order, for what its venue reports later. */
export function correlationOf(state: ExecutionState, clientOrderId: string): string | undefined {
  return state.orders.get(clientOrderId)?.correlationId;
}
