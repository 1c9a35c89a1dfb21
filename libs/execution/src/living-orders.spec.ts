import { Decimal } from '@evenkeel/kernel';
import fc from 'fast-check';
import { overdueIn, setDeadline } from './deadlines';
import { initialExecution, livingOrders } from './execution-state';
import type { ExecutionState } from './execution-state';
import { evolveOrder } from './hedge-order/evolve';
import { isAwaited, workingOf } from './hedge-order/queries';
import type { HedgeOrder } from './hedge-order/state';
import { byPlace, isUnheeded, place, wantedNow, withdraw } from './living-orders';

const BOOKS = ['desk', 'other'] as const;
const INSTRUMENTS = ['BTC-PERP@v', 'ETH-PERP@v'] as const;

function orderOf(index: number): HedgeOrder {
  const at = '2026-01-05T00:00:00Z';
  return evolveOrder(
    undefined,
    {
      type: 'OrderIntended',
      payload: {
        clientOrderId: `o${index}`,
        decisionId: 'd',
        book: BOOKS[index % 2] ?? 'desk',
        instrument: INSTRUMENTS[index % 3 === 0 ? 0 : 1] ?? '',
        side: index % 5 < 3 ? 'buy' : 'sell',
        quantity: '3',
        at,
        checks: [],
        venue: 'v',
        orderType: 'limit',
        timeInForce: 'POST_ONLY',
        limitPrice: '1',
        referencePrice: '1',
        timeoutAt: '2026-01-05T00:00:05Z',
      },
    },
    'c',
  );
}

/** What looking through every order says. */
function expectAsIfAllWereLookedAt(state: ExecutionState, orders: readonly HedgeOrder[]): void {
  const living = livingOrders(state);
  expect([...living].sort(byPlace)).toEqual(living);
  expect([...state.toCancel.values()].sort(byPlace)).toEqual(
    living.filter((order) => isUnheeded(order) || wantedNow(state, order) !== undefined),
  );
  const ends = orders.flatMap((order) => (isAwaited(order) ? (order.timeoutAt ?? []) : []));
  expect(state.deadlines).toHaveLength(ends.length);
  expect(state.deadlines[0]?.deadline).toBe(ends.sort((a, b) => (a < b ? -1 : 1))[0]);
  for (const [name, book] of state.books)
    for (const instrument of INSTRUMENTS) {
      const sum = (side: string): string =>
        living
          .filter((one) => one.book === name && one.instrument === instrument && one.side === side)
          .reduce((total, one) => total.plus(workingOf(one)), Decimal.ZERO)
          .toString();
      const { buys, sells } = book.pending.get(instrument) ?? { buys: Decimal.ZERO, sells: Decimal.ZERO };
      expect([buys.toString(), sells.toString()]).toEqual([sum('buy'), sum('sell')]);
    }
}

const CHANGES: readonly ((order: HedgeOrder, at: bigint) => void)[] = [
  (order, at) => Object.assign(order, { status: 'acknowledged', doubt: undefined, timeoutAt: at }),
  (order) => Object.assign(order, { status: 'filled', doubt: undefined, timeoutAt: undefined, closedAt: 1n }),
  (order) => Object.assign(order, { status: 'unresolved', doubt: 'given-up', timeoutAt: undefined }),
  (order) => Object.assign(order, { remaining: order.remaining.minus(Decimal.ONE).max(Decimal.ZERO) }),
  (order, at) =>
    Object.assign(order, {
      cancel: { reason: 'WITHDRAWN', attempt: Number(at % 8n), askedAt: at, unheeded: at % 2n === 0n },
    }),
];

it('finds the orders that answer as looking through all of them would, whatever becomes of each', () => {
  const step = fc.tuple(
    fc.nat({ max: 11 }),
    fc.nat({ max: CHANGES.length }),
    fc.bigInt({ min: 0n, max: 50n }),
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const state = initialExecution();
      const orders = Array.from({ length: 12 }, (_, index) => orderOf(index));
      for (const order of orders) place(state, order);
      for (const [index, change, at] of steps) {
        const order = orders[index];
        if (order === undefined) continue;
        const apply = CHANGES[change];
        if (apply === undefined) {
          if (state.open.has(order.clientOrderId)) withdraw(state, order);
        } else {
          apply(order, at);
          place(state, order);
        }
        expectAsIfAllWereLookedAt(state, orders);
      }
    }),
  );
});

it('tells every deadline up to now and no other', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat({ max: 9 }), fc.option(fc.bigInt({ min: 0n, max: 20n })))),
      (sets) => {
        const orders = Array.from({ length: 10 }, (_, index) => orderOf(index));
        const heap: HedgeOrder[] = [];
        for (const [index, at] of sets) {
          const order = orders[index];
          if (order !== undefined) setDeadline(heap, order, at ?? undefined);
          const due = new Set(overdueIn(heap, 10n));
          expect(due).toEqual(
            new Set(orders.filter(({ deadline }) => deadline !== undefined && deadline <= 10n)),
          );
        }
      },
    ),
  );
});
