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

export default async function bench({ quick }) {
  const { parseSimulation, simulate } = require('@evenkeel/lab');
  const { runBlocks } = require(join(measuredTree, 'services', 'keel', 'dist', 'commands', 'simulation-workers.js'));
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
      ...(peer === undefined
        ? { note: 'QuantLib is not installed' }
        : {
            against: 'QuantLib doing the same',
            ratio: median(theirs) / median(ours),
            note: `std of P&L ${result.pnl.std.toFixed(4)} ± ${result.standardErrors.pnl.std.toFixed(4)}, QuantLib ${quantLib.std.toFixed(4)}; ${median(ours).toFixed(2)} s against ${median(theirs).toFixed(2)} s`,
          }),
    },
  ];
  const wide = configOf(quick ? 40_000 : 400_000);
  const wall = { 1: [], 2: [] };
  for (let round = 0; round < (quick ? 1 : 3); round += 1)
    for (const workers of [1, 2]) {
      const started = process.hrtime.bigint();
      await runBlocks({ config: wide, policies: [wide.hedge.policy] }, workers, () => undefined);
      wall[workers].push(Number(process.hrtime.bigint() - started) / 1e9);
    }
  rows.push({
    metric: `the same on two threads, ${wide.paths} paths`,
    value: (wide.paths * REBALANCES) / median(wall[2]),
    unit: 'path-steps/s',
    against: 'one thread',
    ratio: median(wall[1]) / median(wall[2]),
    note: 'wall time, the start of the second thread included',
  });
  return { name: 'simulate', rows };
}
