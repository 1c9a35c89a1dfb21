// A book's legs as columns of doubles, two legs per step in SIMD lanes. A pair in which a leg is at expiry, beyond the range of
// the rational forms, in cancellation or invalid goes through leg.ts instead: same formulas, same bits, more care.
import { exp2Lanes } from '../math/exponential';
import { logRatio2Lanes } from '../math/logarithm';
import { INV_SQRT_2PI, MILLS_LIMIT, mills2Lanes } from '../math/normal';
import { OUTPUTS, storeCoinGreeks, storeFirstGreeks, storeFurtherGreeks } from './greeks';
import { CANCELLATION, check, LARGEST, LARGEST_ACCRUAL, LARGEST_FACTOR, prepare, SMALLEST, STATUS_OK } from './leg';

// Columns of a batch, in this order from its base address; outputs follow in the order of greeks.ts.
export const IS_CALL: i32 = 0;
export const UNDERLYING: i32 = 1;
export const STRIKE: i32 = 2;
export const EXPIRY: i32 = 3;
export const VOLATILITY: i32 = 4;
export const RATE: i32 = 5;
export const CARRY: i32 = 6;
export const QUANTITY: i32 = 7;
export const STATUS: i32 = 8;
export const FIRST_OUTPUT: i32 = 9;

const FIRST: i32 = 0;
const ALL: i32 = 1;

@inline
function column(base: usize, stride: usize, index: i32): usize {
  return base + <usize>index * stride;
}

/** Status of the leg whose first column entry is at `at`; values it where that is well. */
function admit(at: usize, stride: usize): i32 {
  const u = load<f64>(column(at, stride, UNDERLYING));
  const k = load<f64>(column(at, stride, STRIKE));
  const t = load<f64>(column(at, stride, EXPIRY));
  const v = load<f64>(column(at, stride, VOLATILITY));
  const r = load<f64>(column(at, stride, RATE));
  const b = load<f64>(column(at, stride, CARRY));
  const status = check(u, k, t, v, r, b);
  store<f64>(column(at, stride, STATUS), <f64>status);
  if (status == STATUS_OK) prepare(load<f64>(column(at, stride, IS_CALL)) != 0.0, u, k, t, v, r, b);
  return status;
}

function blank(base: usize, stride: usize, outputs: i32): void {
  for (let i = 0; i < outputs; i++) store<f64>(column(base, stride, i), NaN);
}

/** One leg by way of leg.ts; returns 1 where it was refused. */
function single(at: usize, stride: usize, extent: i32): i32 {
  const outputs = column(at, stride, FIRST_OUTPUT);
  if (admit(at, stride) != STATUS_OK) {
    blank(outputs, stride, extent == ALL ? OUTPUTS : 5);
    return 1;
  }
  storeFirstGreeks(outputs, stride);
  if (extent == ALL) {
    storeFurtherGreeks(outputs, stride);
    storeCoinGreeks(outputs, stride);
  }
  return 0;
}

