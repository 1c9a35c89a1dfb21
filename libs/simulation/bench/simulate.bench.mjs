// Monte Carlo hedging: 100,000 paths × 84 rebalances of a short one-month call on geometric Brownian motion, next to QuantLib's
// Monte Carlo framework doing the same work (the set-up of its DiscreteHedging example) in the same run; and threads.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { measuredTree, requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..', '..');
/** The build before had simulations in the lab. */
const PACKAGE = existsSync(join(measuredTree, 'libs', 'simulation'))
  ? '@evenkeel/simulation'
  : '@evenkeel/lab';
const REBALANCES = 84;

/** Path of the compiled peer, or `undefined` where QuantLib's headers or a compiler are missing. */
function quantLibPeer() {
  if (!existsSync('/usr/include/ql/version.hpp')) return undefined;
  const source = join(here, 'native', 'discrete-hedging.cpp');
  const hash = createHash('sha256').update(readFileSync(source)).digest('hex').slice(0, 16);
  const cache = join(root, '.evenkeel', 'bench');
  const binary = join(cache, `discrete-hedging-${hash}`);
  if (existsSync(binary)) return binary;
  try {
    mkdirSync(cache, { recursive: true });
    execFileSync('g++', ['-O3', '-march=native', '-o', binary, source, '-lQuantLib'], { stdio: 'ignore' });
    return binary;
  } catch {
    return undefined;
  }
}

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Seconds of wall and processor time that a simulation on so many threads takes. */
async function timed(run, config, threads) {
  const cpu = process.cpuUsage();
  const started = process.hrtime.bigint();
  await run({ config, policies: [config.hedge.policy] }, threads, () => undefined);
  const { user, system } = process.cpuUsage(cpu);
  return { wall: Number(process.hrtime.bigint() - started) / 1e9, processor: (user + system) / 1e6 };
}

/** Two threads beside one. Wall time is what counts, and means something where both processors are free: processor time says so. */
async function threadsRow(run, wide, least, quick) {
  const rounds = [];
  for (let round = 0; round < (quick ? 1 : 5); round += 1)
    rounds.push({
      one: await timed(run, wide, 1),
      two: await timed(run, wide, 2),
      start: await timed(run, least, 2),
    });
  const of = (pick) => median(rounds.map(pick));
  return {
    metric: `the same on two threads, ${wide.paths} paths`,
    value: (wide.paths * REBALANCES) / of(({ two }) => two.wall),
    unit: 'path-steps/s',
    before: true,
    against: 'one thread',
    ratio: of(({ one, two }) => one.wall / two.wall),
    aims: { ratio: { min: 1.7 } },
    note: `wall time with the start of the second thread, ${of(({ start }) => start.wall).toFixed(2)} s for two blocks; processor time ${of(({ one }) => one.processor).toFixed(2)} s on one, ${of(({ two }) => two.processor).toFixed(2)} s on two, ${of(({ two }) => two.processor / two.wall).toFixed(2)} processors held`,
  };
}

export default async function bench({ quick }) {
  const { parseSimulation, simulate } = require(PACKAGE);
  const workers = require(
    join(measuredTree, 'services', 'keel', 'dist', 'commands', 'simulation-workers.js'),
  );
  const run =
    workers.runBlocks ??
    ((job, threads, onProgress) =>
      workers.withSimulationThreads(threads, (simulated) => simulated(job, onProgress)));
  const paths = quick ? 20_000 : 100_000;
  const configOf = (count) => {
    const parsed = parseSimulation({
      paths: count,
      seed: 'bench',
      market: { model: 'gbm', S0: 100, r: 0.05, sigma: 0.2 },
      positions: [{ type: 'call', K: 100, T: 1 / 12, quantity: -1 }],
      hedge: { policy: { kind: 'time', interval: 1 / 12 / REBALANCES }, modelVolatility: 0.2 },
    });
    if (!parsed.ok) throw new Error(JSON.stringify(parsed.problems));
    return parsed.config;
  };
  const config = configOf(paths);
  simulate(configOf(4096));
  const peer = quantLibPeer();
  // Processor time on both sides, so that a busy machine does not count against either; rounds take turns.
  const ours = [];
  const theirs = [];
  let result;
  let quantLib;
  for (let round = 0; round < (quick ? 1 : 5); round += 1) {
    const before = process.cpuUsage();
    result = simulate(config);
    const { user, system } = process.cpuUsage(before);
    ours.push((user + system) / 1e6);
    if (peer === undefined) continue;
    quantLib = JSON.parse(execFileSync(peer, [String(paths), String(REBALANCES)], { encoding: 'utf8' }));
    theirs.push(quantLib.seconds);
  }
  const steps = paths * REBALANCES;
  const rate = steps / median(ours);
  const rows = [
    {
      metric: `hedged paths × rebalances, ${paths} × ${REBALANCES}, one thread`,
      value: rate,
      unit: 'path-steps/s',
      before: true,
      ...(peer === undefined
        ? { note: 'QuantLib is not installed' }
        : {
            against: 'QuantLib doing the same',
            ratio: median(theirs) / median(ours),
            aims: { ratio: { min: 8 } },
            note: `std of P&L ${result.pnl.std.toFixed(4)} ± ${result.standardErrors.pnl.std.toFixed(4)}, QuantLib ${quantLib.std.toFixed(4)}; ${median(ours).toFixed(2)} s against ${median(theirs).toFixed(2)} s`,
          }),
    },
  ];
  rows.push(await threadsRow(run, configOf(quick ? 40_000 : 400_000), configOf(2048), quick));
  return { name: 'simulate', rows };
}
