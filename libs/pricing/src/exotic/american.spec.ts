import fc from 'fast-check';
import { differencedGreeks, greekScale } from '../../test/exotic/finite-differences';
import { extrapolatedTree } from '../../test/exotic/leisen-reimer';
import { expectTable, itWithTables, publishedCases } from '../../test/exotic/published-table';
import type { FullValuation } from '../door/valuation';
import { sharedKernel } from '../kernel-instance';
import { math } from '../math';
import { priceAmerican } from './american';
import { americanImpliedVolatility } from '../cases/american-implied-volatility';
import { priceMerton } from './merton';

const SIDES = ['call', 'put'] as const;
const GRID = [70, 90, 100, 115, 140].flatMap((S) =>
  [0.1, 1, 5].flatMap((T) =>
    [0.1, 0.25, 0.8].flatMap((sigma) =>
      [
        [0.05, 0],
        [0.05, 0.05],
        [0.02, 0.08],
        [0.09, 0.03],
        [0.04, -0.02],
      ].map(([r, q]) => ({ S, K: 100, T, sigma, r: r as number, q: q as number })),
    ),
  ),
);

const european = (at: object) => priceMerton({ ...at, jump_intensity: 0, jump_vol_delta: 0 });

const anyTerms = fc.record({
  S: fc.double({ min: 1, max: 1000, noNaN: true }),
  K: fc.double({ min: 20, max: 300, noNaN: true }),
  T: fc.double({ min: 0, max: 30, noNaN: true }),
  r: fc.double({ min: 0, max: 0.5, noNaN: true }),
  q: fc.double({ min: 0, max: 0.5, noNaN: true }),
  sigma: fc.double({ min: 0, max: 3, noNaN: true }),
  type: fc.constantFrom(...SIDES),
});
const SEED = { seed: 20260202, numRuns: 150, endOnFailure: true };

