import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTape } from '@evenkeel/config';
import { viewOf } from '@evenkeel/eventing';
import type { TcaReport } from '@evenkeel/execution';
import { parseCostModel } from '@evenkeel/hedging';
import { Decimal } from '@evenkeel/kernel';
import type { Json } from '@evenkeel/kernel';
import { reexecuteJournal } from '@evenkeel/engine';
import { runInProcess } from '@evenkeel/lab';
import type { LabRun } from '@evenkeel/lab';
import type { BookFile, TapeManifest } from '@evenkeel/market';
import { busyDemonstration, itWithSharedData, sharedDir } from '@evenkeel/testkit';
import { REPOSITORY } from '../stack/home';

const DAYS = 2;
const { tape, book } = busyDemonstration('tca', DAYS);
const dir = mkdtempSync(join(tmpdir(), 'evenkeel-tca-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const withExecution = (execution: Record<string, Json>): BookFile => ({
  ...book,
  hedge: { ...book.hedge, execution: execution as BookFile['hedge']['execution'] & object }, // checked by the execution library
});

function run(file: BookFile): LabRun {
  return runInProcess({ tape, books: [{ file, source: 'the demonstration book' }], journal: 'light' });
}

const eventsOf = (lab: LabRun) => lab.journal.all.flatMap(({ commit }) => [...viewOf(commit).events]);

describe('execution over time, through all cores', () => {
  const TWAP = { algorithm: 'twap', horizon: 'PT20M', slices: 4 };

  it('changes nothing for books that do not ask for it', () => {
    const plain = run(book);
    expect(run(withExecution({ algorithm: 'immediate' })).decisionDigest).toBe(plain.decisionDigest);
    expect(eventsOf(plain).map(({ type }) => type)).not.toContain('ParentOrderStarted');
  });

  it('turns decisions into parents whose children never fill more, and strategy waits for them', () => {
    const lab = run(withExecution(TWAP));
    const left = new Map<string, Decimal>();
    const parentOf = new Map<string, string>();
    let ended = 0;
    for (const event of eventsOf(lab)) {
      if (event.type === 'ParentOrderStarted')
        left.set(event.payload.parentId, Decimal.parse(event.payload.quantity));
      if (event.type === 'OrderIntended') {
        const { parentId } = event.payload;
        if (parentId !== undefined) parentOf.set(event.payload.clientOrderId, parentId);
      }
      if (event.type === 'OrderFilled') {
        const parentId = parentOf.get(event.payload.clientOrderId) ?? '';
        const rest = left.get(parentId)?.minus(Decimal.parse(event.payload.quantity).abs());
        if (rest === undefined) continue; // an urgent trade that went out at once
        expect(rest.isNegative()).toBe(false);
        left.set(parentId, rest);
      }
      if (event.type === 'ParentOrderCompleted') {
        ended += 1;
        expect(event.payload.unfilled).toBe(left.get(event.payload.parentId)?.toString());
      }
    }
    expect(left.size).toBeGreaterThan(5);
    expect(ended).toBe(left.size);
    expect(reexecuteJournal(lab.journal.all).divergences).toEqual([]);
    expect(run(withExecution(TWAP)).decisionDigest).toBe(lab.decisionDigest);
  });
});

describe('a hedge spread over instruments, on the recorded market', () => {
  const maybe = itWithSharedData('data/crypto-options-2026-01/tape-btc.json');
  const folder = join(sharedDir() ?? '', 'data', 'crypto-options-2026-01');
  const bookPath = join(sharedDir() ?? '', 'books', 'btc-weekly-straddles.json');

  /** The recorded tape, its first week; a manifest names only what lies in its own folder. */
  function firstWeek(): string {
    symlinkSync(folder, join(dir, 'recorded'));
    const manifest = JSON.parse(readFileSync(join(folder, 'tape-btc.json'), 'utf8')) as TapeManifest; // of the shared set
    const sources = manifest.sources.map((source) => ({
      ...source,
      file: `recorded/${source.file}`,
    }));
    const path = join(dir, 'week.json');
    writeFileSync(path, JSON.stringify({ ...manifest, to: '2026-01-07T00:00:00Z', sources }));
    return path;
  }

  maybe('is decided as a split over perpetual and spot, traded on both, and verifies', () => {
    const desk = JSON.parse(readFileSync(bookPath, 'utf8')) as BookFile; // a book of the shared set
    const impact = { squareRootImpact: 0.8, dailyVolume: 3e7, takerFee: 0.0005 };
    const instruments = ['BTCUSDT-PERP@binance', 'BTCUSDT@binance'];
    const costs = { version: 'test', instruments: { '*': impact } };
    const policy = { kind: 'delta-band', band: '0.05', routing: 'split', costs };
    const file = { ...desk, hedge: { ...desk.hedge, instruments, policy }, limits: {} };
    const lab = runInProcess({
      tape: loadTape(firstWeek()),
      books: [{ file, source: bookPath }],
      journal: 'light',
    });
    const filled = new Set<string>();
    let splits = 0;
    for (const event of eventsOf(lab)) {
      if (event.type === 'OrderFilled') filled.add(event.payload.instrument);
      if (event.type !== 'HedgeDecided' || event.payload.trades.length < 2) continue;
      splits += 1;
      const chosen = event.payload.candidates.filter((candidate) => candidate.chosen);
      expect(chosen.map(({ trades }) => trades)).toEqual([event.payload.trades]);
      expect(chosen[0]?.name).toContain('split over');
    }
    expect([...filled].sort()).toEqual([...instruments].sort());
    expect(splits).toBeGreaterThan(20);
    expect(reexecuteJournal(lab.journal.all).divergences).toEqual([]);
  });
});

