// Implied volatility after P. Jäckel, "Let's Be Rational" (2013-14): a rational guess in four zones of the price, then
// third-order Householder steps (fourth-order convergence) on an objective that is nearly linear in its zone.
//
// The out-of-the-money price over min(A,B) is β(s) in (0,1), s = σ√T, with β' = φ(a), a = |x|/s - s/2; Jäckel's b is β·e^(-|x|/2).
import { exp, expWithin, growth } from '../math/exponential';
import { mills2Lanes } from '../math/lanes';
import { log, logRatio } from '../math/logarithm';
import { INV_SQRT_2PI, MILLS_LIMIT, expMinusHalfSquare, mills, normCdf } from '../math/normal';
import { CANCELLATION, check, millsDifference, STATUS_EXPIRY, STATUS_OK } from './leg';
import { RESULT } from '../memory';
import { CARRY, column, entry, EXPIRY, IS_CALL, PRICE, RATE, STATUS, STRIKE, UNDERLYING, VOLATILITY } from './columns';

export const STATUS_PRICE: i32 = 6;
export const STATUS_BELOW_INTRINSIC: i32 = 7;
export const STATUS_ABOVE_BOUND: i32 = 8;

const SQRT_3: f64 = 1.7320508075688772;
const TWO_PI_OVER_SQRT_27: f64 = 1.2091995761561452;
const ROOT_HALF_PI: f64 = 1.2533141373155003;
const ROOT_TWO_PI: f64 = 2.5066282746310002;
const SMALLEST_CONTROL: f64 = -0.9999999850988388;

// Of the last `shareAt`: φ(a), φ(a)·M(|a|), φ(a)·M(d) and whether a is not negative.
let slope: f64 = 0;
let nearTail: f64 = 0;
let farTail: f64 = 0;
let outside: bool = false;

/** β(s): the out-of-the-money price as a share of its bound, with half the rounding of a value. Leaves its derivative in `slope`. */
function shareAt(size: f64, s: f64): f64 {
  const c = size / s;
  const half = 0.5 * s;
  const a = c - half;
  const d = c + half;
  if (d <= MILLS_LIMIT) {
    slope = INV_SQRT_2PI * expWithin(-0.5 * (a * a));
    // Both of Mills’ ratios at once, in two lanes.
    const both = mills2Lanes(f64x2.replace_lane(f64x2.splat(abs(a)), 1, d));
    nearTail = slope * f64x2.extract_lane(both, 0);
    farTail = slope * f64x2.extract_lane(both, 1);
  } else {
    slope = abs(a) > 38.6 ? 0.0 : INV_SQRT_2PI * expMinusHalfSquare(a);
    nearTail = slope * mills(abs(a));
    farTail = slope * mills(d);
  }
  outside = a >= 0.0;
  const lower = outside ? nearTail : 1.0 - nearTail;
  const bracket = lower - farTail;
  return bracket < 2.0 * CANCELLATION * lower ? slope * millsDifference(c, half) : bracket;
}

/** 1 - β(s) of the last `shareAt` without cancellation for a price near its bound: N(-t+c) + e^|x|·N(-t-c), t = s/2, c = |x|/s. */
@inline
function complement(): f64 {
  return (outside ? 1.0 - nearTail : nearTail) + farTail;
}

/** Rational cubic through (x0, y0) and (x1, y1) with slopes d0, d1 and control parameter r (Delbourgo and Gregory 1985). */
function rationalCubic(x: f64, x0: f64, x1: f64, y0: f64, y1: f64, d0: f64, d1: f64, r: f64): f64 {
  const h = x1 - x0;
  if (h == 0.0) return 0.5 * (y0 + y1);
  const t = (x - x0) / h;
  const u = 1.0 - t;
  if (r > 1e100) return y1 * t + y0 * u;
  const top = y1 * t * t * t + (r * y1 - h * d1) * t * t * u + (r * y0 + h * d0) * t * u * u + y0 * u * u * u;
  return top / (1.0 + (r - 3.0) * t * u);
}

