import type { Valuation } from '../door/valuation';
import { invalidInput } from '../errors';
import { math } from '../math';
import { smallRoot } from './complex-root';
import type { Complex } from './complex-root';
import { readPositive, readRates, readSide, readWithin } from './inputs';
import type { RawInputs } from './inputs';

/**
 * Terms of a European option under the rough Heston model of El Euch & Rosenbaum (2019):
 * v_t = v0 + ∫ (t-s)^{H-1/2}/Γ(H+1/2) (kappa (theta - v_s) ds + sigma √v_s dW_s). `hurst` 0.5 is Heston's model.
 */
export interface RoughHestonInputs {
  readonly type: 'call' | 'put';
  readonly S: number;
  readonly K: number;
  readonly T: number;
  readonly v0: number;
  readonly kappa: number;
  readonly theta: number;
  readonly sigma: number;
  readonly rho: number;
  readonly hurst: number;
  readonly r?: number;
  readonly q?: number;
}

/** Every Greek the door gives. */
type RoughHestonValuation = Valuation &
  Required<Pick<Valuation, 'delta' | 'gamma' | 'vega' | 'theta' | 'rho' | 'dividendRho' | 'vanna' | 'volga'>>;

/** Steps of the fractional Riccati equation, and half and quarter of them; see `extrapolated`. */
const STEPS = 512;
/**
 * Step along the contour u = sinh(x)/2: the integrand is analytic, so the trapezoidal rule converges exponentially. Beyond four
 * deviations from the money it turns faster, and the step is the smaller.
 */
const CONTOUR_STEP = 0.08;
const CONTOUR_DEVIATIONS = 4;
const DEVIATIONS_MAX = 30;
const CONTOUR_POINTS_MAX = 2_000;

interface Model {
  readonly alpha: number;
  readonly T: number;
  readonly v0: number;
  readonly kappa: number;
  readonly theta: number;
  readonly sigma: number;
  readonly rho: number;
}

/** Weights of the fractional trapezoidal rule (Diethelm, Ford & Freed 2002) on `count` equal steps. */
interface Weights {
  readonly count: number;
  /** Δ^α/Γ(α+2). */
  readonly scale: number;
  /** Of the value k steps back, k from 1. */
  readonly back: Float64Array;
  /** Of the first value, at step k. */
  readonly first: Float64Array;
}

function weightsOf({ alpha, T }: Model, count: number): Weights {
  const power = Float64Array.from({ length: count + 2 }, (_, k) => (k === 0 ? 0 : math.pow(k, alpha + 1)));
  const at = (k: number): number => power[k] as number; // k ≤ count + 1
  const back = new Float64Array(count + 1);
  const first = new Float64Array(count + 1);
  for (let k = 1; k <= count; k += 1) {
    back[k] = at(k + 1) + at(k - 1) - 2 * at(k);
    first[k] = at(k - 1) - (k - 1 - alpha) * math.pow(k, alpha);
  }
  return { count, scale: math.pow(T / count, alpha) / gamma(alpha + 2), back, first };
}

/** Γ(x) for x in [2, 3]: e^{lnΓ} by Stirling's series after the recurrence. */
function gamma(x: number): number {
  let [product, z] = [1, x];
  while (z < 12) {
    product *= z;
    z += 1;
  }
  const i = 1 / (z * z);
  const series = (1 / z) * (1 / 12 - i * (1 / 360 - i * (1 / 1260 - i * (1 / 1680 - i / 1188))));
  return math.exp((z - 0.5) * math.log(z) - z + 0.5 * math.log(2 * Math.PI) + series) / product;
}

/** What the equation gives at expiry for one exponent: h, its integral, F(h) and the integral of F(h) = I^{1-α} h. */
interface Riccati {
  readonly h: Complex;
  readonly integral: Complex;
  readonly slope: Complex;
  readonly slopeIntegral: Complex;
}

/**
 * D^α h = F(p, h) = (p² - p)/2 + (pρσ - κ) h + σ²h²/2, h(0) = 0, by the fractional trapezoidal rule. Every step's quadratic
 * is solved exactly, so large exponents need no smaller steps.
 */
