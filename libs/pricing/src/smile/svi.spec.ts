import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import * as fc from 'fast-check';
import { math } from '../math';
import { butterflyArbitrage, calendarArbitrage } from './arbitrage';
import type { SmileSlice } from './arbitrage';
import { sviRawOfSsvi } from './ssvi';
import type { SsviSlice } from './ssvi';
import type { SviRaw } from './svi';
import {
  sviCurvature,
  sviJumpWingsOfRaw,
  sviLeastVariance,
  sviRawOfJumpWings,
  sviSlope,
  sviTotalVariance,
  sviWingSlopes,
} from './svi';

const SEED = 20260122;
const published = itWithSharedData('validation');
const file = join(sharedDir() ?? '', 'validation', 'ql_svi_smile_section.json');

/** Slices with a positive least variance and wings within Lee's bound. */
const slices: fc.Arbitrary<SviRaw> = fc
  .record({
    least: fc.double({ min: 1e-5, max: 0.5, noNaN: true }),
    put: fc.double({ min: 1e-3, max: 1.9, noNaN: true }),
    call: fc.double({ min: 1e-3, max: 1.9, noNaN: true }),
    m: fc.double({ min: -0.5, max: 0.5, noNaN: true }),
    sigma: fc.double({ min: 1e-3, max: 1, noNaN: true }),
  })
  .map(({ least, put, call, m, sigma }) => {
    const b = (put + call) / 2;
    const rho = (call - put) / (call + put);
    return { a: least - b * sigma * Math.sqrt(1 - rho * rho), b, rho, m, sigma };
  });

const sliceOf = (svi: SviRaw, years = 0.1, expiry = 'near'): SmileSlice => ({
  expiry,
  years,
  forward: 100,
  svi,
});

/** The slice of Axel Vogt that Gatheral & Jacquier 2014, section 3.1, shows to have a negative density. */
const vogt: SviRaw = { a: -0.041, b: 0.1331, m: 0.3586, rho: 0.306, sigma: 0.4153 };

describe('raw SVI', () => {
  published('gives the published total variance', () => {
    interface SviCase {
      inputs: SviRaw & { T: number; F: number; K: number };
      expected: { total_variance: number };
      tolerance: number;
    }
    const { cases } = JSON.parse(readFileSync(file, 'utf8')) as { cases: SviCase[] }; // the file's documented shape
    for (const { inputs, expected, tolerance } of cases) {
      expect(
        Math.abs(sviTotalVariance(inputs, math.log(inputs.K / inputs.F)) - expected.total_variance),
      ).toBeLessThan(tolerance);
    }
  });

  it('has the derivatives of its own formula', () => {
    fc.assert(
      fc.property(slices, fc.double({ min: -1, max: 1, noNaN: true }), (slice, k) => {
        const h = 1e-4 * Math.max(slice.sigma, 1e-2);
        const w = (x: number): number => sviTotalVariance(slice, x);
        const chord = (w(k + h) - w(k - h)) / (2 * h);
        const bend = (sviSlope(slice, k + h) - sviSlope(slice, k - h)) / (2 * h);
        const bendScale = slice.b / slice.sigma;
        return (
          Math.abs(sviSlope(slice, k) - chord) < 1e-5 * slice.b &&
          Math.abs(sviCurvature(slice, k) - bend) < 1e-3 * bendScale
        );
      }),
      { seed: SEED, numRuns: 300 },
    );
  });

  it('goes to jump wings and back', () => {
    fc.assert(
      fc.property(slices, fc.double({ min: 0.002, max: 3, noNaN: true }), (slice, years) => {
        const h = Math.sqrt(slice.m * slice.m + slice.sigma * slice.sigma);
        fc.pre(Math.abs(slice.rho - slice.m / h) > 0.02); // at the degenerate point jump wings do not determine σ
        const back = sviRawOfJumpWings(sviJumpWingsOfRaw(slice, years), years);
        const scale = sviTotalVariance(slice, 0);
        for (const k of [-1, -0.2, 0, 0.1, 0.7]) {
          const error = sviTotalVariance(back, k) - sviTotalVariance(slice, k);
          if (Math.abs(error) > 1e-9 * (scale + slice.b * (1 + h))) return false;
        }
        return Math.abs(back.rho - slice.rho) < 1e-12 && Math.abs(back.b - slice.b) < 1e-12 * slice.b;
      }),
      { seed: SEED, numRuns: 500 },
    );
  });

  it('refuses jump wings that do not determine a slice', () => {
    const flatBottom = { a: 0.01, b: 0.2, rho: 0, m: 0, sigma: 0.1 };
    expect(() => sviRawOfJumpWings(sviJumpWingsOfRaw(flatBottom, 1), 1)).toThrow(/do not determine/);
    expect(() => sviRawOfJumpWings({ v: 0.04, psi: 0, p: 0.4, c: 0.4, vTilde: 0.05 }, 1)).toThrow(/vTilde/);
    expect(() => sviRawOfJumpWings({ v: 0.04, psi: -2, p: 0.4, c: 0.4, vTilde: 0.03 }, 1)).toThrow(/psi/);
  });

  it('stays inside the wing slopes: extrapolation is bounded by Lee', () => {
    fc.assert(
      fc.property(slices, fc.double({ min: 0.1, max: 200, noNaN: true }), (slice, distance) => {
        const { put, call } = sviWingSlopes(slice);
        const least = sviLeastVariance(slice);
        const reach = 1 + slice.sigma;
        const high = sviTotalVariance(slice, slice.m + distance);
        const low = sviTotalVariance(slice, slice.m - distance);
        return (
          high <= least + call * (distance + reach) + 2 * reach &&
          low <= least + put * (distance + reach) + 2 * reach &&
          low >= least - 1e-12 &&
          high >= least - 1e-12
        );
      }),
      { seed: SEED, numRuns: 300 },
    );
  });
});

