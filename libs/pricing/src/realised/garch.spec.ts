import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRandom } from '@evenkeel/kernel';
import { math } from '../math';
import { egarchAverageVariance, egarchLongRunVariance, fitEgarch } from './egarch';
import { fitGarch, garchLongRunVariance } from './garch';

const SOAK = process.env['EK_SOAK'] === '1';

/**
 * 1,974 daily returns of the German mark in pounds, in per cent, 1984 to 1991: Bollerslev & Ghysels (1996), the series by which
 * GARCH software is judged (McCullough & Renfro 1999).
 */
const MARK_POUND = readFileSync(join(__dirname, '..', '..', 'test', 'dem-gbp-returns.txt'), 'utf8')
  .trim()
  .split('\n')
  .map(Number);

function normals(seed: string): () => number {
  const random = createRandom(seed);
  return () => math.normInv(Math.max(1e-12, random.next()));
}

/** Relative distance to a printed figure, in units of its last printed digit. */
function lastDigits(found: number | undefined, printed: string): number {
  const digits = printed.replace(/^-?0\.0*/, '').length;
  const size = Math.floor(math.log(Math.abs(Number(printed))) / math.log(10));
  return Math.abs((found ?? Number.NaN) - Number(printed)) / math.pow(10, size + 1 - digits);
}

describe('GARCH(1,1)', () => {
  it('is fitted to the benchmark as Fiorentini, Calzolari and Panattoni (1996) did, to every digit printed', () => {
    const fit = fitGarch(MARK_POUND);
    const printed = [
      [fit.mean, '-0.00619041'],
      [fit.omega, '0.0107613'],
      [fit.alpha, '0.153134'],
      [fit.beta, '0.805974'],
      [fit.standardErrors?.mean, '0.00846212'],
      [fit.standardErrors?.omega, '0.00285271'],
      [fit.standardErrors?.alpha, '0.0265228'],
      [fit.standardErrors?.beta, '0.0335527'],
      [fit.robustStandardErrors?.mean, '0.00918935'],
      [fit.robustStandardErrors?.omega, '0.00649319'],
      [fit.robustStandardErrors?.alpha, '0.0535317'],
      [fit.robustStandardErrors?.beta, '0.0724614'],
    ] as const;
    // The print of omega is one unit of its last digit off what other packages find too (0.0107614).
    for (const [found, figure] of printed) expect(lastDigits(found, figure)).toBeLessThan(1.01);
    expect(fit.logLikelihood).toBeCloseTo(-1106.608, 3);
  });

  it('says the same in another unit of return', () => {
    const [percent, fraction] = [fitGarch(MARK_POUND), fitGarch(MARK_POUND.map((value) => value / 100))];
    expect(fraction.alpha).toBeCloseTo(percent.alpha, 8);
    expect(fraction.omega * 1e4).toBeCloseTo(percent.omega, 8);
    expect((fraction.standardErrors?.mean ?? NaN) * 100).toBeCloseTo(percent.standardErrors?.mean ?? NaN, 8);
  });

  it('starts where it is told: each start has a likelihood and a fit of its own', () => {
    const fits = (['sample', 'backcast', 'long-run', 0.5] as const).map((start) =>
      fitGarch(MARK_POUND, start),
    );
    expect(fits.map(({ varianceStart }) => varianceStart)).toEqual(['sample', 'backcast', 'long-run', 0.5]);
    expect(new Set(fits.map(({ logLikelihood }) => logLikelihood)).size).toBe(4);
    for (const fit of fits) {
      expect(Math.abs(fit.beta - 0.805974)).toBeLessThan(0.6 * (fit.standardErrors?.beta ?? 0));
    }
    expect(() => fitGarch(MARK_POUND, -1)).toThrow(/varianceStart/);
  });

  it('names the edge instead of errors where there is nothing to tell', () => {
    const draw = normals('no clustering');
    const fits = Array.from({ length: 8 }, () => fitGarch(Array.from({ length: 400 }, () => 0.01 * draw())));
    const edges = fits.filter(({ standardErrors }) => standardErrors === undefined);
    expect(edges.length).toBeGreaterThan(0);
    for (const { edge, robustStandardErrors } of edges) {
      expect(edge).toMatch(/tends to|flat/);
      expect(robustStandardErrors).toBeUndefined();
    }
    for (const { standardErrors, edge } of fits)
      expect(edge === undefined).toBe(standardErrors !== undefined);
    expect(() => fitGarch(new Array<number>(60).fill(0.01))).toThrow(/all the same/);
  });

  it('states errors that the truth keeps to: 95 of 100 within 1.96 of them', () => {
    const truth = { mean: 4e-4, omega: 4e-6, alpha: 0.1, beta: 0.85 };
    const draw = normals('coverage');
    const samples = SOAK ? 1000 : 24;
    const inside = { mean: 0, omega: 0, alpha: 0, beta: 0 };
    let told = 0;
    for (let sample = 0; sample < samples; sample += 1) {
      let variance = garchLongRunVariance(truth);
      const returns = Array.from({ length: 1500 }, () => {
        const residual = Math.sqrt(variance) * draw();
        variance = truth.omega + truth.alpha * residual * residual + truth.beta * variance;
        return truth.mean + residual;
      });
      const fit = fitGarch(returns);
      const errors = fit.standardErrors;
      if (errors === undefined) continue;
      told += 1;
      for (const name of ['mean', 'omega', 'alpha', 'beta'] as const)
        if (Math.abs(fit[name] - truth[name]) < 1.96 * errors[name]) inside[name] += 1;
    }
    process.stderr.write(
      `GARCH errors: ${told} of ${samples} fits, truth within 95 %: ${JSON.stringify(inside)}\n`,
    );
    expect(told).toBeGreaterThan(0.95 * samples);
    const least = told * 0.95 - 3 * Math.sqrt(told * 0.95 * 0.05); // three deviations of a binomial below
    for (const count of Object.values(inside)) expect(count).toBeGreaterThan(least);
  }, 300_000);
});

