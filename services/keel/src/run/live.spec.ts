import type { Accident } from '@evenkeel/venues';
import { required } from '@evenkeel/kernel';
import { LiveAtVenue, STRADDLES } from './live-at-venue.test-support';

/** Each accident is armed just before a jump of the price, so that the order of that jump meets it. */
const SCRIPT: readonly Accident[] = [
  { afterMs: 3_000, what: 'shock', value: 100 },
  { afterMs: 9_900, what: 'reject' },
  { afterMs: 10_000, what: 'shock', value: -100 },
  { afterMs: 17_900, what: 'partial', value: 20 },
  { afterMs: 18_000, what: 'shock', value: 100 },
  { afterMs: 25_900, what: 'lose-answer' },
  { afterMs: 26_000, what: 'shock', value: -100 },
  { afterMs: 34_900, what: 'lose-order' },
  { afterMs: 35_000, what: 'shock', value: 100 },
  { afterMs: 43_000, what: 'cut' },
  { afterMs: 47_000, what: 'shock', value: -100 },
  { afterMs: 53_000, what: 'shock', value: 100 },
];
const FOR_MS = 60_000;

describe('a book at the local exchange, in real time through all services, two of which are killed', () => {
  let live: LiveAtVenue;
  const events: LiveAtVenue['events'] = (type) => live.events(type);

  beforeAll(async () => {
    const straddle = required(STRADDLES[0], 'the straddle at Deribit');
    const victims = ['execution', 'price-ingest'] as const;
    live = await LiveAtVenue.play({ straddle, script: SCRIPT, forMs: FOR_MS, victims });
  }, 240_000);

  afterAll(() => live?.stop());

  it('hedges through price moves: what it holds follows what it owes', () => {
    expect(live.exchange.accidents).toHaveLength(SCRIPT.length);
    expect(events('HedgeDecided').length).toBeGreaterThanOrEqual(4);
    expect(events('OrderFilled').length).toBeGreaterThanOrEqual(3);
    const [book] = live.report.books;
    expect(book?.decisions.hedged).toBeGreaterThanOrEqual(4);
  });

  it('survives a refused order, a partial fill and disconnects, and says so on the journal', () => {
    expect(live.report.live.orders.rejected).toBeGreaterThanOrEqual(1);
    expect(events('OrderRejected').some(({ reason }) => reason.includes('system_maintenance'))).toBe(true);
    expect(live.report.live.orders.partiallyFilled).toBeGreaterThanOrEqual(1);
    const feed = events('ConnectionNoted').filter(({ venue }) => venue === 'deribit');
    const orders = events('ConnectionNoted').filter(({ venue }) => venue === 'deribit/live-straddle');
    // A cut that meets a process while it is dead is told by its next life, which connects anew.
    expect(feed.filter(({ what }) => what === 'connected').length).toBeGreaterThanOrEqual(2);
    expect(orders.filter(({ what }) => what === 'connected').length).toBeGreaterThanOrEqual(3);
    expect(live.report.live.connections.disconnected).toBeGreaterThanOrEqual(2);
    expect(feed.some(({ what, offsetNs }) => what === 'clock-offset' && offsetNs !== undefined)).toBe(true);
  });

  it('resolves an order whose answer was lost by asking the venue, never by sending it again', () => {
    const unresolved = new Set(events('OrderUnresolved').map(({ clientOrderId }) => clientOrderId));
    expect(unresolved.size).toBeGreaterThanOrEqual(2);
    const filled = new Set(events('OrderFilled').map(({ clientOrderId }) => clientOrderId));
    // One had been taken by the exchange, the other never arrived.
    expect([...unresolved].some((id) => filled.has(id))).toBe(true);
    expect(
      events('OrderRejected').some(
        ({ clientOrderId, reason }) => unresolved.has(clientOrderId) && reason === 'NEVER_ARRIVED',
      ),
    ).toBe(true);
    const fills = events('OrderFilled').map(({ fillId }) => fillId);
    expect(new Set(fills).size).toBe(fills.length);
  });

  it('ends reconciled, with every decision the same when run again', () => {
    expect(live.report.live.orders.open).toBe(0);
    expect(live.report.live.reconciliations).toMatchObject({ finallyClean: true, differed: 0 });
    expect(live.report.verification.status).toBe('clean');
    expect(live.report.journal.commits).toBe(live.commits.length);
  });
});
