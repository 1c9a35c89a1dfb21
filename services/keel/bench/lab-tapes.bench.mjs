// What keel lab spends before and around its runs: a tape read again from its columns beside reading its text, and many policies over one market
// on two threads beside one.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const { TapeCache, loadTape } = require('@evenkeel/config');
const { runJobs } = require('../dist/lab/outcome-pool.js');

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

async function seconds(work) {
  const started = process.hrtime.bigint();
  await work();
  return Number(process.hrtime.bigint() - started) / 1e9;
}

/** Minute bars on two venues along one random walk, and their manifest. */
function writeTape(dir, days) {
  const minutes = days * 1440;
  const start = Date.UTC(2026, 0, 1);
  let state = 1;
  let price = 90_000;
  const path = Array.from({ length: minutes + 1 }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    price += (state / 2 ** 32 - 0.5) * 60;
    return price;
  });
  const sources = ['BTCUSDT@binance', 'BTCUSDT-PERP@binance'].map((instrument, place) => {
    const lines = ['date,open,high,low,close,volume'];
    for (let minute = 0; minute < minutes; minute += 1) {
      const [open, close] = [path[minute] + place, path[minute + 1] + place];
      const cells = [open, Math.max(open, close) + 2, Math.min(open, close) - 2, close];
      const date = new Date(start + minute * 60_000).toISOString().replace('.000Z', 'Z');
      lines.push(
        `${date},${cells.map((value) => value.toFixed(2)).join(',')},${1 + ((minute * 13) % 97) / 10}`,
      );
    }
    const file = `${place}.csv`;
    writeFileSync(join(dir, file), lines.join('\n'));
    return { file, format: 'ohlcv', instrument, interval: 'PT1M' };
  });
  const manifest = join(dir, 'tape.json');
  const to = new Date(start + minutes * 60_000).toISOString();
  writeFileSync(manifest, JSON.stringify({ tape: 'minutes', from: '2026-01-01T00:00:00Z', to, sources }));
  return { manifest, rows: minutes * sources.length };
}

const walk = (tape) => {
  let prices = 0;
  for (const instant of tape.instants()) prices += instant.prices.length;
  return prices;
};

async function readAgain(quick) {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-bench-tapes-'));
  try {
    const { manifest, rows } = writeTape(dir, quick ? 5 : 60);
    const cache = new TapeCache(join(dir, 'tapes'), (message) => {
      throw new Error(message);
    });
    walk(loadTape(manifest, cache));
    const kept = [];
    const text = [];
    for (let round = 0; round < 5; round += 1) {
      kept.push(await seconds(() => walk(loadTape(manifest, cache))));
      text.push(await seconds(() => walk(loadTape(manifest))));
    }
    return {
      metric: 'tape read again, every instant visited',
      value: Math.round(rows / median(kept)),
      unit: 'rows/s',
      against: 'reading its text',
      ratio: median(text) / median(kept),
    };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Twenty bands over one market. */
async function twentyPolicies(quick) {
  const market = { name: 'generated', books: [], seed: 'bench', days: quick ? 1 : 7 };
  const jobs = Array.from({ length: 20 }, (_, index) => {
    return { market, book: 0, policy: { kind: 'delta-band', band: (0.05 + index * 0.01).toFixed(2) } };
  });
  const one = [];
  const two = [];
  for (let round = 0; round < (quick ? 1 : 3); round += 1) {
    const answers = [];
    one.push(await seconds(async () => answers.push(await runJobs(jobs, 1, () => undefined))));
    two.push(await seconds(async () => answers.push(await runJobs(jobs, 2, () => undefined))));
    if (JSON.stringify(answers[0]) !== JSON.stringify(answers[1]))
      throw new Error('two threads give other outcomes than one');
  }
  return {
    metric: '20 policies over one market, two threads',
    value: jobs.length / median(two),
    unit: 'policies/s',
    against: 'one thread',
    ratio: median(one) / median(two),
    aims: { ratio: { min: 1.7 } },
  };
}

export default async function bench({ quick }) {
  return { name: 'lab-tapes', rows: [await readAgain(quick), await twentyPolicies(quick)] };
}
