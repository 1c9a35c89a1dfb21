// A book's legs as columns of doubles. A pair in which a leg is at expiry, beyond the range of the rational forms or invalid
// goes through leg.ts instead of the SIMD lanes: same formulas, same bits, more care.
import { pairAt } from '../math/lanes';
import {
  CARRY,
  column,
  entry,
  EXPIRY,
  FIRST_OUTPUT,
  IS_CALL,
  QUANTITY,
  RATE,
  STATUS,
  STRIKE,
  UNDERLYING,
  VOLATILITY,
} from './columns';
import { OUTPUTS, storeCoinGreeks, storeFirstGreeks, storeFurtherGreeks } from './greeks';
import { storeFurtherPair } from './lane-greeks';
import { check, prepare, STATUS_OK } from './leg';
import {
  A,
  BLOCK,
  D,
  DENSITY_A,
  DISCOUNT,
  GAIN,
  HALF,
  intrinsic,
  keptDigits,
  lanesAt,
  lowerTail,
  mendedBracket,
  MILLS_D,
  ONE,
  optionValue,
  outerTail,
  plainBracket,
  REGULAR,
  SIGN,
  ROOT,
  someRates,
  stageDensities,
  stageMills,
  stageRatios,
  stageTimes,
  stageTimesAndRates,
  X,
  YIELD,
  ZERO,
} from './stages';

export const FIRST: i32 = 0;
const ALL: i32 = 1;
/** Greeks alone: a value that cancels is left as it is. */
export const SLOPES: i32 = 2;

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

/** One leg by way of leg.ts; returns 1 where it was refused. */
function single(at: usize, stride: usize, extent: i32): i32 {
  const outputs = column(at, stride, FIRST_OUTPUT);
  if (admit(at, stride) != STATUS_OK) {
    const blanks = extent == ALL ? OUTPUTS : 5;
    for (let i = 0; i < blanks; i++) store<f64>(column(outputs, stride, i), NaN);
    return 1;
  }
  storeFirstGreeks(outputs, stride);
  if (extent == ALL) {
    storeFurtherGreeks(outputs, stride);
    storeCoinGreeks(outputs, stride);
  }
  return 0;
}

/** Stores value, delta, gamma, vega and theta (none of which can be -0 here) of pair `i` of the block at `at`, whose bracket is known. Mirrors leg.ts and greeks.ts. */
@inline
function storePair(at: usize, stride: usize, i: usize, tailA: v128, bracket: v128): void {
  const zero = pairAt(ZERO);
  const one = pairAt(ONE);
  const u = v128.load(column(at, stride, UNDERLYING) + i);
  const k = v128.load(column(at, stride, STRIKE) + i);
  const discount = v128.load(DISCOUNT + i);
  const yieldDiscount = v128.load(YIELD + i);
  const presentUnderlying = f64x2.mul(u, yieldDiscount);
  const presentStrike = f64x2.mul(k, discount);
  const otmCall = f64x2.le(v128.load(X + i), zero);
  const low = f64x2.pmin(presentUnderlying, presentStrike);
  const high = f64x2.pmax(presentUnderlying, presentStrike);
  const densityA = v128.load(DENSITY_A + i);
  const densityD = f64x2.mul(densityA, f64x2.div(low, high));
  const tailD = f64x2.mul(densityD, v128.load(MILLS_D + i));
  const isCall = f64x2.ne(v128.load(column(at, stride, IS_CALL) + i), zero);
  const inTheMoney = v128.xor(otmCall, isCall);
  // N(-a) for the out-of-the-money option, N(a) for the other; each is the tail or the rest by the sign of a.
  const nearIsTail = v128.xor(f64x2.ge(v128.load(A + i), zero), inTheMoney);
  const nearTail = v128.bitselect(tailA, f64x2.sub(one, tailA), nearIsTail);
  const farTail = v128.bitselect(f64x2.sub(one, tailD), tailD, inTheMoney);
  const probability1 = v128.bitselect(nearTail, farTail, otmCall);
  const probability2 = v128.bitselect(farTail, nearTail, otmCall);
  const outputs = column(at, stride, FIRST_OUTPUT) + i;
  const gap = intrinsic(u, k, discount, v128.load(GAIN + i));
  v128.store(outputs, optionValue(low, bracket, gap, inTheMoney));

  const negative = v128.andnot(pairAt(SIGN), isCall);
  const density1 = v128.bitselect(densityA, densityD, otmCall);
  const root = v128.load(ROOT + i);
  const v = v128.load(column(at, stride, VOLATILITY) + i);
  v128.store(outputs + stride, v128.xor(f64x2.mul(yieldDiscount, probability1), negative));
  const swing = f64x2.mul(u, v);
  const gamma = f64x2.div(f64x2.mul(yieldDiscount, density1), f64x2.mul(swing, root));
  v128.store(outputs + 2 * stride, gamma);
  const present = f64x2.mul(presentUnderlying, density1);
  v128.store(outputs + 3 * stride, f64x2.mul(present, root));
  const r = v128.load(column(at, stride, RATE) + i);
  const b = v128.load(column(at, stride, CARRY) + i);
  const running = v128.xor(
    negative,
    f64x2.sub(
      f64x2.mul(f64x2.mul(f64x2.sub(r, b), presentUnderlying), probability1),
      f64x2.mul(f64x2.mul(r, presentStrike), probability2),
    ),
  );
  const decay = f64x2.mul(f64x2.mul(swing, f64x2.mul(swing, gamma)), pairAt(HALF));
  v128.store(outputs + 4 * stride, f64x2.sub(running, decay));
  v128.store(column(at, stride, STATUS) + i, zero);
}

