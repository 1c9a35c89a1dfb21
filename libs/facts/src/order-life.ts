import { Decimal } from '@evenkeel/kernel';
import type { EventOf } from './events';

/** How an order stands on the record. */
export type OrderStatus =
  /** Durable, sent or about to be; nothing heard. */
  | 'intended'
  | 'acknowledged'
  /** The venue did not answer in time; it has been asked, and may be given up (`OUTCOME_UNKNOWN`). */
  | 'unresolved'
  | 'filled'
  | 'rejected'
  | 'cancelled'
  | 'expired'
  /** Never left the house. */
  | 'refused';

/** What can happen to one order, in the words of the journal. */
export type OrderEvent = EventOf<
  | 'OrderIntended'
  | 'OrderRefused'
  | 'OrderAcknowledged'
  | 'OrderFilled'
  | 'FillBusted'
  | 'OrderCancelled'
  | 'OrderRejected'
  | 'OrderExpired'
  | 'OrderUnresolved'
  | 'CancelIntended'
  | 'AmendIntended'
  | 'AmendRefused'
  | 'AmendRejected'
  | 'OrderAmended'
>;

/** One order as the record tells it. Quantities in positive contracts. */
export interface OrderLife {
  readonly status: OrderStatus;
  /** In total, filled part included; as it was last agreed with the venue. */
  readonly quantity: string;
  /** Empty for an order that never left the house. */
  readonly limitPrice: string;
  /** Still open when the venue last said so. */
  readonly remaining: string;
  /** Traded and not taken back. */
  readonly filled: string;
  /** Σ contracts × price over what traded and was not taken back. */
  readonly notional: string;
  /** Empty until the venue named it. */
  readonly venueOrderId: string;
  /** Fills that came after the order had been given up for dead. */
  readonly lateFills: number;
  /** Why it was refused, rejected or ended. */
  readonly reasons: readonly string[];
}

/** Why an order is not waited for any more although nobody knows what became of it: the end of its `OrderExpired`. */
export const OUTCOME_UNKNOWN = 'OUTCOME_UNKNOWN';
/** The venue did not know an order that it had never confirmed. */
export const NEVER_ARRIVED = 'NEVER_ARRIVED';
/** The venue did not know an order any more that it had confirmed. */
export const UNKNOWN_TO_VENUE = 'UNKNOWN_TO_VENUE';

/** An end that rests on a venue's not knowing the order. One that is still on its way may come to be known later. */
export function isDenial(reason: string): boolean {
  return reason === NEVER_ARRIVED || reason === UNKNOWN_TO_VENUE;
}

const OPEN: ReadonlySet<OrderStatus> = new Set<OrderStatus>(['intended', 'acknowledged', 'unresolved']);

/** Could still be filled as far as anybody knows. */
export function isOpenStatus(status: OrderStatus): boolean {
  return OPEN.has(status);
}

/** What is over stays over; but contracts that all traded are filled, whatever was said before. */
export function closedAs<S extends OrderStatus>(
  before: S,
  end: 'filled' | 'rejected' | 'cancelled' | 'expired',
) {
  return isOpenStatus(before) || end === 'filled' ? end : before;
}

/**
 * The life of an order after one more of its events: the one telling of it, for the read models and whoever else asks how
 * an order stands. `undefined` for an event of an order whose intent (or refusal) is not on the record.
 */
export function orderAfter(before: OrderLife | undefined, event: OrderEvent): OrderLife | undefined {
  if (event.type === 'OrderIntended') return begun('intended', event.payload, event.payload.limitPrice, []);
  if (event.type === 'OrderRefused') return begun('refused', event.payload, '', event.payload.reasons);
  if (before === undefined) return undefined;
  switch (event.type) {
    case 'OrderAcknowledged': {
      const { venueOrderId } = event.payload;
      // An order that the venue had not known lives all the same once it does.
      const lives = isOpenStatus(before.status) || isDenial(before.reasons.at(-1) ?? '');
      return { ...before, status: lives ? 'acknowledged' : before.status, venueOrderId };
    }
    case 'OrderFilled': {
      const { quantity, price, remaining, late } = event.payload;
      const traded = withTrade(before, Decimal.parse(quantity).abs(), price);
      return endedWhenNothingRemains({ ...traded, remaining, lateFills: before.lateFills + (late ? 1 : 0) });
    }
    case 'FillBusted':
      // The venue took the trade back, not the order: what was busted does not work again.
      return withTrade(before, Decimal.parse(event.payload.quantity).abs().negated(), event.payload.price);
    case 'OrderAmended': {
      const { quantity, limitPrice, remaining } = event.payload;
      return endedWhenNothingRemains({ ...before, quantity, limitPrice, remaining });
    }
    case 'OrderUnresolved':
      return { ...before, status: 'unresolved' };
    case 'OrderCancelled':
      return ended(before, 'cancelled', event.payload.reason);
    case 'OrderRejected':
      return ended(before, 'rejected', event.payload.reason);
    case 'OrderExpired':
      // Given up is not over: only the venue can say what became of it.
      return event.payload.reason === OUTCOME_UNKNOWN && isOpenStatus(before.status)
        ? { ...before, status: 'unresolved', reasons: [...before.reasons, OUTCOME_UNKNOWN] }
        : ended(before, 'expired', event.payload.reason);
    // Wanted changes: nothing has changed until the venue says so.
    case 'CancelIntended':
    case 'AmendIntended':
    case 'AmendRefused':
    case 'AmendRejected':
      return before;
  }
}

function begun(
  status: OrderStatus,
  { quantity }: { readonly quantity: string },
  limitPrice: string,
  reasons: readonly string[],
): OrderLife {
  const nothingYet = { filled: '0', notional: '0', venueOrderId: '', lateFills: 0 };
  return { status, quantity, limitPrice, remaining: quantity, reasons, ...nothingYet };
}

function withTrade(order: OrderLife, contracts: Decimal, price: string): OrderLife {
  const notional = Decimal.parse(order.notional).plus(contracts.times(Decimal.parse(price)));
  return {
    ...order,
    filled: Decimal.parse(order.filled).plus(contracts).toString(),
    notional: notional.toString(),
  };
}

function endedWhenNothingRemains(order: OrderLife): OrderLife {
  if (!Decimal.parse(order.remaining).isZero()) return order;
  return { ...order, status: closedAs(order.status, 'filled') };
}

function ended(order: OrderLife, end: 'rejected' | 'cancelled' | 'expired', reason: string): OrderLife {
  const reasons = reason === '' ? order.reasons : [...order.reasons, reason];
  return { ...order, status: closedAs(order.status, end), reasons };
}
