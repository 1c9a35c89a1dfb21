import { isOpenStatus } from '@evenkeel/facts';
import type { OrderCarried, OrderIntended, OrderLife, OrderRefused, OrderStatus } from '@evenkeel/facts';
import { Decimal } from '@evenkeel/kernel';
import type { Row } from './row';

/** An order as the read models keep it: how it stands, and what it was when it began. */
export interface OrderRecord {
  readonly life: OrderLife;
  /** Columns that never change. */
  readonly origin: Row;
  readonly epoch: string;
  readonly clientOrderId: string;
}

/** How an order stands, in the column `status`. */
export type OrderStanding = Uppercase<OrderStatus> | 'PARTIALLY_FILLED';

export function standingOf({ status, filled }: OrderLife): OrderStanding {
  if (isOpenStatus(status) && status !== 'unresolved' && !Decimal.parse(filled).isZero())
    return 'PARTIALLY_FILLED';
  return status.toUpperCase() as Uppercase<OrderStatus>; // what upper case makes of it
}

export function originOf(
  epoch: string,
  seq: number,
  event: OrderIntended | OrderRefused,
): OrderRecord['origin'] {
  const sent = 'venue' in event ? event : undefined;
  return {
    epoch,
    client_order_id: event.clientOrderId,
    decision_id: event.decisionId,
    parent_id: event.parentId ?? null,
    book: event.book,
    venue: sent?.venue ?? null,
    instrument: event.instrument,
    side: event.side,
    reference_price: sent?.referencePrice ?? null,
    time_in_force: sent?.timeInForce ?? null,
    intended_at: event.at,
    intended_seq: seq,
  };
}

/** The same of an order that another epoch began. */
export function carriedOriginOf(epoch: string, seq: number, order: OrderCarried): OrderRecord['origin'] {
  return {
    epoch,
    client_order_id: order.clientOrderId,
    decision_id: order.decisionId,
    parent_id: null,
    book: order.book,
    venue: order.venue,
    instrument: order.instrument,
    side: order.side,
    reference_price: null,
    time_in_force: order.timeInForce,
    intended_at: order.intendedAt,
    intended_seq: seq,
  };
}

export function orderRow({ life, origin }: OrderRecord, changedAt: string, changedSeq: number): Row {
  return {
    ...origin,
    quantity: life.quantity,
    limit_price: life.limitPrice === '' ? null : life.limitPrice,
    status: standingOf(life),
    remaining: life.remaining,
    filled: life.filled,
    notional: life.notional,
    venue_order_id: life.venueOrderId === '' ? null : life.venueOrderId,
    reasons: life.reasons,
    late_fills: life.lateFills,
    changed_at: changedAt,
    changed_seq: changedSeq,
  };
}