/** Control parameter that fits the second derivative at one end, kept where the cubic stays monotonic and convex. */
function control(top: f64, bottom: f64, d0: f64, d1: f64, chord: f64, preferShape: bool): f64 {
  const fitted: f64 = top == 0.0 ? 0.0 : bottom == 0.0 ? (top > 0.0 ? f64.MAX_VALUE : SMALLEST_CONTROL) : top / bottom;
  const monotonic = d0 * chord >= 0.0 && d1 * chord >= 0.0;
  const bent = (d0 <= chord && chord <= d1) || (d0 >= chord && chord >= d1);
  if (!monotonic && !bent) return max<f64>(fitted, SMALLEST_CONTROL);
  let least = -f64.MAX_VALUE;
  if (monotonic) {
    if (chord != 0.0) least = (d1 + d0) / chord;
    else if (preferShape) least = f64.MAX_VALUE;
  }
  if (bent) {
    const before = chord - d0;
    const after = d1 - chord;
    if (before != 0.0 && after != 0.0) {
      least = max<f64>(least, max<f64>(abs((d1 - d0) / after), abs((d1 - d0) / before)));
    } else if (preferShape) least = f64.MAX_VALUE;
  } else if (preferShape) least = f64.MAX_VALUE;
  return max<f64>(fitted, max<f64>(SMALLEST_CONTROL, least));
}

function controlAtRight(x0: f64, x1: f64, y0: f64, y1: f64, d0: f64, d1: f64, bend: f64, preferShape: bool): f64 {
  const h = x1 - x0;
  const chord = (y1 - y0) / h;
  return control(0.5 * h * bend + (d1 - d0), d1 - chord, d0, d1, chord, preferShape);
}

function controlAtLeft(x0: f64, x1: f64, y0: f64, y1: f64, d0: f64, d1: f64, bend: f64, preferShape: bool): f64 {
  const h = x1 - x0;
  const chord = (y1 - y0) / h;
  return control(0.5 * h * bend + (d1 - d0), chord - d0, d0, d1, chord, preferShape);
}

/**
 * Guess below the tangent point: interpolates f(b) = 2π|x|/√27·N(-|x|/(√3·s))³, which is nearly linear in b there.
 * With N(-z) = φ(z)·M(z) its slope and bend need two exponentials; the inverse of N is a rational approximation, a guess being
 * all that is wanted.
 */
function guessLow(size: f64, share: f64, shareEnd: f64, sEnd: f64): f64 {
  const scale = exp(-0.5 * size);
  const bEnd = shareEnd * scale;
  const b = share * scale;
  const z = size / (SQRT_3 * sEnd);
  const y = z * z;
  const s2 = sEnd * sEnd;
  const ratio = mills(z);
  const growth = exp(1.5 * y);
  const swell = exp(0.125 * s2);
  const unit = TWO_PI_OVER_SQRT_27 * size;
  const f = (unit * 0.06349363593424098 * ratio * ratio * ratio) / growth;
  const d1 = y * ratio * ratio * swell;
  const bend =
    ((0.20888568955258338 * y) / (s2 * sEnd)) *
    ratio *
    (8.0 * SQRT_3 * sEnd * size + (3.0 * s2 * (s2 - 8.0) - 8.0 * size * size) * ratio) *
    (growth * swell * swell);
  let at = -1.0;
  if (growth < 1e140) {
    const r = controlAtRight(0.0, bEnd, 0.0, f, 1.0, d1, bend, true);
    at = rationalCubic(b, 0.0, bEnd, 0.0, f, 1.0, d1, r);
  }
  if (!(at > 0.0)) {
    const t = b / bEnd;
    at = (f * t + bEnd * (1.0 - t)) * t;
  }
  const t = sqrt<f64>(-0.6666666666666666 * log(at / unit));
  return size / (SQRT_3 * upperQuantile(t));
}

/** x with 1 - N(x) = e^(-t²/2), to 4.5e-4 (Abramowitz and Stegun 26.2.23). */
@inline
function upperQuantile(t: f64): f64 {
  return t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
}

/** Guess above the upper tangent point: interpolates f(b) = N(-s/2). */
function guessHigh(size: f64, share: f64, shareStart: f64, sStart: f64): f64 {
  const bMax = exp(-0.5 * size);
  const b = share * bMax;
  const bStart = shareStart * bMax;
  const w = (size / sStart) * (size / sStart);
  const f = normCdf(-0.5 * sStart);
  const d0 = -0.5 * exp(0.5 * w);
  const bend = ROOT_HALF_PI * exp(w + 0.125 * sStart * sStart) * (w / sStart);
  let at = -1.0;
  if (bend < 1e150) {
    const r = controlAtLeft(bStart, bMax, f, 0.0, d0, -0.5, bend, true);
    at = rationalCubic(b, bStart, bMax, f, 0.0, d0, -0.5, r);
  }
  if (!(at > 0.0)) {
    const h = bMax - bStart;
    const t = (b - bStart) / h;
    at = (f * (1.0 - t) + 0.5 * h * t) * (1.0 - t);
  }
  return 2.0 * upperQuantile(sqrt<f64>(-2.0 * log(at)));
}