// Of a block: byte offsets of the pairs that `storePair` may not have settled, and of the lanes among them that cancelled.
const LEFT: usize = memory.data(4 * 33, 16);
const CANCELLED: usize = memory.data(4 * 66, 16);

/** Finds the cancelled lanes of `left` pairs; returns how many. */
function cancelledLanes(left: i32): i32 {
  let found = 0;
  for (let j = 0; j < left; j++) {
    const i = <usize>load<u32>(LEFT + (j << 2));
    const lower = lowerTail(i, outerTail(i));
    const kept = keptDigits(plainBracket(i, lower), lower);
    const lost = i64x2.bitmask(v128.andnot(v128.load(REGULAR + i), kept));
    // Without branches: no processor foresees which lane it is.
    store<u32>(CANCELLED + (found << 2), <u32>i);
    found += lost & 1;
    store<u32>(CANCELLED + (found << 2), <u32>i + 8);
    found += lost >> 1;
  }
  return found;
}

/** Values of the lanes at `p` and `q` again, by the bracket that does not cancel: nothing else depends on it. */
function mendLanes(at: usize, stride: usize, p: usize, q: usize): void {
  const u = lanesAt(column(at, stride, UNDERLYING), p, q);
  const k = lanesAt(column(at, stride, STRIKE), p, q);
  const discount = lanesAt(DISCOUNT, p, q);
  const low = f64x2.pmin(f64x2.mul(u, lanesAt(YIELD, p, q)), f64x2.mul(k, discount));
  const bracket = mendedBracket(column(at, stride, VOLATILITY), p, q);
  const otmCall = f64x2.le(lanesAt(X, p, q), pairAt(ZERO));
  const isCall = f64x2.ne(lanesAt(column(at, stride, IS_CALL), p, q), pairAt(ZERO));
  const value = optionValue(low, bracket, intrinsic(u, k, discount, lanesAt(GAIN, p, q)), v128.xor(otmCall, isCall));
  const values = column(at, stride, FIRST_OUTPUT);
  v128.store64_lane(values + p, value, 0);
  v128.store64_lane(values + q, value, 1);
}

/** Values the lanes of `left` pairs that cancelled, two at a time. */
function mend(at: usize, stride: usize, left: i32): void {
  const lanes = cancelledLanes(left);
  for (let j = 0; j < lanes; j += 2) {
    const p = load<u32>(CANCELLED + (j << 2));
    // An odd one goes twice.
    const q = j + 1 < lanes ? load<u32>(CANCELLED + (j << 2), 4) : p;
    mendLanes(at, stride, p, q);
  }
}

