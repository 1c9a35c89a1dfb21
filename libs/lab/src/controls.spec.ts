import type { DomainEvent, EventOf, EventType } from '@evenkeel/facts';
import { busyDemonstration } from '@evenkeel/testkit';
import { runInProcess } from './in-process-run';

const { tape, book } = busyDemonstration('controls', 1);

function run(limits: object): { events: DomainEvent[]; digest: string } {
  const file = { ...book, limits: { ...book.limits, ...limits } };
  const { journal, decisionDigest } = runInProcess({
    tape,
    books: [{ file, source: 'the demonstration book' }],
  });
  return {
    events: journal.all.flatMap(({ commit }) => commit.events.map(({ event }) => event)),
    digest: decisionDigest,
  };
}

const of = <T extends EventType>(events: readonly DomainEvent[], type: T): EventOf<T>['payload'][] =>
  events.flatMap((event) => (event.type === type ? [event.payload as EventOf<T>['payload']] : [])); // its type was just seen

describe('controls through a whole run', () => {
  it('reconciles on the timer, agrees every time, and changes no decision by it', () => {
    const plain = run({});
    const watched = run({ reconciliation: { atStart: false, interval: 'PT1H' } });
    expect(of(watched.events, 'VenueReconciled').length).toBeGreaterThan(20);
    expect(of(watched.events, 'ReconciliationDiffered')).toEqual([]);
    expect(of(watched.events, 'VenueReconciled').at(-1)?.balances.length).toBeGreaterThan(0);
    expect(of(watched.events, 'OrderFilled').length).toBeGreaterThan(10);
    expect(watched.digest).toBe(plain.digest);
    expect(of(plain.events, 'ReconciliationRequested')).toEqual([]);
  });

  it("holds every order to the Greeks of risk's own snapshot", () => {
    const { events } = run({ maxGreeks: { BTC: { delta: '1000' } }, maxDailyLoss: '100000000' });
    const orders = of(events, 'OrderIntended');
    expect(orders.length).toBeGreaterThan(10);
    for (const { checks } of orders) {
      const delta = checks.find(({ name }) => name === 'delta-after');
      expect(Number(delta?.observed)).not.toBeNaN();
      expect(checks.find(({ name }) => name === 'daily-loss')?.observed).not.toBe('no snapshot yet');
    }
  });

  it('stops an instrument that is traded too often, and says so once', () => {
    const { events } = run({ maxRepeatedExecutions: 2, throttleWindow: 'PT12H' });
    expect(of(events, 'ThrottleTripped')).toHaveLength(1);
    expect(of(events, 'OrderRefused').every(({ reasons }) => reasons.includes('THROTTLED'))).toBe(true);
    expect(of(events, 'OrderRefused').length).toBeGreaterThan(1);
  });
});
