import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import * as fc from 'fast-check';
import { PricingError } from '../errors';
import { math } from '../math';
import { priceBlack76 } from '../door/black76';
import { sabrDeltas, sabrNormalVolatility, sabrSensitivities, sabrVolatility } from './sabr';
import { fitSabr } from './sabr-fit';

interface SabrCase {
  readonly id: string;
  readonly inputs: { F: number; K: number; T: number; alpha: number; beta: number; nu: number; rho: number };
  readonly expected: { black_vol: number };
  readonly tolerance: number;
}

const published = itWithSharedData('validation');
const casesOf = (name: string): SabrCase[] =>
  (
    JSON.parse(readFileSync(join(sharedDir() ?? '', 'validation', `${name}.json`), 'utf8')) as {
      cases: SabrCase[];
    }
  ).cases; // the files' documented shape

const point = (c: SabrCase) => ({ forward: c.inputs.F, strike: c.inputs.K, years: c.inputs.T });

describe('SABR expansions', () => {
  published('reproduce the 31 published Hagan volatilities', () => {
    const cases = casesOf('ql_sabr_hagan_2002');
    expect(cases).toHaveLength(31);
    for (const c of cases) {
      expect(
        Math.abs(sabrVolatility(c.inputs, point(c), 'hagan') - c.expected.black_vol),
      ).toBeLessThanOrEqual(c.tolerance);
    }
  });

  published('reproduce the four volatilities of the Andersen expansion', () => {
    const cases = casesOf('ql_sabr_lefloch_kennedy');
    expect(cases).toHaveLength(4);
    for (const c of cases) {
      expect(
        Math.abs(sabrVolatility(c.inputs, point(c), 'andersen') - c.expected.black_vol),
      ).toBeLessThanOrEqual(c.tolerance);
    }
  });

  const parameters = { alpha: 0.35, beta: 0.25, nu: 1, rho: 0.25 };
  it('pass smoothly through the money', () => {
    for (const expansion of ['hagan', 'obloj', 'andersen'] as const) {
      const at = (x: number): number =>
        sabrVolatility(parameters, { forward: 1, strike: math.exp(x), years: 2 }, expansion);
      // Fourth differences see a jump of 1e-10 in value; a smooth smile's are about h⁴.
      for (const centre of [-0.004, -1e-9, 0, 1e-9, 0.004]) {
        const h = 1e-3;
        const fourth =
          at(centre - 2 * h) - 4 * at(centre - h) + 6 * at(centre) - 4 * at(centre + h) + at(centre + 2 * h);
        expect(Math.abs(fourth)).toBeLessThan(1e-10);
      }
    }
  });

  it('agree at the money and differ from each other away from it by terms of second order', () => {
    for (const years of [0.01, 1]) {
      const at = (expansion: 'hagan' | 'obloj' | 'andersen', strike: number): number =>
        sabrVolatility(parameters, { forward: 1, strike, years }, expansion);
      expect(at('obloj', 1)).toBeCloseTo(at('hagan', 1), 14);
      expect(at('andersen', 1)).toBeCloseTo(at('hagan', 1), 12);
      expect(Math.abs(at('obloj', 1.1) - at('hagan', 1.1))).toBeLessThan(2e-3);
    }
  });

  it('reduce to CEV and lognormal limits', () => {
    const flat = { alpha: 0.6, beta: 1, nu: 0, rho: 0 };
    for (const strike of [0.2, 1, 5]) {
      expect(sabrVolatility(flat, { forward: 1, strike, years: 3 })).toBeCloseTo(0.6, 14);
      expect(sabrVolatility(flat, { forward: 1, strike, years: 3 }, 'obloj')).toBeCloseTo(0.6, 14);
      expect(sabrVolatility(flat, { forward: 1, strike, years: 3 }, 'andersen')).toBeCloseTo(0.6, 12);
    }
  });

  it('shift forward and strike together', () => {
    const unshifted = sabrVolatility(parameters, { forward: 1.02, strike: 0.93, years: 1 });
    expect(
      sabrVolatility({ ...parameters, shift: 0.03 }, { forward: 0.99, strike: 0.9, years: 1 }),
    ).toBeCloseTo(unshifted, 13);
  });

  it('give a normal volatility for negative forwards when β is 0, equal to the limit of small positive ones', () => {
    const normal = { alpha: 0.01, beta: 0, nu: 0.4, rho: -0.3 };
    const negative = sabrNormalVolatility(normal, { forward: -0.002, strike: 0.001, years: 2 });
    const moved = sabrNormalVolatility(normal, { forward: 0.998, strike: 1.001, years: 2 });
    expect(negative).toBeCloseTo(moved, 14);
    const nearlyNormal = sabrNormalVolatility(
      { ...normal, beta: 1e-9 },
      { forward: 100.998, strike: 101.001, years: 2 },
    );
    expect(nearlyNormal).toBeCloseTo(moved, 8);
  });

  it('name the input that is out of range', () => {
    const at = { forward: 1, strike: 1, years: 1 };
    expect(() => sabrVolatility({ ...parameters, rho: 1 }, at)).toThrow(/rho/);
    expect(() => sabrVolatility({ ...parameters, alpha: Number.NaN }, at)).toThrow(/alpha/);
    expect(() => sabrVolatility(parameters, { ...at, strike: -1 })).toThrow(/^K/);
  });
});

