import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '@evenkeel/kernel';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import { math } from '../math';
import {
  annualisedVolatility,
  closeToCloseVariance,
  garmanKlassVariance,
  parkinsonVariance,
  rogersSatchellVariance,
  yangZhangVariance,
} from './estimators';
import { ewmaStep, ewmaVarianceSeries, lambdaOfHalfLife } from './ewma';
import { fitGarch, garchAverageVariance, garchLongRunVariance, garchVarianceSeries } from './garch';
import type { PriceBar } from './price-bar';
import { rollingVolatility, volatilityCone } from './volatility-cone';

const published = itWithSharedData('validation');

/** Reads a published table; its cases have the shape its README documents. */
function casesOf<Case>(name: string): Case[] {
  const text = readFileSync(join(sharedDir() ?? '', 'validation', `${name}.json`), 'utf8');
  return (JSON.parse(text) as { cases: Case[] }).cases; // the file's documented shape
}

/** Normal draws from the seeded source, by the inverse of the distribution function. */
function normals(seed: string, count: number): number[] {
  const random = createRandom(seed);
  return Array.from({ length: count }, () =>
    math.normInv(Math.min(Math.max(random.next(), 1e-12), 1 - 1e-12)),
  );
}

/** Bars of a driftless walk with `steps` moves in each, volatility per bar given, and an overnight jump. */
function walk(seed: string, bars: number, steps: number, perBar: number, overnight: number): PriceBar[] {
  const draws = normals(seed, bars * (steps + 1));
  let log = 0;
  let at = 0;
  const out: PriceBar[] = [];
  for (let i = 0; i < bars; i++) {
    log += overnight * (draws[at++] as number); // as many draws as used
    const path = [log];
    for (let j = 0; j < steps; j++) path.push((log += (perBar / Math.sqrt(steps)) * (draws[at++] as number)));
    const prices = path.map((x) => 100 * math.exp(x));
    out.push({
      open: prices[0] as number,
      high: Math.max(...prices),
      low: Math.min(...prices),
      close: prices[steps] as number,
    });
  }
  return out;
}

describe('range estimators', () => {
  interface WindowCase {
    readonly inputs: {
      readonly n: number;
      readonly periods_per_year: number;
      readonly first_row_is_previous_close_only: boolean;
      readonly ohlc: readonly { O: number; H: number; L: number; C: number }[];
    };
    readonly expected: {
      readonly garman_klass: number;
      readonly parkinson: number;
      readonly rogers_satchell: number;
    };
    readonly reference_not_published: { readonly yang_zhang?: number };
    readonly tolerance: number;
  }

  published('reproduce the nine published windows', () => {
    const cases = casesOf<WindowCase>('ttr_volatility_estimators_windows');
    expect(cases).toHaveLength(9);
    let yangZhang = 0;
    for (const { inputs, expected, reference_not_published: reference, tolerance } of cases) {
      const all = inputs.ohlc.map(({ O, H, L, C }): PriceBar => ({ open: O, high: H, low: L, close: C }));
      const bars = inputs.first_row_is_previous_close_only ? all.slice(1) : all;
      expect(bars).toHaveLength(inputs.n);
      const of = (variance: number): number => annualisedVolatility(variance, inputs.periods_per_year);
      expect(Math.abs(of(garmanKlassVariance(bars)) - expected.garman_klass)).toBeLessThanOrEqual(tolerance);
      expect(Math.abs(of(parkinsonVariance(bars)) - expected.parkinson)).toBeLessThanOrEqual(tolerance);
      expect(Math.abs(of(rogersSatchellVariance(bars)) - expected.rogers_satchell)).toBeLessThanOrEqual(
        tolerance,
      );
      if (reference.yang_zhang !== undefined) {
        yangZhang++;
        expect(Math.abs(of(yangZhangVariance(all)) - reference.yang_zhang)).toBeLessThanOrEqual(tolerance);
      }
    }
    process.stderr.write(`TTR windows: 9 cases, ${yangZhang} with a Yang–Zhang reference\n`);
  });

  it('find the variance of a walk, and the range estimators find it with less noise', () => {
    const bars = walk('range', 2000, 400, 0.02, 0);
    expect(closeToCloseVariance(bars) / 0.0004).toBeCloseTo(1, 1);
    for (const estimate of [parkinsonVariance, garmanKlassVariance, rogersSatchellVariance]) {
      const ratio = estimate(bars) / 0.0004;
      expect(ratio).toBeGreaterThan(0.88); // ranges of 400 discrete moves fall short of the continuous range
      expect(ratio).toBeLessThan(1.02);
    }
  });

  it('carry overnight moves in Yang–Zhang and close-to-close only', () => {
    const bars = walk('gaps', 2000, 200, 0.02, 0.015);
    const total = 0.0004 + 0.000225;
    expect(yangZhangVariance(bars) / total).toBeGreaterThan(0.88); // short of it for the same reason
    expect(yangZhangVariance(bars) / total).toBeLessThan(1.05);
    expect(closeToCloseVariance(bars) / total).toBeCloseTo(1, 1);
    expect(rogersSatchellVariance(bars)).toBeLessThan(0.00042);
  });

  it('take a mean of zero where asked', () => {
    const bars = [100, 110, 121, 133.1].map((close) => ({ open: close, high: close, low: close, close }));
    expect(closeToCloseVariance(bars)).toBeCloseTo(0, 15);
    expect(closeToCloseVariance(bars, 'zero')).toBeCloseTo(math.log(1.1) * math.log(1.1), 15);
  });

  it('refuse bars that contradict themselves, naming them', () => {
    const good = { open: 1, high: 2, low: 1, close: 2 };
    expect(() => parkinsonVariance([good, { ...good, low: 3 }])).toThrow(/bars\[1\]/);
    expect(() => parkinsonVariance([])).toThrow(/bars/);
    expect(() => yangZhangVariance([good, good])).toThrow(/at least 3/);
    expect(() => garmanKlassVariance([{ ...good, close: Number.NaN }])).toThrow(/bars\[0\]/);
  });
});

