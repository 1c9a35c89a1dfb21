import type { Accident } from '@evenkeel/venues';
import { HEDGED_ELSEWHERE, LiveAtVenue, STRADDLES } from './live-at-venue.test-support';

/** Each accident is armed just before a jump of the price, so that the order of that jump meets it. */
const SCRIPT: readonly Accident[] = [
  { afterMs: 2_000, what: 'shock', value: 100 },
  { afterMs: 6_900, what: 'reject' },
  { afterMs: 7_000, what: 'shock', value: -100 },
  { afterMs: 11_900, what: 'lose-answer' },
  { afterMs: 12_000, what: 'shock', value: 100 },
  { afterMs: 16_000, what: 'cut' },
  { afterMs: 17_900, what: 'partial', value: 20 },
  { afterMs: 18_000, what: 'shock', value: -100 },
];
const FOR_MS = 26_000;
/** The venues' own words for the accident `reject`. */
const REFUSAL: Readonly<Record<string, string>> = {
  'binance-sim': '-1016',
  'bybit-sim': '110066',
  'okx-sim': '51022',
  'hyperliquid-sim': 'halted',
};

/** Half a minute each: what is proven is a life through all services in real time, which no shorter one shows. Deribit's has a spec of its own. */
describe.each(
  [...STRADDLES.filter(({ venue }) => venue !== 'deribit-sim'), ...HEDGED_ELSEWHERE].map((straddle) => ({
    straddle,
    at: straddle.hedgedAt ?? straddle.venue,
  })),
)('the same book at $at, in real time, while execution is killed', ({ straddle, at }) => {
  let live: LiveAtVenue;

  beforeAll(async () => {
    live = await LiveAtVenue.play({ straddle, script: SCRIPT, forMs: FOR_MS, victims: ['execution'] });
  }, 180_000);

  afterAll(() => live?.stop());

  it('hedges through price moves, a refusal, a lost answer, a cut and a partial fill', () => {
    expect(live.killed).toBe(1);
    expect(live.exchange.accidents).toHaveLength(live.script.length);
    expect(live.events('OrderFilled').length).toBeGreaterThanOrEqual(3);
    const reasons = live.events('OrderRejected').map(({ reason }) => reason);
    expect(reasons.join()).toContain(REFUSAL[at]);
    expect(live.report.live.connections.disconnected).toBeGreaterThanOrEqual(1);
  });

  it('asks for what it does not know, and books each fill once', () => {
    const unresolved = live.events('OrderUnresolved').map(({ clientOrderId }) => clientOrderId);
    const filled = new Set(live.events('OrderFilled').map(({ clientOrderId }) => clientOrderId));
    expect(unresolved.some((id) => filled.has(id))).toBe(true);
    const fills = live.events('OrderFilled').map(({ fillId }) => fillId);
    expect(new Set(fills).size).toBe(fills.length);
  });

  it('ends reconciled, with every decision the same when run again', () => {
    const { report } = live;
    expect(report.live.orders.open).toBe(0);
    expect(report.live.reconciliations).toMatchObject({ finallyClean: true, differed: 0 });
    expect(report.verification.status).toBe('clean');
    expect(report.journal.commits).toBe(live.commits.length);
  });
});