// The options of a block go through the solution stage by stage: one alone is a chain of divisions, exponentials and logarithms in
// which each waits for the one before, where a processor that meets the same stage of the next option works on both (all in
// 0.83 of the time).
const OPTIONS: i32 = 64;
const SPAN: usize = 576;
const SIZE: usize = memory.data(576 * 8, 64);
const SHARE: usize = SIZE + SPAN;
/** 1 - share, given apart because a price near its bound holds more digits than the share does. */
const REST: usize = SIZE + 2 * SPAN;
/** The total deviation s = σ√T: where to look, then the guess, then better and better. */
const TOTAL: usize = SIZE + 3 * SPAN;
/** β and its slope there. */
const SEEN: usize = SIZE + 4 * SPAN;
const SLOPE: usize = SIZE + 5 * SPAN;
/** β at s = √(2|x|). */
const MIDDLE: usize = SIZE + 6 * SPAN;
/** log of the share in the low zone. */
const LOG_SHARE: usize = SIZE + 7 * SPAN;
const ZONE: usize = memory.data(4 * 64, 16);
/** The options that are not yet done, zone by zone. */
const ACTIVE: usize = memory.data(4 * 65, 16);

// Zones. The guess has a rational cubic on either side of the middle, the steps one objective for both.
const LOW: u32 = 0;
const BETWEEN: u32 = 1;
const ABOVE: u32 = 2;
const HIGH: u32 = 3;

@inline
function at(columnOf: usize, option: i32): usize {
  return columnOf + ((<usize>option) << 3);
}

/** The tangent point beside the price, on the side where the price is. */
function probe(option: i32): void {
  const size = load<f64>(at(SIZE, option));
  // At s = √(2|x|) the formula collapses: a = 0, d = s, so β = 1/2 - φ(0)·M(s) with slope φ(0).
  const sMiddle = sqrt<f64>(2.0 * size);
  const ratio = mills(sMiddle);
  const middle = 0.5 - INV_SQRT_2PI * ratio;
  const below = load<f64>(at(SHARE, option)) < middle;
  store<f64>(at(MIDDLE, option), middle);
  store<f64>(at(TOTAL, option), (below ? sMiddle - ROOT_HALF_PI : sMiddle + ROOT_HALF_PI) + ratio);
}

/** β and its slope at the tangent point, which tell the zone of the guess. */
function look(option: i32): void {
  const seen = shareAt(load<f64>(at(SIZE, option)), load<f64>(at(TOTAL, option)));
  const share = load<f64>(at(SHARE, option));
  const zone = share < load<f64>(at(MIDDLE, option)) ? u32(!(share < seen)) : ABOVE + u32(!(share <= seen));
  store<f64>(at(SEEN, option), seen);
  store<f64>(at(SLOPE, option), slope);
  store<u32>(ZONE + (option << 2), zone);
}

/** Lists the options zone by zone, without branches: no processor foresees the next one's zone. */
function listByZone(count: i32): void {
  let listed = 0;
  for (let zone = LOW; zone <= HIGH; zone++) {
    for (let i = 0; i < count; i++) {
      store<i32>(ACTIVE + (listed << 2), i);
      listed += i32(load<u32>(ZONE + (i << 2)) == zone);
    }
  }
}