describe('butterfly arbitrage', () => {
  it("is found and placed in Vogt's slice", () => {
    const found = butterflyArbitrage(sliceOf(vogt, 1, '1Y'));
    expect(found).toHaveLength(1);
    const [finding] = found;
    expect(finding?.kind).toBe('butterfly');
    expect(finding?.expiry).toBe('1Y');
    // The density of this slice is negative between log-moneyness of about 0.68 and 1.18 (Gatheral & Jacquier, figure 2).
    expect(finding?.fromLogMoneyness).toBeGreaterThan(0.6);
    expect(finding?.fromLogMoneyness).toBeLessThan(0.8);
    expect(finding?.toLogMoneyness).toBeGreaterThan(1.0);
    expect(finding?.toLogMoneyness).toBeLessThan(1.3);
    expect(finding?.fromStrike).toBeCloseTo(100 * math.exp(finding?.fromLogMoneyness ?? 0), 9);
  });

  it('names the wing that breaks the bound of Lee, to its end', () => {
    const [finding] = butterflyArbitrage(sliceOf({ a: 0.04, b: 1.5, rho: 0.6, m: 0, sigma: 0.2 }));
    expect(finding?.kind).toBe('wing-slope');
    expect(finding?.toLogMoneyness).toBe(Infinity);
    expect(finding?.message).toMatch(/call wing/);
  });

  it('names where the variance is negative', () => {
    const [finding] = butterflyArbitrage(sliceOf({ a: -0.05, b: 0.2, rho: 0, m: 0, sigma: 0.1 }));
    expect(finding?.kind).toBe('negative-variance');
    expect(finding?.fromLogMoneyness).toBeLessThan(0);
    expect(finding?.toLogMoneyness).toBeGreaterThan(0);
  });

  it('is never found in SSVI slices that meet the sufficient conditions', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1e-4, max: 1, noNaN: true }),
        fc.double({ min: -0.95, max: 0.95, noNaN: true }),
        fc.double({ min: 0.05, max: 0.999, noNaN: true }),
        (theta, rho, share) => {
          const lean = 1 + Math.abs(rho);
          const phi = share * Math.min(4 / (theta * lean), Math.sqrt(4 / (theta * lean)));
          const slice = { theta, phi, rho };
          return butterflyArbitrage(sliceOf(sviRawOfSsvi(slice))).length === 0;
        },
      ),
      { seed: SEED, numRuns: 200 },
    );
  });
});

