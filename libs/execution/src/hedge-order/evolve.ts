import type { OrderIntended, OrderRefused } from '@evenkeel/facts';
import { Decimal, assert, parseInstant, required } from '@evenkeel/kernel';
import type { Nanoseconds } from '@evenkeel/kernel';
import type { HedgeOrderEvent } from './events';
import { isOpen, isResting } from './queries';
import type { HedgeOrder } from './state';

/** How long a resting order may rest, in multiples of its patience, before it is taken back. */
const REST_MULTIPLE = 120n;
const BACKOFF_DOUBLINGS_MAX = 6;

/** Folds one event of one order; `order` is undefined for the first. Changes `order` in place. */
export function evolveOrder(
  order: HedgeOrder | undefined,
  event: HedgeOrderEvent,
  correlationId: string,
): HedgeOrder {
  if (event.type === 'OrderIntended') return intended(event.payload, correlationId);
  if (event.type === 'OrderRefused') return refused(event.payload, correlationId);
  const known = required(order, `the intent of order ${event.payload.clientOrderId}`);
  switch (event.type) {
    case 'OrderAcknowledged':
      known.status = 'acknowledged';
      known.known = true;
      known.attempts = 0;
      known.timeoutAt = afterAcknowledgement(known, parseInstant(event.payload.at));
      // Still there although we asked for its end: the request was lost and will be made again.
      known.cancelAskedAt = undefined;
      return known;
    case 'OrderFilled':
      assert(!known.fillIds.has(event.payload.fillId), `fill ${event.payload.fillId} is applied once`);
      known.fillIds.add(event.payload.fillId);
      known.remaining = Decimal.parse(event.payload.remaining);
      known.known = true;
      if (known.remaining.isZero()) close(known, 'filled');
      return known;
    case 'OrderRejected':
      return close(known, 'rejected');
    case 'OrderCancelled':
      return close(known, 'cancelled');
    case 'OrderExpired':
      return close(known, 'expired');
    case 'OrderUnresolved':
      known.status = 'unresolved';
      known.attempts = event.payload.attempt;
      known.askedAt = parseInstant(event.payload.at);
      known.timeoutAt = parseInstant(event.payload.at) + backoff(known.patience, event.payload.attempt);
      return known;
  }
}

function afterAcknowledgement(order: HedgeOrder, at: bigint): bigint {
  return (
    at +
    (isResting(order) && order.cancelAskedAt === undefined ? order.patience * REST_MULTIPLE : order.patience)
  );
}

/** Patience doubles with every unanswered question. */
function backoff(patience: Nanoseconds, attempt: number): Nanoseconds {
  return patience << BigInt(Math.min(attempt - 1, BACKOFF_DOUBLINGS_MAX));
}

function close(order: HedgeOrder, status: 'filled' | 'rejected' | 'cancelled' | 'expired'): HedgeOrder {
  if (isOpen(order) || status === 'filled') order.status = status;
  order.timeoutAt = undefined;
  return order;
}

function intended(payload: OrderIntended, correlationId: string): HedgeOrder {
  const at = parseInstant(payload.at);
  const timeoutAt = parseInstant(payload.timeoutAt);
  return {
    ...identity(payload, correlationId),
    venue: payload.venue,
    orderType: payload.orderType,
    timeInForce: payload.timeInForce,
    limitPrice: payload.limitPrice,
    patience: timeoutAt - at,
    status: 'intended',
    timeoutAt,
  };
}

function refused(payload: OrderRefused, correlationId: string): HedgeOrder {
  return {
    ...identity(payload, correlationId),
    venue: '',
    orderType: '',
    timeInForce: '',
    limitPrice: '',
    patience: 0n,
    status: 'refused',
    timeoutAt: undefined,
  };
}

function identity(payload: OrderIntended | OrderRefused, correlationId: string) {
  const quantity = Decimal.parse(payload.quantity);
  return {
    clientOrderId: payload.clientOrderId,
    decisionId: payload.decisionId,
    correlationId,
    book: payload.book,
    instrument: payload.instrument,
    side: payload.side,
    quantity,
    intendedAt: parseInstant(payload.at),
    known: false,
    remaining: quantity,
    fillIds: new Set<string>(),
    attempts: 0,
    askedAt: undefined,
    cancelAskedAt: undefined,
  };
}