/** The lanes of a pair that are not regular, by way of leg.ts; returns how many were refused. */
function irregularLanes(at: usize, stride: usize, i: usize, extent: i32): i32 {
  const regular = v128.load(REGULAR + i);
  let refused = 0;
  if (i64x2.extract_lane(regular, 0) == 0) refused += single(at + i, stride, extent);
  if (i64x2.extract_lane(regular, 1) == 0) refused += single(at + i + 8, stride, extent);
  return refused;
}

/** What the times, rates and carries of a block come to. */
export function blockTimes(at: usize, stride: usize, pairs: i32): void {
  const rates = column(at, stride, RATE);
  const carries = column(at, stride, CARRY);
  const expiries = column(at, stride, EXPIRY);
  if (someRates(rates, carries, pairs)) stageTimesAndRates(expiries, rates, carries, pairs);
  else stageTimes(expiries, pairs);
}

/** The pairs of one block after `blockTimes`; returns how many legs were refused. */
export function blockGreeks(at: usize, stride: usize, pairs: i32, extent: i32): i32 {
  stageRatios(column(at, stride, UNDERLYING), column(at, stride, STRIKE), pairs);
  stageDensities(column(at, stride, VOLATILITY), pairs);
  stageMills(pairs);
  let left = 0;
  for (let i: usize = 0, n = <usize>pairs << 4; i < n; i += 16) {
    const tail = outerTail(i);
    const lower = lowerTail(i, tail);
    const bracket = plainBracket(i, lower);
    storePair(at, stride, i, tail, bracket);
    // Noted without a branch: of one pair in eleven some lane is left, and a wrong guess costs as much as half a pair.
    store<u32>(LEFT + (left << 2), <u32>i);
    left += i32(!i64x2.all_true(v128.and(v128.load(REGULAR + i), keptDigits(bracket, lower))));
  }
  if (extent != SLOPES) mend(at, stride, left);
  if (extent == ALL) {
    for (let i: usize = 0, n = <usize>pairs << 4; i < n; i += 16) storeFurtherPair(at, stride, i);
  }
  let refused = 0;
  for (let j = 0; j < left; j++) refused += irregularLanes(at, stride, <usize>load<u32>(LEFT + (j << 2)), extent);
  return refused;
}

function value(base: usize, stride: usize, count: i32, extent: i32): i32 {
  let refused = 0;
  const pairs = count >> 1;
  for (let start = 0; start < pairs; start += BLOCK) {
    const size = pairs - start < BLOCK ? pairs - start : BLOCK;
    const at = entry(base, start << 1);
    blockTimes(at, stride, size);
    refused += blockGreeks(at, stride, size, extent);
  }
  if (count & 1) refused += single(entry(base, count - 1), stride, extent);
  return refused;
}

/** Value, delta, gamma, vega and theta of `count` legs; returns how many were refused (their status says why). */
export function legsFirstGreeks(base: usize, stride: usize, count: i32): i32 {
  return value(base, stride, count, FIRST);
}

/** Every Greek of `count` legs, coin Greeks included; returns how many were refused. */
export function legsAllGreeks(base: usize, stride: usize, count: i32): i32 {
  return value(base, stride, count, ALL);
}

/** Σ quantity × output for each of the first `outputs` outputs, legs in order; refused legs are left out. */
export function legsTotals(base: usize, stride: usize, count: i32, outputs: i32, out: usize): void {
  for (let j = 0; j < outputs; j++) {
    let sum: f64 = 0;
    for (let i = 0; i < count; i++) {
      const at = entry(base, i);
      if (load<f64>(column(at, stride, STATUS)) != 0.0) continue;
      sum += load<f64>(column(at, stride, QUANTITY)) * load<f64>(column(at, stride, FIRST_OUTPUT + j));
    }
    store<f64>(entry(out, j), sum + 0.0);
  }
}
