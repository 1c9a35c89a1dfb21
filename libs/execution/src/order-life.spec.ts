import { OUTCOME_UNKNOWN, isDenial, takeIn } from '@evenkeel/facts';
import type { CommitView, CoreInput, DomainEvent, OrderReport } from '@evenkeel/facts';
import { Decimal, parseInstant } from '@evenkeel/kernel';
import fc from 'fast-check';
import { onReport, onSilence } from './hedge-order/decide';
import type { HedgeOrderEvent } from './hedge-order/events';
import { evolveOrder } from './hedge-order/evolve';
import { filledOf, isAwaited, isOpen, phaseOf } from './hedge-order/queries';
import type { OrderPhase } from './hedge-order/queries';
import type { HedgeOrder } from './hedge-order/state';
import { createOrderCore } from './order-core';

const ID = 'order-1';
const intent: HedgeOrderEvent = {
  type: 'OrderIntended',
  payload: {
    clientOrderId: ID,
    decisionId: 'd',
    book: 'desk',
    venue: 'binance',
    instrument: 'BTCUSDT-PERP@binance',
    side: 'sell',
    quantity: '10',
    orderType: 'limit',
    timeInForce: 'IOC',
    limitPrice: '1',
    referencePrice: '1',
    at: '2026-01-01T00:00:00Z',
    timeoutAt: '2026-01-01T00:00:05Z',
    checks: [],
  },
};
const AT = '2026-01-01T00:00:01Z';

function fill(index: number): OrderReport {
  const fee = { currency: 'USDT', amount: '-1' };
  return {
    kind: 'filled',
    clientOrderId: ID,
    fillId: `f${index}`,
    quantity: '1',
    price: '1',
    fee,
    liquidity: 'taker',
  };
}

const report: fc.Arbitrary<OrderReport | 'silence'> = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 9 }).map(fill) },
  fc.constant<OrderReport>({ kind: 'acknowledged', clientOrderId: ID, venueOrderId: 'v' }),
  fc.constant<OrderReport>({ kind: 'rejected', clientOrderId: ID, reason: 'R' }),
  fc.constant<OrderReport>({ kind: 'cancelled', clientOrderId: ID, reason: 'C' }),
  fc.constant<OrderReport>({ kind: 'expired', clientOrderId: ID }),
  fc.constant<OrderReport>({ kind: 'not-found', clientOrderId: ID }),
  fc.constant<OrderReport>({ kind: 'no-answer', clientOrderId: ID, reason: 'N' }),
  fc.constant('silence' as const),
);

interface Life {
  readonly order: HedgeOrder;
  readonly events: readonly HedgeOrderEvent[];
}

function live(words: readonly (OrderReport | 'silence')[]): Life {
  let order = evolveOrder(undefined, intent, 'why');
  const events: HedgeOrderEvent[] = [];
  for (const word of words) {
    if (word === 'silence' && !isAwaited(order)) continue;
    const event = word === 'silence' ? onSilence(order, AT) : onReport(order, word, AT);
    if (event === undefined) continue;
    events.push(event);
    order = evolveOrder(order, event, 'why');
    if (word !== 'silence') expect(onReport(order, word, AT)).toBeUndefined();
  }
  return { order, events };
}

/** An end that the venue has told, which nothing undoes. */
function isDefinite(event: HedgeOrderEvent): boolean {
  if (event.type !== 'OrderRejected' && event.type !== 'OrderCancelled' && event.type !== 'OrderExpired')
    return false;
  return event.payload.reason !== OUTCOME_UNKNOWN && !isDenial(event.payload.reason);
}

const PHASES: readonly OrderPhase[] = [
  'submitted',
  'acknowledged',
  'partially-filled',
  'unknown',
  'filled',
  'rejected',
  'cancelled',
  'expired',
];