function solveRiccati(model: Model, { re: pr, im: pi }: Complex, weights: Weights): Riccati {
  const { kappa, sigma, rho, T } = model;
  const { count, scale, back, first } = weights;
  const [cr, ci] = [0.5 * (pr * pr - pi * pi - pr), 0.5 * (2 * pr * pi - pi)];
  const [br, bi] = [rho * sigma * pr - kappa, rho * sigma * pi];
  const half = 0.5 * sigma * sigma;
  const [fr, fi] = [new Float64Array(count + 1), new Float64Array(count + 1)];
  fr[0] = cr;
  fi[0] = ci;
  let [hr, hi] = [0, 0];
  const sum = { hr: 0, hi: 0, fr: cr / 2, fi: ci / 2 };
  for (let step = 1; step <= count; step += 1) {
    let ar = (first[step] as number) * cr;
    let ai = (first[step] as number) * ci;
    for (let j = 1; j < step; j += 1) {
      const weight = back[step - j] as number; // 1 ≤ step - j < count
      ar += weight * (fr[j] as number);
      ai += weight * (fi[j] as number);
    }
    // h = A + w F(p, h): half w h² - (1 - w b) h + (A + w c) = 0, the root that is A where w is nothing.
    [hr, hi] = smallRoot(half * scale, 1 - scale * br, -scale * bi, scale * (ar + cr), scale * (ai + ci));
    const nextR = cr + br * hr - bi * hi + half * (hr * hr - hi * hi);
    const nextI = ci + br * hi + bi * hr + 2 * half * hr * hi;
    fr[step] = nextR;
    fi[step] = nextI;
    const share = step === count ? 0.5 : 1;
    sum.hr += share * hr;
    sum.hi += share * hi;
    sum.fr += share * nextR;
    sum.fi += share * nextI;
  }
  const dt = T / count;
  return {
    h: { re: hr, im: hi },
    integral: { re: dt * sum.hr, im: dt * sum.hi },
    slope: { re: fr[count] as number, im: fi[count] as number },
    slopeIntegral: { re: dt * sum.fr, im: dt * sum.fi },
  };
}

/** What the integrands need of one exponent: C = κθ I h, J = I^{1-α} h, and the slope of C + J v0 in time. */
interface Exponent {
  readonly level: Complex;
  readonly byVariance: Complex;
  readonly byTime: Complex;
}

function exponentOf({ kappa, theta, v0 }: Model, { h, integral, slope, slopeIntegral }: Riccati): Exponent {
  const pull = kappa * theta;
  return {
    level: { re: pull * integral.re, im: pull * integral.im },
    byVariance: slopeIntegral,
    byTime: { re: pull * h.re + v0 * slope.re, im: pull * h.im + v0 * slope.im },
  };
}

/** Removes the two leading errors, of orders 1 + α and 2 in the step, of results on n/4, n/2 and n steps. */
function extrapolated(
  alpha: number,
  [quarter, half, whole]: readonly [Exponent, Exponent, Exponent],
): Exponent {
  const first = 1 / (math.pow(2, 1 + alpha) - 1);
  const number = (read: (exponent: Exponent) => number): number => {
    const fine = read(whole) + (read(whole) - read(half)) * first;
    const coarse = read(half) + (read(half) - read(quarter)) * first;
    return fine + (fine - coarse) / 3;
  };
  const both = (name: keyof Exponent): Complex => ({
    re: number((exponent) => exponent[name].re),
    im: number((exponent) => exponent[name].im),
  });
  return { level: both('level'), byVariance: both('byVariance'), byTime: both('byTime') };
}

/** Integrals along the contour of the common factor X times 1, p, p², J, pJ, J² and the time slope. */
interface Sums {
  one: number;
  p: number;
  pp: number;
  j: number;
  pj: number;
  jj: number;
  t: number;
}

interface Terms extends Model {
  readonly w: 1 | -1;
  readonly S: number;
  readonly K: number;
  readonly r: number;
  readonly q: number;
}

/** Adds the integrands at p = 1/2 + iu; the factor 1/(p(1-p)) and du/dx are in the weight. Gives back the size of X. */
function addIntegrand(terms: Terms, u: number, weight: number, exponent: Exponent, sums: Sums): number {
  const { S, K, T, r, q, v0 } = terms;
  const moneyness = math.log(S / K) + (r - q) * T;
  const { level, byVariance: j, byTime } = exponent;
  const size = weight * math.exp(level.re + v0 * j.re + math.log(K) + 0.5 * moneyness - r * T);
  const phase = level.im + v0 * j.im + u * moneyness;
  const [xr, xi] = [size * math.cos(phase), size * math.sin(phase)];
  const [pr, pi] = [0.5 * xr - u * xi, 0.5 * xi + u * xr];
  const [jr, ji] = [j.re * xr - j.im * xi, j.re * xi + j.im * xr];
  sums.one += xr;
  sums.p += pr;
  sums.pp += 0.5 * pr - u * pi;
  sums.j += jr;
  sums.pj += 0.5 * jr - u * ji;
  sums.jj += j.re * jr - j.im * ji;
  sums.t += (byTime.re - r + 0.5 * (r - q)) * xr - (byTime.im + u * (r - q)) * xi;
  return size;
}

const NOTHING: Sums = { one: 0, p: 0, pp: 0, j: 0, pj: 0, jj: 0, t: 0 };

