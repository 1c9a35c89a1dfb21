import fc from 'fast-check';
import { differencedGreeks, greekScale } from '../../test/exotic/finite-differences';
import { expectTable, itWithTables } from '../../test/exotic/published-table';
import { math } from '../math';
import { priceEuropeanHeston, priceHeston } from './heston';
import { priceAmerican } from './american';
import { priceMerton } from './merton';

const real = (min: number, max: number) => fc.double({ min, max, noNaN: true });
const SEED = { seed: 20260303, numRuns: 120, endOnFailure: true };
const wide = fc.record({
  S: real(20, 400),
  K: fc.constant(100),
  T: fc.oneof(real(0.002, 0.1), real(0.1, 2), real(2, 40)),
  r: real(-0.05, 0.15),
  q: real(-0.05, 0.15),
  v0: real(0.001, 1),
  kappa: real(0, 10),
  theta: real(0, 1),
  sigma: fc.oneof(real(0, 0.01), real(0.01, 1), real(1, 5)),
  rho: real(-0.99, 0.99),
});

// A. Lewis's reference prices: S = 100, r = 1 %, q = 2 %, T = 1, v0 = 0.04, kappa = 4, theta = 0.25, sigma = 1, rho = -0.5.
const LEWIS: [K: number, put: number, call: number][] = [
  [
    80, 7.958878113256768285213263077598987193482161301733,
    26.774758743998854221382195325726949201687074848341,
  ],
  [
    90, 12.017966707346304987709573290236471654992071308187,
    20.933349000596710388139445766564068085476194042256,
  ],
  [
    100, 17.055270961270109413522653999411000974895436309183,
    16.070154917028834278213466703938231827658768230714,
  ],
  [
    110, 23.017825898442800538908781834822560777763225722188,
    12.132211516709844867860534767549426052805766831181,
  ],
  [
    120, 29.811026202682471843340682293165857439167301370697,
    9.02491348345783563655337545409235713648905166715,
  ],
];

