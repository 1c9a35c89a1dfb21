import type { Valuation } from '../door/valuation';
import { invalidInput } from '../errors';
import { math } from '../math';
import { smallRoot } from './complex-root';
import type { Complex } from './complex-root';
import {
  readChoice,
  readInteger,
  readNonNegative,
  readNumbers,
  readPositive,
  readRates,
  readSide,
  readWithin,
} from './inputs';
import type { RawInputs } from './inputs';

/**
 * Terms of an option on a geometric average price under Heston's model, paying w (G - K) at T. The average is of a window or of
 * fixings, told as for `asian`: `averaging_start`, or `elapsed` with `past_average`; `fixing_times`, `past_fixings` with
 * `past_average` (the geometric mean so far). Parameters as for `heston`.
 */
export interface HestonAsianInputs {
  readonly type: 'call' | 'put';
  readonly kind: 'geometric_continuous_average_price' | 'geometric_discrete_average_price';
  readonly S: number;
  readonly K: number;
  readonly T: number;
  readonly v0: number;
  readonly kappa: number;
  readonly theta: number;
  readonly sigma: number;
  readonly rho: number;
  readonly r?: number;
  readonly q?: number;
  readonly averaging_start?: number;
  readonly elapsed?: number;
  readonly fixing_times?: readonly number[];
  readonly past_fixings?: number;
  readonly past_average?: number;
}

type HestonAsianValuation = Valuation &
  Required<Pick<Valuation, 'delta' | 'gamma' | 'vega' | 'theta' | 'rho' | 'dividendRho' | 'vanna' | 'volga'>>;

/** Between two times to expiry the share of the average that is still ahead runs in a straight line. */
interface Piece {
  readonly years: number;
  readonly from: number;
  readonly to: number;
}

interface Terms {
  readonly w: 1 | -1;
  readonly S: number;
  readonly K: number;
  readonly T: number;
  readonly r: number;
  readonly q: number;
  readonly v0: number;
  readonly kappa: number;
  readonly theta: number;
  readonly sigma: number;
  readonly rho: number;
  /** From expiry backwards. */
  readonly pieces: readonly Piece[];
  /** Of the logarithm of the average: what is fixed, and the weight of ln S. */
  readonly fixed: number;
  readonly share: number;
}

const KINDS = ['geometric_continuous_average_price', 'geometric_discrete_average_price'] as const;
const FIXINGS_MAX = 1_000;

/** Steps of the coarsest of three solutions of the Riccati equation; see `exponentAt`. */
const STEPS = 128;
const CONTOUR_STEP = 0.06;
const CONTOUR_POINTS_MAX = 2_000;
const DEVIATIONS_MAX = 30;

function windowOf(inputs: RawInputs, T: number): Pick<Terms, 'pieces' | 'fixed' | 'share'> {
  const start = readNonNegative(inputs, 'averaging_start', 0);
  if (start >= T) throw invalidInput('averaging_start', 'must be earlier than T');
  const elapsed = start > 0 ? 0 : readNonNegative(inputs, 'elapsed', 0);
  const past = elapsed > 0 ? math.log(readPositive(inputs, 'past_average')) : 0;
  const window = T - start;
  const share = window / (elapsed + window);
  const rest = start > 0 ? [{ years: start, from: share, to: share }] : [];
  return { pieces: [{ years: window, from: 0, to: share }, ...rest], fixed: past * (1 - share), share };
}

function fixingsOf(inputs: RawInputs, T: number): Pick<Terms, 'pieces' | 'fixed' | 'share'> {
  const times = readNumbers(inputs, 'fixing_times', FIXINGS_MAX).sort((a, b) => a - b);
  if (times.length === 0) throw invalidInput('fixing_times', 'must have something to average');
  if ((times[0] ?? 0) < 0)
    throw invalidInput('fixing_times', 'must lie ahead; give those behind as past_fixings');
  if ((times.at(-1) ?? 0) > T + 1e-9) throw invalidInput('fixing_times', 'must not be later than T');
  const made = readInteger(inputs, 'past_fixings', 0, 1e9, 0);
  const past = made > 0 ? math.log(readPositive(inputs, 'past_average')) : 0;
  const count = made + times.length;
  const pieces: Piece[] = [];
  let later = T;
  for (let i = times.length; i >= 0; i -= 1) {
    // Before fixing i the average holds all from it on.
    const at = i === 0 ? 0 : (times[i - 1] as number);
    const ahead = (times.length - i) / count;
    if (later > at) pieces.push({ years: later - at, from: ahead, to: ahead });
    later = Math.min(later, at);
  }
  return { pieces, fixed: (past * made) / count, share: times.length / count };
}