describe('EGARCH(1,1)', () => {
  const truth = { omega: -0.4, alpha: -0.08, gamma: 0.2, beta: 0.95 };

  it('is fitted to the benchmark as published: well within a twentieth of a standard error', () => {
    const fit = fitEgarch(MARK_POUND);
    const published = {
      mean: -0.01167873487,
      omega: -0.12633933747,
      alpha: -0.03845788444,
      gamma: 0.33305592776,
      beta: 0.91265373928,
    };
    for (const name of ['mean', 'omega', 'alpha', 'gamma', 'beta'] as const)
      expect(Math.abs(fit[name] - published[name])).toBeLessThan(0.05 * (fit.standardErrors?.[name] ?? 0));
    const errors = { mean: 0.00886, omega: 0.0285, alpha: 0.0192, gamma: 0.0406, beta: 0.0168 };
    for (const name of ['mean', 'omega', 'alpha', 'gamma', 'beta'] as const)
      expect(Math.abs((fit.standardErrors?.[name] ?? NaN) / errors[name] - 1)).toBeLessThan(0.06);
    // Likelier than GARCH with one parameter more.
    expect(fit.logLikelihood).toBeGreaterThan(fitGarch(MARK_POUND).logLikelihood);
  });

  it('moves with the unit of return by the level alone', () => {
    const [percent, fraction] = [fitEgarch(MARK_POUND), fitEgarch(MARK_POUND.map((value) => value / 100))];
    expect(fraction.gamma).toBeCloseTo(percent.gamma, 7);
    expect(fraction.nextVariance * 1e4).toBeCloseTo(percent.nextVariance, 7);
    expect(fraction.longRunVariance * 1e4).toBeCloseTo(percent.longRunVariance, 7);
  });

  const simulate = (draw: () => number, count: number): number[] => {
    let log = truth.omega / (1 - truth.beta);
    return Array.from({ length: count }, () => {
      const z = draw();
      const residual = math.exp(log / 2) * z;
      log =
        truth.omega +
        truth.alpha * z +
        truth.gamma * (Math.abs(z) - Math.sqrt(2 / Math.PI)) +
        truth.beta * log;
      return residual;
    });
  };

  it('finds what it was simulated with, its errors as large as it says', () => {
    const draw = normals('egarch');
    const samples = SOAK ? 500 : 20;
    const squares = { omega: 0, alpha: 0, gamma: 0, beta: 0 };
    for (let sample = 0; sample < samples; sample += 1) {
      const fit = fitEgarch(simulate(draw, 1500));
      for (const name of ['omega', 'alpha', 'gamma', 'beta'] as const)
        squares[name] += ((fit[name] - truth[name]) / (fit.standardErrors?.[name] ?? Number.NaN)) ** 2;
    }
    const means = Object.entries(squares).map(([name, sum]) => [name, sum / samples] as const);
    process.stderr.write(
      `EGARCH mean squared error over its variance, ${samples} fits: ${means.map(([name, mean]) => `${name} ${mean.toFixed(2)}`).join(', ')}\n`,
    );
    const room = 4 * Math.sqrt(2 / samples); // four deviations of a mean of chi-squares
    for (const [, mean] of means) expect(Math.abs(mean - 1)).toBeLessThan(room);
  }, 300_000);

  it('expects over a horizon what a simulation finds', () => {
    const draw = normals('egarch horizon');
    const now = 3e-4;
    const paths = 40_000;
    let sum = 0;
    for (let path = 0; path < paths; path += 1) {
      let log = math.log(now);
      for (let period = 0; period < 20; period += 1) {
        sum += math.exp(log);
        const z = draw();
        log =
          truth.omega +
          truth.alpha * z +
          truth.gamma * (Math.abs(z) - Math.sqrt(2 / Math.PI)) +
          truth.beta * log;
      }
    }
    const simulated = sum / paths / 20;
    expect(Math.abs(egarchAverageVariance(truth, now, 20) / simulated - 1)).toBeLessThan(0.01);
    expect(egarchAverageVariance(truth, now, 1)).toBeCloseTo(now, 15);
    expect(egarchAverageVariance(truth, now, 15_000) / egarchLongRunVariance(truth)).toBeCloseTo(1, 2);
    expect(() => egarchLongRunVariance({ ...truth, beta: 1 })).toThrow(/beta/);
  });
});