describe('calendar arbitrage', () => {
  const near = sliceOf({ a: 0.01, b: 0.1, rho: -0.3, m: 0, sigma: 0.1 }, 0.1, '9JAN26');

  it('is absent between a slice and the same slice raised', () => {
    const far = sliceOf({ ...near.svi, a: 0.012 }, 0.2, '16JAN26');
    expect(calendarArbitrage(near, far)).toEqual([]);
    expect(calendarArbitrage(near, sliceOf(near.svi, 0.2, '16JAN26'))).toEqual([]);
  });

  it('names both expiries and the strikes of the crossing', () => {
    const far = sliceOf({ a: 0.013, b: 0.1, rho: -0.6, m: 0, sigma: 0.1 }, 0.2, '16JAN26'); // flatter call wing
    const [finding] = calendarArbitrage(near, far);
    expect(finding?.expiry).toBe('9JAN26');
    expect(finding?.laterExpiry).toBe('16JAN26');
    expect(finding?.toLogMoneyness).toBe(Infinity);
    const edge = finding?.fromLogMoneyness ?? Number.NaN;
    expect(sviTotalVariance(far.svi, edge)).toBeCloseTo(sviTotalVariance(near.svi, edge), 9);
  });

  it('is seen in a dip narrower than any grid', () => {
    const far = sliceOf({ ...near.svi, a: near.svi.a + 0.0001 }, 0.2, 'far');
    const spiked = sliceOf(
      { a: near.svi.a + 0.00012 + 0.0078, b: 0.1, rho: -0.3, m: 0.00007, sigma: 0.018 },
      0.2,
      'spiked',
    );
    expect(calendarArbitrage(near, far)).toEqual([]);
    const direct: number[] = [];
    for (let i = -100_000; i <= 100_000; i++) {
      const k = i * 1e-5;
      if (sviTotalVariance(spiked.svi, k) < sviTotalVariance(near.svi, k) - 1e-9) direct.push(k);
    }
    expect(calendarArbitrage(near, spiked).length > 0).toBe(direct.length > 0);
  });
});

/**
 * Sufficient conditions for no calendar arbitrage with a correlation of each slice's own (Hendriks & Martini 2019): θ and
 * `θφ(1±ρ)` do not fall, φ does not rise.
 */
function meetCalendarConditions(near: SsviSlice, far: SsviSlice): boolean {
  const wing = (slice: SsviSlice, sign: number): number => slice.theta * slice.phi * (1 + sign * slice.rho);
  return (
    far.theta >= near.theta &&
    far.phi <= near.phi &&
    [1, -1].every((sign) => wing(far, sign) >= wing(near, sign))
  );
}

describe('SSVI', () => {
  it('has no crossing between slices that meet the calendar conditions', () => {
    const unit = fc.double({ min: 0.05, max: 0.95, noNaN: true });
    fc.assert(
      fc.property(
        unit,
        unit,
        unit,
        unit,
        fc.double({ min: -0.8, max: 0.8, noNaN: true }),
        (a, b, c, d, rho) => {
          const nearSlice = { theta: 0.05 * a, phi: 4 * b, rho };
          const farSlice = {
            theta: nearSlice.theta * (1 + c),
            phi: (nearSlice.phi * (1 + c * d)) / (1 + c),
            rho: rho * (1 - 0.2 * d),
          };
          fc.pre(meetCalendarConditions(nearSlice, farSlice));
          return (
            calendarArbitrage(sliceOf(sviRawOfSsvi(nearSlice)), sliceOf(sviRawOfSsvi(farSlice), 0.2, 'far'))
              .length === 0
          );
        },
      ),
      { seed: SEED, numRuns: 200 },
    );
  });
});
