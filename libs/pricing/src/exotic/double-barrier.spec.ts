import { differencedGreeks, greekScale } from '../../test/exotic/finite-differences';
import { math } from '../math';
import { priceBarrier } from './barrier';
import { priceDoubleBarrier } from './double-barrier';
import { priceMerton } from './merton';

/** Haug (2007), pages 156 and following: S = K = 100, r = 0.1, q = 0; rows of barriers, columns of T 0.25 and 0.5 with σ 0.15, 0.25, 0.35. */
const BARRIERS = [
  [50, 150],
  [60, 140],
  [70, 130],
  [80, 120],
  [90, 110],
] as const;
const HAUG = {
  'KnockOut call': [
    [4.3515, 6.1644, 7.0373, 6.9853, 7.9336, 6.5088],
    [4.3505, 5.85, 5.7726, 6.8082, 6.3383, 4.3841],
    [4.3139, 4.8293, 3.7765, 5.9697, 4.0004, 2.2563],
    [3.7516, 2.6387, 1.4903, 3.5805, 1.5098, 0.5635],
    [1.2055, 0.3098, 0.0477, 0.5537, 0.0441, 0.0011],
  ],
  'KnockOut put': [
    [1.8825, 3.7855, 5.7191, 2.1374, 4.7033, 7.1683],
    [1.8825, 3.7845, 5.606, 2.1374, 4.6236, 6.1062],
    [1.8825, 3.7014, 4.6472, 2.1325, 3.8944, 3.5868],
    [1.86, 2.6866, 2.0719, 1.8883, 1.7851, 0.8244],
    [0.9473, 0.3449, 0.0578, 0.4555, 0.0491, 0.0013],
  ],
  'KnockIn call': [
    [0, 0.09, 1.1537, 0.0292, 1.6487, 5.7321],
    [0.001, 0.4045, 2.4184, 0.2062, 3.2439, 7.8569],
    [0.0376, 1.4252, 4.4145, 1.0447, 5.5818, 9.9846],
    [0.5999, 3.6158, 6.7007, 3.434, 8.0724, 11.6774],
    [3.146, 5.9447, 8.1432, 6.4608, 9.5382, 12.2398],
  ],
} as const;

const POINTS = [
  { S: 95, K: 100, T: 0.5, sigma: 0.3, r: 0.05, q: 0.02 },
  { S: 104, K: 97, T: 1.2, sigma: 0.2, r: -0.02, q: 0.03 },
  { S: 100, K: 100, T: 0.1, sigma: 0.6, r: 0.08, q: 0 },
  // Far more reflections than one.
  { S: 100, K: 100, T: 3, sigma: 0.5, r: 0.03, q: 0.01 },
];
const LEVELS = { barrier_lo: 78, barrier_hi: 131 };
const SIDES = ['call', 'put'] as const;

/** The same density as a Fourier series, which converges where reflections are slow, and Simpson's rule over the payoff. */
function bySines({ S, K, T, sigma, r, q }: (typeof POINTS)[number], pay: (spot: number) => number): number {
  const [low, high] = [math.log(LEVELS.barrier_lo), math.log(LEVELS.barrier_hi)];
  const width = high - low;
  const start = math.log(S) - low;
  const drift = r - q - 0.5 * sigma * sigma;
  const mu = drift / (sigma * sigma);
  const density = (y: number): number => {
    let sum = 0;
    for (let k = 1; k < 200; k += 1) {
      const wave = (k * Math.PI) / width;
      const decay = math.exp(-0.5 * wave * wave * sigma * sigma * T);
      if (decay < 1e-18) break;
      sum += decay * math.sin(wave * start) * math.sin(wave * y);
    }
    return (2 / width) * sum * math.exp(mu * (y - start) - 0.5 * mu * mu * sigma * sigma * T);
  };
  // The strike is a node: the payoff bends there.
  const bend = Math.min(Math.max(math.log(K) - low, 0), width);
  let sum = 0;
  for (const [from, to] of [
    [0, bend],
    [bend, width],
  ] as const) {
    const steps = 400;
    const step = (to - from) / steps;
    for (let i = 0; i <= steps; i += 1) {
      const y = from + i * step;
      const weight = i === 0 || i === steps ? 1 : i % 2 === 1 ? 4 : 2;
      sum += ((weight * step) / 3) * density(y) * pay(math.exp(low + y));
    }
  }
  return math.exp(-r * T) * sum;
}

