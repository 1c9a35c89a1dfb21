// Routing decisions a second, next to exhaustive search over the same small books in the same run; and how far apart they end.
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const { routeSplit, costOf } = require('../dist/index.js');
const { Decimal, createRandom } = require('../../kernel/dist/index.js');

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];
const d = (text) => Decimal.parse(String(text));

/** A seeded problem of three or four routes of at most 25 lots each, or of eight routes with fine lots. */
function problemOf(random, large) {
  const count = large ? 8 : 3 + random.integer(2);
  const delta = large ? 40 : 1.5 + random.integer(3) * 0.5;
  const routes = Array.from({ length: count }, (_, index) => {
    let slippage = 0;
    const depth = Array.from({ length: 4 }, () => ({
      slippage: (slippage += random.integer(30)),
      contracts: large ? 4 + random.integer(10) : 0.5 + random.integer(4) * 0.25,
    }));
    const lot = d(large ? '0.001' : ['0.1', '0.25'][random.integer(2)]);
    return {
      instrument: `I${index}@v${index % 3}`,
      venue: `v${index % 3}`,
      side: 'buy',
      lot,
      minQuantity: lot,
      deltaPerContract: [1, 0.97, 1.013][random.integer(3)],
      notionalPerContract: 90_000,
      feeRate: random.integer(8) / 10_000,
      depth,
      impactCoefficient: random.integer(25),
      fundingPerContract: random.integer(20) - 10,
      basisVariance: random.integer(2) * 400,
      fixedCost: 0,
      health: 'UP',
    };
  });
  const venueLimits = [{ venue: 'v0', maxNotional: large ? 900_000 : 90_000 }];
  return { delta, routes, venueLimits, residualPenalty: 9_000, riskAversion: 0.01, degradedFactor: 2 };
}

function exhaustive(problem) {
  const { routes, delta, residualPenalty, venueLimits } = problem;
  const lots = routes.map((route) =>
    Math.floor(delta / route.deltaPerContract / route.lot.toNumber() + 1e-9),
  );
  // Costs by lots once per route, so that the search itself is what is measured.
  const costs = routes.map((route, index) =>
    Array.from(
      { length: lots[index] + 1 },
      (_, count) => costOf(problem, route, count * route.lot.toNumber()).total,
    ),
  );
  let best = Infinity;
  let visited = 0;
  const walk = (index, cost, brought, added) => {
    if (brought > delta * (1 + 1e-9)) return;
    if (index === routes.length) {
      visited += 1;
      const objective = cost + residualPenalty * Math.max(0, delta - brought);
      if (
        objective < best &&
        !venueLimits.some(({ venue, maxNotional }) => (added[venue] ?? 0) > maxNotional * (1 + 1e-9))
      )
        best = objective;
      return;
    }
    const route = routes[index];
    for (let count = 0; count <= lots[index]; count += 1) {
      const contracts = count * route.lot.toNumber();
      const notional = (added[route.venue] ?? 0) + contracts * route.notionalPerContract;
      walk(index + 1, cost + costs[index][count], brought + contracts * route.deltaPerContract, {
        ...added,
        [route.venue]: notional,
      });
    }
  };
  walk(0, 0, 0, {});
  return { best, visited };
}

export default async function bench({ quick }) {
  const random = createRandom('routing bench');
  const small = Array.from({ length: quick ? 20 : 60 }, () => problemOf(random, false));
  const large = Array.from({ length: quick ? 5 : 20 }, () => problemOf(random, true));
  for (const problem of small) routeSplit(problem);
  const rates = [];
  const exhaustiveRates = [];
  let worst = 0;
  let visited = 0;
  for (let round = 0; round < (quick ? 2 : 5); round += 1) {
    let started = process.hrtime.bigint();
    const found = small.map((problem) => routeSplit(problem).objective);
    rates.push(small.length / (Number(process.hrtime.bigint() - started) / 1e9));
    started = process.hrtime.bigint();
    const exact = small.map(exhaustive);
    exhaustiveRates.push(small.length / (Number(process.hrtime.bigint() - started) / 1e9));
    visited = exact.reduce((sum, entry) => sum + entry.visited, 0);
    exact.forEach(({ best }, index) => {
      worst = Math.max(worst, (found[index] - best) / Math.max(1, Math.abs(best)));
    });
  }
  const largeMs = [];
  let gap = 0;
  for (const problem of large) {
    const started = process.hrtime.bigint();
    const routing = routeSplit(problem, { maxNodes: 300 });
    largeMs.push(Number(process.hrtime.bigint() - started) / 1e6);
    gap = Math.max(gap, routing.gap / Math.abs(routing.objective));
  }
  const against = `exhaustive search over the same books (${Math.round(visited / small.length)} splits each)`;
  return {
    name: 'routing',
    rows: [
      {
        metric: 'routing decisions, 3–4 routes',
        value: Math.round(median(rates)),
        unit: '1/s',
        against,
        ratio: median(rates) / median(exhaustiveRates),
      },
      { metric: 'exhaustive search, the same', value: Math.round(median(exhaustiveRates)), unit: '1/s' },
      {
        metric: 'worst distance to the exhaustive optimum',
        value: worst,
        unit: 'of the cost',
        aim: '≤ 1e-6',
        met: worst <= 1e-6,
      },
      {
        metric: 'one decision, 8 routes of fine lots, at most 300 nodes',
        value: median(largeMs),
        unit: 'ms',
      },
      { metric: 'worst proven gap there', value: gap, unit: 'of the cost' },
    ],
  };
}
