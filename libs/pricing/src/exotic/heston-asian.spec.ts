import { createRandom } from '@evenkeel/kernel';
import { firstDerivative, secondDerivative } from '../../test/exotic/finite-differences';
import { math } from '../math';
import { priceAsian } from './asian';
import { priceHeston } from './heston';
import { priceHestonAsian } from './heston-asian';

const WINDOW = 'geometric_continuous_average_price';
const FIXINGS = 'geometric_discrete_average_price';
const AT = {
  type: 'call' as const,
  S: 100,
  K: 98,
  T: 0.8,
  v0: 0.06,
  kappa: 1.5,
  theta: 0.09,
  sigma: 0.5,
  rho: -0.6,
  r: 0.04,
  q: 0.01,
};
const GREEKS = ['delta', 'gamma', 'vega', 'theta', 'rho', 'dividendRho', 'vanna', 'volga'] as const;

/** Kim & Wee (2014), tables 1 and 4: strikes 90 to 110 for 0.2, 1.5 and 3 years, r = 0.05. */
const KIM_WEE = [
  {
    model: { v0: 0.09, kappa: 1.15, theta: 0.348, sigma: 0.39, rho: -0.64 },
    prices: [
      10.6571, 6.5871, 3.4478, 1.4552, 0.4724, 16.503, 13.7625, 11.3374, 9.2245, 7.4122, 20.5102, 18.306,
      16.2895, 14.4531, 12.7882,
    ],
  },
  {
    model: { v0: 0.09, kappa: 2, theta: 0.09, sigma: 1, rho: -0.3 },
    prices: [
      10.6425, 6.4362, 3.1578, 1.1936, 0.3609, 14.9955, 11.6707, 8.7767, 6.3818, 4.5118, 18.1219, 15.2009,
      12.5707, 10.2539, 8.2611,
    ],
  },
];