/** Of ln G, roughly: what sets the width of the integrand. */
function deviationOf({ pieces, v0, kappa, theta, T }: Terms): number {
  const weight = kappa * T < 1e-9 ? 1 : (1 - math.exp(-kappa * T)) / (kappa * T);
  const variance = theta + (v0 - theta) * weight;
  const squares = pieces.reduce(
    (sum, { years, from, to }) => sum + (years * (from * from + from * to + to * to)) / 3,
    0,
  );
  return Math.sqrt(variance * squares);
}

function readTerms(inputs: RawInputs): Terms {
  const { r, q } = readRates(inputs);
  const kind = readChoice(inputs, 'kind', KINDS);
  const T = readWithin(inputs, 'T', 1e-4, 30);
  const terms: Terms = {
    w: readSide(inputs),
    S: readPositive(inputs, 'S'),
    K: readPositive(inputs, 'K'),
    T,
    r,
    q,
    v0: readWithin(inputs, 'v0', 0, 10),
    kappa: readWithin(inputs, 'kappa', 0, 50),
    theta: readWithin(inputs, 'theta', 0, 10),
    sigma: readWithin(inputs, 'sigma', 1e-6, 10),
    rho: readWithin(inputs, 'rho', -1, 1),
    ...(kind === KINDS[0] ? windowOf(inputs, T) : fixingsOf(inputs, T)),
  };
  if (!(deviationOf(terms) > 1e-5)) throw invalidInput('v0', 'must leave some variance in the average');
  return terms;
}

/** C + D v0 is the logarithm of E[(G/S^share e^-fixed)^s]. */
interface Exponent {
  readonly C: Complex;
  readonly D: Complex;
}

/** D' = (p² - p)/2 + (pρσ - κ) D + σ²D²/2, C' = κθD + (r - q) p, p = s times what is ahead; implicit trapezoidal rule. */
function solve({ pieces, T, kappa, theta, sigma, rho, r, q }: Terms, s: Complex, steps: number): Exponent {
  const half = 0.5 * sigma * sigma;
  let [dr, di, cr, ci] = [0, 0, 0, 0];
  for (const { years, from, to } of pieces) {
    // The coarsest solution has this many; the finer ones have twice and four times as many in each piece.
    const count = (steps / STEPS) * Math.ceil((STEPS * years) / T);
    const h = years / count;
    for (let i = 0; i < count; i += 1) {
      const [ahead, next] = [from + ((to - from) * i) / count, from + ((to - from) * (i + 1)) / count];
      const here = slopeTerms(s, ahead, rho * sigma, kappa);
      const there = slopeTerms(s, next, rho * sigma, kappa);
      const fr = here.ar + here.br * dr - here.bi * di + half * (dr * dr - di * di);
      const fi = here.ai + here.br * di + here.bi * dr + 2 * half * dr * di;
      const [er, ei] = smallRoot(
        0.5 * h * half,
        1 - 0.5 * h * there.br,
        -0.5 * h * there.bi,
        dr + 0.5 * h * (fr + there.ar),
        di + 0.5 * h * (fi + there.ai),
      );
      const drift = 0.5 * h * (r - q) * (ahead + next);
      cr += 0.5 * h * kappa * theta * (dr + er) + drift * s.re;
      ci += 0.5 * h * kappa * theta * (di + ei) + drift * s.im;
      [dr, di] = [er, ei];
    }
  }
  return { C: { re: cr, im: ci }, D: { re: dr, im: di } };
}

function slopeTerms(s: Complex, ahead: number, lean: number, kappa: number) {
  const [pr, pi] = [s.re * ahead, s.im * ahead];
  return {
    ar: 0.5 * (pr * pr - pi * pi - pr),
    ai: 0.5 * (2 * pr * pi - pi),
    br: lean * pr - kappa,
    bi: lean * pi,
  };
}

/** Three solutions, the errors of second and fourth order in the step removed. */
function exponentAt(terms: Terms, s: Complex): Exponent {
  const [coarse, middle, fine] = [1, 2, 4].map((times) => solve(terms, s, times * STEPS)) as [
    Exponent,
    Exponent,
    Exponent,
  ];
  const number = (read: (exponent: Exponent) => number): number => {
    const first = read(middle) + (read(middle) - read(coarse)) / 3;
    const second = read(fine) + (read(fine) - read(middle)) / 3;
    return second + (second - first) / 15;
  };
  return {
    C: { re: number(({ C }) => C.re), im: number(({ C }) => C.im) },
    D: { re: number(({ D }) => D.re), im: number(({ D }) => D.im) },
  };
}