/** The rational guess in the zone of the price. */
function guess(option: i32): void {
  const size = load<f64>(at(SIZE, option));
  const share = load<f64>(at(SHARE, option));
  const middle = load<f64>(at(MIDDLE, option));
  const s = load<f64>(at(TOTAL, option));
  const seen = load<f64>(at(SEEN, option));
  const sMiddle = sqrt<f64>(2.0 * size);
  const zone = load<u32>(ZONE + (option << 2));
  let first: f64 = 0;
  if (zone == LOW) {
    first = guessLow(size, share, seen, s);
  } else if (zone == BETWEEN) {
    const d0 = 1.0 / load<f64>(at(SLOPE, option));
    const r = controlAtRight(seen, middle, s, sMiddle, d0, ROOT_TWO_PI, 0.0, false);
    first = rationalCubic(share, seen, middle, s, sMiddle, d0, ROOT_TWO_PI, r);
  } else if (zone == ABOVE) {
    const d1 = 1.0 / load<f64>(at(SLOPE, option));
    const r = controlAtLeft(middle, seen, sMiddle, s, ROOT_TWO_PI, d1, 0.0, false);
    first = rationalCubic(share, middle, seen, sMiddle, s, ROOT_TWO_PI, d1, r);
  } else {
    first = guessHigh(size, share, seen, s);
  }
  store<f64>(at(TOTAL, option), first);
  store<f64>(at(LOG_SHARE, option), zone == LOW ? log(share) : 0.0);
  // Above the middle the steps go by β below one half, by 1 - β from there on.
  if (zone >= ABOVE) store<u32>(ZONE + (option << 2), share > 0.5 ? HIGH : BETWEEN);
}

/**
 * A Householder step; false where it was so small that the next could not be seen. Low: 1/ln β; high: ln(1 - β); between: β itself.
 * 1/ln needs a logarithm clear of zero, which e^(-|x|/2) gives Jäckel's b: here the low zone always has β < 0.16.
 */
function refine(option: i32): bool {
  const size = load<f64>(at(SIZE, option));
  const zone = load<u32>(ZONE + (option << 2));
  let s = load<f64>(at(TOTAL, option));
  if (!(s > 0.0)) s = 1e-8 * sqrt<f64>(2.0 * size) + 1e-200;
  const b = shareAt(size, s);
  const b1 = slope;
  const h = size / s;
  const b2 = (h * h) / s - 0.25 * s;
  const hs = h / s;
  const b3 = b2 * b2 - 3.0 * hs * hs - 0.25;
  let newton: f64 = 0;
  let halley: f64 = 0;
  let third: f64 = 0;
  if (zone == LOW) {
    if (!(b > 0.0 && b1 > 0.0)) {
      store<f64>(at(TOTAL, option), s * 1.05);
      return true;
    }
    const logShare = load<f64>(at(LOG_SHARE, option));
    const ratio = b1 / b;
    const logB = log(b);
    const q = 1.0 / logB;
    newton = ((logShare - logB) * logB) / (logShare * ratio);
    halley = b2 - ratio * (1.0 + 2.0 * q);
    third = b3 + 2.0 * ratio * ratio * (1.0 + 3.0 * q * (1.0 + q)) - 3.0 * b2 * ratio * (1.0 + 2.0 * q);
  } else if (zone == HIGH) {
    const left = complement();
    if (!(left > 0.0 && b1 > 0.0)) {
      store<f64>(at(TOTAL, option), s * 0.9);
      return true;
    }
    const g1 = b1 / left;
    newton = log(left / load<f64>(at(REST, option))) / g1;
    halley = b2 + g1;
    third = b3 + g1 * (2.0 * g1 + 3.0 * b2);
  } else {
    newton = (load<f64>(at(SHARE, option)) - b) / b1;
    halley = b2;
    third = b3;
  }
  const step = (newton * (1.0 + 0.5 * halley * newton)) / (1.0 + newton * (halley + (third * newton) / 6.0));
  const bounded = max<f64>(step, -0.5 * s);
  s += bounded;
  store<f64>(at(TOTAL, option), s);
  return !(abs(bounded) <= 3e-5 * s);
}

/** Solves the options of a block: the total deviations whose `shareAt` is their share, for 0 < share < 1. */
function solve(count: i32): void {
  for (let i = 0; i < count; i++) probe(i);
  for (let i = 0; i < count; i++) look(i);
  listByZone(count);
  for (let i = 0; i < count; i++) guess(load<i32>(ACTIVE + (i << 2)));
  listByZone(count);
  let active = count;
  for (let turn = 0; turn < 8 && active > 0; turn++) {
    let left = 0;
    for (let i = 0; i < active; i++) {
      const option = load<i32>(ACTIVE + (i << 2));
      store<i32>(ACTIVE + (left << 2), option);
      left += i32(refine(option));
    }
    active = left;
  }
}

