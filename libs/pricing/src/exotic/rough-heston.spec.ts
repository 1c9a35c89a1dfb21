import { firstDerivative, secondDerivative } from '../../test/exotic/finite-differences';
import { impliedVolatility } from '../door/implied-volatility';
import { math } from '../math';
import { priceHeston } from './heston';
import { priceRoughHeston } from './rough-heston';

const AT = {
  type: 'call' as const,
  S: 100,
  K: 100,
  T: 1,
  v0: 0.04,
  kappa: 1.5,
  theta: 0.06,
  sigma: 0.5,
  rho: -0.7,
  r: 0.03,
  q: 0.01,
};
const GREEKS = ['delta', 'gamma', 'vega', 'theta', 'rho', 'dividendRho', 'vanna', 'volga'] as const;

/**
 * The equation as El Euch & Rosenbaum (2019) solve it, by the explicit predictor-corrector of Diethelm, Ford & Freed, and the
 * trapezoidal rule in u: nothing of the door's but the formula. At rates of 0, spot 1.
 */
function byExplicitAdams(
  strikes: readonly number[],
  model: Readonly<Record<'T' | 'v0' | 'kappa' | 'theta' | 'sigma' | 'rho' | 'hurst', number>>,
  steps: number,
  range: number,
): number[] {
  const { T, v0, kappa, theta, sigma, rho, hurst } = model;
  const alpha = hurst + 0.5;
  const dt = T / steps;
  const [corrector, predictor] = [2, 1].map((n) => dt ** alpha / gammaOf(alpha + n)) as [number, number];
  const sums = strikes.map(() => 0);
  const du = 0.15;
  for (let u = 0; u <= range; u += du) {
    const slopeAt = (re: number, im: number): [number, number] => {
      const [br, bi] = [0.5 * rho * sigma - kappa, u * rho * sigma];
      return [
        0.5 * (0.25 - u * u - 0.5) + br * re - bi * im + 0.5 * sigma * sigma * (re * re - im * im),
        br * im + bi * re + sigma * sigma * re * im,
      ];
    };
    const h: [number, number][] = [[0, 0]];
    const slopes: [number, number][] = [slopeAt(0, 0)];
    for (let k = 0; k < steps; k += 1) {
      const [guess, known] = [[0, 0] as [number, number], [0, 0] as [number, number]];
      slopes.forEach(([re, im], j) => {
        const b = predictor * ((k - j + 1) ** alpha - (k - j) ** alpha);
        const a =
          corrector *
          (j === 0
            ? k ** (alpha + 1) - (k - alpha) * (k + 1) ** alpha
            : (k - j + 2) ** (alpha + 1) + (k - j) ** (alpha + 1) - 2 * (k - j + 1) ** (alpha + 1));
        guess[0] += b * re;
        guess[1] += b * im;
        known[0] += a * re;
        known[1] += a * im;
      });
      const [re, im] = slopeAt(guess[0], guess[1]);
      const next: [number, number] = [known[0] + corrector * re, known[1] + corrector * im];
      h.push(next);
      slopes.push(slopeAt(next[0], next[1]));
    }
    let [level, phase] = [0, 0];
    h.forEach(([re, im], j) => {
      const weight = (j === 0 || j === steps ? 0.5 : 1) * dt;
      const [slopeRe, slopeIm] = slopes[j] as [number, number]; // one per h
      level += weight * (kappa * theta * re + v0 * slopeRe);
      phase += weight * (kappa * theta * im + v0 * slopeIm);
    });
    const weight = ((u === 0 ? 0.5 : 1) * du * math.exp(level)) / (u * u + 0.25);
    strikes.forEach((K, i) => (sums[i] = (sums[i] as number) + weight * math.cos(phase - u * math.log(K))));
  }
  return strikes.map((K, i) => 1 - (Math.sqrt(K) * (sums[i] as number)) / Math.PI);
}

/** Γ(x) by Lanczos (g = 7). */
function gammaOf(x: number): number {
  const terms = [
    0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
    12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
  ];
  const series = terms.reduce((sum, term, i) => sum + (i === 0 ? term : term / (x - 1 + i)));
  const t = x + 6.5;
  return Math.sqrt(2 * Math.PI) * t ** (x - 0.5) * Math.exp(-t) * series;
}

