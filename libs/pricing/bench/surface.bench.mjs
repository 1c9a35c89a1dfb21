// Fitting a whole chain's surface and giving a book's legs their volatility, on one thread. A chain of twelve expiries and 720
// two-sided quotes with noise of a quarter of the spread, as recorded chains have.
import { requireMeasured } from '../../../tools/bench-tree.mjs';

const require = requireMeasured(import.meta.url);
const { createSurface, fitSurface, legVolatilities } = require('../dist/index.js');

const DAYS = [1, 2, 3, 7, 14, 21, 28, 56, 91, 182, 273, 364];
const QUOTES = 60;

function chain() {
  let state = 20_260_122;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 4_294_967_296;
  };
  return DAYS.map((days) => {
    const years = days / 365;
    const deviation = 0.45 * Math.sqrt(years);
    const quotes = Array.from({ length: QUOTES }, (_, i) => {
      const x = -4 + (8 * i) / (QUOTES - 1); // standard deviations
      const mid = 0.45 - 0.015 * x + 0.012 * x * x;
      const half = 0.004 + 0.004 * x * x;
      const noise = 0.5 * half * (uniform() - 0.5);
      return {
        strike: 90_000 * Math.exp(x * deviation),
        bidVolatility: mid + noise - half,
        askVolatility: mid + noise + half,
      };
    });
    return { expiry: `${days}d`, years, forward: 90_000, quotes };
  });
}

function medianSeconds(rounds, work) {
  const seconds = Array.from({ length: rounds }, () => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1e6;
  });
  return seconds.sort((left, right) => left - right)[Math.floor(rounds / 2)];
}

export default async function bench({ quick }) {
  const rounds = quick ? 5 : 15;
  const expiries = chain();
  fitSurface(expiries);
  let fit;
  const fitSeconds = medianSeconds(rounds, () => {
    fit = fitSurface(expiries);
  });
  const surface = createSurface(fit.slices);
  const legs = Array.from({ length: 10_000 }, (_, i) => ({
    id: `${i}`,
    strike: 45_000 + 9 * i,
    years: (1 + (i % 360)) / 365,
  }));
  legVolatilities(surface, legs);
  const legSeconds = medianSeconds(rounds, () => legVolatilities(surface, legs));
  const constrained = fit.slices.filter((slice) => slice.repair !== 'none').length;
  return {
    name: 'surface',
    rows: [
      {
        metric: 'fit of a chain of 12 expiries, 720 quotes',
        value: 1000 * fitSeconds,
        unit: 'ms',
        note: `${constrained} slices repaired, ${fit.arbitrage.length} arbitrages left`,
      },
      { metric: 'volatility, skew and convexity of a leg', value: legs.length / legSeconds, unit: 'legs/s' },
    ],
  };
}