describe('EWMA and GARCH', () => {
  interface HullCase {
    readonly inputs: {
      model: string;
      lambda_?: number;
      omega?: number;
      alpha?: number;
      beta?: number;
      prevVol: number;
      prevReturn: number;
    };
    readonly expected: Readonly<Record<string, number>>;
    readonly tolerance: Readonly<Record<string, number>>;
  }

  published("reproduce Hull's examples", () => {
    for (const { inputs, expected, tolerance } of casesOf<HullCase>('hull_ewma_garch_examples')) {
      const before = inputs.prevVol * inputs.prevVol;
      const garch = { omega: inputs.omega ?? 0, alpha: inputs.alpha ?? 0, beta: inputs.beta ?? 0 };
      const ewma = inputs.model === 'EWMA';
      const variance = ewma
        ? ewmaStep(inputs.lambda_ ?? 0, before, inputs.prevReturn)
        : (garchVarianceSeries([inputs.prevReturn], garch, before)[0] ?? Number.NaN);
      const longRun = ewma ? undefined : garchLongRunVariance(garch);
      const found: Readonly<Record<string, number | undefined>> = {
        variance,
        volatility: Math.sqrt(variance),
        longRunVariance: longRun,
        longRunVolatility: longRun === undefined ? undefined : Math.sqrt(longRun),
      };
      for (const [name, value] of Object.entries(expected)) {
        expect(Math.abs((found[name] ?? Number.NaN) - value)).toBeLessThanOrEqual(tolerance[name] ?? 1e-12);
      }
    }
  });

  published('filter the published series', () => {
    interface FilterCase {
      readonly inputs: { alpha: number; beta: number; omega: number; returns: number[] };
      readonly expected: { volatility_series: number[] };
      readonly tolerance: number;
    }
    const [filter] = casesOf<FilterCase>('ql_garch11_filter');
    const { inputs, expected, tolerance } = filter as FilterCase; // the file has one case
    const series = garchVarianceSeries(inputs.returns, inputs).map(Math.sqrt);
    expect(series).toHaveLength(expected.volatility_series.length);
    series.forEach((value, i) => {
      expect(Math.abs(value - (expected.volatility_series[i] as number))).toBeLessThanOrEqual(tolerance); // same length
    });
  });

  const truth = { omega: 2e-6, alpha: 0.08, beta: 0.9 };

  function simulate(seed: string, count: number): number[] {
    let variance = garchLongRunVariance(truth);
    return normals(seed, count).map((draw) => {
      const value = Math.sqrt(variance) * draw;
      variance = garchVarianceSeries([value], truth, variance)[0] ?? Number.NaN;
      return value;
    });
  }

  it('recover the parameters of a long simulated series', () => {
    const returns = simulate('garch', 6000);
    const fit = fitGarch(returns);
    expect(Math.abs(fit.alpha - truth.alpha)).toBeLessThan(0.02);
    expect(Math.abs(fit.beta - truth.beta)).toBeLessThan(0.025);
    expect(fit.longRunVariance / 1e-4).toBeCloseTo(1, 0);
    expect(fit.persistence).toBeLessThan(1);
    expect(fit).toEqual(fitGarch(returns)); // deterministic
  });

  it('are fitted at a maximum: no neighbour is likelier, nor are the true parameters', () => {
    const returns = simulate('peak', 1500);
    const fit = fitGarch(returns);
    const likelihood = (change: Partial<typeof truth>): number => {
      const { omega, alpha, beta } = { ...fit, ...change };
      const residuals = returns.map((value) => value - fit.mean);
      const before = residuals.reduce((sum, value) => sum + value * value, 0) / returns.length;
      let variance = omega + (alpha + beta) * before;
      let sum = 0;
      for (const value of residuals) {
        sum -= 0.5 * (1.8378770664093453 + math.log(variance) + (value * value) / variance);
        variance = omega + alpha * value * value + beta * variance;
      }
      return sum;
    };
    expect(likelihood({})).toBeCloseTo(fit.logLikelihood, 8);
    for (const scale of [0.97, 1.03]) {
      expect(likelihood({ omega: fit.omega * scale })).toBeLessThan(fit.logLikelihood);
      expect(likelihood({ alpha: fit.alpha * scale })).toBeLessThan(fit.logLikelihood);
    }
    expect(likelihood(truth)).toBeLessThanOrEqual(fit.logLikelihood);
  });

  it('forecast towards the long run, and the mean over a horizon is the mean of the forecasts', () => {
    const now = 4e-4;
    const longRun = garchLongRunVariance(truth);
    const forecasts: number[] = [];
    for (let i = 0, variance = now; i < 2001; i++) {
      forecasts.push(variance);
      variance = truth.omega + (truth.alpha + truth.beta) * variance;
    }
    expect(forecasts[2000]).toBeCloseTo(longRun, 12);
    const sum = forecasts.slice(0, 30).reduce((total, variance) => total + variance, 0);
    expect(garchAverageVariance(truth, now, 30)).toBeCloseTo(sum / 30, 15);
  });

  it('have no long run where shocks never fade', () => {
    expect(() => garchLongRunVariance({ omega: 1e-6, alpha: 0.1, beta: 0.9 })).toThrow(/alpha \+ beta/);
  });

  it('halve the weight of a return every half-life', () => {
    const lambda = lambdaOfHalfLife(11);
    const [start] = ewmaVarianceSeries([0], lambda, 1);
    const series = ewmaVarianceSeries(new Array<number>(11).fill(0), lambda, 1);
    expect(start).toBeCloseTo(lambda, 15);
    expect(series.at(-1)).toBeCloseTo(0.5, 14);
  });
});

