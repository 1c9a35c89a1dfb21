// The valuation of leg.ts in two SIMD lanes, split into stages over a block of legs. A whole option at once is one long
// dependency chain with more live values than there are registers; a stage is short, so the processor overlaps many pairs.
// Every stage repeats `prepare` of leg.ts operation by operation: change both or neither.
import { exp2Lanes, growth2Lanes, logSeries2Lanes, millsBottom2Lanes, millsSlope2Lanes, millsTop2Lanes, pairAt, ratioExponent2Lanes, ratioSine2Lanes, smallGrowth2Lanes } from '../math/lanes';
import { INV_SQRT_2PI, MILLS_LIMIT } from '../math/normal';
import { CANCELLATION, LARGEST, LARGEST_ACCRUAL, SMALLEST, SMALLEST_DEVIATION } from './leg';

/** Pairs of legs in a block. */
export const BLOCK: i32 = 32;
/** Bytes from one scratch column to the next: a cache line more than it holds, so that columns do not alias. */
const SPAN: usize = 576;

// Where the constants leave registers free, a turn works on four pairs: between two stores the processor, which sees some hundred
// instructions ahead, then meets four chains instead of one (φ(a) in 0.74 of the time). A turn may reach beyond the last pair, within
// the scratch columns only.
const TURN: usize = 64;

// Scratch columns of a block.
export const X: usize = memory.data(9216, 64);
export const ROOT: usize = X + SPAN;
export const A: usize = X + 2 * SPAN;
export const D: usize = X + 3 * SPAN;
export const SANE: usize = X + 4 * SPAN;
export const DISCOUNT: usize = X + 5 * SPAN;
export const YIELD: usize = X + 6 * SPAN;
export const DENSITY_A: usize = X + 7 * SPAN;
export const MILLS_A: usize = X + 8 * SPAN;
export const MILLS_D: usize = X + 9 * SPAN;
export const DRIFT: usize = X + 10 * SPAN;
/** `SANE` and the range of the rational forms. */
export const REGULAR: usize = X + 11 * SPAN;
/** For the scenario grid: shifted underlyings, volatilities, expiries and quantities per underlying. */
export const SHIFTED_UNDERLYING: usize = X + 12 * SPAN;
export const SHIFTED_VOLATILITY: usize = X + 13 * SPAN;
export const SHIFTED_EXPIRY: usize = X + 14 * SPAN;
/** e^(bT) - 1. */
export const GAIN: usize = X + 15 * SPAN;

const SMALLEST_2: usize = memory.data<f64>([SMALLEST, SMALLEST], 16);
const LARGEST_2: usize = memory.data<f64>([LARGEST, LARGEST], 16);
const LARGEST_ACCRUAL_2: usize = memory.data<f64>([LARGEST_ACCRUAL, LARGEST_ACCRUAL], 16);
const SMALLEST_HALF: usize = memory.data<f64>([0.5 * SMALLEST_DEVIATION, 0.5 * SMALLEST_DEVIATION], 16);
const SMALL_ACCRUAL: usize = memory.data<f64>([0.34, 0.34], 16);
const MILLS_LIMIT_2: usize = memory.data<f64>([MILLS_LIMIT, MILLS_LIMIT], 16);
const INV_SQRT_2PI_2: usize = memory.data<f64>([INV_SQRT_2PI, INV_SQRT_2PI], 16);
const CANCELLATION_2: usize = memory.data<f64>([CANCELLATION, CANCELLATION], 16);
export const ONE: usize = memory.data<f64>([1.0, 1.0], 16);
export const TWO: usize = memory.data<f64>([2.0, 2.0], 16);
export const HALF: usize = memory.data<f64>([0.5, 0.5], 16);
const MINUS_HALF: usize = memory.data<f64>([-0.5, -0.5], 16);
/** The sign bits. */
export const SIGN: usize = memory.data<f64>([-0.0, -0.0], 16);
const NOT_A_NUMBER: usize = memory.data<f64>([NaN, NaN], 16);
export const ZERO: usize = memory.data<f64>([0.0, 0.0], 16);
const NODE_NEAR: usize = memory.data<f64>([0.33998104358485626, 0.33998104358485626], 16);
const NODE_FAR: usize = memory.data<f64>([0.8611363115940526, 0.8611363115940526], 16);
const WEIGHT_NEAR: usize = memory.data<f64>([0.6521451548625461, 0.6521451548625461], 16);
const WEIGHT_FAR: usize = memory.data<f64>([0.34785484513745385, 0.34785484513745385], 16);

/** x of a pair from what the first loop of `stageRatios` left. */
@inline
function logAt(i: usize): v128 {
  return f64x2.add(logSeries2Lanes(v128.load(A + i), v128.load(D + i)), v128.load(DRIFT + i));
}