describe('SABR out of its depth', () => {
  it('says so instead of giving a volatility that is none', () => {
    const wild = { alpha: 0.4, beta: 0.4, nu: 1.5, rho: -0.99 };
    const point = { forward: 0.07, strike: 0.07, years: 60 };
    expect(() => sabrVolatility(wild, point)).toThrow(
      expect.objectContaining({ code: 'PRICING.SMILE_EXPANSION' }) as Error,
    );
  });

  it('gives a finite positive volatility or a named error for any parameters in range', () => {
    const within = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(
        within(1e-4, 5),
        within(0, 1),
        within(0, 5),
        within(-0.999, 0.999),
        within(1e-3, 1e5),
        within(1e-3, 1e5),
        within(0, 30),
        (alpha, beta, nu, rho, forward, strike, years) => {
          for (const expansion of ['hagan', 'obloj', 'andersen'] as const) {
            try {
              const volatility = sabrVolatility(
                { alpha, beta, nu, rho },
                { forward, strike, years },
                expansion,
              );
              if (!(volatility > 0 && volatility < Infinity)) return false;
            } catch (error) {
              if (!(error instanceof PricingError) || error.code !== 'PRICING.SMILE_EXPANSION') return false;
            }
          }
          return true;
        },
      ),
      { seed: 20260124, numRuns: 2000 },
    );
  });
});

describe('SABR sensitivities', () => {
  it('equal the slope over a wide chord', () => {
    const parameters = { alpha: 0.3, beta: 0.6, nu: 0.5, rho: -0.4 };
    const at = { forward: 0.05, strike: 0.045, years: 1.5 };
    const slopes = sabrSensitivities(parameters, at);
    const h = 1e-6;
    const chord =
      (sabrVolatility(parameters, { ...at, forward: 0.05 + h }) -
        sabrVolatility(parameters, { ...at, forward: 0.05 - h })) /
      (2 * h);
    expect(Math.abs(slopes.perForward / chord - 1)).toBeLessThan(1e-7);
    const alphaChord =
      (sabrVolatility({ ...parameters, alpha: 0.3 + h }, at) -
        sabrVolatility({ ...parameters, alpha: 0.3 - h }, at)) /
      (2 * h);
    expect(Math.abs(slopes.perAlpha / alphaChord - 1)).toBeLessThan(1e-7);
  });
});

describe('the deltas of a SABR hedge', () => {
  it('are finite differences along the moves they assume', () => {
    const parameters = { alpha: 2.4, beta: 0.5, nu: 0.7, rho: -0.5 };
    const [strike, years] = [92, 0.4];
    const value = (forward: number, alpha: number, held?: number): number => {
      const sigma = held ?? sabrVolatility({ ...parameters, alpha }, { forward, strike, years });
      return priceBlack76({ type: 'call', F: forward, K: strike, T: years, sigma }).value;
    };
    const at = { forward: 100, strike, years };
    const sensitivities = sabrSensitivities(parameters, at);
    const black = priceBlack76({
      type: 'call',
      F: 100,
      K: strike,
      T: years,
      sigma: sensitivities.volatility,
    });
    const deltas = sabrDeltas(black, sensitivities, parameters, 100);
    const h = 1e-3;
    const chord = (alphaMove: number, held?: number): number =>
      (value(100 + h, 2.4 + alphaMove * h, held) - value(100 - h, 2.4 - alphaMove * h, held)) / (2 * h);
    expect(deltas.stickyStrike).toBeCloseTo(chord(0, sensitivities.volatility), 7);
    expect(deltas.backbone).toBeCloseTo(chord(0), 7);
    // On average α moves with F by ρν/F^β per unit.
    expect(deltas.bartlett).toBeCloseTo(chord((parameters.rho * parameters.nu) / 10), 7);
    expect(Math.abs(deltas.bartlett - deltas.backbone)).toBeGreaterThan(1e-3);
  });
});

describe('a SABR fit', () => {
  it('recovers the parameters a smile was made of', () => {
    const truth = { alpha: 0.42, beta: 0.5, nu: 0.9, rho: -0.35 };
    const strikes = [60, 70, 80, 90, 100, 110, 120, 140, 170];
    const quotes = strikes.map((strike) => ({
      strike,
      volatility: sabrVolatility(truth, { forward: 100, strike, years: 0.5 }),
    }));
    const fit = fitSabr({ forward: 100, years: 0.5, quotes, beta: 0.5 });
    expect(fit.parameters.alpha).toBeCloseTo(truth.alpha, 6);
    expect(fit.parameters.nu).toBeCloseTo(truth.nu, 5);
    expect(fit.parameters.rho).toBeCloseTo(truth.rho, 5);
    expect(fit.worst).toBeLessThan(1e-7);
  });
});