/** The integrals, and by how much the value would differ without the second extrapolation. */
function integrate(terms: Terms, steps: number): { readonly sums: Sums; readonly error: number } {
  const weights = [steps / 4, steps / 2, steps].map((count) => weightsOf(terms, count)) as [
    Weights,
    Weights,
    Weights,
  ];
  const sums = { ...NOTHING };
  const coarse = { ...NOTHING };
  let largest = 0;
  const step = CONTOUR_STEP / Math.max(1, deviationsOf(terms) / CONTOUR_DEVIATIONS);
  for (let i = 0; i < CONTOUR_POINTS_MAX; i += 1) {
    const x = i * step;
    const u = 0.5 * math.sinh(x);
    const weight = ((i === 0 ? 1 : 2) * step) / (Math.PI * math.cosh(x));
    const results = weights.map((one) => exponentOf(terms, solveRiccati(terms, { re: 0.5, im: u }, one)));
    const three = results as [Exponent, Exponent, Exponent]; // one per weights
    const size = addIntegrand(terms, u, weight, extrapolated(terms.alpha, three), sums);
    addIntegrand(terms, u, weight, three[2], coarse);
    largest = Math.max(largest, size);
    // Greeks of second order weigh u² and more.
    if (size * (1 + u * u) * (1 + u * u) < 1e-15 * largest)
      return { sums, error: Math.abs(sums.one - coarse.one) };
  }
  throw invalidInput(
    'T',
    'leaves a density too narrow to integrate: v0 and kappa theta T are all but nothing',
  );
}

/** From the money, by the mean variance that Heston's model would have. */
function deviationsOf({ S, K, T, r, q, v0, kappa, theta }: Terms): number {
  const weight = kappa * T < 1e-9 ? 1 : (1 - math.exp(-kappa * T)) / (kappa * T);
  return Math.abs(math.log(S / K) + (r - q) * T) / Math.sqrt(T * (theta + (v0 - theta) * weight));
}

function readTerms(inputs: RawInputs): Terms {
  const { r, q } = readRates(inputs);
  const terms: Terms = {
    w: readSide(inputs),
    S: readPositive(inputs, 'S'),
    K: readPositive(inputs, 'K'),
    T: readWithin(inputs, 'T', 1e-3, 10),
    r,
    q,
    v0: readWithin(inputs, 'v0', 0, 10),
    kappa: readWithin(inputs, 'kappa', 0, 20),
    theta: readWithin(inputs, 'theta', 0, 10),
    sigma: readWithin(inputs, 'sigma', 1e-6, 5),
    rho: readWithin(inputs, 'rho', -1, 1),
    alpha: readWithin(inputs, 'hurst', 0.02, 0.5) + 0.5,
  };
  if (!(terms.v0 + terms.kappa * terms.theta * terms.T > 1e-5))
    throw invalidInput('v0', 'must leave some variance until expiry');
  if (!(deviationsOf(terms) < DEVIATIONS_MAX))
    throw invalidInput('K', `must lie within ${DEVIATIONS_MAX} deviations of the money`);
  return terms;
}

/** Of the smaller of spot and strike: what the fractional equation may leave open. */
const TOLERANCE = 1e-4;

/**
 * Value and Greeks of a European option under rough Heston: the fractional Riccati equation of El Euch & Rosenbaum (2019) by
 * the implicit fractional Adams rule on 128, 256 and 512 steps, extrapolated, and one contour integral (Lewis 2001). Greeks are
 * integrals of their own. `vega`, `vanna` and `volga` are by √v0, all else held. `theta` is minus the slope in T: the model
 * remembers its past, and the past is held at rest. Errors: PRICING.MISSING_INPUT, PRICING.INVALID_INPUT naming the input, also
 * where the steps leave more than 1e-4 of the spot open (long expiries of violent models).
 */
export function priceRoughHeston(input: RoughHestonInputs | RawInputs): RoughHestonValuation {
  const terms = readTerms(input as RawInputs); // every field is checked as it is read
  const { w, S, K, T, r, q, v0 } = terms;
  const { sums, error } = integrate(terms, STEPS);
  if (!(error < TOLERANCE * Math.min(S, K)))
    throw invalidInput(
      'sigma',
      `is too violent over T for ${STEPS} steps: they leave ${error.toExponential(1)} open`,
    );
  const call = w > 0 ? 1 : 0;
  const asset = S * math.exp(-q * T);
  const cash = K * math.exp(-r * T);
  const root = Math.sqrt(v0);
  return {
    value: Math.max(0, call * asset + (1 - call) * cash - sums.one),
    delta: (call * asset - sums.p) / S,
    gamma: (sums.p - sums.pp) / (S * S),
    vega: -2 * root * sums.j,
    theta: call * q * asset + (1 - call) * r * cash + sums.t,
    rho: -T * ((1 - call) * cash - sums.one + sums.p),
    dividendRho: -T * (call * asset - sums.p),
    vanna: (-2 * root * sums.pj) / S,
    volga: -2 * sums.j - 4 * v0 * sums.jj,
  };
}