/** x = log(U/K) + b·T of `pairs` pairs, after the times, and the range checks of U and K. */
export function stageRatios(underlyings: usize, strikes: usize, pairs: i32): void {
  const n = <usize>pairs << 4;
  for (let i: usize = 0; i < n; i += 16) {
    const u = v128.load(underlyings + i);
    const k = v128.load(strikes + i);
    const sine = ratioSine2Lanes(u, k);
    const exponent = ratioExponent2Lanes(u, k);
    // pmin keeps its first operand where a comparison with NaN fails, pmax likewise: u caught by one, k by the other.
    const priced = f64x2.ge(f64x2.pmin(u, k), pairAt(SMALLEST_2));
    const bounded = f64x2.le(f64x2.pmax(k, u), pairAt(LARGEST_2));
    v128.store(SANE + i, v128.and(priced, bounded));
    v128.store(A + i, sine);
    v128.store(D + i, exponent);
  }
  for (let i: usize = 0; i < n; i += TURN) {
    const x0 = logAt(i);
    const x1 = logAt(i + 16);
    const x2 = logAt(i + 32);
    const x3 = logAt(i + 48);
    v128.store(X + i, x0);
    v128.store(X + i + 16, x1);
    v128.store(X + i + 32, x2);
    v128.store(X + i + 48, x3);
  }
}

/** Whether some of the legs has a rate or a carry. */
export function someRates(rates: usize, carries: usize, pairs: i32): bool {
  for (let i: usize = 0, n = <usize>pairs << 4; i < n; i += 16) {
    if (v128.any_true(v128.or(v128.load(rates + i), v128.load(carries + i)))) return true;
  }
  return false;
}

/** √T, for legs without rates: discount factors are one and nothing is added to x. */
export function stageTimes(expiries: usize, pairs: i32): void {
  const one = pairAt(ONE);
  const zero = pairAt(ZERO);
  for (let i: usize = 0, n = <usize>pairs << 4; i < n; i += 16) {
    v128.store(ROOT + i, f64x2.sqrt(v128.load(expiries + i)));
    v128.store(DISCOUNT + i, one);
    v128.store(YIELD + i, one);
    v128.store(GAIN + i, zero);
    v128.store(DRIFT + i, zero);
  }
}

/** √T, discount factors and the carry's part of x; not a number where (|r| + |b|)·T is out of range. */
export function stageTimesAndRates(expiries: usize, rates: usize, carries: usize, pairs: i32): void {
  let small = f64x2.eq(pairAt(ZERO), pairAt(ZERO));
  for (let i: usize = 0, n = <usize>pairs << 4; i < n; i += 16) {
    const t = v128.load(expiries + i);
    const r = v128.load(rates + i);
    const b = v128.load(carries + i);
    const accrual = f64x2.mul(f64x2.add(f64x2.abs(r), f64x2.abs(b)), t);
    const bounded = f64x2.le(accrual, pairAt(LARGEST_ACCRUAL_2));
    small = v128.and(small, f64x2.le(accrual, pairAt(SMALL_ACCRUAL)));
    v128.store(ROOT + i, f64x2.sqrt(t));
    v128.store(DRIFT + i, v128.bitselect(f64x2.mul(b, t), pairAt(NOT_A_NUMBER), bounded));
    v128.store(DISCOUNT + i, f64x2.mul(f64x2.neg(r), t));
  }
  if (i64x2.all_true(small)) stageSmallFactors(pairs);
  else stageFactors(pairs);
}

/** Discount factors from the exponents left by `stageTimesAndRates`. */
function stageFactors(pairs: i32): void {
  for (let i: usize = 0, n = <usize>pairs << 4; i < n; i += 16) {
    const discount = exp2Lanes(v128.load(DISCOUNT + i));
    const gain = growth2Lanes(v128.load(DRIFT + i));
    v128.store(DISCOUNT + i, discount);
    v128.store(GAIN + i, gain);
    v128.store(YIELD + i, f64x2.mul(discount, f64x2.add(pairAt(ONE), gain)));
  }
}

/** `stageFactors` where no exponent of the block needs reducing: same bits, a third less work. */
function stageSmallFactors(pairs: i32): void {
  for (let i: usize = 0, n = <usize>pairs << 4; i < n; i += 16) {
    const discount = f64x2.add(pairAt(ONE), smallGrowth2Lanes(v128.load(DISCOUNT + i)));
    const gain = smallGrowth2Lanes(v128.load(DRIFT + i));
    v128.store(DISCOUNT + i, discount);
    v128.store(GAIN + i, gain);
    v128.store(YIELD + i, f64x2.mul(discount, f64x2.add(pairAt(ONE), gain)));
  }
}

/** φ(a) of a pair. */
@inline
function densityAt(i: usize): v128 {
  const a = v128.load(A + i);
  const power = exp2Lanes(f64x2.mul(pairAt(MINUS_HALF), f64x2.mul(a, a)));
  return f64x2.mul(pairAt(INV_SQRT_2PI_2), power);
}

