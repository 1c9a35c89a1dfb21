import { NEVER_ARRIVED, OUTCOME_UNKNOWN, UNKNOWN_TO_VENUE } from '@evenkeel/facts';
import type { EventOf, OrderReport } from '@evenkeel/facts';
import { Decimal, assertNever } from '@evenkeel/kernel';
import type { HedgeOrderEvent } from './events';
import { isAwaited, isOpen, workingOf } from './queries';
import type { HedgeOrder } from './state';

/** So many questions without an answer, and nobody waits for the order any more; a later fill is then marked late. */
export const QUERIES_MAX = 6;

/** Why a fill is undone as it comes: the venue had taken it back before. */
export const BUST_CAME_FIRST = 'BUST_CAME_FIRST';

/** What a venue's report means for an order; undefined when it says nothing new. */
export function onReport(order: HedgeOrder, report: OrderReport, at: string): HedgeOrderEvent | undefined {
  switch (report.kind) {
    case 'acknowledged':
      if (order.status !== 'intended' && order.status !== 'unresolved' && order.doubt === undefined)
        return undefined;
      return {
        type: 'OrderAcknowledged',
        payload: { clientOrderId: order.clientOrderId, venueOrderId: report.venueOrderId, at },
      };
    case 'filled':
      return onFill(order, report, at);
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
      return isOpen(order) && isNews(order, report) ? amended(order, report, at) : undefined;
    case 'amend-rejected':
      return isOpen(order) && order.pendingAmend !== undefined
        ? { type: 'AmendRejected', payload: { ...place(order, at), reason: report.reason } }
        : undefined;
    case 'busted':
      return onBust(order, report, at);
    default:
      return assertNever(report, 'a venue report');
  }
}

/** A venue that has confirmed an order and then forgets it is not the same as an order that never got there. */
function notFound(order: HedgeOrder, at: string): HedgeOrderEvent | undefined {
  if (!isOpen(order)) return undefined;
  return order.known
    ? { type: 'OrderCancelled', payload: closed(order, UNKNOWN_TO_VENUE, at) }
    : { type: 'OrderRejected', payload: closed(order, NEVER_ARRIVED, at) };
}

/** Silence beyond patience: ask, ask again, and in the end wait no longer. */
export function onSilence(order: HedgeOrder, at: string): HedgeOrderEvent {
  if (order.attempts >= QUERIES_MAX)
    return { type: 'OrderExpired', payload: closed(order, OUTCOME_UNKNOWN, at) };
  return unresolved(order, at);
}

/** The venue is asked (again) what became of an order. */
export function unresolved(order: HedgeOrder, at: string): EventOf<'OrderUnresolved'> {
  const { clientOrderId, book, instrument } = order;
  return {
    type: 'OrderUnresolved',
    payload: { clientOrderId, book, instrument, at, attempt: order.attempts + 1 },
  };
}

/** What was asked for, or what was never in force before; an echo of past terms says nothing. */
function isNews(order: HedgeOrder, report: Extract<OrderReport, { kind: 'amended' }>): boolean {
  const { pendingAmend } = order;
  const quantity = Decimal.parse(report.quantity);
  if (pendingAmend?.limitPrice === report.limitPrice && pendingAmend.quantity.equals(quantity)) return true;
  if (order.limitPrice === report.limitPrice && order.quantity.equals(quantity)) return false;
  return !order.pastTerms.has(termsKey(quantity, report.limitPrice));
}

export function termsKey(quantity: Decimal, limitPrice: string): string {
  return `${quantity.toString()}@${limitPrice}`;
}

function amended(
  order: HedgeOrder,
  report: Extract<OrderReport, { kind: 'amended' }>,
  at: string,
): EventOf<'OrderAmended'> {
  const quantity = Decimal.parse(report.quantity);
  const used = order.quantity.minus(order.remaining);
  const remaining = quantity.minus(used).max(Decimal.ZERO).toString();
  const { limitPrice } = report;
  return {
    type: 'OrderAmended',
    payload: { ...place(order, at), quantity: quantity.toString(), limitPrice, remaining },
  };
}

function onFill(
  order: HedgeOrder,
  report: Extract<OrderReport, { kind: 'filled' }>,
  at: string,
): HedgeOrderEvent | undefined {
  const { fillId } = report;
  const standing = order.fills.get(fillId)?.standing;
  if (standing === undefined || standing === 'bust-announced') return filled(order, report, at);
  if (standing === 'bust-due') return busted(order, { fillId, reason: BUST_CAME_FIRST }, at);
  return undefined;
}

function onBust(
  order: HedgeOrder,
  report: Extract<OrderReport, { kind: 'busted' }>,
  at: string,
): HedgeOrderEvent | undefined {
  const standing = order.fills.get(report.fillId)?.standing;
  return standing === undefined || standing === 'counted' ? busted(order, report, at) : undefined;
}

const NO_FEE = { currency: '', amount: '0' };

/** A bust of a fill that has not come yet is kept too: that fill will be undone as soon as it comes. */
function busted(
  order: HedgeOrder,
  report: { readonly fillId: string; readonly reason: string },
  at: string,
): EventOf<'FillBusted'> {
  const fill = order.fills.get(report.fillId);
  const quantity = fill?.quantity ?? Decimal.ZERO;
  return {
    type: 'FillBusted',
    payload: {
      ...place(order, at),
      fillId: report.fillId,
      quantity: (order.side === 'buy' ? quantity : quantity.negated()).toString(),
      price: fill?.price ?? '0',
      fee: fill?.fee ?? NO_FEE,
      reason: report.reason,
    },
  };
}

function place({ clientOrderId, book, instrument }: HedgeOrder, at: string) {
  return { clientOrderId, book, instrument, at };
}

function filled(
  order: HedgeOrder,
  report: Extract<OrderReport, { kind: 'filled' }>,
  at: string,
): EventOf<'OrderFilled'> {
  const quantity = Decimal.parse(report.quantity);
  const remaining = order.remaining.minus(quantity).max(Decimal.ZERO);
  // More may work at the venue than is on record while it is asked for other terms.
  const excess = quantity.minus(order.remaining.max(workingOf(order)));
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
      late: !isAwaited(order),
      ...(excess.isPositive() ? { excess: excess.toString() } : {}),
    },
  };
}

function closed(order: HedgeOrder, reason: string, at: string): EventOf<'OrderRejected'>['payload'] {
  const { clientOrderId, book, instrument } = order;
  return { clientOrderId, book, instrument, at, unfilled: order.remaining.toString(), reason };
}
