import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { ControlBucket, connectNats, currentEpoch } from '@evenkeel/adapter-nats';
import { LedgerToVerify, createLedgerPool } from '@evenkeel/adapter-postgres';
import { LIVE_VENUES } from '@evenkeel/adapter-venues';
import type { EventOf, EventType } from '@evenkeel/facts';
import { reexecuteJournal } from '@evenkeel/engine';
import { formatExpiryDate } from '@evenkeel/instruments';
import { required, uuidV5 } from '@evenkeel/kernel';
import type { Accident } from '@evenkeel/venues';
import { checkCarriedEpochs } from '@evenkeel/verification';
import type { LedgerFinding } from '@evenkeel/verification';
import { homeOf } from '../stack/home';
import { startStack } from '../stack/stack';
import type { Stack } from '../stack/stack';
import { carryOn, planCarryOn } from './carry-epoch';
import type { CarriedEpoch, CarryCommand, Places } from './carry-epoch';
import { ExchangeChild } from './exchange-child';
import { loadLiveInputs } from './live-inputs';
import { LiveRun } from './live-run';
import type { LiveRunOptions } from './live-run';
import { ProgressLine } from './progress-line';

const DAY_MS = 86_400_000;
const BAND = 0.2;
const BOOKS = ['short', 'long'] as const;
/** What a venue says of an order that it was asked for. */
const ANSWERS = ['OrderAcknowledged', 'OrderCancelled', 'OrderFilled', 'OrderRejected'] as const;
const LATCH = 'instrument:ETH-PERPETUAL@deribit';
const PERPETUAL = 'BTC-PERPETUAL@deribit';

/** `short`: hedged at once, inside a band. `long`: scalped with orders that rest in the exchange's book. */
function writeBook(dir: string, book: 'short' | 'long'): string {
  const date = formatExpiryDate(BigInt(Math.floor(Date.now() / DAY_MS) + 20) * 86_400_000_000_000n);
  const at = new Date(Date.now() - DAY_MS).toISOString();
  const leg = (struck: string) => ({
    instrument: `BTC-${date}-${struck}@deribit`,
    quantity: book === 'short' ? '-20' : '20',
    price: '0.03',
    at,
  });
  const policy =
    book === 'short'
      ? { kind: 'delta-band', band: String(BAND) }
      : { kind: 'gamma-scalping', rungSize: '0.1', rungs: 3, reach: '0.0045' };
  const path = join(dir, `${book}.json`);
  const limits = { reconciliation: { atStart: true, interval: 'PT5S', balanceTolerance: '0.01' } };
  const hedge = { instruments: [PERPETUAL], policy };
  writeFileSync(
    path,
    JSON.stringify({
      book,
      numeraire: 'USD',
      positions: [leg('90000-C'), leg(book === 'short' ? '99000-C' : '90000-P')],
      hedge,
      limits,
    }),
  );
  return path;
}

function said<T extends EventType>(run: LiveRun, type: T, book?: string): EventOf<T>['payload'][] {
  return run.commits
    .filter(({ commit }) => book === undefined || commit.book === book)
    .flatMap(({ commit }) =>
      commit.events.flatMap(({ event }) =>
        event.type === type ? [event.payload as EventOf<T>['payload']] : [],
      ),
    ); // narrowed by its type
}

async function until(what: string, isSo: () => boolean, patienceMs = 45_000): Promise<void> {
  for (const deadline = Date.now() + patienceMs; !isSo(); await delay(50))
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
}

/** Requests after which the command is killed: the epoch's stream is there, its keys, what it takes over, half of its facts. */
const STEPS = [
  /STREAM\.CREATE\.EK_JOURNAL_2/,
  /^ek\.evt\./,
  /^ek\.evt\..*\.epoch\./,
  /^ek\.evt\..*\.hedge-program\./,
] as const;

/** The server has done what it was asked for, and nobody hears of it. Returns what became of the command. */
async function killedAfter({ connection, databaseUrl }: Places, command: CarryCommand, step: RegExp) {
  const dying = Object.create(connection) as NatsConnection; // the same connection with another `request`
  let dead = false;
  dying.request = async (subject, payload, options) => {
    if (dead) throw new Error('killed');
    const answer = await connection.request(subject, payload, options);
    dead = step.test(subject);
    if (dead) throw new Error('killed');
    return answer;
  };
  return carryOn({ connection: dying, databaseUrl }, command).then(
    () => 'done',
    () => (dead ? 'killed' : 'failed'),
  );
}

