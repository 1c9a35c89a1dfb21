import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LIVE_VENUES } from '@evenkeel/adapter-venues';
import type { EventOf, EventType } from '@evenkeel/facts';
import { formatExpiryDate } from '@evenkeel/instruments';
import { required } from '@evenkeel/kernel';
import type { Accident } from '@evenkeel/venues';
import { homeOf } from '../stack/home';
import { startStack } from '../stack/stack';
import type { Stack } from '../stack/stack';
import type { ServiceName } from '../stack/service-environment';
import { ExchangeChild } from './exchange-child';
import { loadLiveInputs } from './live-inputs';
import { LiveRun } from './live-run';
import type { LiveReport } from './live-run';
import { ProgressLine } from './progress-line';

const DAY_MS = 86_400_000;
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

/** Ends the two processes that meet the venue with SIGKILL, once each, while the market runs. */
function killInTheMiddle(run: LiveRun): NodeJS.Timeout {
  const victims: ServiceName[] = ['execution', 'price-ingest'];
  return setInterval(() => {
    const fills = run.commits.filter(({ commit }) =>
      commit.events.some(({ event }) => event.type === 'OrderFilled'),
    ).length;
    if (fills >= 4 - victims.length && victims.length > 0)
      run.supervisor.kill(victims.shift() ?? 'execution');
  }, 100);
}

/** Short a straddle of a week from now, hedged with the perpetual of the same exchange. */
function writeBook(dir: string): string {
  const expiry = BigInt(Math.floor((Date.now() + 8 * DAY_MS) / DAY_MS) * DAY_MS) * 1_000_000n;
  const date = formatExpiryDate(expiry);
  const at = new Date(Date.now() - 60_000).toISOString();
  const leg = (side: string) => ({
    instrument: `BTC-${date}-90000-${side}@deribit`,
    quantity: '-2',
    price: '0.02',
    at,
  });
  const path = join(dir, 'book.json');
  const book = {
    book: 'live-straddle',
    numeraire: 'USD',
    positions: [leg('C'), leg('P')],
    hedge: {
      instruments: ['BTC-PERPETUAL@deribit'],
      policy: { kind: 'delta-band', band: '0.05' },
      target: { delta: '0' },
    },
    limits: { maxGrossNotionalUsd: '3000000', priceCollarBps: '50' },
  };
  writeFileSync(path, JSON.stringify(book));
  return path;
}

describe('a book at the local exchange, in real time through all services, two of which are killed', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-live-'));
  let stack: Stack;
  let exchange: ExchangeChild;
  let run: LiveRun;
  let report: LiveReport;
  let lines = '';

  const events = <T extends EventType>(type: T): EventOf<T>['payload'][] =>
    run.commits.flatMap(({ commit }) =>
      commit.events.flatMap(({ event }) =>
        event.type === type ? [event.payload as EventOf<T>['payload']] : [],
      ),
    ); // narrowed by its type

  beforeAll(async () => {
    const home = homeOf({ EK_HOME: dir });
    const venue = required(LIVE_VENUES.get('deribit-sim'), 'a venue of ours');
    const inputs = loadLiveInputs({
      venue,
      paper: false,
      books: [writeBook(dir)],
      wallMs: Date.now(),
    });
    stack = await startStack({ home, say: () => undefined, environment: {} });
    const { config, keys } = required(venue.local, 'the local exchange').prepare({
      instruments: inputs.instruments,
      books: inputs.books.map(({ file }) => file.book),
      clockOffsetMs: inputs.clockOffsetMs,
      stepMs: 200,
      seed: 'live-spec',
      moveMax: 6,
    });
    exchange = await ExchangeChild.start(venue.name, config, home.logs);
    run = new LiveRun({
      home,
      stack,
      inputs,
      venue,
      paper: false,
      forMs: FOR_MS,
      progress: new ProgressLine(true),
      logLevel: 'info',
      approvals: [],
      exchange: { child: exchange, environment: keys, script: SCRIPT },
    });
    const killer = killInTheMiddle(run);
    report = await run.run().finally(() => clearInterval(killer));
    lines = JSON.stringify(report.live);
    process.stderr.write(`live: ${lines}\n`);
    if (process.env['EK_LIVE_TRACE'] === '1')
      for (const { seq, commit } of run.commits)
        for (const { event } of commit.events)
          process.stderr.write(
            `${seq} ${commit.aggregate.context} ${event.type} ${JSON.stringify(event.payload).slice(0, 400)}\n`,
          );
  }, 240_000);

  afterAll(async () => {
    await run?.stop();
    await exchange?.stop();
    await stack?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('hedges through price moves: what it holds follows what it owes', () => {
    expect(exchange.accidents).toHaveLength(SCRIPT.length);
    expect(events('HedgeDecided').length).toBeGreaterThanOrEqual(4);
    expect(events('OrderFilled').length).toBeGreaterThanOrEqual(3);
    const [book] = report.books;
    expect(book?.decisions.hedged).toBeGreaterThanOrEqual(4);
  });

  it('survives a refused order, a partial fill and disconnects, and says so on the journal', () => {
    const { live } = report;
    expect(live.orders.rejected).toBeGreaterThanOrEqual(1);
    expect(events('OrderRejected').some(({ reason }) => reason.includes('system_maintenance'))).toBe(true);
    expect(live.orders.partiallyFilled).toBeGreaterThanOrEqual(1);
    const feed = events('ConnectionNoted').filter(({ venue }) => venue === 'deribit');
    const orders = events('ConnectionNoted').filter(({ venue }) => venue === 'deribit/live-straddle');
    // A cut that meets a process while it is dead is told by its next life, which connects anew.
    expect(feed.filter(({ what }) => what === 'connected').length).toBeGreaterThanOrEqual(2);
    expect(orders.filter(({ what }) => what === 'connected').length).toBeGreaterThanOrEqual(3);
    expect(live.connections.disconnected).toBeGreaterThanOrEqual(2);
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
    expect(report.live.orders.open).toBe(0);
    expect(report.live.reconciliations).toMatchObject({ finallyClean: true, differed: 0 });
    expect(report.verification.status).toBe('clean');
    expect(report.journal.commits).toBe(run.commits.length);
  });
});
