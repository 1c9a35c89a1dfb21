import type { EventOf, OrderReport, VenueReport } from '@evenkeel/facts';
import { Decimal, assertNever } from '@evenkeel/kernel';
import type { HedgeOrderEvent } from './events';
import { isOpen } from './queries';
import type { HedgeOrder } from './state';

/** So many questions without an answer, and the order is given up for dead; a later fill is then marked late. */
export const QUERIES_MAX = 6;

/** What a venue's report means for an order; undefined when it says nothing new. */
export function onReport(order: HedgeOrder, report: OrderReport, at: string): HedgeOrderEvent | undefined {
  switch (report.kind) {
    case 'acknowledged':
      if (order.status !== 'intended' && order.status !== 'unresolved') return undefined;
      return {
        type: 'OrderAcknowledged',
        payload: { clientOrderId: order.clientOrderId, venueOrderId: report.venueOrderId, at },
      };
    case 'filled':
      return order.fillIds.has(report.fillId) ? undefined : filled(order, report, at);
    case 'rejected':
      return isOpen(order) ? { type: 'OrderRejected', payload: closed(order, report.reason, at) } : undefined;
    case 'cancelled':
      return isOpen(order)
        ? { type: 'OrderCancelled', payload: closed(order, report.reason, at) }
        : undefined;
    case 'expired':
      return isOpen(order) ? { type: 'OrderExpired', payload: closed(order, 'EXPIRED', at) } : undefined;
    case 'not-found':
      return notFound(order, at);
    case 'no-answer':
      return order.status === 'intended' ? unresolved(order, at) : undefined;
    case 'amended':
    case 'amend-rejected':
    case 'busted':
      return undefined;
    default:
      return assertNever(report, 'a venue report');
  }
}

/** A venue that has confirmed an order and then forgets it is not the same as an order that never got there. */
function notFound(order: HedgeOrder, at: string): HedgeOrderEvent | undefined {
  if (!isOpen(order)) return undefined;
  return order.known
    ? { type: 'OrderCancelled', payload: closed(order, 'UNKNOWN_TO_VENUE', at) }
    : { type: 'OrderRejected', payload: closed(order, 'NEVER_ARRIVED', at) };
}

/** Silence beyond patience: ask, ask again, and in the end give up. */
export function onSilence(order: HedgeOrder, at: string): HedgeOrderEvent {
  if (order.attempts >= QUERIES_MAX)
    return { type: 'OrderExpired', payload: closed(order, 'OUTCOME_UNKNOWN', at) };
  return unresolved(order, at);
}

function unresolved(order: HedgeOrder, at: string): EventOf<'OrderUnresolved'> {
  const { clientOrderId, book, instrument } = order;
  return {
    type: 'OrderUnresolved',
    payload: { clientOrderId, book, instrument, at, attempt: order.attempts + 1 },
  };
}

function filled(
  order: HedgeOrder,
  report: Extract<VenueReport, { kind: 'filled' }>,
  at: string,
): EventOf<'OrderFilled'> {
  const quantity = Decimal.parse(report.quantity);
  const remaining = order.remaining.minus(quantity).max(Decimal.ZERO);
  return {
    type: 'OrderFilled',
    payload: {
      clientOrderId: order.clientOrderId,
      book: order.book,
      instrument: order.instrument,
      fillId: report.fillId,
      quantity: (order.side === 'buy' ? quantity : quantity.negated()).toString(),
      price: report.price,
      fee: report.fee,
      liquidity: report.liquidity,
      at,
      remaining: remaining.toString(),
      late: !isOpen(order),
    },
  };
}

function closed(order: HedgeOrder, reason: string, at: string): EventOf<'OrderRejected'>['payload'] {
  const { clientOrderId, book, instrument } = order;
  return { clientOrderId, book, instrument, at, unfilled: order.remaining.toString(), reason };
}
