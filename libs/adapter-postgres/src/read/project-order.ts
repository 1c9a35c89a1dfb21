import { orderAfter } from '@evenkeel/facts';
import type { EventOf, OrderEvent, OrderFilled, OrderStatus } from '@evenkeel/facts';
import { Decimal, sum } from '@evenkeel/kernel';
import type { EventPlace, Projected, Projections } from './event-place';
import { incidentRow } from './incidents';
import { carriedOriginOf, orderRow, originOf } from './order-record';
import type { OrderRecord } from './order-record';
import type { Row } from './row';

/** A step of an order's life: on its path, and, where it changes how the order stands, on the order. */
function step(event: OrderEvent, to: Projected<'orders' | 'order_events'>): void {
  logStep(event, to);
  const { place, memory } = to;
  const { clientOrderId, at } = event.payload;
  const before = memory.order(place.epoch, clientOrderId);
  const life = orderAfter(before?.life, event);
  const origin =
    event.type === 'OrderIntended' || event.type === 'OrderRefused'
      ? originOf(place.epoch, place.seq, event.payload)
      : before?.origin;
  if (life === undefined || origin === undefined) {
    to.add('incidents', incidentRow('OrderWithoutIntent', 'act', clientOrderId, at, [event.type], place));
    return;
  }
  const order: OrderRecord = { life, origin, epoch: place.epoch, clientOrderId };
  memory.keepOrder(order);
  to.set('orders', [place.epoch, clientOrderId], () => orderRow(order, at, place.seq));
}

function logStep(event: OrderEvent, to: Projected<'order_events'>): void {
  const { clientOrderId, at } = event.payload;
  to.add('order_events', {
    epoch: to.place.epoch,
    seq: to.place.seq,
    event_index: to.place.index,
    client_order_id: clientOrderId,
    type: event.type,
    at,
  });
}

function fillRow(event: OrderFilled, place: EventPlace): Row {
  const { clientOrderId, fillId, book, instrument, quantity, price, fee, liquidity, at, late } = event;
  return {
    epoch: place.epoch,
    seq: place.seq,
    event_index: place.index,
    client_order_id: clientOrderId,
    fill_id: fillId,
    book,
    instrument,
    quantity,
    price,
    fee: fee.amount,
    fee_currency: fee.currency,
    liquidity,
    at,
    late,
    busted_at: null,
    bust_reason: null,
  };
}

function takeBack(event: EventOf<'FillBusted'>, to: Projected<'orders' | 'order_events' | 'fills'>): void {
  step(event, to);
  const { clientOrderId, fillId, quantity, at, reason } = event.payload;
  // A bust that came before its fill takes nothing back yet; another follows the fill.
  if (Decimal.parse(quantity).isZero()) return;
  const fill = { epoch: to.place.epoch, client_order_id: clientOrderId, fill_id: fillId };
  to.patch('fills', { ...fill, busted_at: at, bust_reason: reason });
}

function startParent({ payload }: EventOf<'ParentOrderStarted'>, to: Projected<'parent_orders'>): void {
  to.add('parent_orders', {
    epoch: to.place.epoch,
    parent_id: payload.parentId,
    decision_id: payload.decisionId,
    book: payload.book,
    venue: payload.venue,
    instrument: payload.instrument,
    side: payload.side,
    quantity: payload.quantity,
    reference_price: payload.referencePrice,
    algorithm: payload.algorithm,
    urgency: payload.urgency,
    started_at: payload.at,
    ends_at: payload.endsAt,
    completed_at: null,
    filled: null,
    unfilled: null,
    average_price: null,
    children: null,
    reason: null,
    changed_seq: to.place.seq,
  });
}

function completeParent({ payload }: EventOf<'ParentOrderCompleted'>, to: Projected<'parent_orders'>): void {
  to.patch('parent_orders', {
    epoch: to.place.epoch,
    parent_id: payload.parentId,
    completed_at: payload.at,
    filled: payload.filled,
    unfilled: payload.unfilled,
    average_price: payload.averagePrice ?? null,
    children: payload.children,
    reason: payload.reason,
    changed_seq: to.place.seq,
  });
}

/** An order that another epoch began: as it came, with what it had traded. */
function carry({ payload }: EventOf<'OrderCarried'>, { place, memory, add }: Projected<'orders'>): void {
  const { clientOrderId, at, quantity, limitPrice, remaining } = payload;
  const counted = payload.fills.filter(({ standing }) => standing === 'counted' || standing === 'bust-due');
  const contracts = counted.map((fill) => Decimal.parse(fill.quantity));
  const notional = counted.map((fill) => Decimal.parse(fill.quantity).times(Decimal.parse(fill.price)));
  const order: OrderRecord = {
    epoch: place.epoch,
    clientOrderId,
    origin: carriedOriginOf(place.epoch, place.seq, payload),
    life: {
      status: payload.status as OrderStatus, // written as one
      quantity,
      limitPrice,
      remaining,
      filled: sum(contracts).toString(),
      notional: sum(notional).toString(),
      venueOrderId: '',
      lateFills: 0,
      reasons: [],
    },
  };
  memory.keepOrder(order);
  add('orders', orderRow(order, at, place.seq));
}

export const ORDER_PROJECTIONS: Projections<
  OrderEvent['type'] | 'OrderCarried' | 'ParentOrderStarted' | 'ParentOrderCompleted'
> = {
  OrderCarried: carry,
  OrderIntended: step,
  OrderRefused: step,
  OrderAcknowledged: step,
  OrderFilled: (event, to) => {
    to.add('fills', fillRow(event.payload, to.place));
    step(event, to);
  },
  FillBusted: takeBack,
  OrderCancelled: step,
  OrderRejected: step,
  OrderExpired: step,
  OrderUnresolved: step,
  CancelIntended: logStep,
  AmendIntended: logStep,
  AmendRefused: logStep,
  AmendRejected: logStep,
  OrderAmended: step,
  ParentOrderStarted: startParent,
  ParentOrderCompleted: completeParent,
};