describe('double barriers', () => {
  it('reproduce the published table', () => {
    for (const [name, rows] of Object.entries(HAUG)) {
      const [barrier_type, type] = name.split(' ');
      rows.forEach((row, i) => {
        row.forEach((printed, j) => {
          const [barrier_lo, barrier_hi] = BARRIERS[i] as readonly [number, number]; // as many rows as barriers
          const T = j < 3 ? 0.25 : 0.5;
          const sigma = [0.15, 0.25, 0.35][j % 3];
          const terms = {
            type,
            barrier_type,
            barrier_lo,
            barrier_hi,
            S: 100,
            K: 100,
            T,
            sigma,
            r: 0.1,
            q: 0,
          };
          const { value } = priceDoubleBarrier(terms);
          expect(Math.abs(value - printed)).toBeLessThan(1e-4);
        });
      });
    }
  });

  it('agree with the Fourier series of the same density', () => {
    for (const at of POINTS) {
      for (const type of SIDES) {
        const side = type === 'call' ? 1 : -1;
        const out = priceDoubleBarrier({ ...at, ...LEVELS, type, barrier_type: 'KnockOut' });
        expect(Math.abs(out.value - bySines(at, (spot) => Math.max(0, side * (spot - at.K))))).toBeLessThan(
          1e-7,
        );
        const rebate = priceDoubleBarrier({
          ...at,
          ...LEVELS,
          K: 1e6,
          type: 'call',
          barrier_type: 'KnockIn',
          rebate: 1,
        });
        expect(Math.abs(rebate.value - bySines(at, () => 1))).toBeLessThan(1e-7);
      }
    }
  });

  it('of both kinds make the plain option, Greek by Greek', () => {
    for (const at of POINTS) {
      for (const type of SIDES) {
        const plain = priceMerton({ ...at, type, jump_intensity: 0, jump_vol_delta: 0 });
        const [out, inside] = (['KnockOut', 'KnockIn'] as const).map((barrier_type) =>
          priceDoubleBarrier({ ...at, ...LEVELS, type, barrier_type }),
        );
        for (const name of Object.keys(plain) as (keyof typeof plain)[]) {
          const scale = name === 'value' ? 100 : greekScale(name, at, 100);
          const sum = (out?.[name] ?? NaN) + (inside?.[name] ?? NaN);
          expect(Math.abs(sum - plain[name]) / scale).toBeLessThan(1e-11);
        }
      }
    }
  });

  it('report Greeks that agree with eighth-order differences, rebate and all', () => {
    for (const at of POINTS) {
      for (const barrier_type of ['KnockOut', 'KnockIn'] as const) {
        const price = (point: object) =>
          priceDoubleBarrier({ ...at, ...point, ...LEVELS, type: 'call', barrier_type, rebate: 3 });
        for (const [name, reported, differenced] of differencedGreeks(
          (point) => ({ ...price(point) }),
          at,
          0.01,
        )) {
          const error = Math.abs(reported - differenced) / (greekScale(name, at, 100) + Math.abs(reported));
          if (!(error < 1e-8))
            throw new Error(
              `${name} ${reported} against ${differenced} at ${JSON.stringify({ ...at, barrier_type })}`,
            );
        }
      }
    }
  });

  it('are single barriers where the other one is out of reach', () => {
    for (const at of POINTS.slice(0, 3)) {
      for (const type of SIDES) {
        const far = priceDoubleBarrier({
          ...at,
          type,
          barrier_type: 'KnockOut',
          barrier_lo: 78,
          barrier_hi: 1e5,
          rebate: 2,
        });
        const single = priceBarrier({ ...at, type, barrier_type: 'DownOut', barrier: 78, rebate: 2 });
        for (const name of ['value', 'delta', 'gamma', 'vega', 'theta', 'rho'] as const)
          expect(Math.abs(far[name] - (single[name] ?? NaN))).toBeLessThan(1e-8);
      }
    }
  });

  it('pay the rebate where they are touched, tend to it there, and are nothing in a corridor of no width', () => {
    const at = { ...POINTS[0], type: 'call', barrier_type: 'KnockOut', ...LEVELS, rebate: 4 };
    expect(priceDoubleBarrier({ ...at, S: 131 }).value).toBe(4);
    expect(priceDoubleBarrier({ ...at, S: 131 - 1e-9 }).value).toBeCloseTo(4, 6);
    expect(priceDoubleBarrier({ ...at, S: 78 + 1e-9 }).value).toBeCloseTo(4, 6);
    expect(priceDoubleBarrier({ ...at, touched: true }).value).toBe(0);
    // Hit at once: the rebate is worth what it pays.
    expect(priceDoubleBarrier({ ...at, sigma: 20 }).value).toBeCloseTo(4, 6);
    expect(priceDoubleBarrier({ ...at, sigma: 20, rebate: 0 }).value).toBe(0);
    expect(priceDoubleBarrier({ ...at, T: 0, S: 110 }).value).toBe(10);
    for (const sigma of [0, 1e-6, 0.01, 5]) {
      for (const T of [1e-9, 0.5, 30]) {
        for (const barrier_type of ['KnockOut', 'KnockIn']) {
          const values = Object.entries(priceDoubleBarrier({ ...at, S: 100, sigma, T, barrier_type }));
          for (const [name, number] of values)
            if (!Number.isFinite(number))
              throw new Error(`${name} ${number} at ${JSON.stringify({ sigma, T, barrier_type })}`);
        }
      }
    }
  });

  it('refuse barriers that are none', () => {
    const at = { ...POINTS[0], type: 'call', barrier_type: 'KnockOut', barrier_lo: 120, barrier_hi: 90 };
    expect(() => priceDoubleBarrier(at)).toThrow(/barrier_hi must be above barrier_lo/);
    expect(() => priceDoubleBarrier({ ...at, barrier_hi: 130, exercise: 'american' })).toThrow(/exercise/);
    expect(() => priceDoubleBarrier({ ...at, barrier_hi: 130, barrier_type: 'UpOut' })).toThrow(
      /KnockOut, KnockIn/,
    );
  });
});
