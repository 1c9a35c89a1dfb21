import { differencedGreeks, greekScale } from '../../test/exotic/finite-differences';
import { expectTable, itWithTables } from '../../test/exotic/published-table';
import { math } from '../math';
import { priceAsian } from './asian';
import { priceMerton } from './merton';

const european = (at: object) => priceMerton({ ...at, jump_intensity: 0, jump_vol_delta: 0 });
const POINTS = [
  { S: 90, K: 100, T: 0.5, sigma: 0.3, r: 0.05, q: 0.02 },
  { S: 100, K: 100, T: 2, sigma: 0.5, r: 0.03, q: 0.03 },
  { S: 120, K: 100, T: 1, sigma: 0.15, r: -0.01, q: 0.04 },
];
const SIDES = ['call', 'put'] as const;
const SHAPES = [
  { kind: 'geometric_continuous_average_price' },
  { kind: 'geometric_continuous_average_strike' },
  { kind: 'geometric_continuous_average_price', averaging_start: 0.1 },
  { kind: 'arithmetic_continuous_average_price', method: 'turnbull-wakeman', averaging_start: 0.1 },
  { kind: 'arithmetic_continuous_average_price', method: 'levy', elapsed: 0.2, past_average: 97 },
  { kind: 'arithmetic_continuous_average_strike', method: 'levy' },
] as const;