describe('geometric averages under Heston', () => {
  it('reproduce the published tables to every digit', () => {
    for (const { model, prices } of KIM_WEE) {
      prices.forEach((printed, i) => {
        const T = [0.2, 1.5, 3][Math.floor(i / 5)];
        const terms = { ...model, type: 'call', kind: WINDOW, S: 100, K: 90 + 5 * (i % 5), T, r: 0.05, q: 0 };
        expect(Math.abs(priceHestonAsian(terms).value - printed)).toBeLessThan(6e-5);
      });
    }
  });

  it('are plain options where the average is one fixing at expiry, Greeks and all', () => {
    for (const type of ['call', 'put'] as const) {
      for (const K of [80, 100, 130]) {
        const average = priceHestonAsian({ ...AT, type, K, kind: FIXINGS, fixing_times: [AT.T] });
        const plain = priceHeston({ ...AT, type, K });
        expect(Math.abs(average.value - plain.value)).toBeLessThan(1e-8);
        for (const name of GREEKS)
          expect(
            Math.abs(average[name] - (plain[name] ?? NaN)) / (1 + Math.abs(plain[name] ?? NaN)),
          ).toBeLessThan(1e-6);
      }
    }
  });

  it('are those of Black and Scholes where variance does not move', () => {
    const still = { ...AT, v0: 0.09, theta: 0.09, sigma: 1e-6 };
    const { type, S, K, T, r, q } = AT;
    for (const window of [
      { kind: WINDOW },
      { kind: WINDOW, averaging_start: 0.3 },
      { kind: WINDOW, elapsed: 0.4, past_average: 97 },
      { kind: FIXINGS, fixing_times: [0.1, 0.4, 0.8] },
      { kind: FIXINGS, fixing_times: [0, 0.3, 0.5], past_fixings: 2, past_average: 103 },
    ]) {
      const average = priceHestonAsian({ ...still, ...window });
      const flat = priceAsian({ type, S, K, T, r, q, sigma: 0.3, ...window });
      for (const name of ['value', 'delta', 'gamma', 'theta', 'rho', 'dividendRho'] as const)
        if (!(Math.abs(average[name] - flat[name]) / (1 + Math.abs(flat[name])) < 1e-6))
          throw new Error(`${name} ${average[name]}, not ${flat[name]}, of ${JSON.stringify(window)}`);
    }
  });

  it('tend to the window as fixings grow many, and keep put-call parity', () => {
    const window = priceHestonAsian({ ...AT, kind: WINDOW });
    const many = Array.from({ length: 200 }, (_, i) => ((i + 0.5) * AT.T) / 200);
    const fixings = priceHestonAsian({ ...AT, kind: FIXINGS, fixing_times: many });
    for (const name of ['value', 'delta', 'gamma', 'theta', 'vega'] as const)
      expect(Math.abs(fixings[name] - window[name]) / (1 + Math.abs(window[name]))).toBeLessThan(1e-4);
    const put = priceHestonAsian({ ...AT, type: 'put', kind: WINDOW });
    const higher = ['call', 'put'].map(
      (type) => priceHestonAsian({ ...AT, type, K: 105, kind: WINDOW }).value,
    );
    const slope = (window.value - put.value - (higher[0] as number) + (higher[1] as number)) / 7;
    expect(slope).toBeCloseTo(math.exp(-AT.r * AT.T), 12);
  });

  it('report Greeks that are the slopes of their value', () => {
    const at = { ...AT, kind: WINDOW, elapsed: 0.2, past_average: 104 };
    const value = (change: object): number => priceHestonAsian({ ...at, ...change }).value;
    const root = Math.sqrt(at.v0);
    const found = priceHestonAsian(at);
    const later = (h: number): number => {
      // A moment later, the spot having stayed.
      const past_average = math.exp((0.2 * math.log(104) + h * math.log(at.S)) / (0.2 + h));
      return value({ T: at.T - h, elapsed: 0.2 + h, past_average });
    };
    const slopes = {
      delta: firstDerivative((S) => value({ S }), 100, 0.5),
      gamma: secondDerivative((S) => value({ S }), 100, 1),
      vega: firstDerivative((x) => value({ v0: x * x }), root, 0.004),
      volga: secondDerivative((x) => value({ v0: x * x }), root, 0.01),
      theta: firstDerivative(later, 0, 0.01),
      rho: firstDerivative((r) => value({ r }), at.r, 0.003),
      dividendRho: firstDerivative((q) => value({ q }), at.q, 0.003),
      vanna: firstDerivative((x) => priceHestonAsian({ ...at, v0: x * x }).delta, root, 0.004),
    };
    for (const name of GREEKS) {
      const error = Math.abs(found[name] - slopes[name]) / (1 + Math.abs(slopes[name]));
      if (!(error < 1e-6)) throw new Error(`${name} ${found[name]} against ${slopes[name]}`);
    }
  });

  it('are what a simulation finds, within four of its errors', () => {
    const random = createRandom('heston-asian');
    const normal = (): number => math.normInv(Math.max(1e-12, random.next()));
    const { S, K, T, kappa, theta, sigma, rho, r, q } = AT;
    const steps = 64;
    const dt = T / steps;
    const paths = 8_000;
    let [sum, squares] = [0, 0];
    for (let path = 0; path < paths; path += 1) {
      let [log, variance, total] = [math.log(S), AT.v0, 0];
      for (let i = 0; i < steps; i += 1) {
        const [a, b] = [normal(), normal()];
        const size = Math.sqrt(Math.max(0, variance) * dt);
        log +=
          (r - q) * dt - 0.5 * Math.max(0, variance) * dt + size * (rho * a + Math.sqrt(1 - rho * rho) * b);
        variance += kappa * (theta - Math.max(0, variance)) * dt + sigma * size * a;
        total += log;
      }
      const paid = math.exp(-r * T) * Math.max(0, math.exp(total / steps) - K);
      sum += paid;
      squares += paid * paid;
    }
    const mean = sum / paths;
    const error = Math.sqrt((squares / paths - mean * mean) / paths);
    const fixing_times = Array.from({ length: steps }, (_, i) => (i + 1) * dt);
    const { value } = priceHestonAsian({ ...AT, kind: FIXINGS, fixing_times });
    expect(Math.abs(value - mean)).toBeLessThan(4 * error);
  });

  it('refuse what has no such form, and windows that are none', () => {
    expect(() => priceHestonAsian({ ...AT, kind: 'arithmetic_average_price' })).toThrow(
      /kind must be one of geometric/,
    );
    expect(() => priceHestonAsian({ ...AT, kind: WINDOW, averaging_start: 1 })).toThrow(/averaging_start/);
    expect(() => priceHestonAsian({ ...AT, kind: FIXINGS, fixing_times: [0.9] })).toThrow(/later than T/);
    expect(() => priceHestonAsian({ ...AT, kind: WINDOW, K: 1e9 })).toThrow(/deviations/);
    expect(() => priceHestonAsian({ ...AT, kind: WINDOW, v0: 0, theta: 0 })).toThrow(/variance/);
  });
});