describe('keel tca', () => {
  const path = join(dir, 'book.json');
  writeFileSync(path, JSON.stringify(withExecution({ algorithm: 'auto', horizon: 'PT20M', slices: 4 })));
  const keel = (...args: string[]) =>
    spawnSync(process.execPath, [join(REPOSITORY, 'services', 'keel', 'bin', 'keel.js'), ...args], {
      encoding: 'utf8',
      timeout: 60_000,
    });
  const market = ['--book', path, '--seed', 'tca', '--days', String(DAYS)];

  it('prints the costs of a run by venue, instrument, algorithm and hour, parts adding up exactly', () => {
    const html = join(dir, 'costs.html');
    const { stdout, status, stderr } = keel('tca', ...market, '--json', '--html', html);
    expect([status, stderr]).toEqual([0, '']);
    const report = JSON.parse(stdout) as TcaReport; // our own output
    for (const group of [report.total, ...report.byVenue, ...report.byAlgorithm, ...report.byHour]) {
      const { total, ...parts } = group.shortfallUsd;
      const sum = Object.values(parts).reduce((all, part) => all.plus(Decimal.parse(part)), Decimal.ZERO);
      expect(sum.toString()).toBe(total);
    }
    const groups = report.byAlgorithm.reduce((all, group) => all + group.trades, 0);
    expect(groups).toBe(report.total.trades);
    expect(report.total.fills).toBeGreaterThan(5);
    expect(readFileSync(html, 'utf8')).toContain('<h1>Transaction costs</h1>');
  });

  it('fits a cost model that the policies can read', () => {
    const out = join(dir, 'cost-model.json');
    const [instrument = ''] = book.hedge.instruments;
    const { status, stderr } = keel(
      'tca',
      'fit',
      ...market,
      '--out',
      out,
      '--daily-volume',
      `${instrument}=1e9`,
    );
    const complaints = stderr.split('\n').filter((line) => !/^ *[\d.]+ % /.test(line));
    expect([status, complaints]).toEqual([0, ['']]);
    const parsed = parseCostModel(JSON.parse(readFileSync(out, 'utf8')));
    expect(parsed.ok && parsed.value.instruments[instrument]?.halfSpread?.standardError).toBeGreaterThan(0);
  });

  it.each([
    [['--horizons', 'soon'], /--horizons/],
    [['--epoch', 'x', '--tape', 'nowhere.json'], /nowhere\.json/],
  ])('names bad input: %j', (args, message) => {
    const { status, stderr } = keel('tca', ...market, ...args);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });

  it('meets the depth that the exchange is said to have: more of it costs less', () => {
    const impact = (first: string): number => {
      const exchange = join(dir, `exchange-${first}.json`);
      const depth = { '*': { first, growth: 0.5, levels: 100, stepTicks: 5 } };
      writeFileSync(exchange, JSON.stringify({ market: { depth, recovery: 'PT1M' } }));
      const { stdout } = keel('tca', ...market, '--json', '--exchange', exchange);
      return (JSON.parse(stdout) as TcaReport).total.partsBps.impact; // our own output
    };
    expect(impact('0.02')).toBeGreaterThan(2 * impact('0.2'));
  });

  it('names what is wrong with an exchange file', () => {
    const exchange = join(dir, 'exchange-bad.json');
    writeFileSync(exchange, JSON.stringify({ market: { depth: { '*': { first: 'much' } } } }));
    const { status, stderr } = keel('tca', ...market, '--exchange', exchange);
    expect(status).toBe(2);
    expect(stderr).toMatch(/market\.depth\.\*\.first[\s\S]*market\.depth\.\*\.growth/);
  });

  it('names the field of execution instructions that is wrong', () => {
    const bad = join(dir, 'bad.json');
    writeFileSync(bad, JSON.stringify(withExecution({ algorithm: 'iceberg' })));
    const { status, stderr } = keel('tca', '--book', bad);
    expect(status).toBe(2);
    expect(stderr).toContain('hedge.execution.display');
  });
});