describe('Asian options', () => {
  itWithTables('reproduce the published geometric averages', () => {
    expectTable('ql_asian_geometric', {
      compute: ({ inputs }) => priceAsian(inputs).value,
      known: {
        'ql_asian_geometric-003':
          'the printed 4.97109 counts time from the first fixing instead of from today; see the next test',
      },
    });
  });

  it('give the printed average-strike price when the clock starts at the first fixing', () => {
    const fixing_times = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];
    const at = {
      type: 'call',
      S: 100,
      r: 0.06,
      q: 0.03,
      sigma: 0.2,
      kind: 'geometric_discrete_average_strike',
    };
    expect(Math.abs(priceAsian({ ...at, T: 0.9, fixing_times }).value - 4.97109)).toBeLessThan(1e-5);
  });

  itWithTables('reproduce the published Turnbull-Wakeman table, flat, rising and falling volatility', () => {
    expectTable('ql_asian_turnbull_wakeman_haug', {
      compute: ({ inputs }) => priceAsian({ ...inputs, method: 'turnbull-wakeman' }).value,
    });
  });

  itWithTables(
    'come within the tolerance of the simulated discrete averages, and within the error of the converged ones',
    () => {
      const worst: number[] = [];
      expectTable('ql_asian_arithmetic_levy', {
        compute: ({ inputs, row }) => {
          const value = priceAsian(inputs).value;
          const independent = row['independent'] as { value: number; standardError: number };
          worst.push(Math.abs(value - independent.value) / independent.standardError);
          return value;
        },
      });
      expect(Math.max(...worst)).toBeLessThan(3);
    },
  );

  itWithTables('reproduce the published continuous arithmetic averages', () => {
    expectTable('ql_asian_vecer', { compute: ({ inputs }) => priceAsian(inputs).value });
  });

  it('are European options where the average is one fixing at expiry', () => {
    for (const at of POINTS) {
      for (const type of SIDES) {
        for (const kind of ['geometric_discrete_average_price', 'arithmetic_average_price']) {
          const average = priceAsian({ ...at, type, kind, fixing_times: [at.T], method: 'levy' });
          const plain = european({ ...at, type });
          for (const name of Object.keys(plain) as (keyof typeof plain)[]) {
            const scale = (name === 'value' ? 100 : greekScale(name, at, 100)) + Math.abs(plain[name]);
            expect(Math.abs(average[name] - plain[name]) / scale).toBeLessThan(1e-11);
          }
        }
      }
    }
  });

  it('keep put-call parity of averages, and the geometric below the arithmetic', () => {
    for (const at of POINTS) {
      const forwards = Array.from(
        { length: 12 },
        (_, i) => at.S * math.exp(((at.r - at.q) * at.T * (i + 1)) / 12),
      );
      const mean = forwards.reduce((a, b) => a + b, 0) / 12;
      const fixing_times = forwards.map((_, i) => (at.T * (i + 1)) / 12);
      const [call, put] = SIDES.map(
        (type) => priceAsian({ ...at, type, kind: 'arithmetic_average_price', fixing_times }).value,
      );
      const parity = math.exp(-at.r * at.T) * (mean - at.K);
      expect(Math.abs((call as number) - (put as number) - parity)).toBeLessThan(1e-11);
      const geometric = priceAsian({
        ...at,
        type: 'call',
        kind: 'geometric_discrete_average_price',
        fixing_times,
      }).value;
      expect(geometric).toBeLessThan(call as number);
    }
  });

  it('report Greeks that agree with eighth-order differences', () => {
    for (const at of POINTS) {
      for (const type of SIDES) {
        for (const shape of SHAPES) {
          // Calendar time brings a window to come nearer; the time Greeks of one that has begun are in time-greeks.spec.ts.
          const start = 'averaging_start' in shape ? shape.averaging_start : undefined;
          const price = (point: { T?: number }) =>
            priceAsian({
              ...at,
              ...point,
              type,
              ...shape,
              ...(start === undefined ? {} : { averaging_start: start + (point.T ?? at.T) - at.T }),
            });
          for (const [name, reported, differenced] of differencedGreeks(price, at, 0.01)) {
            if (start === undefined && ['theta', 'charm', 'colour', 'veta'].includes(name)) continue;
            const error = Math.abs(reported - differenced) / (greekScale(name, at, 100) + Math.abs(reported));
            if (!(error < 1e-8))
              throw new Error(
                `${name} ${reported} against ${differenced} (${error}) at ${JSON.stringify({ ...at, type, ...shape })}`,
              );
          }
        }
      }
    }
  });

  it('exact averages report the Greeks of their own value, and keep parity', () => {
    // Each differs from its neighbours in how it is made; the rest are made like one of these.
    const exact = ['delta', 'gamma', 'vega', 'theta', 'charm', 'dualDelta'];
    for (const at of POINTS.slice(0, 1)) {
      for (const type of SIDES.slice(1)) {
        const price = (point: { T?: number }) => {
          const T = point.T ?? at.T;
          return priceAsian({
            ...at,
            ...point,
            T,
            type,
            kind: 'arithmetic_average_price',
            fixing_times: [0.25, 0.5, 0.75, 1].map((u) => u * at.T + T - at.T),
            past_fixings: 1,
            past_average: 95,
          });
        };
        for (const [name, reported, differenced] of differencedGreeks(price, at, 0.02, Infinity, exact)) {
          const error = Math.abs(reported - differenced) / (greekScale(name, at, 100) + Math.abs(reported));
          if (!(error < 1e-4))
            throw new Error(
              `${name} ${reported} against ${differenced} (${error}) at ${JSON.stringify({ ...at, type })}`,
            );
        }
      }
      const window = { ...at, kind: 'arithmetic_continuous_average_price' };
      const [call, put] = SIDES.map((type) => priceAsian({ ...window, type }));
      const [quickCall, quickPut] = SIDES.map((type) => priceAsian({ ...window, type, method: 'levy' }));
      expect((call?.value ?? NaN) - (put?.value ?? NaN)).toBeCloseTo(
        (quickCall?.value ?? NaN) - (quickPut?.value ?? NaN),
        8,
      );
    }
  });

  it('a settlement average in its last minutes is known but for those minutes', () => {
    const minute = 1 / 525600;
    const at = {
      S: 50_000,
      K: 50_100,
      sigma: 0.6,
      r: 0,
      q: 0,
      kind: 'arithmetic_continuous_average_price',
      method: 'levy',
    };
    const before = priceAsian({ ...at, type: 'call', T: 40 * minute, averaging_start: 10 * minute });
    const half = priceAsian({
      ...at,
      type: 'call',
      T: 15 * minute,
      elapsed: 15 * minute,
      past_average: 50_000,
    });
    const last = priceAsian({
      ...at,
      type: 'call',
      T: 0.01 * minute,
      elapsed: 29.99 * minute,
      past_average: 50_200,
    });
    expect(before.delta).toBeGreaterThan(half.delta);
    expect(half.delta).toBeLessThan(0.5);
    expect(last.value).toBeCloseTo(50_199.93 - 50_100, 1);
    expect(last.delta).toBeLessThan(0.001);
    const done = priceAsian({ ...at, type: 'call', T: 0, elapsed: 30 * minute, past_average: 50_200 });
    expect(done.value).toBeCloseTo(100, 4);
    // Already certain: the strike is below what has been fixed.
    const certain = priceAsian({
      ...at,
      type: 'put',
      K: 20_000,
      T: 10 * minute,
      elapsed: 20 * minute,
      past_average: 50_000,
    });
    expect(certain.value).toBe(0);
  });

  it('stay finite at the edges', () => {
    for (const kind of [
      'arithmetic_average_price',
      'arithmetic_average_strike',
      'geometric_discrete_average_strike',
    ]) {
      for (const sigma of [0, 1e-6, 2]) {
        for (const T of [0, 1e-9, 30]) {
          for (const S of [1e-3, 100, 1e6]) {
            const value = priceAsian({
              S,
              K: 100,
              T,
              sigma,
              r: 0.02,
              q: 0,
              type: 'put',
              kind,
              n_fixings: 5,
              past_fixings: 2,
              past_average: 90,
            });
            for (const [name, number] of Object.entries(value)) {
              if (!Number.isFinite(number))
                throw new Error(`${name} ${number} at ${JSON.stringify({ kind, sigma, T, S })}`);
            }
          }
        }
      }
    }
  });
});