/** a, d, φ(a) and whether the pair is within the range of the rational forms. */
export function stageDensities(volatilities: usize, pairs: i32): void {
  const n = <usize>pairs << 4;
  for (let i: usize = 0; i < n; i += 16) {
    const deviation = f64x2.mul(v128.load(volatilities + i), v128.load(ROOT + i));
    const c = f64x2.div(f64x2.abs(v128.load(X + i)), deviation);
    const half = f64x2.mul(pairAt(HALF), deviation);
    const a = f64x2.sub(c, half);
    const d = f64x2.add(c, half);
    v128.store(A + i, a);
    v128.store(D + i, d);
    // d <= 15 fails for NaN and infinities (T or σ zero), the bound on half for what leg.ts takes as certain and below.
    const regular = v128.and(f64x2.le(d, pairAt(MILLS_LIMIT_2)), f64x2.ge(half, pairAt(SMALLEST_HALF)));
    v128.store(REGULAR + i, v128.and(v128.load(SANE + i), regular));
  }
  for (let i: usize = 0; i < n; i += TURN) {
    const p0 = densityAt(i);
    const p1 = densityAt(i + 16);
    const p2 = densityAt(i + 32);
    const p3 = densityAt(i + 48);
    v128.store(DENSITY_A + i, p0);
    v128.store(DENSITY_A + i + 16, p1);
    v128.store(DENSITY_A + i + 32, p2);
    v128.store(DENSITY_A + i + 48, p3);
  }
}

/** M(|a|) and M(d): the constants of a numerator and a denominator at once are more than there are registers. */
export function stageMills(pairs: i32): void {
  const n = <usize>pairs << 4;
  for (let i: usize = 0; i < n; i += 16) {
    const a = millsTop2Lanes(f64x2.abs(v128.load(A + i)));
    const d = millsTop2Lanes(v128.load(D + i));
    v128.store(MILLS_A + i, a);
    v128.store(MILLS_D + i, d);
  }
  for (let i: usize = 0; i < n; i += 16) {
    const a = millsBottom2Lanes(f64x2.abs(v128.load(A + i)));
    const d = millsBottom2Lanes(v128.load(D + i));
    v128.store(MILLS_A + i, f64x2.div(v128.load(MILLS_A + i), a));
    v128.store(MILLS_D + i, f64x2.div(v128.load(MILLS_D + i), d));
  }
}

/** N(-a) of a pair from the tail beyond |a|. */
@inline
export function lowerTail(i: usize, tail: v128): v128 {
  return v128.bitselect(tail, f64x2.sub(pairAt(ONE), tail), f64x2.ge(v128.load(A + i), pairAt(ZERO)));
}

/** φ(a)·M(|a|) of a pair: the probability beyond |a|. */
@inline
export function outerTail(i: usize): v128 {
  return f64x2.mul(v128.load(DENSITY_A + i), v128.load(MILLS_A + i));
}

/** N(-a) - φ(a)·M(d) of a pair, cancelling where the two are close. */
@inline
export function plainBracket(i: usize, lower: v128): v128 {
  return f64x2.sub(lower, f64x2.mul(v128.load(DENSITY_A + i), v128.load(MILLS_D + i)));
}

/** |A - B|: what the in-the-money option is worth beyond its counterpart. */
@inline
export function intrinsic(u: v128, k: v128, discount: v128, gain: v128): v128 {
  return f64x2.abs(f64x2.mul(discount, f64x2.add(f64x2.sub(u, k), f64x2.mul(u, gain))));
}

/** Value of an option from min(A, B), its bracket and `intrinsic`. */
@inline
export function optionValue(low: v128, bracket: v128, gap: v128, inTheMoney: v128): v128 {
  return f64x2.add(f64x2.mul(low, bracket), v128.and(gap, inTheMoney));
}

/** Lanes in which `plainBracket` kept its digits. */
@inline
export function keptDigits(bracket: v128, lower: v128): v128 {
  return f64x2.ge(bracket, f64x2.mul(pairAt(CANCELLATION_2), lower));
}

/** The lanes at `p` and `q`, offsets in bytes, of a column. */
@inline
export function lanesAt(base: usize, p: usize, q: usize): v128 {
  return v128.load64_lane(base + q, v128.load64_zero(base + p), 1);
}

/** The bracket of the lanes at `p` and `q` without cancellation. */
export function mendedBracket(volatilities: usize, p: usize, q: usize): v128 {
  const deviation = f64x2.mul(lanesAt(volatilities, p, q), lanesAt(ROOT, p, q));
  const c = f64x2.div(f64x2.abs(lanesAt(X, p, q)), deviation);
  const t = f64x2.mul(pairAt(HALF), deviation);
  return f64x2.mul(lanesAt(DENSITY_A, p, q), millsDifference2Lanes(c, t));
}

/** `millsDifference` in two lanes. */
function millsDifference2Lanes(c: v128, t: v128): v128 {
  const near = f64x2.mul(pairAt(NODE_NEAR), t);
  const far = f64x2.mul(pairAt(NODE_FAR), t);
  const inner = f64x2.add(millsSlope2Lanes(f64x2.sub(c, near)), millsSlope2Lanes(f64x2.add(c, near)));
  const outer = f64x2.add(millsSlope2Lanes(f64x2.sub(c, far)), millsSlope2Lanes(f64x2.add(c, far)));
  return f64x2.mul(t, f64x2.add(f64x2.mul(pairAt(WEIGHT_NEAR), inner), f64x2.mul(pairAt(WEIGHT_FAR), outer)));
}
