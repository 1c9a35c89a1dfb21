import type { DomainEvent, EventOf, EventType } from '@evenkeel/facts';
import { busyDemonstration } from '@evenkeel/testkit';
import { runInProcess } from './in-process-run';

const { tape, book } = busyDemonstration('limits', 1);

/** Two options of the last listed expiry that the book does not hold. */
const hedges = ['BTC-30JAN26-90000-C@deribit', 'BTC-30JAN26-88000-P@deribit'];

function run(limits: object): DomainEvent[] {
  const policy = { kind: 'multi-greek', riskAversion: '0.001', horizon: 'P1D', capitalRate: '0' };
  const file = {
    ...book,
    hedge: { ...book.hedge, instruments: [...book.hedge.instruments, ...hedges], policy },
    limits: { ...book.limits, maxGrossNotionalUsd: '100000000', priceCollarBps: '2000', ...limits },
  };
  const { journal } = runInProcess({ tape, books: [{ file, source: 'the demonstration book' }] });
  return journal.all.flatMap(({ commit }) => commit.events.map(({ event }) => event));
}

const of = <T extends EventType>(events: readonly DomainEvent[], type: T): EventOf<T>['payload'][] =>
  events.flatMap((event) => (event.type === type ? [event.payload as EventOf<T>['payload']] : [])); // its type was just seen

const ordersIn = (events: readonly DomainEvent[]): unknown[] =>
  of(events, 'OrderIntended').map(({ instrument, side, quantity, at }) => [instrument, side, quantity, at]);

describe('Greek limits of a book that hedges with options it does not hold yet', () => {
  const free = run({});

  it('change nothing while they do not bind', () => {
    const held = run({ maxGreeks: { BTC: { delta: '1000000', gamma: '1000000', vega: '1000000' } } });
    const bought = of(free, 'OrderIntended').filter(({ instrument }) => hedges.includes(instrument));
    expect(bought.length).toBeGreaterThan(0);
    expect(ordersIn(held)).toEqual(ordersIn(free));
    for (const { checks } of of(held, 'OrderIntended'))
      for (const name of ['delta-after', 'gamma-after', 'vega-after'])
        expect(Number(checks.find((check) => check.name === name)?.observed)).not.toBeNaN();
  });

  it('refuse with numbers where they do', () => {
    const bound = run({ maxGreeks: { BTC: { delta: '0.02' } } });
    const refused = of(bound, 'OrderRefused').filter(({ instrument }) => hedges.includes(instrument));
    const checks = refused.flatMap((order) => order.checks.filter(({ passed }) => !passed));
    expect(checks.length).toBeGreaterThan(0);
    for (const { name, limit, observed } of checks) {
      expect(name).toBe('delta-after');
      expect(Math.abs(Number(observed))).toBeGreaterThan(Number(limit));
    }
  });
});
