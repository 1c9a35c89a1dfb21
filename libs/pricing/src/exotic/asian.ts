import { invalidInput } from '../errors';
import { sharedKernel } from '../kernel-instance';
import type { FullValuation } from '../door/valuation';
import {
  readChoice,
  readInteger,
  readNonNegative,
  readNumber,
  readNumbers,
  readPositive,
  readRates,
  readSide,
  readSigma,
  readExpiry,
} from './inputs';
import type { RawInputs } from './inputs';
import { readValuation } from './valuation';

interface AsianExports {
  asianDiscrete(
    kind: number,
    averageStrike: number,
    w: number,
    s: number,
    k: number,
    t: number,
    r: number,
    q: number,
    v: number,
    n: number,
    pastCount: number,
    pastAverage: number,
  ): void;
  asianContinuous(
    kind: number,
    averageStrike: number,
    w: number,
    s: number,
    k: number,
    t: number,
    r: number,
    q: number,
    v: number,
    start: number,
    elapsed: number,
    pastAverage: number,
  ): void;
  asianExactDiscrete(
    averageStrike: number,
    w: number,
    s: number,
    k: number,
    t: number,
    r: number,
    q: number,
    v: number,
    n: number,
    pastCount: number,
    pastAverage: number,
  ): void;
  asianExactContinuous(
    averageStrike: number,
    w: number,
    s: number,
    k: number,
    t: number,
    r: number,
    q: number,
    v: number,
    start: number,
    elapsed: number,
    pastAverage: number,
  ): void;
  asianFixingTimes(): number;
  asianVolatilityOffsets(): number;
  asianFixingLimit(): number;
  readonly memory: { readonly buffer: ArrayBuffer };
}

const KINDS = [
  'geometric_continuous_average_price',
  'geometric_discrete_average_price',
  'geometric_continuous_average_strike',
  'geometric_discrete_average_strike',
  'arithmetic_average_price',
  'arithmetic_average_strike',
  'arithmetic_continuous_average_price',
  'arithmetic_continuous_average_strike',
] as const;

/**
 * Terms of an option on an average. An average price pays w (A - K), an average strike w (S_T - A), at T.
 *
 * Discrete fixings: `fixing_times` (years from now), or `n_fixings` equally spaced from `first_fixing` over
 * `averaging_length` (default: to T). Fixings already made: `past_fixings` of them with average `past_average` (the geometric
 * mean for a geometric average). Continuous: the window starts `averaging_start` years ahead, or `elapsed` years ago with
 * `past_average` so far; a 30-minute settlement average half way has elapsed = T = 15 minutes.
 *
 * Volatility per fixing (`vol_term_structure` up or down with `vol_slope_per_fixing`): term volatility to fixing i of n is
 * sigma minus (up) or plus (down) the slope times (n - 1 - i).
 */
export interface AsianInputs {
  readonly type: 'call' | 'put';
  readonly kind: (typeof KINDS)[number];
  readonly S: number;
  /** Not needed for an average strike. */
  readonly K?: number;
  readonly T: number;
  readonly sigma: number;
  readonly r?: number;
  readonly q?: number;
  readonly fixing_times?: readonly number[];
  readonly n_fixings?: number;
  readonly first_fixing?: number;
  readonly averaging_length?: number;
  readonly past_fixings?: number;
  readonly past_average?: number;
  readonly averaging_start?: number;
  readonly elapsed?: number;
  /** Of an arithmetic average; exact unless asked otherwise. */
  readonly method?: 'vecer' | 'turnbull-wakeman' | 'levy';
  readonly vol_term_structure?: 'flat' | 'up' | 'down';
  readonly vol_slope_per_fixing?: number;
}

function fixingTimes(inputs: RawInputs, T: number, limit: number): number[] {
  if (inputs['fixing_times'] !== undefined) {
    const times = readNumbers(inputs, 'fixing_times', limit).sort((a, b) => a - b);
    if ((times[0] ?? 0) < 0)
      throw invalidInput('fixing_times', 'must lie ahead; give those behind as past_fixings');
    if ((times.at(-1) ?? 0) > T + 1e-9) throw invalidInput('fixing_times', 'must not be later than T');
    return times;
  }
  const count = readInteger(inputs, 'n_fixings', 0, limit);
  const first = readNonNegative(inputs, 'first_fixing', 0);
  const length = readNonNegative(inputs, 'averaging_length', Math.max(0, T - first));
  if (first + length > T + 1e-9) throw invalidInput('averaging_length', 'must not lead beyond T');
  return Array.from({ length: count }, (_, i) => first + (count === 1 ? length : (length * i) / (count - 1)));
}

