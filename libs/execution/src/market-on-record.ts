import { NEVER_ARRIVED, UNKNOWN_TO_VENUE, markIn } from '@evenkeel/facts';
import type { Check, DomainEvent, OrderReport, RiskSnapshotTaken } from '@evenkeel/facts';
import { Decimal, NANOS_PER_SECOND, parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { advance } from './evolve-state';
import { bookOf, contractIn, livingOrders } from './execution-state';
import type { ExecutionState } from './execution-state';
import { BUST_CAME_FIRST } from './hedge-order/decide';

/** Puts back the prices that a snapshot on record was taken at: those of the instant at which its decision and the orders follow. */
export function recallPrices(state: ExecutionState, snapshot: RiskSnapshotTaken): void {
  for (const { contracts } of bookOf(state, snapshot.book).accounts.values())
    for (const instrument of contracts.keys()) {
      const mark = markIn(snapshot, instrument);
      if (mark === undefined) continue;
      const { price, bid, ask, status } = mark;
      state.prices.set(instrument, {
        price,
        status,
        ...(bid === undefined ? {} : { bid }),
        ...(ask === undefined ? {} : { ask }),
      });
    }
  state.marketAt = parseInstant(snapshot.at);
}

/** Puts back how late it was: when execution hears a commit it has taken instants in of which nothing followed. */
export function recallTime(state: ExecutionState, at: string): void {
  advance(state, parseInstant(at));
}

/** Puts back how late it was when an order was vetted: its checks say how old the decision was. */
export function recallVetting(state: ExecutionState, decidedAt: string, checks: readonly Check[]): void {
  const at = wasVettedAt(decidedAt, checks);
  if (at !== undefined) advance(state, at);
}

/** When an order was vetted, by its own checks; undefined where they do not say. */
export function wasVettedAt(decidedAt: string, checks: readonly Check[]): Instant | undefined {
  const age = checks.find(({ name }) => name === 'decision-age')?.observed;
  if (age === undefined) return undefined;
  const seconds = Number(age.slice(0, age.indexOf(' ')));
  return parseInstant(decidedAt) + BigInt(Math.round(seconds * Number(NANOS_PER_SECOND)));
}

/** Whether an order's notional checks need the index of an option: of what is traded, held or under way of its book. */
export function needsIndex(state: ExecutionState, bookId: string, instrument: string): boolean {
  const book = bookOf(state, bookId);
  const living = livingOrders(state).filter((order) => order.book === bookId);
  const concerned = [instrument, ...book.positions.keys(), ...living.map((order) => order.instrument)];
  return concerned.some((one) => contractIn(book, one)?.kind === 'option');
}

/** What a venue must have said for an event of an order to follow; undefined for events that no report on an order brings about. */
export function reportBehind(event: DomainEvent): OrderReport | undefined {
  switch (event.type) {
    case 'OrderAcknowledged': {
      const { clientOrderId, venueOrderId } = event.payload;
      return { kind: 'acknowledged', clientOrderId, venueOrderId };
    }
    case 'OrderFilled': {
      const { clientOrderId, fillId, price, fee, liquidity } = event.payload;
      const quantity = Decimal.parse(event.payload.quantity).abs().toString();
      return {
        kind: 'filled',
        clientOrderId,
        fillId,
        quantity,
        price,
        fee,
        liquidity: liquidity as 'maker' | 'taker',
      };
    }
    case 'OrderRejected':
    case 'OrderCancelled': {
      const { clientOrderId, reason } = event.payload;
      if (reason === NEVER_ARRIVED || reason === UNKNOWN_TO_VENUE)
        return { kind: 'not-found', clientOrderId };
      return { kind: event.type === 'OrderRejected' ? 'rejected' : 'cancelled', clientOrderId, reason };
    }
    case 'OrderExpired':
      return { kind: 'expired', clientOrderId: event.payload.clientOrderId };
    case 'OrderAmended': {
      const { clientOrderId, quantity, limitPrice } = event.payload;
      return { kind: 'amended', clientOrderId, quantity, limitPrice };
    }
    case 'AmendRejected': {
      const { clientOrderId, reason } = event.payload;
      return { kind: 'amend-rejected', clientOrderId, reason };
    }
    case 'FillBusted': {
      const { clientOrderId, fillId, reason, quantity, price, fee } = event.payload;
      // The fill came after its bust.
      if (reason === BUST_CAME_FIRST)
        return { kind: 'filled', clientOrderId, fillId, quantity, price, fee, liquidity: 'taker' };
      return { kind: 'busted', clientOrderId, fillId, reason };
    }
    case 'OrderUnresolved':
      return { kind: 'no-answer', clientOrderId: event.payload.clientOrderId, reason: '' };
    default:
      return undefined;
  }
}