describe('the volatility cone', () => {
  it('orders its quantiles and narrows with the horizon', () => {
    const bars = walk('cone', 500, 50, 0.02, 0);
    const cone = volatilityCone({ bars, periods: [7, 30, 90], barsPerYear: 365, estimator: 'yang-zhang' });
    for (const row of cone) {
      const ordered = [
        row.minimum,
        row.lowerDecile,
        row.lowerQuartile,
        row.median,
        row.upperQuartile,
        row.upperDecile,
        row.maximum,
      ];
      expect([...ordered].sort((left, right) => left - right)).toEqual(ordered);
      expect(row.windows).toBe(500 - row.periods);
      expect(row.percentile).toBeGreaterThan(0);
      expect(Math.abs(row.median / (0.02 * Math.sqrt(365)) - 1)).toBeLessThan(0.2);
    }
    const widths = cone.map((row) => row.upperDecile - row.lowerDecile);
    expect(widths[0]).toBeGreaterThan(widths[2] as number); // three rows
  });

  it('ends with the latest window', () => {
    const bars = walk('last', 40, 20, 0.02, 0);
    const series = rollingVolatility({ bars, periods: 10, barsPerYear: 260, estimator: 'parkinson' });
    expect(series).toHaveLength(31);
    expect(series.at(-1)).toBeCloseTo(annualisedVolatility(parkinsonVariance(bars.slice(-10)), 260), 15);
    expect(() => rollingVolatility({ bars, periods: 41, barsPerYear: 260, estimator: 'parkinson' })).toThrow(
      /bars/,
    );
  });
});