/** Value, delta, gamma, vega and theta of the two legs at `at`; false where they need leg.ts. Mirrors `prepare`. */
@inline
function pair(at: usize, stride: usize): bool {
  const u = v128.load(column(at, stride, UNDERLYING));
  const k = v128.load(column(at, stride, STRIKE));
  const t = v128.load(column(at, stride, EXPIRY));
  const v = v128.load(column(at, stride, VOLATILITY));
  const r = v128.load(column(at, stride, RATE));
  const b = v128.load(column(at, stride, CARRY));
  const one = f64x2.splat(1.0);
  const zero = f64x2.splat(0.0);

  const smallest = f64x2.splat(SMALLEST);
  let sane = v128.and(f64x2.ge(u, smallest), f64x2.ge(k, smallest));
  sane = v128.and(sane, f64x2.le(f64x2.pmax(u, k), f64x2.splat(LARGEST)));
  sane = v128.and(sane, f64x2.le(f64x2.pmax(t, v), f64x2.splat(LARGEST_FACTOR)));
  let discount = one;
  let yieldDiscount = one;
  let x = logRatio2Lanes(u, k);
  if (v128.any_true(v128.or(r, b))) {
    const accrual = f64x2.mul(f64x2.add(f64x2.abs(r), f64x2.abs(b)), t);
    sane = v128.and(sane, f64x2.le(accrual, f64x2.splat(LARGEST_ACCRUAL)));
    if (!i64x2.all_true(sane)) return false;
    discount = exp2Lanes(f64x2.mul(f64x2.neg(r), t));
    yieldDiscount = exp2Lanes(f64x2.mul(f64x2.sub(b, r), t));
    x = f64x2.add(x, f64x2.mul(b, t));
  }
  const presentUnderlying = f64x2.mul(u, yieldDiscount);
  const presentStrike = f64x2.mul(k, discount);
  const root = f64x2.sqrt(t);
  const deviation = f64x2.mul(v, root);
  const otmCall = f64x2.le(x, zero);
  const low = v128.bitselect(presentUnderlying, presentStrike, otmCall);
  const high = v128.bitselect(presentStrike, presentUnderlying, otmCall);
  const c = f64x2.div(f64x2.abs(x), deviation);
  const half = f64x2.mul(f64x2.splat(0.5), deviation);
  const a = f64x2.sub(c, half);
  const d = f64x2.add(c, half);
  // d > |a| holds for every positive deviation and fails for NaN, zero and negative ones.
  const absA = f64x2.abs(a);
  sane = v128.and(sane, v128.and(f64x2.le(d, f64x2.splat(MILLS_LIMIT)), f64x2.gt(half, zero)));

  const densityA = f64x2.mul(
    f64x2.splat(INV_SQRT_2PI),
    exp2Lanes(f64x2.mul(f64x2.splat(-0.5), f64x2.mul(a, a))),
  );
  const millsA = mills2Lanes(absA);
  const millsD = mills2Lanes(d);
  const tail = f64x2.mul(densityA, millsA);
  const rest = f64x2.sub(one, tail);
  const aPositive = f64x2.ge(a, zero);
  const lowerA = v128.bitselect(tail, rest, aPositive);
  const upperA = v128.bitselect(rest, tail, aPositive);
  const bracket = f64x2.sub(lowerA, f64x2.mul(densityA, millsD));
  sane = v128.and(sane, f64x2.ge(bracket, f64x2.mul(f64x2.splat(CANCELLATION), lowerA)));
  if (!i64x2.all_true(sane)) return false;

  const densityD = f64x2.mul(densityA, f64x2.div(low, high));
  const tailD = f64x2.mul(densityD, millsD);
  const restD = f64x2.sub(one, tailD);
  const isCall = f64x2.ne(v128.load(column(at, stride, IS_CALL)), zero);
  const sign = v128.bitselect(one, f64x2.splat(-1.0), isCall);
  const density1 = v128.bitselect(densityA, densityD, otmCall);
  // The out-of-the-money option needs lower tails (1: at d1, 2: at d2), the in-the-money one their complements.
  const outOfMoney = v128.not(v128.xor(otmCall, isCall));
  const nearTail = v128.bitselect(lowerA, upperA, outOfMoney);
  const farTail = v128.bitselect(tailD, restD, outOfMoney);
  const probability1 = v128.bitselect(nearTail, farTail, otmCall);
  const probability2 = v128.bitselect(farTail, nearTail, otmCall);
  const outValue = f64x2.mul(low, bracket);
  const inValue = f64x2.add(
    outValue,
    v128.bitselect(f64x2.sub(presentStrike, presentUnderlying), f64x2.sub(presentUnderlying, presentStrike), otmCall),
  );
  const value = v128.bitselect(outValue, inValue, outOfMoney);

  const outputs = column(at, stride, FIRST_OUTPUT);
  const present = f64x2.mul(presentUnderlying, density1);
  const decay = f64x2.div(f64x2.mul(present, v), f64x2.mul(f64x2.splat(2.0), root));
  const running = f64x2.mul(
    sign,
    f64x2.sub(
      f64x2.mul(f64x2.mul(f64x2.sub(r, b), presentUnderlying), probability1),
      f64x2.mul(f64x2.mul(r, presentStrike), probability2),
    ),
  );
  v128.store(column(at, stride, STATUS), zero);
  v128.store(outputs, f64x2.add(value, zero));
  v128.store(outputs + stride, f64x2.add(f64x2.mul(f64x2.mul(sign, yieldDiscount), probability1), zero));
  v128.store(
    outputs + 2 * stride,
    f64x2.add(f64x2.div(f64x2.mul(yieldDiscount, density1), f64x2.mul(u, deviation)), zero),
  );
  v128.store(outputs + 3 * stride, f64x2.add(f64x2.mul(present, root), zero));
  v128.store(outputs + 4 * stride, f64x2.add(f64x2.sub(running, decay), zero));
  return true;
}

/** Value, delta, gamma, vega and theta of `count` legs; returns how many were refused (their status says why). */
export function legsFirstGreeks(base: usize, stride: usize, count: i32): i32 {
  let refused = 0;
  let i = 0;
  for (; i + 1 < count; i += 2) {
    const at = base + ((<usize>i) << 3);
    if (!pair(at, stride)) refused += single(at, stride, FIRST) + single(at + 8, stride, FIRST);
  }
  if (i < count) refused += single(base + ((<usize>i) << 3), stride, FIRST);
  return refused;
}

/** Every Greek of `count` legs, coin Greeks included; returns how many were refused. */
export function legsAllGreeks(base: usize, stride: usize, count: i32): i32 {
  let refused = 0;
  for (let i = 0; i < count; i++) refused += single(base + ((<usize>i) << 3), stride, ALL);
  return refused;
}

/** Σ quantity × output for each of the first `outputs` outputs, legs in order; refused legs are left out. */
export function legsTotals(base: usize, stride: usize, count: i32, outputs: i32, out: usize): void {
  for (let j = 0; j < outputs; j++) {
    let sum: f64 = 0;
    for (let i = 0; i < count; i++) {
      const at = base + ((<usize>i) << 3);
      if (load<f64>(column(at, stride, STATUS)) != 0.0) continue;
      sum += load<f64>(column(at, stride, QUANTITY)) * load<f64>(column(at, stride, FIRST_OUTPUT + j));
    }
    store<f64>(out + ((<usize>j) << 3), sum + 0.0);
  }
}
