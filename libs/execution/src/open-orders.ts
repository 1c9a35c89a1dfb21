import { NANOS_PER_MILLISECOND, NANOS_PER_MINUTE } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { hasCancelDue } from './cancels';
import { livingOrders } from './execution-state';
import type { ExecutionState } from './execution-state';
import type { HedgeOrder } from './hedge-order/state';
import { scopesOf } from './kill-switch';
import { venueOrderOf } from './venue-effect';
import type { VenueEffect, VenueOrder } from './venue-effect';

/** How often the venue is asked again what became of an order that was given up; also after every login. */
const UNKNOWN_ASKED_EVERY = 5n * NANOS_PER_MINUTE;

/**
 * When the first open order's patience runs out, or at once when one is to be taken back and nobody has asked the venue
 * yet. The host takes the earlier of this and what a simulated venue has due.
 */
export function nextTimeout(state: ExecutionState): Instant | undefined {
  if (hasCancelDue(state)) return state.now + NANOS_PER_MILLISECOND;
  let earliest = state.deadlines[0]?.deadline;
  for (const order of state.unknown.values()) {
    const at = askedNext(state, order);
    if (at !== undefined && (earliest === undefined || at < earliest)) earliest = at;
  }
  return earliest;
}

/** An order that was given up and that the venue is to be asked for now. */
export function unknownDue(state: ExecutionState): HedgeOrder | undefined {
  for (const order of state.unknown.values()) {
    const at = askedNext(state, order);
    if (at !== undefined && at <= state.now) return order;
  }
  return undefined;
}

/** Only while the market goes on: a tape must end. */
function askedNext({ marketAt }: ExecutionState, { askedAt = 0n }: HedgeOrder): Instant | undefined {
  return marketAt !== undefined && marketAt > askedAt ? askedAt + UNKNOWN_ASKED_EVERY : undefined;
}

type Living = Pick<ExecutionState, 'open' | 'unknown'>;

/**
 * Orders whose intent is durable and whose fate is not known, those that were given up too. After a crash and after each login the
 * host asks the venue for each; nothing is sent again blindly.
 */
export function openIntents(state: Living): VenueOrder[] {
  return livingOrders(state).map(venueOrderOf);
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
  return livingOrders(state).flatMap((order): RecoveryAction[] => {
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
  return livingOrders(state).flatMap(({ clientOrderId, book, venue, cancel }) =>
    cancel === undefined
      ? []
      : [{ kind: 'cancel' as const, clientOrderId, book, venue, reason: cancel.reason, at: cancel.askedAt }],
  );
}

/** Every order that may live at a venue and that a latch covers: what a host takes back while it is engaged. */
export function openOrdersUnder(state: Living, scope: string): VenueOrder[] {
  return openIntents(state).filter((order) => scopesOf(order).includes(scope));
}

/** The correlation of the decision behind an order, for what its venue reports later. */
export function correlationOf(state: ExecutionState, clientOrderId: string): string | undefined {
  return state.orders.get(clientOrderId)?.correlationId;
}