describe('the way back after the journal is lost', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-way-back-'));
  const home = homeOf({ EK_HOME: dir });
  let exchange: ExchangeChild;
  let stack: Stack;
  let before: LiveRun;
  let after: LiveRun;
  let carried: CarriedEpoch;
  let again: CarriedEpoch;
  const killed: string[] = [];
  let latched: boolean;
  let findings: readonly LedgerFinding[];

  const openOrders = (): string[] =>
    said(after, 'OrderCarried').flatMap(({ status, clientOrderId }) =>
      status === 'unresolved' ? [clientOrderId] : [],
    );
  const heardOf = (): Set<string> =>
    new Set(ANSWERS.flatMap((type) => said(after, type).map(({ clientOrderId }) => clientOrderId)));
  const start = async (): Promise<Stack> => startStack({ home, say: () => undefined, environment: {} });

  /** Stops a scope at the bucket alone: what a lost folder takes along. */
  async function stopEth(): Promise<void> {
    const connection = await connectNats(stack.access('desk'), 'drill');
    const engagement = uuidV5('the drill');
    const stop = { engagement, by: 'ann', reason: 'the drill', at: new Date().toISOString() };
    await (await ControlBucket.open(connection)).engage(LATCH, stop);
    await connection.close();
  }

  beforeAll(async () => {
    const venue = required(LIVE_VENUES.get('deribit-sim'), 'a venue of ours');
    const books = [writeBook(dir, 'short'), writeBook(dir, 'long')];
    const inputs = loadLiveInputs({ venue, paper: false, books, wallMs: Date.now() });
    stack = await start();
    const { config, keys } = required(venue.local, 'the local exchange').prepare({
      instruments: inputs.instruments,
      books: inputs.books.map(({ file }) => file.book),
      clockOffsetMs: inputs.clockOffsetMs,
      stepMs: 200,
      seed: 'way-back',
      moveMax: 6,
    });
    exchange = await ExchangeChild.start(venue.name, config, home.logs);
    const options = (forMs: number, script: readonly Accident[] = []): LiveRunOptions => ({
      home,
      stack,
      inputs,
      venue,
      paper: false,
      forMs,
      progress: new ProgressLine(true),
      logLevel: 'info',
      approvals: [],
      exchange: { child: exchange, environment: keys, script },
    });
    before = new LiveRun(options(120_000));
    const running = before.run().catch(() => undefined);
    await until('fills and orders that rest', () => {
      const rests = said(before, 'OrderAcknowledged').length > 1;
      return rests && said(before, 'FillApplied', 'short').length > 0;
    });
    await stopEth();
    await until('the latch on record', () => said(before, 'KillEngaged').length === 2);
    // The process that could take its orders back dies first; then everything else, and the journal with its folder.
    before.supervisor.kill('execution');
    await before.stop();
    await running;
    await stack.stop();
    rmSync(home.nats, { recursive: true, force: true });

    const lostAt = Date.now();
    stack = await start();
    const connection = await connectNats(stack.access('operator'), 'drill');
    const places = { connection, databaseUrl: stack.databaseUrl };
    const command = { by: 'ann', reason: 'the folder is lost', approvals: [], home, threads: 0 };
    const plan = await planCarryOn(places, command);
    for (const step of STEPS) killed.push(await killedAfter(places, command, step));
    carried = await carryOn(places, command);
    again = await carryOn(places, command);
    const openAt = Date.now();
    expect(plan.factsHash).not.toBe('');
    after = new LiveRun({
      ...options(120_000, [{ afterMs: 500, what: 'shock', value: 90 }]),
      goesOn: true,
    });
    const goingOn = after.run().catch(() => undefined);
    await until('orders again', () => said(after, 'OrderIntended').length > 0);
    const hedgingAt = Date.now();
    await until('both books compared, and what was open heard of', () => {
      const compared = BOOKS.every((book) => said(after, 'VenueReconciled', book).length > 0);
      return compared && openOrders().every((id) => heardOf().has(id));
    });
    const latches = await (
      await ControlBucket.open(connection)
    ).readLatches((await currentEpoch(connection)).bucket);
    latched = latches.some(({ scope, engagements }) => scope === LATCH && engagements.length > 0);
    await connection.close();
    await after.stop();
    await goingOn;
    const pool = createLedgerPool({ url: stack.databaseUrl, role: 'evenkeel_reader', max: 1 });
    findings = await checkCarriedEpochs(new LedgerToVerify(pool));
    await pool.end();
    process.stderr.write(
      `way back: epoch open ${openAt - lostAt} ms after the loss (servers, verification, first facts), hedging after ${hedgingAt - lostAt} ms\n`,
    );
  }, 240_000);
  afterAll(async () => {
    await before?.stop();
    await after?.stop();
    await exchange?.stop();
    await stack?.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('opens an epoch that begins with the signed head of the old one; run twice, it is one epoch', () => {
    const [first] = said(after, 'EpochCarried');
    expect(first).toMatchObject({ fromEpoch: '1', carriedBy: 'ann', reason: 'the folder is lost' });
    expect(first?.checkpoint).toContain('\n— ');
    expect(Number(first?.treeSize)).toBeGreaterThanOrEqual(Number(first?.lastSequence));
    expect(findings).toEqual([]);
    expect(carried).toMatchObject({ fromEpoch: '1', epoch: '2', again: false });
    expect(again).toMatchObject({ fromEpoch: '1', epoch: '2', again: true, factsHash: carried.factsHash });
  });

  it('is killed at any step and goes on when it is run again, in the same epoch, each fact once', () => {
    expect(killed).toEqual(STEPS.map(() => 'killed'));
    expect(said(after, 'EpochCarried')).toHaveLength(1);
    expect(said(after, 'BookCarried').map(({ book }) => book)).toEqual([...BOOKS].sort());
    const enrolled = said(after, 'CommitKeyEnrolled').map(({ publicKey }) => publicKey);
    expect(new Set(enrolled).size).toBe(enrolled.length);
  });

  it('holds what the venue holds, and goes on only after it was compared', () => {
    for (const book of BOOKS) {
      const compared = after.commits.findIndex(
        ({ commit }) =>
          commit.book === book && commit.events.some(({ event }) => event.type === 'VenueReconciled'),
      );
      const ordered = after.commits.findIndex(
        ({ commit }) =>
          commit.book === book && commit.events.some(({ event }) => event.type === 'OrderIntended'),
      );
      expect(compared).toBeGreaterThan(0);
      if (ordered >= 0) expect(ordered).toBeGreaterThan(compared);
    }
    expect(said(after, 'VenueHalted')).toEqual([]);
    expect(said(after, 'ReconciliationDiffered')).toEqual([]);
    const filled = (run: LiveRun) =>
      said(run, 'OrderFilled', 'short').reduce((sum, { quantity }) => sum + Number(quantity), 0);
    const [taken] = said(after, 'BookCarried', 'short');
    const held = taken?.positions.find(({ instrument }) => instrument === PERPETUAL);
    expect(Number(held?.quantity)).toBe(filled(before));
  });

  it('asks for the orders that rested, and hears what became of each', () => {
    expect(openOrders().length).toBeGreaterThan(0);
    for (const id of openOrders()) expect([id, heardOf().has(id)]).toEqual([id, true]);
  });

  it('stays stopped where it was stopped', () => {
    expect(said(after, 'KillEngaged').map(({ scope, by }) => [scope, by])).toEqual([
      [LATCH, 'ann'],
      [LATCH, 'ann'],
    ]);
    expect(said(after, 'KillReleased')).toEqual([]);
    expect(latched).toBe(true);
  });

  it('hedges on, and every decision is run again to the same bytes', () => {
    const snapshots = said(after, 'RiskSnapshotTaken', 'short');
    const last = snapshots[snapshots.length - 1];
    expect(Math.abs(last?.exposures[0]?.delta ?? NaN)).toBeLessThanOrEqual(BAND);
    expect(reexecuteJournal(after.commits)).toMatchObject({ divergences: [] });
    const ids = (run: LiveRun) => said(run, 'RiskSnapshotTaken').map(({ snapshotId }) => snapshotId);
    expect(ids(after).filter((id) => ids(before).includes(id))).toEqual([]);
  });
});
