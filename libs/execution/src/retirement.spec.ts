import { KEPT_MAX, LATE_REPORTS } from '@evenkeel/facts';
import { NANOS_PER_SECOND } from '@evenkeel/kernel';
import { BOOK, Desk, PERP, at } from '../test/desk';
import { createOrderCore } from './order-core';
import { clientOrderIdOf } from './order-placement';

const DAY = Number(LATE_REPORTS / NANOS_PER_SECOND);
const HOUR = 3_600;
const FIRST = clientOrderIdOf('d1', 0);
const RULES = { atStart: false, interval: '', positionTolerance: '0', balanceTolerance: '0' };

function filled(limits: ConstructorParameters<typeof Desk>[0] = {}): Desk {
  const desk = new Desk(limits);
  desk.decide('d1', 1, { quantity: '2' });
  desk.fill(FIRST, 'f1', '2', 2);
  return desk;
}
const watchOf = (desk: Desk) => {
  const account = desk.state.books.get(BOOK)?.accounts.get('binance');
  if (account === undefined) throw new Error('the desk has an account');
  return account.watch;
};
const heldBy = (desk: Desk): string | undefined =>
  desk.state.books.get(BOOK)?.positions.get(PERP)?.toString();

describe('an order that is over', () => {
  it('is known for a day, and a fill that comes late is counted', () => {
    const desk = filled();
    desk.wake(DAY);
    expect(desk.state.orders.has(FIRST)).toBe(true);
    desk.fill(FIRST, 'f2', '1', DAY + 1);
    expect(desk.last()).toMatchObject({ clientOrderId: FIRST, fillId: 'f2', late: true });
    expect(heldBy(desk)).toBe('3');
  });

  it('is then forgotten with its aggregate and its fills, and what it did to the account stays', () => {
    const desk = filled();
    const before = { positions: [...watchOf(desk).ledger.positions], cash: [...watchOf(desk).ledger.cash] };
    desk.wake(DAY + HOUR);
    expect(desk.state.retired).toEqual([{ context: 'execution', type: 'hedge-order', id: FIRST }]);
    expect(desk.core.kept?.(desk.state)).toMatchObject({ orders: 0, 'account-fills': 0 });
    const { ledger } = watchOf(desk);
    expect({ positions: [...ledger.positions], cash: [...ledger.cash] }).toEqual(before);
    expect(heldBy(desk)).toBe('2');
    desk.wake(DAY + 2 * HOUR);
    expect(desk.state.retired).toEqual([]);
  });

  it('is somebody else’s once it is forgotten: the account halts, with the trade on record', () => {
    const desk = filled();
    desk.wake(DAY + HOUR);
    desk.foreignFill(FIRST, 'f2', '1', DAY + HOUR + 1);
    expect(desk.types().slice(-3)).toEqual([
      'ReconciliationDiffered',
      'VenueHalted',
      'ReconciliationRequested',
    ]);
    expect(desk.events.at(-3)?.payload).toMatchObject({
      differences: [{ kind: 'foreign-order', name: FIRST, theirs: 'filled 1 at 90000, trade f2' }],
    });
  });

  it('is never counted twice where others’ trades are adopted: an old trade halts, a new one is a trade', () => {
    const desk = filled({ reconciliation: { ...RULES, adoptTrades: true } });
    desk.wake(DAY + HOUR);
    desk.foreignFill(FIRST, 'f1', '2', DAY + HOUR + 1, { at: at(2) });
    expect(desk.types()).toContain('VenueHalted');
    expect(heldBy(desk)).toBe('2');
    desk.foreignFill(FIRST, 'f2', '1', DAY + HOUR + 2);
    expect(desk.last()).toMatchObject({ tradeId: 'f2', quantity: '1' });
    expect(heldBy(desk)).toBe('3');
  });
});

it('never forgets an order whose outcome no venue has told', () => {
  const desk = new Desk();
  desk.decide('d1', 1, { quantity: '2' });
  for (const seconds of [6, 11, 21, 41, 81, 161, 321, 40 * DAY]) desk.wake(seconds);
  expect([...desk.state.unknown.keys()]).toEqual([FIRST]);
  desk.fill(FIRST, 'f1', '2', 40 * DAY + 1);
  expect(heldBy(desk)).toBe('2');
});

it('has forgotten the same at a time, by whatever inputs it came there', () => {
  const [often, seldom] = [filled(), filled()];
  for (let hour = 1; hour <= 30; hour += 1) often.mark('90000', hour * HOUR + 7);
  for (const desk of [often, seldom]) {
    desk.decide('d2', 20 * HOUR, { quantity: '1' });
    desk.mark('90000', 30 * HOUR + 7);
  }
  expect([...seldom.state.orders.keys()]).toEqual([...often.state.orders.keys()]);
  expect(seldom.state.forgottenUpTo).toBe(often.state.forgottenUpTo);
});

it('knows the trades of others for a day, and takes none of the day before for a new one', () => {
  const desk = new Desk({ reconciliation: { ...RULES, adoptTrades: true } });
  desk.foreignFill('by-hand', 'T-1', '2', 2);
  desk.wake(DAY);
  desk.foreignFill('by-hand', 'T-1', '2', DAY + 1, { at: at(1.5) });
  expect(desk.types()).toEqual(['ForeignTradeSeen']);
  desk.wake(DAY + HOUR);
  expect(watchOf(desk).foreignTrades.size).toBe(0);
  desk.foreignFill('by-hand', 'T-1', '2', DAY + HOUR + 1, { at: at(1.5) });
  expect(desk.types()).toContain('VenueHalted');
  expect(heldBy(desk)).toBe('2');
});

it('keeps no answer longer than its question, and judges each once', () => {
  const reconciliation = { ...RULES, atStart: true, interval: 'PT5S' };
  const desk = new Desk({ reconciliation }, createOrderCore());
  const answer = (requestId: string, seconds: number): void =>
    desk.report(
      {
        kind: 'account',
        venue: 'binance',
        book: BOOK,
        requestId,
        positions: [],
        openOrders: [],
        balances: [],
        complete: true,
      },
      seconds,
    );
  for (let asked = 1; asked <= 2_000; asked += 1) {
    desk.mark('90000', asked * 5);
    desk.wake(asked * 5);
    const { reconciliationId } = desk.last() as { reconciliationId: string };
    answer(reconciliationId, asked * 5 + 1);
    answer(reconciliationId, asked * 5 + 2);
  }
  expect(desk.types().filter((type) => type === 'VenueReconciled')).toHaveLength(2_000);
  expect(watchOf(desk).unanswered.size).toBe(0);
  expect(watchOf(desk).answered.size).toBeLessThanOrEqual(256);
  answer('nobody asked this', 20_000);
  expect(desk.last()).toMatchObject({ positions: 1 });
  expect(desk.types().filter((type) => type === 'VenueReconciled')).toHaveLength(2_000);
});

it('counts nothing that has no maximum', () => {
  const kept = createOrderCore().kept?.(filled().state) ?? {};
  expect(Object.keys(kept).filter((what) => !(what in KEPT_MAX))).toEqual([]);
  expect(kept).toMatchObject({ orders: 1, marks: 1, 'account-fills': 1 });
});
