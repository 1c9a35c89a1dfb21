import type {
  CancelIntended,
  FillBusted,
  OrderAmended,
  OrderFilled,
  OrderIntended,
  OrderRefused,
} from '@evenkeel/facts';
import { OUTCOME_UNKNOWN, closedAs, isDenial } from '@evenkeel/facts';
import { Decimal, assert, parseInstant, required } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';
import { termsKey } from './decide';
import type { HedgeOrderEvent } from './events';
import { isOpen, isResting } from './queries';
import { UNPLACED } from './state';
import type { HedgeOrder, OrderFill } from './state';

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
      if (known.doubt !== undefined) comeBack(known);
      known.status = 'acknowledged';
      known.known = true;
      known.attempts = 0;
      acknowledge(known, parseInstant(event.payload.at));
      // The venue says how the order stands; a change it does not mention never reached it.
      known.pendingAmend = undefined;
      return known;
    case 'CancelIntended':
      return askCancel(known, event.payload);
    case 'OrderFilled':
      known.fills.set(event.payload.fillId, fillOf(known, event.payload));
      known.remaining = Decimal.parse(event.payload.remaining);
      known.excess = known.excess.plus(Decimal.parse(event.payload.excess ?? '0'));
      known.known = true;
      if (known.remaining.isZero()) close(known, 'filled', event.payload.at);
      return known;
    case 'FillBusted':
      return bust(known, event.payload);
    case 'AmendIntended':
      known.pendingAmend = {
        quantity: Decimal.parse(event.payload.quantity),
        limitPrice: event.payload.limitPrice,
      };
      known.termsAt = parseInstant(event.payload.at);
      known.timeoutAt = known.termsAt + known.patience;
      return known;
    case 'AmendRefused':
      return fix(known, event.payload.at);
    case 'OrderAmended':
      return amend(known, event.payload);
    case 'AmendRejected':
      known.pendingAmend = undefined;
      known.timeoutAt = known.restUntil ?? known.timeoutAt;
      return fix(known, event.payload.at);
    case 'OrderRejected':
    case 'OrderCancelled': {
      const denied = isOpen(known) && isDenial(event.payload.reason);
      close(known, event.type === 'OrderRejected' ? 'rejected' : 'cancelled', event.payload.at);
      if (denied) known.doubt = 'denied';
      return known;
    }
    case 'OrderExpired':
      return event.payload.reason === OUTCOME_UNKNOWN
        ? giveUp(known, event.payload.at)
        : close(known, 'expired', event.payload.at);
    case 'OrderUnresolved':
      known.status = 'unresolved';
      known.attempts = event.payload.attempt;
      known.askedAt = parseInstant(event.payload.at);
      known.timeoutAt =
        known.doubt === 'given-up'
          ? undefined
          : parseInstant(event.payload.at) + backoff(known.patience, event.payload.attempt);
      return known;
  }
}

function fillOf(order: HedgeOrder, payload: OrderFilled): OrderFill {
  const { price, fee, fillId } = payload;
  const before = order.fills.get(fillId)?.standing;
  assert(before === undefined || before === 'bust-announced', `fill ${fillId} is applied once`);
  const standing = before === undefined ? 'counted' : 'bust-due';
  return { quantity: Decimal.parse(payload.quantity).abs(), price, fee, standing };
}

/** What was busted does not work again: the venue took the trade back, not the order. */
function bust(order: HedgeOrder, payload: FillBusted): HedgeOrder {
  const { price, fee, fillId } = payload;
  const standing = order.fills.has(fillId) ? 'busted' : 'bust-announced';
  order.fills.set(fillId, { quantity: Decimal.parse(payload.quantity).abs(), price, fee, standing });
  order.known = true;
  return order;
}

function amend(order: HedgeOrder, payload: OrderAmended): HedgeOrder {
  order.pastTerms.add(termsKey(order.quantity, order.limitPrice));
  order.quantity = Decimal.parse(payload.quantity);
  order.limitPrice = payload.limitPrice;
  order.remaining = Decimal.parse(payload.remaining);
  order.pendingAmend = undefined;
  order.known = true;
  if (order.remaining.isZero()) return close(order, 'filled', payload.at);
  if (order.status === 'acknowledged') order.timeoutAt = order.restUntil ?? order.timeoutAt;
  return order;
}

function fix(order: HedgeOrder, at: string): HedgeOrder {
  order.fixed = true;
  order.termsAt = parseInstant(at);
  return order;
}