describe('an order under any sequence of words from its venue', () => {
  it('says each thing once, keeps its sums, and ends at most once', () => {
    fc.assert(
      fc.property(fc.array(report, { maxLength: 40 }), (words) => {
        const { order, events } = live(words);
        const filled = events.filter((event) => event.type === 'OrderFilled');
        const distinct = new Set(
          words.flatMap((word) => (word !== 'silence' && word.kind === 'filled' ? [word.fillId] : [])),
        );
        expect(filled).toHaveLength(distinct.size);
        expect(order.remaining.toString()).toBe(String(10 - distinct.size));
        expect(events.filter(isDefinite).length).toBeLessThanOrEqual(1);
        expect(isAwaited(order)).toBe(order.timeoutAt !== undefined);
        if (order.remaining.isZero()) expect(order.status).toBe('filled');
      }),
      { seed: 11, numRuns: 1000 },
    );
  });

  it('marks exactly those fills late that come while nobody waits for it', () => {
    fc.assert(
      fc.property(fc.array(report, { maxLength: 40 }), (words) => {
        let over = false;
        for (const event of live(words).events) {
          if (event.type === 'OrderFilled') {
            expect(event.payload.late).toBe(over);
            if (event.payload.remaining === '0') over = true;
          } else if (['OrderRejected', 'OrderCancelled', 'OrderExpired'].includes(event.type)) over = true;
          else if (event.type === 'OrderAcknowledged') over = false;
        }
      }),
      { seed: 12, numRuns: 1000 },
    );
  });

  it('holds the same in the end, however its fills are shuffled and repeated', () => {
    const fills = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { minLength: 10 });
    fc.assert(
      fc.property(fills, fc.array(fc.integer({ min: 0, max: 9 })), (order, repeats) => {
        const state = live([...order, ...repeats].map(fill)).order;
        expect(state.status).toBe('filled');
        expect(state.fills.size).toBe(10);
      }),
      { seed: 13, numRuns: 200 },
    );
  });

  it('gives up after a bounded number of questions', () => {
    const { events, order } = live(Array.from({ length: 50 }, () => 'silence' as const));
    expect(events).toHaveLength(7);
    expect(order).toMatchObject({ status: 'unresolved', doubt: 'given-up' });
    expect(isOpen(order)).toBe(true);
  });
});

describe('the order core as a fold of its commits', () => {
  it('comes to the same state from its commits alone', () => {
    const core = createOrderCore();
    fc.assert(
      fc.property(fc.array(report, { maxLength: 20 }), (words) => {
        let live = core.evolve(core.initial(), view(intent));
        let replayed = core.evolve(core.initial(), view(intent));
        for (const word of words) {
          if (word === 'silence') continue;
          const input: CoreInput = { kind: 'venue', id: 'x', at: AT, report: word };
          live = takeIn(core, live, input);
          for (;;) {
            const { commits } = core.decide(live, input);
            if (commits.length === 0) break;
            for (const commit of commits) {
              for (const event of commit.events) {
                live = core.evolve(live, view(event));
                replayed = core.evolve(replayed, view(event));
              }
            }
          }
        }
        expect(replayed.orders).toEqual(live.orders);
        expect(replayed.books).toEqual(live.books);
        expect([...replayed.open.keys()]).toEqual([...live.open.keys()]);
      }),
      { seed: 14, numRuns: 200 },
    );
  });

  function view(event: DomainEvent): CommitView {
    const aggregate = { context: 'execution', type: 'hedge-order', id: ID } as const;
    return { commitId: 'c', aggregate, book: 'desk', eventTime: AT, correlationId: 'why', events: [event] };
  }
});

const ROOM = 3;
type Word = OrderReport | 'silence' | { readonly amend: number };