/** E of (G - K) or (K - G), and its slopes: in ln S, once and twice; in v0; crossed; twice; in the drift per share of it. */
type Slopes = readonly [one: number, s: number, ss: number, v: number, sv: number, vv: number];

function slopesOf(terms: Terms): Slopes {
  const { S, K, v0, share, fixed, w } = terms;
  const middle = fixed + share * math.log(S);
  const sure = exponentAt(terms, { re: 1, im: 0 });
  const mean = math.exp(sure.C.re + sure.D.re * v0 + middle);
  const deviations = Math.abs(math.log(mean / K)) / deviationOf(terms);
  if (!(deviations < DEVIATIONS_MAX))
    throw invalidInput('K', `must lie within ${DEVIATIONS_MAX} deviations of the average`);
  const step = CONTOUR_STEP / Math.max(1, deviations / 4);
  const sums = [0, 0, 0, 0, 0, 0];
  let largest = 0;
  for (let i = 0; ; i += 1) {
    if (i > CONTOUR_POINTS_MAX) throw invalidInput('sigma', 'leaves an integrand that does not end');
    const x = i * step;
    const u = 0.5 * math.sinh(x);
    const { C, D } = exponentAt(terms, { re: 0.5, im: u });
    const weight = ((i === 0 ? 1 : 2) * step) / (Math.PI * math.cosh(x));
    const size = weight * math.exp(C.re + D.re * v0 + 0.5 * (middle + math.log(K)));
    const phase = C.im + D.im * v0 + u * (middle - math.log(K));
    const [xr, xi] = [size * math.cos(phase), size * math.sin(phase)];
    const [sr, si] = [0.5 * xr - u * xi, 0.5 * xi + u * xr];
    const [vr, vi] = [D.re * xr - D.im * xi, D.re * xi + D.im * xr];
    const parts = [xr, sr, 0.5 * sr - u * si, vr, 0.5 * vr - u * vi, D.re * vr - D.im * vi];
    parts.forEach((part, j) => (sums[j] = (sums[j] as number) + part));
    largest = Math.max(largest, size);
    if (size * (1 + u * u) * (1 + u * u) < 1e-15 * largest) break;
  }
  // Call: mean less the integral; put: strike less it.
  const certain =
    w > 0 ? [1, 1, 1, sure.D.re, sure.D.re, sure.D.re * sure.D.re].map((x) => x * mean) : [K, 0, 0, 0, 0, 0];
  return certain.map((x, j) => x - (sums[j] as number)) as unknown as Slopes; // six of each
}

/**
 * Value and Greeks of an option on a geometric average under Heston: exact but for the Riccati equation, whose trapezoidal
 * solutions are extrapolated (about 1e-9), and one contour integral. ln G is affine in the model, as Kim & Wee (2014) have it.
 * `vega`, `vanna` and `volga` are by √v0; `theta` is that of the pricing equation, the spot and variance staying: a window that
 * has begun takes in the spot. Arithmetic averages have no such form and are refused. Errors: PRICING.MISSING_INPUT,
 * PRICING.INVALID_INPUT naming the input.
 */
export function priceHestonAsian(input: HestonAsianInputs | RawInputs): HestonAsianValuation {
  const terms = readTerms(input as RawInputs); // every field is checked as it is read
  const { S, T, r, q, v0, kappa, theta, sigma, rho, share, pieces } = terms;
  const [one, s, ss, v, sv, vv] = slopesOf(terms);
  const cash = math.exp(-r * T);
  const root = Math.sqrt(v0);
  const value = Math.max(0, cash * one);
  const delta = (cash * share * s) / S;
  const gamma = (cash * share * (share * ss - s)) / (S * S);
  const cross = (cash * share * sv) / S;
  // A fixing due now stays what it is: in the time Greeks it is fixed.
  const ahead = (pieces.at(-1) as Piece).to; // a piece at least: T is positive
  // Drift moves ln G by this many years of it.
  const years = pieces.reduce((sum, piece) => sum + (piece.years * (piece.from + piece.to)) / 2, 0);
  const dividendRho = -cash * years * s;
  return {
    value,
    delta,
    gamma,
    vega: 2 * root * cash * v,
    theta:
      r * value -
      (r - q) * cash * ahead * s -
      0.5 * v0 * cash * ahead * (ahead * ss - s) -
      rho * sigma * v0 * cash * ahead * sv -
      0.5 * sigma * sigma * v0 * cash * vv -
      kappa * (theta - v0) * cash * v,
    rho: -T * value - dividendRho,
    dividendRho,
    vanna: 2 * root * cross,
    volga: 2 * cash * v + 4 * v0 * cash * vv,
  };
}
