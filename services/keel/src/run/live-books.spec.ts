import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { PeopleJournal, connectNats } from '@evenkeel/adapter-nats';
import type { BusAccess } from '@evenkeel/adapter-nats';
import { LedgerEpochs, LedgerHistory, createLedgerPool, listDecisions } from '@evenkeel/adapter-postgres';
import { CONNECTORS, LIVE_VENUES } from '@evenkeel/adapter-venues';
import { bookRequest, bookTrades, openBook } from '@evenkeel/desk';
import type { EventOf, EventType } from '@evenkeel/facts';
import { wallNanoseconds } from '@evenkeel/host';
import { formatExpiryDate, specificationOf } from '@evenkeel/instruments';
import { required } from '@evenkeel/kernel';
import { stateAsOf } from '@evenkeel/reconstruction';
import { openVenues, parseVenueAccess } from '@evenkeel/venues';
import { CommitKeyring } from '../identity/commit-keyring';
import { homeOf } from '../stack/home';
import { startStack } from '../stack/stack';
import { ExchangeChild } from './exchange-child';
import { managedBook } from './inputs';
import { loadLiveInputs } from './live-inputs';
import { LiveRun } from './live-run';
import type { LiveReport } from './live-run';
import { ProgressLine } from './progress-line';
import { inRealTime } from '@evenkeel/engine';

const FOR_MS = 20_000;
const DAY_MS = 86_400_000;
const BAND = 0.2;

function writeBook(dir: string, book: string, coin: string, strike: number): string {
  const expiry = formatExpiryDate(BigInt(Math.floor(Date.now() / DAY_MS) + 20) * 86_400_000_000_000n);
  const at = new Date(Date.now() - DAY_MS).toISOString();
  const path = join(dir, `${book}.json`);
  const positions = [strike, Math.round(strike * 1.1)].map((struck) => ({
    instrument: `${coin}-${expiry}-${struck}-C@deribit`,
    quantity: '-20',
    price: '0.03',
    at,
  }));
  const hedge = {
    instruments: [`${coin}-PERPETUAL@deribit`],
    policy: { kind: 'delta-band', band: String(BAND) },
  };
  const reconciliation = { atStart: true, interval: 'PT5S', balanceTolerance: '0.01', adoptTrades: true };
  writeFileSync(
    path,
    JSON.stringify({ book, numeraire: 'USD', positions, hedge, limits: { reconciliation } }),
  );
  return path;
}

/** A person buys at the exchange itself, on the account of a book. */
async function tradeByHand(
  url: string,
  keys: Readonly<Record<string, string>>,
): Promise<() => Promise<void>> {
  const instrument = 'ETH-PERPETUAL@deribit';
  const spec = specificationOf(instrument);
  if (!spec.ok) throw new Error(spec.failure.message);
  const host = { clock: wallNanoseconds, environment: keys, life: 'by hand' };
  const access = parseVenueAccess(JSON.stringify({ deribit: { connector: 'deribit', url } }), 'the spec');
  const account = { book: 'late', venue: 'deribit', specifications: [spec.value] };
  let isReady = false;
  const connector = openVenues(
    CONNECTORS,
    access,
    host,
  )(account, {
    onNews: () => undefined,
    onNote: () => undefined,
    onReady: () => {
      isReady = true;
    },
  });
  connector.start({ positions: new Map(), cash: new Map() });
  while (!isReady) await delay(50);
  const terms = { orderType: 'limit', timeInForce: 'IOC', limitPrice: '1000000' } as const;
  const order = { clientOrderId: '', book: 'late', venue: 'deribit', instrument, side: 'buy' } as const;
  connector.submit({ ...order, ...terms, quantity: '2000' }, wallNanoseconds());
  return () => connector.stop('over');
}

