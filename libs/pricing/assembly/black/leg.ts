// One European option under generalised Black–Scholes: underlying U, strike K, carry b (forward U·e^(bT)), rate r.
// b = 0 makes U a forward (Black-76); b = r - q makes it a spot with yield q.
//
// With A = U·e^((b-r)T), B = K·e^(-rT), x = log(A/B), s = σ√T, the out-of-the-money side is worth
//   min(A,B)·[N(-a) - φ(a)·M(c+t)],  c = |x|/s, t = s/2, a = c - t, M Mills' ratio,
// so every probability comes from one exponential and two rational functions, and the tails keep relative accuracy.
// Where the bracket cancels, it is the integral of -M' over [a, c+t] by six-point Gauss–Legendre instead.
// batch.ts repeats `regular` in two SIMD lanes, operation by operation: change both or neither.
import { exp, growth } from '../math/exponential';
import { farDensity } from './far-tail';
import { logRatio } from '../math/logarithm';
import { INV_SQRT_2PI, MILLS_LIMIT, mills, millsCentre, millsSlope } from '../math/normal';

/** Below this share of N(-a) the bracket counts as cancelled. */
export const CANCELLATION: f64 = 0.015625;
/** Prices and strikes outside are refused: the products and quotients of third derivatives must stay normal. */
export const SMALLEST: f64 = 1e-60;
export const LARGEST: f64 = 1e60;
/** Largest |rate·T| + |carry·T|. */
export const LARGEST_ACCRUAL: f64 = 600.0;
/** σ√T below this is the limit of zero. */
export const SMALLEST_DEVIATION: f64 = 1e-40;

export const STATUS_OK: i32 = 0;
export const STATUS_UNDERLYING: i32 = 1;
export const STATUS_STRIKE: i32 = 2;
export const STATUS_EXPIRY: i32 = 3;
export const STATUS_VOLATILITY: i32 = 4;
export const STATUS_RATE: i32 = 5;

// What `prepare` leaves for the Greeks.
export let call: bool = false;
export let sign: f64 = 0;
export let underlying: f64 = 0;
export let strike: f64 = 0;
export let expiry: f64 = 0;
export let rootExpiry: f64 = 0;
export let volatility: f64 = 0;
export let rate: f64 = 0;
export let carry: f64 = 0;
export let discount: f64 = 0;
export let yieldDiscount: f64 = 0;
export let presentUnderlying: f64 = 0;
export let presentStrike: f64 = 0;
/** A - B, from U - K and e^(bT) - 1, so that rounded factors do not blur it near the money. */
export let difference: f64 = 0;
export let deviation: f64 = 0;
export let d1: f64 = 0;
export let d2: f64 = 0;
/** φ(d1), φ(d2), N(w·d1), N(w·d2). */
export let density1: f64 = 0;
export let density2: f64 = 0;
export let probability1: f64 = 0;
export let probability2: f64 = 0;
export let value: f64 = 0;

/** Which input, if any, is out of range. */
export function check(u: f64, k: f64, t: f64, v: f64, r: f64, b: f64): i32 {
  if (!(u >= SMALLEST && u <= LARGEST)) return STATUS_UNDERLYING;
  if (!(k >= SMALLEST && k <= LARGEST)) return STATUS_STRIKE;
  if (!(abs(t) < Infinity)) return STATUS_EXPIRY;
  if (!(v >= 0.0 && v < Infinity)) return STATUS_VOLATILITY;
  if (!((abs(r) + abs(b)) * (t > 0.0 ? t : 0.0) <= LARGEST_ACCRUAL)) return STATUS_RATE;
  return STATUS_OK;
}

/**
 * ∫ from c-t to c+t of -M'(u) du: the difference of two Mills ratios without cancellation, for c - t >= -0.3. Four-point
 * Gauss–Legendre, good to rounding where the difference is below `CANCELLATION` of M(c-t).
 */
