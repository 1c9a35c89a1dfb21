import type { CommitView, CoreInput, DomainEvent, OrderReport } from '@evenkeel/facts';
import { Decimal, parseInstant } from '@evenkeel/kernel';
import fc from 'fast-check';
import { onReport, onSilence } from './hedge-order/decide';
import type { HedgeOrderEvent } from './hedge-order/events';
import { evolveOrder } from './hedge-order/evolve';
import { isOpen } from './hedge-order/queries';
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
    if (word === 'silence' && !isOpen(order)) continue;
    const event = word === 'silence' ? onSilence(order, AT) : onReport(order, word, AT);
    if (event === undefined) continue;
    events.push(event);
    order = evolveOrder(order, event, 'why');
    if (word !== 'silence') expect(onReport(order, word, AT)).toBeUndefined();
  }
  return { order, events };
}

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
        expect(
          events.filter(({ type }) => ['OrderRejected', 'OrderCancelled', 'OrderExpired'].includes(type))
            .length,
        ).toBeLessThanOrEqual(1);
        expect(isOpen(order)).toBe(order.timeoutAt !== undefined);
        if (order.remaining.isZero()) expect(order.status).toBe('filled');
      }),
      { seed: 11, numRuns: 1000 },
    );
  });

  it('marks exactly those fills late that come after its end', () => {
    fc.assert(
      fc.property(fc.array(report, { maxLength: 40 }), (words) => {
        let over = false;
        for (const event of live(words).events) {
          if (event.type === 'OrderFilled') {
            expect(event.payload.late).toBe(over);
            if (event.payload.remaining === '0') over = true;
          } else if (['OrderRejected', 'OrderCancelled', 'OrderExpired'].includes(event.type)) over = true;
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
    expect(order.status).toBe('expired');
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
          live = core.observe(live, input);
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

it('reads its own times', () => {
  expect(evolveOrder(undefined, intent, 'why').timeoutAt).toBe(parseInstant('2026-01-01T00:00:05Z'));
  expect(Decimal.parse('10').equals(evolveOrder(undefined, intent, 'why').remaining)).toBe(true);
});