/** Leaves an option for `solve`, or its volatility in `settled` where that is plain. */
let settled: bool = false;

function admit(option: i32, isCall: bool, price: f64, u: f64, k: f64, t: f64, r: f64, b: f64): i32 {
  settled = true;
  const status = check(u, k, t, 0.0, r, b);
  if (status != STATUS_OK) return status;
  if (!(t > 0.0)) return STATUS_EXPIRY;
  if (!(price >= 0.0 && price < Infinity)) return STATUS_PRICE;
  const flat = r == 0.0 && b == 0.0;
  const discount = flat ? 1.0 : exp(-r * t);
  const gain = flat ? 0.0 : growth(b * t);
  const a = u * (discount * (1.0 + gain));
  const d = k * discount;
  const x = logRatio(u, k) + b * t;
  const otmCall = x <= 0.0;
  const bound = otmCall ? a : d;
  const intrinsic = isCall == otmCall ? 0.0 : abs(discount * (u - k + u * gain));
  const excess = price - intrinsic;
  // A price within rounding of the intrinsic value is the intrinsic value, and without volatility.
  if (excess < 0.0) return price > intrinsic * 0.9999999999999996 ? STATUS_OK : STATUS_BELOW_INTRINSIC;
  if (!(excess < bound)) return STATUS_ABOVE_BOUND;
  const share = excess / bound;
  if (share < 1e-305) return STATUS_OK;
  settled = false;
  store<f64>(at(SIZE, option), max<f64>(abs(x), 1e-200));
  store<f64>(at(SHARE, option), share);
  store<f64>(at(REST, option), (bound - excess) / bound);
  return STATUS_OK;
}

/** Implied volatility of one option, left in RESULT[0]; returns the status. Inputs as for `blackOption`, price in its currency. */
export function blackImplied(isCall: i32, price: f64, u: f64, k: f64, t: f64, r: f64, b: f64): i32 {
  const status = admit(0, isCall != 0, price, u, k, t, r, b);
  if (status != STATUS_OK) return status;
  if (!settled) solve(1);
  store<f64>(RESULT, settled ? 0.0 : load<f64>(TOTAL) / sqrt<f64>(t));
  return STATUS_OK;
}

/** Numbers in the block of the legs that `solve` works on. */
const LEGS: usize = memory.data(4 * 64, 16);

/** Implied volatilities of the `count` legs of a block; returns how many were refused. */
function impliedBlock(first: usize, stride: usize, count: i32, inCoin: i32): i32 {
  let refused = 0;
  let open = 0;
  for (let i = 0; i < count; i++) {
    const leg = entry(first, i);
    const u = load<f64>(column(leg, stride, UNDERLYING));
    const price = load<f64>(column(leg, stride, PRICE));
    const status = admit(
      open,
      load<f64>(column(leg, stride, IS_CALL)) != 0.0,
      inCoin != 0 ? price * u : price,
      u,
      load<f64>(column(leg, stride, STRIKE)),
      load<f64>(column(leg, stride, EXPIRY)),
      load<f64>(column(leg, stride, RATE)),
      load<f64>(column(leg, stride, CARRY)),
    );
    store<f64>(column(leg, stride, STATUS), <f64>status);
    store<f64>(column(leg, stride, VOLATILITY), status == STATUS_OK ? 0.0 : NaN);
    refused += i32(status != STATUS_OK);
    store<i32>(LEGS + (open << 2), i);
    open += i32(!settled);
  }
  solve(open);
  for (let j = 0; j < open; j++) {
    const leg = entry(first, load<i32>(LEGS + (j << 2)));
    const years = load<f64>(column(leg, stride, EXPIRY));
    store<f64>(column(leg, stride, VOLATILITY), load<f64>(at(TOTAL, j)) / sqrt<f64>(years));
  }
  return refused;
}

/**
 * Implied volatilities of `count` legs from their price column, which is in the quote currency or, with `inCoin`, in units of the
 * underlying; written to the volatility column, NaN where refused. Returns how many were.
 */
export function legsImplied(base: usize, stride: usize, count: i32, inCoin: i32): i32 {
  let refused = 0;
  for (let start = 0; start < count; start += OPTIONS)
    refused += impliedBlock(entry(base, start), stride, min(count - start, OPTIONS), inCoin);
  return refused;
}