/** Everything that can be said of a resting order, in any order, with amendments of our own between. */
const anyWord: fc.Arbitrary<Word> = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 0, max: 9 }).map(fill) },
  {
    weight: 3,
    arbitrary: fc.integer({ min: 0, max: 9 }).map((index): OrderReport => {
      return { kind: 'busted', clientOrderId: ID, fillId: `f${index}`, reason: 'ERROR_TRADE' };
    }),
  },
  fc.integer({ min: 8, max: 8 + ROOM }).map((quantity): OrderReport => {
    return { kind: 'amended', clientOrderId: ID, quantity: String(quantity), limitPrice: '2' };
  }),
  fc.constant<OrderReport>({ kind: 'amend-rejected', clientOrderId: ID, reason: 'A' }),
  fc.integer({ min: 8, max: 8 + ROOM }).map((amend) => ({ amend })),
  { weight: 2, arbitrary: report },
);

describe('a resting order under amendments, busts and every other word, in any order', () => {
  const resting: HedgeOrderEvent = {
    ...intent,
    payload: { ...intent.payload, timeInForce: 'POST_ONLY' },
  };

  function tell(order: HedgeOrder, word: Word): HedgeOrder {
    let next = order;
    for (let step = 0; step < 3; step += 1) {
      const event = whatFollows(next, word);
      if (event === undefined) return next;
      next = evolveOrder(next, event, 'why');
      if (word === 'silence' || 'amend' in word) return next;
    }
    throw new Error('one word is over after two events');
  }

  function whatFollows(order: HedgeOrder, word: Word): HedgeOrderEvent | undefined {
    if (word === 'silence') return isAwaited(order) && order.attempts < 6 ? onSilence(order, AT) : undefined;
    if (!('amend' in word)) return onReport(order, word, AT);
    if (order.status !== 'acknowledged' || order.pendingAmend !== undefined) return undefined;
    const { clientOrderId, book, instrument } = order;
    const payload = { clientOrderId, book, instrument, quantity: String(word.amend), limitPrice: '2' };
    return { type: 'AmendIntended', payload: { ...payload, at: AT, checks: [] } };
  }

  it('counts exactly the fills that were told and not busted; ends that the venue told stay ends; repetition changes nothing', () => {
    let busts = 0;
    let amends = 0;
    fc.assert(
      fc.property(fc.array(anyWord, { maxLength: 40 }), (words) => {
        let order = evolveOrder(undefined, resting, 'why');
        const told = new Set<string>();
        const busted = new Set<string>();
        let ended: string | undefined;
        for (const word of words) {
          if (word !== 'silence' && 'kind' in word && word.kind === 'filled') told.add(word.fillId);
          if (word !== 'silence' && 'kind' in word && word.kind === 'busted') busted.add(word.fillId);
          order = tell(order, word);
          if (
            word !== 'silence' &&
            !('amend' in word) &&
            word.kind !== 'not-found' &&
            word.kind !== 'no-answer'
          )
            expect(onReport(order, word, AT)).toBeUndefined();
          // A fill that comes after the end may complete an order that ended short of it; nothing opens it again.
          if (ended !== undefined) expect([ended, 'filled']).toContain(order.status);
          if (!isOpen(order) && order.doubt === undefined) ended = order.status;
          const counted = [...told].filter((id) => !busted.has(id)).length;
          expect(filledOf(order).toString()).toBe(String(counted));
          expect(order.remaining.isNegative()).toBe(false);
          expect(PHASES).toContain(phaseOf(order));
          if (counted < told.size) busts += 1;
          if (order.pastTerms.size > 0) amends += 1;
        }
        const final = filledOf(order).toString();
        const { status } = order;
        for (const word of words) if (word !== 'silence' && 'kind' in word) order = tell(order, word);
        if (!isOpen(order) && status === order.status) expect(filledOf(order).toString()).toBe(final);
      }),
      { seed: 15, numRuns: 600 },
    );
    expect(busts).toBeGreaterThan(200);
    expect(amends).toBeGreaterThan(20);
  });
});

it('reads its own times', () => {
  expect(evolveOrder(undefined, intent, 'why').timeoutAt).toBe(parseInstant('2026-01-01T00:00:05Z'));
  expect(Decimal.parse('10').equals(evolveOrder(undefined, intent, 'why').remaining)).toBe(true);
});