function volatilityOffsets(inputs: RawInputs, sigma: number, count: number): number[] {
  const shape = readChoice(inputs, 'vol_term_structure', ['flat', 'up', 'down'], 'flat');
  const slope =
    readNumber(inputs, 'vol_slope_per_fixing', 0) * (shape === 'up' ? -1 : shape === 'down' ? 1 : 0);
  if (sigma + slope * (count - 1) < 0)
    throw invalidInput('vol_slope_per_fixing', 'must leave every volatility positive');
  return Array.from({ length: count }, (_, i) => slope * (count - 1 - i));
}

/** Beyond this the second moment of an average leaves the range of doubles. */
const MAX_VARIANCE = 200;
const LEAST_VARIANCE = 1e-14;

/**
 * Value and Greeks of an option on an average. Geometric: exact. Arithmetic: by Vecer's equation, about six digits; method
 * turnbull-wakeman or levy (on a continuous average they are the same) matches a lognormal in mean and variance, fast.
 * Greeks are exact derivatives of the lognormal formula; Vecer's are its own or add differences of its correction, except
 * ultima and, with fixings, veta. Time Greeks let the spot stay: fixings come nearer and what is fixed is kept, a window that has
 * begun takes in the spot, so they are those of the pricing equation. At or after expiry, and when all fixings are made, the
 * discounted payoff. Errors: PRICING.MISSING_INPUT, PRICING.INVALID_INPUT naming the input.
 */
export function priceAsian(terms: AsianInputs | RawInputs): FullValuation {
  const inputs = terms as RawInputs; // every field is checked as it is read
  const kernel = sharedKernel<AsianExports>();
  const kind = readChoice(inputs, 'kind', KINDS);
  const geometric = kind.startsWith('geometric') ? 0 : 1;
  const averageStrike = kind.endsWith('strike') ? 1 : 0;
  const w = readSide(inputs);
  const S = readPositive(inputs, 'S');
  const K = averageStrike ? 1 : readPositive(inputs, 'K');
  // At or after expiry the average is what was fixed: a moment later changes nothing.
  const T = Math.max(readExpiry(inputs), 1e-12);
  const { r, q } = readRates(inputs);
  const sigma = readSigma(inputs);
  if (sigma * sigma * T > MAX_VARIANCE)
    throw invalidInput('sigma', `must keep sigma squared times T below ${MAX_VARIANCE}`);
  const method = readChoice(inputs, 'method', ['vecer', 'turnbull-wakeman', 'levy'], 'vecer');
  // Without randomness, or with a strike that what is fixed has passed already, the matched lognormal is exact too.
  const isExact = (strikeAhead: number): boolean =>
    geometric === 1 &&
    method === 'vecer' &&
    sigma * sigma * T > LEAST_VARIANCE &&
    (averageStrike === 1 || strikeAhead > 0);
  if (kind.includes('continuous')) {
    const start = readNonNegative(inputs, 'averaging_start', 0);
    const elapsed = start > 0 ? 0 : readNonNegative(inputs, 'elapsed', 0);
    if (start >= T) throw invalidInput('averaging_start', 'must be earlier than T');
    const past = elapsed > 0 ? readPositive(inputs, 'past_average') : S;
    const ahead = K - (elapsed * past) / (elapsed + T - start);
    if (isExact(ahead))
      kernel.exports.asianExactContinuous(averageStrike, w, S, K, T, r, q, sigma, start, elapsed, past);
    else
      kernel.exports.asianContinuous(geometric, averageStrike, w, S, K, T, r, q, sigma, start, elapsed, past);
    return readValuation(kernel.result());
  }
  const times = fixingTimes(inputs, T, kernel.exports.asianFixingLimit());
  const made = readInteger(inputs, 'past_fixings', 0, 1e9, 0);
  if (made + times.length === 0) throw invalidInput('n_fixings', 'must leave something to average');
  const past = made > 0 ? readPositive(inputs, 'past_average') : S;
  const { buffer } = kernel.exports.memory;
  new Float64Array(buffer, kernel.exports.asianFixingTimes(), times.length).set(times);
  new Float64Array(buffer, kernel.exports.asianVolatilityOffsets(), times.length).set(
    volatilityOffsets(inputs, sigma, times.length),
  );
  const ahead = times.length > 0 ? K - (made * past) / (made + times.length) : 0;
  if (isExact(ahead))
    kernel.exports.asianExactDiscrete(averageStrike, w, S, K, T, r, q, sigma, times.length, made, past);
  else
    kernel.exports.asianDiscrete(geometric, averageStrike, w, S, K, T, r, q, sigma, times.length, made, past);
  return readValuation(kernel.result());
}