describe('Heston', () => {
  itWithTables('reproduces the published prices at high volatility of variance', () => {
    expectTable('ql_heston_cached', { compute: ({ inputs }) => priceEuropeanHeston(inputs).value });
  });

  itWithTables('agrees with the Heston run of the equity option example, where its parameters vanish', () => {
    expectTable(
      'ql_equity_option_example_run',
      {
        compute: ({ inputs }) =>
          priceEuropeanHeston({ ...inputs, v0: 0.04, kappa: 1, theta: 0.04, sigma: 0.001, rho: 0 }).value,
      },
      ({ inputs }) => inputs['engine'] === 'Heston semi-analytic European',
    );
  });

  it('reproduces reference prices to thirteen digits', () => {
    const at = { S: 100, T: 1, r: 0.01, q: 0.02, v0: 0.04, kappa: 4, theta: 0.25, sigma: 1, rho: -0.5 };
    for (const [K, put, call] of LEWIS) {
      expect(Math.abs(priceEuropeanHeston({ ...at, K, type: 'put' }).value - put)).toBeLessThan(2e-12);
      expect(Math.abs(priceEuropeanHeston({ ...at, K, type: 'call' }).value - call)).toBeLessThan(2e-12);
    }
  });

  it('keeps put-call parity, bounds and the pricing equation over wide parameters', () => {
    fc.assert(
      fc.property(wide, (at) => {
        const call = priceEuropeanHeston({ ...at, type: 'call' });
        const put = priceEuropeanHeston({ ...at, type: 'put' });
        for (const number of [...Object.values(call), ...Object.values(put)]) expect(number).not.toBeNaN();
        const asset = at.S * math.exp(-at.q * at.T);
        const cash = at.K * math.exp(-at.r * at.T);
        const slack = 1e-9 * (asset + cash);
        expect(Math.abs(call.value - put.value - asset + cash)).toBeLessThan(slack);
        expect(call.value).toBeGreaterThanOrEqual(Math.max(0, asset - cash) - slack);
        expect(call.value).toBeLessThanOrEqual(asset + slack);
        expect(Math.abs(call.delta - put.delta - math.exp(-at.q * at.T))).toBeLessThan(1e-8);
      }),
      SEED,
    );
  });

  it('tends to Black-Scholes as the volatility of variance vanishes', () => {
    fc.assert(
      fc.property(wide, fc.constantFrom(0, 1e-9, 1e-7), (at, sigma) => {
        const level = { ...at, v0: Math.max(at.v0, 0.01) };
        const heston = priceEuropeanHeston({ ...level, theta: level.v0, sigma, type: 'call' });
        const plain = priceMerton({
          ...level,
          sigma: Math.sqrt(level.v0),
          type: 'call',
          jump_intensity: 0,
          jump_vol_delta: 0,
        });
        for (const name of [
          'value',
          'delta',
          'gamma',
          'theta',
          'charm',
          'speed',
          'colour',
          'rho',
          'dividendRho',
          'dualDelta',
          'dualGamma',
        ] as const) {
          const scale =
            name === 'value' ? 100 : greekScale(name, { ...level, sigma: Math.sqrt(level.v0) }, 100);
          expect([name, Math.abs(heston[name] - plain[name]) / scale < 1e-6]).toEqual([name, true]);
        }
      }),
      SEED,
    );
  });

  it('reports Greeks that agree with eighth-order differences', () => {
    const cases = [
      { S: 100, K: 100, T: 1, r: 0.02, q: 0.01, v0: 0.04, kappa: 2, theta: 0.06, sigma: 0.5, rho: -0.6 },
      { S: 80, K: 100, T: 0.1, r: 0.05, q: 0, v0: 0.5, kappa: 1, theta: 0.3, sigma: 2, rho: -0.3 },
      { S: 130, K: 100, T: 10, r: 0.01, q: 0.03, v0: 0.02, kappa: 0.5, theta: 0.08, sigma: 1, rho: 0.4 },
    ];
    for (const heston of cases) {
      for (const type of ['call', 'put'] as const) {
        const at = { ...heston, sigma: Math.sqrt(heston.v0) };
        const price = ({ sigma, ...point }: typeof at) =>
          priceEuropeanHeston({ ...heston, ...point, v0: sigma * sigma, sigma: heston.sigma, type });
        for (const [name, reported, differenced] of differencedGreeks(
          (p) => price({ ...at, ...p }),
          at,
          0.01,
        )) {
          const error = Math.abs(reported - differenced) / (greekScale(name, at, 100) + Math.abs(reported));
          if (!(error < 1e-8))
            throw new Error(
              `${name} ${reported} against ${differenced} at ${JSON.stringify({ ...heston, type })}`,
            );
        }
      }
    }
  });

  it('stays stable for very short and very long expiries and extreme volatility of variance', () => {
    const base = { K: 100, r: 0.01, q: 0, type: 'call' };
    for (const T of [-1, 0, 1e-9, 1e-5, 0.01, 100]) {
      for (const [v0, theta] of [
        [0, 0],
        [0, 0.04],
        [1e-6, 1e-6],
        [0.04, 0.04],
        [4, 1],
      ] as const) {
        for (const sigma of [0, 0.3, 5]) {
          for (const rho of [-0.9, 0.999]) {
            for (const S of [50, 99.9, 200]) {
              const value = priceEuropeanHeston({ ...base, S, T, v0, theta, kappa: 1.5, sigma, rho });
              for (const [name, number] of Object.entries(value)) {
                if (Number.isNaN(number))
                  throw new Error(`${name} at ${JSON.stringify({ S, T, v0, theta, sigma, rho })}`);
              }
              const floor = Math.max(0, S - 100 * math.exp(-0.01 * Math.max(0, T)));
              expect(value.value).toBeGreaterThanOrEqual(floor - 1e-7);
            }
          }
        }
      }
    }
  });

  it('names the input that is wrong', () => {
    const good = { type: 'call', S: 1, K: 1, T: 1, v0: 0.04, kappa: 1, theta: 0.04, sigma: 0.3, rho: 0 };
    expect(() => priceEuropeanHeston({ ...good, rho: 1.1 })).toThrow(
      expect.objectContaining({ path: 'rho' }),
    );
    expect(() => priceEuropeanHeston({ ...good, v0: undefined })).toThrow(
      expect.objectContaining({ code: 'PRICING.MISSING_INPUT' }),
    );
  });

  describe('with American exercise', () => {
    itWithTables('reproduces the published American puts', () => {
      expectTable('ql_heston_american_ikonen_toivanen', {
        compute: ({ inputs }) => priceHeston(inputs).value,
      });
    });

    it('a call without yield is European; where exercise is best the option is its payoff', () => {
      const at = {
        S: 90,
        K: 100,
        T: 1,
        r: 0.03,
        q: 0,
        v0: 0.05,
        kappa: 2,
        theta: 0.06,
        sigma: 0.6,
        rho: -0.7,
      };
      const american = priceHeston({ ...at, type: 'call', exercise: 'american' });
      const european = priceHeston({ ...at, type: 'call' });
      expect(Math.abs(american.value - european.value)).toBeLessThan(1e-6);
      const deep = priceHeston({ ...at, S: 30, type: 'put', exercise: 'american' });
      expect(deep).toEqual(expect.objectContaining({ value: 70, delta: -1, gamma: 0, vega: 0 }));
    });

    it('tends to the Black-Scholes American as the volatility of variance vanishes', () => {
      const at = { type: 'put', S: 36, K: 40, T: 1, r: 0.06, q: 0 };
      const heston = priceHeston({
        ...at,
        v0: 0.04,
        kappa: 1,
        theta: 0.04,
        sigma: 0.01,
        rho: 0,
        exercise: 'american',
      });
      const plain = priceAmerican({ ...at, sigma: 0.2 });
      expect(Math.abs(heston.value - plain.value)).toBeLessThan(4e-3);
      expect(Math.abs((heston.delta ?? NaN) - plain.delta)).toBeLessThan(3e-3);
    });
  });
});