describe('a book opened and a trade booked while a live run works', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-live-books-'));
  const asking = () => ({ by: 'ann', reason: 'new mandate', at: new Date().toISOString() });
  let run: LiveRun;
  let report: LiveReport | undefined;
  let asOf: Awaited<ReturnType<typeof stateAsOf>>;
  let decisions = 0;

  const events = <T extends EventType>(type: T): EventOf<T>['payload'][] =>
    run.commits
      .filter(({ commit }) => commit.book === 'late')
      .flatMap(({ commit }) =>
        commit.events.flatMap(({ event }) =>
          event.type === type ? [event.payload as EventOf<T>['payload']] : [],
        ),
      ); // narrowed by its type

  async function until(isSo: () => boolean): Promise<void> {
    while (!isSo() && report === undefined) await delay(100);
  }

  async function ask(
    bus: BusAccess,
    late: string,
    byHand: () => Promise<() => Promise<void>>,
  ): Promise<void> {
    await until(() => run.commits.some(({ commit }) => commit.aggregate.context === 'strategy'));
    const connection = await connectNats(bus, 'live-books');
    try {
      const keyring = new CommitKeyring(homeOf({ EK_HOME: dir }));
      const keys = { trust: keyring.trust(), signer: keyring.desk };
      const producer = { service: 'keel', version: 'test', gitSha: 'test', kernelHash: '' };
      const journal = await PeopleJournal.open({ connection, producer, nowNs: wallNanoseconds, ...keys });
      await openBook(journal, bookRequest(managedBook({ book: late }), asking(), undefined, inRealTime));
      await until(() => events('OrderFilled').length > 0);
      const trade = { trade: 'otc-1', instrument: 'ETH-PERPETUAL@deribit', quantity: '4000', price: '3000' };
      const wanted = { book: 'late', trades: [trade], evidence: 'ticket 7', source: 'the spec' };
      await bookTrades(journal, wanted, asking());
      const leave = await byHand();
      await until(() => events('ForeignTradeSeen').length > 0);
      await leave();
    } finally {
      await connection.close();
    }
  }

  beforeAll(async () => {
    const home = homeOf({ EK_HOME: dir });
    const venue = required(LIVE_VENUES.get('deribit-sim'), 'a venue of ours');
    const inputs = loadLiveInputs({
      venue,
      paper: false,
      books: [writeBook(dir, 'first', 'BTC', 90_000)],
      wallMs: Date.now(),
    });
    const stack = await startStack({ home, say: () => undefined, environment: {} });
    const { config, keys } = required(venue.local, 'the local exchange').prepare({
      instruments: inputs.instruments,
      books: inputs.books.map(({ file }) => file.book),
      clockOffsetMs: inputs.clockOffsetMs,
      stepMs: 200,
      seed: 'live-books',
      moveMax: 6,
    });
    const exchange = await ExchangeChild.start(venue.name, config, home.logs);
    try {
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
        exchange: { child: exchange, environment: keys, script: [] },
      });
      const asked = ask(stack.access('desk'), writeBook(dir, 'late', 'ETH', 3_000), () =>
        tradeByHand(exchange.ways.url, keys),
      );
      report = await run.run();
      await asked;
      const pool = createLedgerPool({ url: stack.databaseUrl, role: 'evenkeel_reader', max: 1 });
      asOf = await stateAsOf(new LedgerHistory(pool), new LedgerEpochs(pool), {
        book: 'late',
        asOf: String(run.commits.length),
      });
      decisions = (await listDecisions(pool, { epoch: '1', limit: 1000 })).filter(
        ({ book }) => book === 'late',
      ).length;
      await pool.end();
    } finally {
      await run.stop();
      await exchange.stop();
      await stack.stop();
    }
  }, 180_000);
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('hedges what it holds, the trade too, back into the band', () => {
    expect(events('BookOpened')).toHaveLength(1);
    const adopted = events('PositionAdopted').filter(({ venueTrade }) => venueTrade === undefined);
    expect(adopted.map(({ tradeId }) => tradeId)).toEqual([undefined, undefined, 'otc-1']);
    const byHand = events('PositionAdopted').flatMap(({ venueTrade }) => venueTrade?.tradeId ?? []);
    expect(byHand).toEqual(events('ForeignTradeSeen').map(({ tradeId }) => tradeId));
    expect(byHand).not.toEqual([]);
    expect(events('VenueHalted')).toEqual([]);
    const deltas = events('RiskSnapshotTaken').map(({ exposures }) => exposures[0]?.delta ?? NaN);
    expect(deltas.some((delta) => Math.abs(delta) > BAND)).toBe(true);
    expect(Math.abs(deltas[deltas.length - 1] ?? NaN)).toBeLessThanOrEqual(BAND);
    process.stderr.write(`live books: deltas ${deltas.map((delta) => delta.toFixed(3)).join(' ')}\n`);
  });

  it('stands on the record, in the report, in the read models, and in the state of any moment', () => {
    expect(report?.books.map(({ book }) => book).sort()).toEqual(['first', 'late']);
    expect(report?.verification.status).toBe('clean');
    expect(report?.live.reconciliations).toMatchObject({ differed: 0, finallyClean: true });
    expect(decisions).toBe(events('HedgeDecided').length + events('HedgeDeclined').length);
    expect(decisions).toBeGreaterThan(1);
    const traded = [...events('OrderFilled'), ...events('ForeignTradeSeen')];
    const held = traded.reduce((sum, { quantity }) => sum + Number(quantity), 4000);
    const holds = new Map(asOf.positions.map(({ instrument, quantity }) => [instrument, Number(quantity)]));
    expect(holds.get('ETH-PERPETUAL@deribit')).toBe(held);
    expect([...holds.values()].filter((quantity) => quantity === -20)).toHaveLength(2);
  });
});