describe('rough Heston', () => {
  it('is Heston at a Hurst exponent of one half, Greeks and all', () => {
    for (const K of [80, 100, 120]) {
      for (const T of [0.05, 1, 5]) {
        for (const type of ['call', 'put'] as const) {
          const rough = priceRoughHeston({ ...AT, type, K, T, hurst: 0.5 });
          const smooth = priceHeston({ ...AT, type, K, T });
          expect(Math.abs(rough.value - smooth.value)).toBeLessThan(1e-8);
          for (const name of GREEKS) {
            const size = 1 + Math.abs(smooth[name] ?? NaN);
            expect(Math.abs(rough[name] - (smooth[name] ?? NaN)) / size).toBeLessThan(2e-6);
          }
        }
      }
    }
  });

  it('agrees with the explicit scheme of its authors, which comes nearer with every doubling', () => {
    // The parameters that El Euch & Rosenbaum (2019) found in the market; their λν is sigma.
    const model = {
      T: 1 / 12,
      v0: 0.0392,
      kappa: 0.1,
      theta: 0.3156,
      sigma: 0.0331,
      rho: -0.681,
      hurst: 0.12,
    };
    const violent = { T: 0.5, v0: 0.04, kappa: 0.3, theta: 0.05, sigma: 0.3, rho: -0.7, hurst: 0.1 };
    for (const [at, range] of [
      [model, 100],
      [violent, 60],
    ] as const) {
      const strikes = [0.9, 1, 1.1];
      const found = strikes.map((K) => priceRoughHeston({ type: 'call', S: 1, K, ...at }).value);
      const runs = [25, 50, 100].map((steps) => byExplicitAdams(strikes, at, steps, range));
      found.forEach((value, i) => {
        const errors = runs.map((run) => Math.abs((run[i] ?? NaN) - value));
        expect(errors[1]).toBeLessThan(0.5 * (errors[0] ?? NaN));
        // The door's own error is about 1e-9.
        expect(errors[2]).toBeLessThan(0.5 * (errors[1] ?? NaN) + 2e-9);
        expect(errors[2]).toBeLessThan(at === model ? 1e-6 : 2e-5);
      });
    }
  }, 120_000);

  it('comes near what PyFENG prints in its documentation', () => {
    // PyFENG, RoughHestonFft: strikes 0.8 to 1.2 of a month; its steps are not told, and two schemes here agree to 1e-7.
    const printed = [
      0.200004861, 0.150105032, 0.101136892, 0.0567278209, 0.0239151266, 0.00681264421, 0.00119548373,
      0.000119636483, 6.3629451e-6,
    ];
    const model = {
      T: 1 / 12,
      v0: 0.0392,
      kappa: 0.1,
      theta: 0.3156,
      sigma: 0.0331,
      rho: -0.681,
      hurst: 0.12,
    };
    printed.forEach((value, i) => {
      const found = priceRoughHeston({ type: 'call', S: 1, K: 0.8 + 0.05 * i, ...model }).value;
      expect(Math.abs(found - value)).toBeLessThan(2e-5);
    });
  });

  it('has the skew of short expiries that its theory says: ρσT^(H-1/2) over 2√v0 Γ(H+1/2)(H+1/2)(H+3/2)', () => {
    const hurst = 0.1;
    const flat = { ...AT, r: 0, q: 0, hurst, sigma: 0.3, kappa: 0, S: 1 };
    const skew = (T: number): number => {
      const at = (k: number): number => {
        const K = math.exp(k);
        const price = priceRoughHeston({ ...flat, K, T }).value;
        return impliedVolatility('european', { type: 'call', S: 1, K, T, price });
      };
      const h = 0.02 * Math.sqrt(T);
      return (at(h) - at(-h)) / (2 * h);
    };
    const theory = (T: number): number =>
      (flat.rho * flat.sigma * T ** (hurst - 0.5)) /
      (2 * Math.sqrt(flat.v0) * gammaOf(hurst + 0.5) * (hurst + 0.5) * (hurst + 1.5));
    const ratios = [0.1, 0.01, 0.001].map((T) => skew(T) / theory(T));
    expect(Math.abs((ratios[2] ?? NaN) - 1)).toBeLessThan(0.05);
    expect(Math.abs((ratios[2] ?? NaN) - 1)).toBeLessThan(Math.abs((ratios[0] ?? NaN) - 1));
  });

  it('reports Greeks that are the slopes of its value', () => {
    const at = { ...AT, K: 105, T: 0.5, hurst: 0.1 };
    const value = (change: object): number => priceRoughHeston({ ...at, ...change }).value;
    const found = priceRoughHeston(at);
    const root = Math.sqrt(at.v0);
    const slopes = {
      delta: firstDerivative((S) => value({ S }), 100, 0.5),
      gamma: secondDerivative((S) => value({ S }), 100, 1),
      vega: firstDerivative((x) => value({ v0: x * x }), root, 0.004),
      volga: secondDerivative((x) => value({ v0: x * x }), root, 0.01),
      theta: -firstDerivative((T) => value({ T }), 0.5, 0.01),
      rho: firstDerivative((r) => value({ r }), 0.03, 0.003),
      dividendRho: firstDerivative((q) => value({ q }), 0.01, 0.003),
      vanna: firstDerivative((x) => priceRoughHeston({ ...at, v0: x * x }).delta, root, 0.004),
    };
    for (const name of GREEKS) {
      const error = Math.abs(found[name] - slopes[name]) / (1 + Math.abs(slopes[name]));
      if (!(error < 2e-5)) throw new Error(`${name} ${found[name]} against ${slopes[name]}`);
    }
  });

  it('keeps put-call parity, and refuses what its steps cannot tell', () => {
    const [call, put] = (['call', 'put'] as const).map((type) =>
      priceRoughHeston({ ...AT, K: 90, type, hurst: 0.05 }),
    );
    const parity = 100 * math.exp(-0.01) - 90 * math.exp(-0.03);
    expect((call?.value ?? NaN) - (put?.value ?? NaN)).toBeCloseTo(parity, 12);
    for (const [change, path] of [
      [{ hurst: 0.6 }, 'hurst'],
      [{ T: 0 }, 'T'],
      [{ rho: -1.1 }, 'rho'],
      [{ v0: 0, theta: 0 }, 'v0'],
      [{ K: 1e6 }, 'K'],
    ] as const)
      expect(() => priceRoughHeston(Object.assign({}, AT, { hurst: 0.1 }, change))).toThrow(
        expect.objectContaining({ path }),
      );
  });
});