export function millsDifference(c: f64, t: f64): f64 {
  const near = 0.33998104358485626 * t;
  const far = 0.8611363115940526 * t;
  return (
    t *
    (0.6521451548625461 * (millsSlope(c - near) + millsSlope(c + near)) +
      0.34785484513745385 * (millsSlope(c - far) + millsSlope(c + far)))
  );
}

/** Values the option and keeps what the Greeks need; the inputs have passed `check`. */
export function prepare(isCall: bool, u: f64, k: f64, t: f64, v: f64, r: f64, b: f64): void {
  call = isCall;
  sign = isCall ? 1.0 : -1.0;
  underlying = u;
  strike = k;
  expiry = t > 0.0 ? t : 0.0;
  volatility = v;
  rate = r;
  carry = b;
  const flat = r == 0.0 && b == 0.0;
  discount = flat ? 1.0 : exp(-r * expiry);
  const gain = flat ? 0.0 : growth(b * expiry);
  yieldDiscount = discount * (1.0 + gain);
  presentUnderlying = u * yieldDiscount;
  presentStrike = k * discount;
  difference = discount * (u - k + u * gain);
  rootExpiry = sqrt<f64>(expiry);
  deviation = v * rootExpiry;
  const x = logRatio(u, k) + b * expiry;
  if (deviation < SMALLEST_DEVIATION) {
    certain(x);
    return;
  }
  const outOfMoneyIsCall = x <= 0.0;
  const low = presentStrike < presentUnderlying ? presentStrike : presentUnderlying;
  const high = presentStrike < presentUnderlying ? presentUnderlying : presentStrike;
  const c = abs(x) / deviation;
  const half = 0.5 * deviation;
  const a = c - half;
  const d = c + half;
  let densityA: f64 = 0;
  let millsA: f64 = 0;
  let millsD: f64 = 0;
  if (d <= MILLS_LIMIT) {
    densityA = INV_SQRT_2PI * exp(-0.5 * (a * a));
    millsA = millsCentre(abs(a));
    millsD = millsCentre(d);
  } else {
    densityA = farDensity(u, k, expiry, v, b);
    millsA = mills(abs(a));
    millsD = mills(d);
  }
  const tail = densityA * millsA;
  const lowerA = a >= 0.0 ? tail : 1.0 - tail;
  const upperA = a >= 0.0 ? 1.0 - tail : tail;
  let bracket = lowerA - densityA * millsD;
  if (bracket < CANCELLATION * lowerA) bracket = densityA * millsDifference(c, half);
  const outOfMoney = low * bracket;
  const ratio = low / high;
  const densityD = densityA * ratio;
  const tailD = densityD * millsD;
  if (outOfMoneyIsCall) {
    d1 = -a;
    d2 = -d;
    density1 = densityA;
    density2 = densityD;
    probability1 = isCall ? lowerA : upperA;
    probability2 = isCall ? tailD : 1.0 - tailD;
    value = isCall ? outOfMoney : outOfMoney + abs(difference);
  } else {
    d1 = d;
    d2 = a;
    density1 = densityD;
    density2 = densityA;
    probability1 = isCall ? 1.0 - tailD : tailD;
    probability2 = isCall ? upperA : lowerA;
    value = isCall ? outOfMoney + abs(difference) : outOfMoney;
  }
}

/** The limit σ√T → 0: the payoff of the forward, half a delta where the forward is the strike. */
function certain(x: f64): void {
  const side = sign * x;
  const atStrike = x == 0.0;
  probability1 = atStrike ? 0.5 : side > 0.0 ? 1.0 : 0.0;
  probability2 = probability1;
  density1 = atStrike ? INV_SQRT_2PI : 0.0;
  density2 = density1;
  d1 = 0.0;
  d2 = 0.0;
  const payoff = sign * difference;
  value = side > 0.0 && payoff > 0.0 ? payoff : 0.0;
}
