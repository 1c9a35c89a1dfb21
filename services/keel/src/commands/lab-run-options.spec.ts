import { mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadTape } from '@evenkeel/config';
import { runInProcess } from '@evenkeel/lab';
import type { BookUnderManagement } from '@evenkeel/engine';
import { parseBookFile } from '@evenkeel/market';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';

const dir = mkdtempSync(join(tmpdir(), 'evenkeel-options-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const DATA = 'data/crypto-options-2026-01';
const STRIP = [70_000, 75_000, 80_000, 85_000, 90_000, 95_000, 100_000, 105_000, 110_000].map(
  (strike) => `BTC-27FEB26-${strike}-${strike < 90_000 ? 'P' : 'C'}@deribit`,
);
const HEDGES = ['BTC-30JAN26-90000-C@deribit', 'BTC-27FEB26-85000-P@deribit', 'BTC-27MAR26-95000-P@deribit'];

/** Four days of the January tape, as a manifest of its own. */
function january() {
  const folder = join(sharedDir() ?? '', DATA);
  // A tape manifest: only its window is touched.
  const manifest = JSON.parse(readFileSync(join(folder, 'tape-btc.json'), 'utf8')) as {
    sources: { file: string }[];
  };
  const here = mkdtempSync(join(dir, 'tape-'));
  for (const { file } of manifest.sources) symlinkSync(join(folder, file), join(here, file));
  const path = join(here, 'tape.json');
  const window = { from: '2026-01-02T09:00:00Z', to: '2026-01-06T12:00:00Z' };
  writeFileSync(path, JSON.stringify({ ...manifest, ...window }));
  return loadTape(path);
}

function desk(options: readonly string[], policy: BookUnderManagement['policy']): BookUnderManagement {
  const source = join(sharedDir() ?? '', 'books/btc-eth-desk.json');
  // A book file, checked when it is parsed below.
  const written = JSON.parse(readFileSync(source, 'utf8')) as {
    positions: { instrument: string }[];
    limits: { maxOrderQuantity: Record<string, string> };
  };
  const text = JSON.stringify({
    ...written,
    positions: written.positions.filter(({ instrument }) => instrument.startsWith('BTC')),
    hedge: { instruments: ['BTCUSDT-PERP@binance', ...options], policy, target: { delta: '0' } },
    limits: {
      maxGrossNotionalUsd: '20000000',
      // An option's half spread is some percent of its price.
      priceCollarBps: '1500',
      maxOrderQuantity: Object.fromEntries(['BTCUSDT-PERP@binance', ...options].map((id) => [id, '50'])),
    },
  });
  return { file: parseBookFile(text, source), source };
}

function run(options: readonly string[], policy: BookUnderManagement['policy']) {
  const { journal, decisionDigest } = runInProcess({
    tape: january(),
    books: [desk(options, policy)],
    journal: 'light',
  });
  const events = journal.all.flatMap(({ commit }) => commit.events.map(({ event }) => event));
  const filled = new Set(
    events.flatMap((event) => (event.type === 'FillApplied' ? [event.payload.instrument] : [])),
  );
  return { events, filled, decisionDigest };
}

describe('options as hedge instruments, through the production cores on the recorded market', () => {
  itWithSharedData(DATA)('multi-greek buys them together with the perpetual, the same way twice', () => {
    const policy = {
      kind: 'multi-greek',
      riskAversion: '0.0001',
      model: { volatilityHorizon: 'P7D' },
      minimumGain: '2',
      limits: { vegaPerPoint: '700' },
    };
    const { events, filled, decisionDigest } = run(HEDGES, policy);
    expect([...filled].filter((id) => HEDGES.includes(id)).length).toBeGreaterThan(0);
    expect(filled).toContain('BTCUSDT-PERP@binance');
    const decided = events.flatMap((event) => (event.type === 'HedgeDecided' ? [event.payload] : []));
    const joint = decided.find(({ trades }) => trades.some(({ instrument }) => HEDGES.includes(instrument)));
    expect(joint?.candidates.map(({ name }) => name)).toContain('greedy delta then vega');
    expect(run(HEDGES, policy).decisionDigest).toBe(decisionDigest);
  });

  itWithSharedData(DATA)('variance-swap sells a whole strip and hedges its delta', () => {
    const { events, filled } = run(STRIP, {
      kind: 'variance-swap',
      underlying: 'BTC',
      expiry: '27FEB26',
      vegaPerPoint: '800',
      riskAversion: '0.00002',
      direction: 'short',
    });
    const opened = events.find(
      (event) => event.type === 'HedgeDecided' && event.payload.reasons.includes('VARIANCE_SWAP_OPENED'),
    );
    expect(opened).toBeDefined();
    expect([...filled].filter((id) => STRIP.includes(id)).sort()).toEqual(STRIP.slice(1, -1).sort());
    expect(filled).toContain('BTCUSDT-PERP@binance');
  });
});