describe('American options', () => {
  itWithTables('reproduce the published tables of the approximations', () => {
    expectTable('ql_american_baw_haug', {
      compute: ({ inputs }) => priceAmerican({ ...inputs, method: 'barone-adesi-whaley' }).value,
    });
    expectTable('ql_american_bjerksund_stensland_1993', {
      compute: ({ inputs }) => priceAmerican({ ...inputs, method: 'bjerksund-stensland' }).value,
    });
    expectTable('ql_american_ju_1999', {
      compute: ({ inputs, row }) =>
        priceAmerican({ ...inputs, T: row['T_effective_act360'], method: 'ju' }).value,
      expected: ({ expected }) => expected['value_ju'] as number,
    });
  });

  itWithTables('the high-precision default stays within what the Ju table allows a converged engine', () => {
    for (const { inputs, expected, row } of publishedCases('ql_american_ju_1999')) {
      const value = priceAmerican({ ...inputs, T: row['T_effective_act360'] }).value;
      expect(Math.abs(value - (expected['value_ju'] as number))).toBeLessThanOrEqual(
        row['tolerance_fd'] as number,
      );
    }
  });

  itWithTables('reproduce the published Greeks of Bjerksund and Stensland', () => {
    for (const { inputs, expected, tolerance } of publishedCases('ql_american_bjs_greeks')) {
      const { value, delta, gamma, dualDelta, dividendRho, rho, vega, theta } = priceAmerican({
        ...inputs,
        method: 'bjerksund-stensland-1993',
      });
      const actual: Record<string, number | undefined> = {
        Npv: value,
        Delta: delta,
        Gamma: gamma,
        StrikeSensitivity: dualDelta,
        DivRho: dividendRho,
        Rho: rho,
        Vega: vega,
        Theta: theta,
      };
      for (const [name, number] of Object.entries(expected)) {
        expect([name, Math.abs((actual[name] as number) - number) <= tolerance]).toEqual([name, true]);
      }
    }
  });

  itWithTables('reproduce the QD+ boundary', () => {
    const { exports } = sharedKernel<{
      qdPlusPutBoundary(t: number, r: number, q: number, v: number): number;
    }>();
    expectTable('ql_american_qdplus_boundary', {
      compute: ({ inputs }) => {
        const { K, tau, r, q, sigma } = inputs as Record<string, number>;
        return (
          (K as number) * exports.qdPlusPutBoundary(tau as number, r as number, q as number, sigma as number)
        );
      },
      expected: ({ expected }) => expected['boundary'] as number,
    });
  });

  itWithTables('reproduce the American engines of the equity option example', () => {
    const methods: Record<string, string> = {
      'Barone-Adesi/Whaley American': 'barone-adesi-whaley',
      'Bjerksund/Stensland American': 'bjerksund-stensland',
      'QD+ fixed-point high precision American': 'high-precision',
      'FD American': 'high-precision',
      'Binomial JR American': 'high-precision',
      'Binomial CRR American': 'high-precision',
      'Binomial Leisen-Reimer American': 'high-precision',
    };
    const method = (engine: unknown) => methods[engine as string];
    expectTable(
      'ql_equity_option_example_run',
      { compute: ({ inputs }) => priceAmerican({ ...inputs, method: method(inputs['engine']) }).value },
      ({ inputs }) => method(inputs['engine']) !== undefined,
    );
  });

  it('agree with an extrapolated Leisen-Reimer tree', () => {
    let worst = 0;
    for (const at of GRID) {
      if (at.sigma === 0.8 || at.T === 5 || at.S % 20 !== 0) continue; // trees of this size converge on the rest
      for (const type of SIDES) {
        const tree = extrapolatedTree({ ...at, w: type === 'call' ? 1 : -1 }, 201);
        worst = Math.max(worst, Math.abs(priceAmerican({ ...at, type }).value - tree));
      }
    }
    expect(worst).toBeLessThan(1e-3);
  });

  it('report Greeks that agree with eighth-order differences', () => {
    for (const at of GRID.filter((_, i) => i % 41 === 7)) {
      for (const type of SIDES) {
        const price = (point: object) => priceAmerican({ ...point, type }) as FullValuation; // no dividends: every Greek is there
        const near = [0.95, 1, 1.05].map((factor) => price({ ...at, S: at.S * factor }));
        if (near.some(({ gamma }) => gamma === 0)) continue; // differences must not cross the boundary
        for (const [name, reported, differenced] of differencedGreeks(price, at, 0.004)) {
          if (name === 'dividendRho' && at.q === 0) continue; // the premium begins at zero yield: no two-sided slope
          const error = Math.abs(reported - differenced) / (greekScale(name, at, 100) + Math.abs(reported));
          if (!(error < (name === 'ultima' ? 1e-4 : 1e-5))) {
            throw new Error(
              `${name} ${reported} against ${differenced} (${error}) at ${JSON.stringify({ ...at, type })}`,
            );
          }
        }
      }
    }
  });

  it('are worth at least the European and the payoff, never NaN', () => {
    fc.assert(
      fc.property(anyTerms, (at) => {
        const american = priceAmerican(at);
        for (const [name, number] of Object.entries(american)) {
          if (Number.isNaN(number)) throw new Error(`${name} is NaN`);
        }
        const slack = 1e-9 * (at.S + at.K);
        expect(american.value).toBeGreaterThanOrEqual((at.type === 'call' ? 1 : -1) * (at.S - at.K) - slack);
        expect(american.value).toBeGreaterThanOrEqual(european(at).value - slack);
      }),
      SEED,
    );
  });

  it('a call without yield is European, in every Greek', () => {
    for (const at of GRID) {
      if (at.q > 0) continue;
      const call = { ...at, q: 0, type: 'call' };
      const [american, plain] = [priceAmerican(call) as FullValuation, european(call)]; // no dividends: every Greek is there
      for (const name of Object.keys(plain) as (keyof typeof plain)[]) {
        const scale = (name === 'value' ? 100 : greekScale(name, at, 100)) + Math.abs(plain[name]);
        expect(Math.abs(american[name] - plain[name]) / scale).toBeLessThan(1e-13);
      }
    }
  });

  it('paste smoothly: value, delta and vega are continuous at the boundary', () => {
    for (const [r, q] of [
      [0.05, 0],
      [0.05, 0.05],
      [0.03, 0.09],
    ] as const) {
      const at = { K: 100, T: 1, sigma: 0.3, r, q, type: 'put' } as const;
      let [low, high] = [1, 100];
      for (let i = 0; i < 60; i += 1) {
        const middle = (low + high) / 2;
        if (priceAmerican({ ...at, S: middle }).gamma === 0) low = middle;
        else high = middle;
      }
      const above = priceAmerican({ ...at, S: high * (1 + 1e-7) });
      expect(above.value - (100 - high * (1 + 1e-7))).toBeLessThan(1e-8);
      expect(Math.abs(above.delta + 1)).toBeLessThan(1e-5);
      expect(Math.abs(above.vega)).toBeLessThan(1e-3);
      expect(above.gamma).toBeGreaterThan(0);
    }
  });

  it('keep the symmetry of puts and calls, and homogeneity', () => {
    fc.assert(
      fc.property(anyTerms, (at) => {
        fc.pre(!(at.r < 0 || at.q < 0));
        const call = priceAmerican({ ...at, type: 'call' });
        const put = priceAmerican({ ...at, type: 'put', S: at.K, K: at.S, r: at.q, q: at.r });
        expect(Math.abs(call.value - put.value)).toBeLessThan(1e-9 * (at.S + at.K));
        const scaled = priceAmerican({ ...at, type: 'call', S: 7 * at.S, K: 7 * at.K });
        expect(Math.abs(scaled.value - 7 * call.value)).toBeLessThan(1e-9 * (at.S + at.K));
        expect(Math.abs(scaled.delta - call.delta)).toBeLessThan(1e-8);
      }),
      { ...SEED, numRuns: 40 },
    );
  });

  it('tend to the best deterministic exercise as volatility vanishes', () => {
    for (const sigma of [0, 1e-8, 1e-6]) {
      expect(priceAmerican({ type: 'put', S: 90, K: 100, T: 1, r: 0.05, q: 0, sigma }).value).toBeCloseTo(
        10,
        9,
      );
      expect(priceAmerican({ type: 'put', S: 110, K: 100, T: 1, r: 0.05, q: 0, sigma }).value).toBeCloseTo(
        0,
        9,
      );
      // Falling forward: waiting until r K = q S e^{(r-q)t} is best.
      const [S, r, q] = [90, 0.02, 0.1];
      const t = math.log((r * 100) / (q * S)) / (r - q);
      const best = t < 5 && t > 0 ? 100 * math.exp(-r * t) - S * math.exp(-q * t) : NaN;
      const expected = Number.isNaN(best) ? 100 * math.exp(-r * 5) - S * math.exp(-q * 5) : best;
      expect(priceAmerican({ type: 'put', S, K: 100, T: 5, r, q, sigma }).value).toBeCloseTo(expected, 7);
    }
  });

  it('recover the volatility that made a price', () => {
    fc.assert(
      fc.property(
        fc.record({
          S: fc.double({ min: 70, max: 140, noNaN: true }),
          K: fc.constant(100),
          T: fc.double({ min: 0.05, max: 3, noNaN: true }),
          r: fc.double({ min: -0.02, max: 0.1, noNaN: true }),
          q: fc.double({ min: 0, max: 0.1, noNaN: true }),
          type: fc.constantFrom(...SIDES),
        }),
        fc.double({ min: 0.15, max: 1.5, noNaN: true }),
        (at, sigma) => {
          const { value, vega } = priceAmerican({ ...at, sigma });
          fc.pre(vega > 1e-3);
          const implied = americanImpliedVolatility({ ...at, price: value });
          expect(Math.abs(implied - sigma)).toBeLessThan(1e-11 + (1e-12 * value) / vega);
        },
      ),
      { ...SEED, numRuns: 25 },
    );
  });

  it('name a price that no volatility makes', () => {
    const at = { type: 'put', S: 80, K: 100, T: 1, r: 0.05, q: 0 };
    expect(() => americanImpliedVolatility({ ...at, price: 20 })).toThrow(
      expect.objectContaining({ code: 'PRICING.BELOW_INTRINSIC', path: 'price' }),
    );
    expect(() => americanImpliedVolatility({ ...at, price: 100 })).toThrow(
      expect.objectContaining({ code: 'PRICING.ABOVE_BOUND' }),
    );
  });

  describe('on the grid', () => {
    const at = { S: 40, K: 40, T: 0.5, sigma: 0.3, r: 0.09, q: 0 };
    const dividends = [
      { t: 1 / 6, amount: 0.5 },
      { t: 5 / 12, amount: 0.5 },
    ];

    it('agree with the boundary integral where there is no dividend to speak of', () => {
      const put = { type: 'put', S: 36, K: 40, T: 1, sigma: 0.2, r: 0.06, q: 0 };
      const exact = priceAmerican(put);
      const grid = priceAmerican({ ...put, dividends: [{ t: 0.5, amount: 0 }] });
      expect(Math.abs(grid.value - exact.value)).toBeLessThan(2e-5);
      expect(Math.abs(grid.delta - exact.delta)).toBeLessThan(1e-4);
      expect(Math.abs(grid.gamma - exact.gamma)).toBeLessThan(1e-4);
      expect(Math.abs(grid.vega - exact.vega)).toBeLessThan(1e-2);
      expect(Math.abs(grid.rho - exact.rho)).toBeLessThan(1e-2);
      expect(Math.abs(grid.theta - exact.theta)).toBeLessThan(2e-3);
    });

    itWithTables('are worth more than the European with the same dividends', () => {
      const [known] = publishedCases('ql_dividend_hull');
      const american = priceAmerican({ ...at, type: 'call', dividends });
      expect(american.value).toBeGreaterThan(known?.expected['value'] as number);
      expect(american.value).toBeLessThan((known?.expected['value'] as number) + 0.2);
    });

    it('exercise a call just before a dividend larger than what waiting is worth', () => {
      // Spot model, one dividend at once: the choice is between the payoff now and the option on the spot less the dividend.
      const dividend = { t: 1e-6, amount: 5 };
      const deep = { type: 'call', S: 60, K: 40, T: 0.25, sigma: 0.2, r: 0.02, q: 0 };
      const value = priceAmerican({ ...deep, dividends: [dividend], dividend_model: 'spot' }).value;
      expect(Math.abs(value - 20)).toBeLessThan(1e-3);
      const put = { ...deep, type: 'put', S: 45 };
      const after = priceAmerican({ ...put, S: 40 }).value;
      expect(
        Math.abs(priceAmerican({ ...put, dividends: [dividend], dividend_model: 'spot' }).value - after),
      ).toBeLessThan(2e-3);
    });

    it('cover rates so negative that exercise pays between two boundaries', () => {
      const put = { type: 'put', K: 100, T: 2, sigma: 0.15, r: -0.01, q: -0.06 };
      for (const S of [60, 80, 95, 110]) {
        const american = priceAmerican({ ...put, S });
        expect(american.value).toBeGreaterThanOrEqual(
          Math.max(100 - S, european({ ...put, S }).value) - 1e-6,
        );
        const tree = extrapolatedTree({ w: -1, S, K: 100, T: 2, r: -0.01, q: -0.06, sigma: 0.15 }, 401);
        expect(Math.abs(american.value - tree)).toBeLessThan(2e-3);
      }
    });
  });
});
