import type { OrderFilled, OrderIntended, OrderRefused } from '@evenkeel/facts';
import { Decimal } from '@evenkeel/kernel';
import type { Row } from './row-batch';

/** An order as the read model shows it. */
export interface OrderState {
  readonly epoch: string;
  readonly clientOrderId: string;
  readonly decisionId: string;
  readonly book: string;
  readonly venue: string | null;
  readonly instrument: string;
  readonly side: string;
  readonly quantity: string;
  readonly limitPrice: string | null;
  readonly referencePrice: string | null;
  readonly timeInForce: string | null;
  readonly status: OrderStatus;
  /** Positive contracts. */
  readonly filled: string;
  /** Σ |quantity| × price over the fills. */
  readonly notional: string;
  readonly venueOrderId: string | null;
  readonly reasons: readonly string[];
  readonly lateFills: number;
  readonly intendedAt: string;
  readonly changedAt: string;
  readonly intendedSeq: number;
  readonly changedSeq: number;
}

export type OrderStatus =
  | 'INTENDED'
  | 'REFUSED'
  | 'ACKNOWLEDGED'
  | 'PARTIALLY_FILLED'
  | 'FILLED'
  | 'CANCELLED'
  | 'REJECTED'
  | 'EXPIRED'
  | 'UNRESOLVED';

export function intendedOrder(epoch: string, seq: number, event: OrderIntended): OrderState {
  return {
    epoch,
    clientOrderId: event.clientOrderId,
    decisionId: event.decisionId,
    book: event.book,
    venue: event.venue,
    instrument: event.instrument,
    side: event.side,
    quantity: event.quantity,
    limitPrice: event.limitPrice,
    referencePrice: event.referencePrice,
    timeInForce: event.timeInForce,
    status: 'INTENDED',
    filled: '0',
    notional: '0',
    venueOrderId: null,
    reasons: [],
    lateFills: 0,
    intendedAt: event.at,
    changedAt: event.at,
    intendedSeq: seq,
    changedSeq: seq,
  };
}

export function refusedOrder(epoch: string, seq: number, event: OrderRefused): OrderState {
  return {
    epoch,
    clientOrderId: event.clientOrderId,
    decisionId: event.decisionId,
    book: event.book,
    venue: null,
    instrument: event.instrument,
    side: event.side,
    quantity: event.quantity,
    limitPrice: null,
    referencePrice: null,
    timeInForce: null,
    status: 'REFUSED',
    filled: '0',
    notional: '0',
    venueOrderId: null,
    reasons: event.reasons,
    lateFills: 0,
    intendedAt: event.at,
    changedAt: event.at,
    intendedSeq: seq,
    changedSeq: seq,
  };
}

/** A late fill is counted on the order it came for; the order stays closed unless nothing remains. */
export function afterFill(order: OrderState, seq: number, event: OrderFilled): OrderState {
  const quantity = Decimal.parse(event.quantity).abs();
  const done = Decimal.parse(event.remaining).isZero();
  const closed = order.status === 'CANCELLED' || order.status === 'REJECTED' || order.status === 'EXPIRED';
  return {
    ...order,
    status: done ? 'FILLED' : closed ? order.status : 'PARTIALLY_FILLED',
    filled: Decimal.parse(order.filled).plus(quantity).toString(),
    notional: Decimal.parse(order.notional)
      .plus(quantity.times(Decimal.parse(event.price)))
      .toString(),
    lateFills: order.lateFills + (event.late ? 1 : 0),
    changedAt: event.at,
    changedSeq: seq,
  };
}

export function orderRow(order: OrderState): Row {
  return {
    epoch: order.epoch,
    client_order_id: order.clientOrderId,
    decision_id: order.decisionId,
    book: order.book,
    venue: order.venue,
    instrument: order.instrument,
    side: order.side,
    quantity: order.quantity,
    limit_price: order.limitPrice,
    reference_price: order.referencePrice,
    time_in_force: order.timeInForce,
    status: order.status,
    filled: order.filled,
    notional: order.notional,
    venue_order_id: order.venueOrderId,
    reasons: order.reasons,
    late_fills: order.lateFills,
    intended_at: order.intendedAt,
    changed_at: order.changedAt,
    intended_seq: order.intendedSeq,
    changed_seq: order.changedSeq,
  };
}
