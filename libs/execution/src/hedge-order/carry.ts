import type { CarriedOrderFill, OrderCarried, OrderStatus } from '@evenkeel/facts';
import { LATE_REPORTS } from '@evenkeel/facts';
import { Decimal, assert, formatInstant, parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { isOpen } from './queries';
import { UNPLACED } from './state';
import type { FillStanding, HedgeOrder, OrderDoubt, OrderFill } from './state';

/** Whether its venue may yet say something of it: it may live, or it ended within a day before `at`. */
export function mayBeReported(order: HedgeOrder, at: Instant): boolean {
  if (order.status === 'refused') return false;
  return isOpen(order) || (order.closedAt ?? 0n) + LATE_REPORTS > at;
}

/** An order as the first facts of another epoch say it. What may live has an unknown outcome until its venue was asked. */
export function carriedOrder(order: HedgeOrder, at: string, fromEpoch: string): OrderCarried {
  const { pendingAmend, restUntil, restWanted, closedAt, cancel, doubt } = order;
  return {
    clientOrderId: order.clientOrderId,
    decisionId: order.decisionId,
    correlationId: order.correlationId,
    book: order.book,
    at,
    fromEpoch,
    venue: order.venue,
    instrument: order.instrument,
    strategy: order.strategy,
    side: order.side,
    approved: order.approved.toString(),
    quantity: order.quantity.toString(),
    remaining: order.remaining.toString(),
    orderType: order.orderType,
    timeInForce: order.timeInForce,
    limitPrice: order.limitPrice,
    intendedAt: formatInstant(order.intendedAt),
    termsAt: formatInstant(order.termsAt),
    patience: order.patience.toString(),
    status: isOpen(order) ? 'unresolved' : order.status,
    known: order.known,
    fixed: order.fixed,
    withdrawn: order.withdrawn,
    fills: [...order.fills].map(([fillId, fill]) => ({
      fillId,
      ...fill,
      quantity: fill.quantity.toString(),
    })),
    pastTerms: [...order.pastTerms],
    ...(pendingAmend === undefined
      ? {}
      : {
          pendingAmend: {
            quantity: pendingAmend.quantity.toString(),
            limitPrice: pendingAmend.limitPrice,
          },
        }),
    ...(restUntil === undefined ? {} : { restUntil: formatInstant(restUntil) }),
    ...(restWanted === undefined ? {} : { restWanted: formatInstant(restWanted) }),
    ...(closedAt === undefined ? {} : { closedAt: formatInstant(closedAt) }),
    ...(doubt === undefined ? {} : { doubt }),
    ...(cancel === undefined ? {} : { cancel: { ...cancel, askedAt: formatInstant(cancel.askedAt) } }),
  };
}

const ENDED: ReadonlySet<string> = new Set<OrderStatus>(['filled', 'rejected', 'cancelled', 'expired']);
const DOUBTS: readonly OrderDoubt[] = ['denied', 'given-up'];
const STANDINGS: ReadonlySet<string> = new Set<FillStanding>([
  'counted',
  'bust-announced',
  'bust-due',
  'busted',
]);

/** The order as it goes on. Its parent ended with the other epoch; it is asked for at once. */
export function orderCarriedIn(payload: OrderCarried): HedgeOrder {
  const open = !ENDED.has(payload.status);
  const doubt = DOUBTS.find((one) => one === payload.doubt);
  const { pendingAmend, cancel } = payload;
  const instantOf = (text: string | undefined): Instant | undefined =>
    text === undefined ? undefined : parseInstant(text);
  return {
    clientOrderId: payload.clientOrderId,
    decisionId: payload.decisionId,
    correlationId: payload.correlationId,
    book: payload.book,
    venue: payload.venue,
    instrument: payload.instrument,
    strategy: payload.strategy,
    parentId: undefined,
    side: payload.side,
    approved: Decimal.parse(payload.approved),
    quantity: Decimal.parse(payload.quantity),
    orderType: payload.orderType,
    timeInForce: payload.timeInForce,
    limitPrice: payload.limitPrice,
    intendedAt: parseInstant(payload.intendedAt),
    termsAt: parseInstant(payload.termsAt),
    fixed: payload.fixed,
    patience: BigInt(payload.patience),
    status: open ? 'unresolved' : (payload.status as OrderStatus), // it is one of ENDED
    known: payload.known,
    remaining: Decimal.parse(payload.remaining),
    // Said in the epoch that it happened in.
    excess: Decimal.ZERO,
    fills: new Map(payload.fills.map((fill) => [fill.fillId, fillCarriedIn(fill)])),
    pendingAmend: pendingAmend && {
      quantity: Decimal.parse(pendingAmend.quantity),
      limitPrice: pendingAmend.limitPrice,
    },
    pastTerms: new Set(payload.pastTerms),
    restUntil: instantOf(payload.restUntil),
    restWanted: instantOf(payload.restWanted),
    attempts: 0,
    askedAt: undefined,
    timeoutAt: open && doubt === undefined ? parseInstant(payload.at) : undefined,
    doubt,
    closedAt: instantOf(payload.closedAt),
    withdrawn: payload.withdrawn,
    cancel: cancel && { ...cancel, askedAt: parseInstant(cancel.askedAt) },
    ...UNPLACED,
  };
}

function fillCarriedIn({ quantity, price, fee, standing }: CarriedOrderFill): OrderFill {
  assert(STANDINGS.has(standing), `${standing} is a standing of a fill`);
  return { quantity: Decimal.parse(quantity), price, fee, standing: standing as FillStanding }; // just checked
}
