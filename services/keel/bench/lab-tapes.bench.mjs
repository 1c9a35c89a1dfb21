// What keel lab compare spends: a tape read again from its columns beside reading its text, and many policies over minutes of a large book,
// on two threads beside one.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { requireMeasured } from '../../../tools/bench-tree.mjs';
import { writeMinuteTape } from './minute-tape.mjs';

const require = requireMeasured(import.meta.url);
require('@evenkeel/platform');
const { TapeCache, loadTape } = require('@evenkeel/config');
const { OutcomeRunner } = require('../dist/lab/outcome-jobs.js');
const { withOutcomeThreads } = require('../dist/lab/outcome-pool.js');

const YEAR_DAYS = 365;
const LEGS = 200;

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Seconds of wall and processor time. */
async function timed(work) {
  const cpu = process.cpuUsage();
  const started = process.hrtime.bigint();
  await work();
  const { user, system } = process.cpuUsage(cpu);
  return { wall: Number(process.hrtime.bigint() - started) / 1e9, processor: (user + system) / 1e6 };
}

const walk = (tape) => {
  let prices = 0;
  for (const instant of tape.instants()) prices += instant.prices.length;
  return prices;
};

async function inFolder(use) {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-bench-tapes-'));
  try {
    return await use(dir);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function readAgain(dir, quick) {
  const { manifest, bars } = await writeMinuteTape(dir, { days: quick ? 5 : 60 });
  const cache = new TapeCache(join(dir, 'tapes'), (message) => {
    throw new Error(message);
  });
  walk(loadTape(manifest, cache));
  cache.keepRead();
  const kept = [];
  const text = [];
  for (let round = 0; round < 5; round += 1) {
    kept.push(await timed(() => walk(loadTape(manifest, cache))));
    text.push(await timed(() => walk(loadTape(manifest))));
  }
  const of = (times) => median(times.map(({ processor }) => processor));
  return {
    metric: 'tape read again, every instant visited',
    value: Math.round(bars / of(kept)),
    unit: 'rows/s',
    against: 'reading its text',
    ratio: of(text) / of(kept),
  };
}

/** Twenty bands for a book of 200 legs over minute bars and an hourly chain: a part of a year, and what the year takes by it. */
async function twentyPolicies(dir, quick) {
  const days = quick ? 2 : 30;
  const { manifest, book } = await writeMinuteTape(dir, { days, options: LEGS });
  process.env.EK_HOME = dir;
  const market = { name: 'generated', tape: manifest, books: [book], seed: 'bench', days };
  const jobs = Array.from({ length: 20 }, (_, index) => {
    return { market, book: 0, policy: { kind: 'delta-band', band: (0.1 + index * 0.1).toFixed(1) } };
  });
  const answers = [];
  const runOn = (threads) =>
    timed(async () => {
      const here = new OutcomeRunner();
      answers.push(await withOutcomeThreads({ beside: threads - 1, here }, (run) => run(jobs)));
    });
  new OutcomeRunner().remarks(market); // keeps the tape, as the command does before its runs
  const one = [];
  const two = [];
  for (let round = 0; round < (quick ? 1 : 2); round += 1) {
    one.push(await runOn(1));
    two.push(await runOn(2));
  }
  const told = answers.map((answer) => JSON.stringify(answer));
  if (told.some((answer) => answer !== told[0])) throw new Error('two threads give other outcomes than one');
  const of = (times, pick) => median(times.map(pick));
  const processor = of(one, (time) => time.processor);
  const steps = jobs.length * days * 1440;
  return [
    {
      metric: `20 policies, ${LEGS} legs, ${days} days of minutes`,
      value: steps / processor,
      unit: 'policy-minutes/s',
      note: `${((processor / 60 / days) * YEAR_DAYS).toFixed(1)} min of one processor a year`,
    },
    {
      metric: 'the same on two threads',
      value: steps / of(two, ({ wall }) => wall),
      unit: 'policy-minutes/s',
      against: 'one thread',
      ratio: median(one.map(({ wall }, round) => wall / two[round].wall)),
      aims: { ratio: { min: 1.7 } },
      note: `wall time; processor time ${processor.toFixed(1)} s on one, ${of(two, (time) => time.processor).toFixed(1)} s on two, ${of(two, (time) => time.processor / time.wall).toFixed(2)} processors held`,
    },
  ];
}

export default async function bench({ quick }) {
  return {
    name: 'lab-tapes',
    rows: [
      await inFolder((dir) => readAgain(dir, quick)),
      ...(await inFolder((dir) => twentyPolicies(dir, quick))),
    ],
  };
}