function acknowledge(order: HedgeOrder, at: Instant): void {
  order.timeoutAt =
    isResting(order) && order.cancel === undefined
      ? (order.restWanted ?? at + order.patience * REST_MULTIPLE)
      : at + order.patience;
  if (order.cancel === undefined) order.restUntil = order.timeoutAt;
  // Still there although we asked for its end: the request was lost, or overtook the order.
  else order.cancel = { ...order.cancel, unheeded: true };
}

function askCancel(order: HedgeOrder, { reason, attempt, at }: CancelIntended): HedgeOrder {
  const askedAt = parseInstant(at);
  order.cancel = { reason, attempt, askedAt, unheeded: false };
  if (order.doubt === undefined) order.timeoutAt = askedAt + backoff(order.patience, attempt);
  return order;
}

/** Nobody waits for its answer any more. It stays open: what became of it only the venue can say. */
function giveUp(order: HedgeOrder, at: string): HedgeOrder {
  order.status = 'unresolved';
  order.doubt = 'given-up';
  order.askedAt = parseInstant(at);
  order.timeoutAt = undefined;
  order.pendingAmend = undefined;
  return order;
}

/** The venue knows an order that nobody counted on any more: it is taken back, since others may have taken its place. */
function comeBack(order: HedgeOrder): void {
  order.doubt = undefined;
  order.closedAt = undefined;
  order.withdrawn = isResting(order);
}

/** Patience doubles with every unanswered question. */
function backoff(patience: Nanoseconds, attempt: number): Nanoseconds {
  return patience << BigInt(Math.min(attempt - 1, BACKOFF_DOUBLINGS_MAX));
}

function close(
  order: HedgeOrder,
  status: 'filled' | 'rejected' | 'cancelled' | 'expired',
  at: string,
): HedgeOrder {
  if (isOpen(order)) order.closedAt = parseInstant(at);
  order.status = closedAs(order.status, status);
  order.timeoutAt = undefined;
  order.pendingAmend = undefined;
  order.doubt = undefined;
  return order;
}

function intended(payload: OrderIntended, correlationId: string): HedgeOrder {
  const at = parseInstant(payload.at);
  const timeoutAt = parseInstant(payload.timeoutAt);
  const { venue, orderType, timeInForce, limitPrice, strategy = '', restUntil } = payload;
  return begun(payload, correlationId, {
    venue,
    strategy,
    orderType,
    timeInForce,
    limitPrice,
    at,
    restWanted: restUntil === undefined ? undefined : parseInstant(restUntil),
    patience: timeoutAt - at,
    status: 'intended',
    timeoutAt,
  });
}

function refused(payload: OrderRefused, correlationId: string): HedgeOrder {
  return begun(payload, correlationId, {
    venue: '',
    strategy: '',
    orderType: '',
    timeInForce: '',
    limitPrice: '',
    at: parseInstant(payload.at),
    restWanted: undefined,
    patience: 0n,
    status: 'refused',
    timeoutAt: undefined,
  });
}

type Terms = Pick<
  HedgeOrder,
  | 'venue'
  | 'strategy'
  | 'orderType'
  | 'timeInForce'
  | 'limitPrice'
  | 'restWanted'
  | 'patience'
  | 'status'
  | 'timeoutAt'
> & { readonly at: Instant };

/** Every field written once and in one place: put together from parts it was 9 % of an order. */
function begun(payload: OrderIntended | OrderRefused, correlationId: string, terms: Terms): HedgeOrder {
  const quantity = Decimal.parse(payload.quantity);
  return {
    clientOrderId: payload.clientOrderId,
    decisionId: payload.decisionId,
    correlationId,
    book: payload.book,
    venue: terms.venue,
    instrument: payload.instrument,
    strategy: terms.strategy,
    parentId: payload.parentId,
    side: payload.side,
    approved: quantity,
    quantity,
    orderType: terms.orderType,
    timeInForce: terms.timeInForce,
    limitPrice: terms.limitPrice,
    intendedAt: terms.at,
    termsAt: terms.at,
    fixed: false,
    patience: terms.patience,
    status: terms.status,
    known: false,
    remaining: quantity,
    fills: new Map<string, OrderFill>(),
    excess: Decimal.ZERO,
    pendingAmend: undefined,
    pastTerms: new Set<string>(),
    restUntil: undefined,
    restWanted: terms.restWanted,
    attempts: 0,
    askedAt: undefined,
    timeoutAt: terms.timeoutAt,
    doubt: undefined,
    closedAt: undefined,
    withdrawn: false,
    cancel: undefined,
    rank: UNPLACED.rank,
    deadline: UNPLACED.deadline,
    slot: UNPLACED.slot,
    counted: UNPLACED.counted,
    endedBy: UNPLACED.endedBy,
  };
}
