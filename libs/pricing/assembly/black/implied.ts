// Implied volatility after P. Jäckel, "Let's Be Rational" (2013-14): a rational guess in four zones of the price, then
// third-order Householder steps (fourth-order convergence) on an objective that is nearly linear in its zone.
//
// The out-of-the-money price over min(A,B) is β(s) in (0,1), s = σ√T, with β' = φ(a), a = |x|/s - s/2; Jäckel's b is β·e^(-|x|/2).
import { exp, growth } from '../math/exponential';
import { log, logRatio } from '../math/logarithm';
import { INV_SQRT_2PI, MILLS_LIMIT, expMinusHalfSquare, mills, millsCentre, normCdf } from '../math/normal';
import { CANCELLATION, check, millsDifference, STATUS_OK } from './leg';
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

/** φ(a) of the last `shareAt`. */
let slope: f64 = 0;

/** β(s): the out-of-the-money price as a share of its bound, with half the rounding of a value. Leaves its derivative in `slope`. */
function shareAt(size: f64, s: f64): f64 {
  const c = size / s;
  const half = 0.5 * s;
  const a = c - half;
  const d = c + half;
  const near = d <= MILLS_LIMIT;
  const density = near
    ? INV_SQRT_2PI * exp(-0.5 * (a * a))
    : abs(a) > 38.6
      ? 0.0
      : INV_SQRT_2PI * expMinusHalfSquare(a);
  slope = density;
  const tail = density * (near ? millsCentre(abs(a)) : mills(abs(a)));
  const lower = a >= 0.0 ? tail : 1.0 - tail;
  const bracket = lower - density * (near ? millsCentre(d) : mills(d));
  return bracket < 2.0 * CANCELLATION * lower ? density * millsDifference(c, half) : bracket;
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

/** The total deviation s whose `shareAt` is `share`, for 0 < share < 1 and size = |log(A/B)|. */
export function impliedDeviation(distance: f64, share: f64, rest: f64): f64 {
  const size = max<f64>(distance, 1e-200);
  // At s = √(2|x|) the formula collapses: a = 0, d = s, so β = 1/2 - φ(0)·M(s) with slope φ(0).
  const sMiddle = sqrt<f64>(2.0 * size);
  const ratio = mills(sMiddle);
  const middle = 0.5 - INV_SQRT_2PI * ratio;
  let s: f64 = 0;
  let low = false;
  let high = false;
  if (share < middle) {
    const sLow = sMiddle - ROOT_HALF_PI + ratio;
    const least = shareAt(size, sLow);
    if (share < least) {
      s = guessLow(size, share, least, sLow);
      low = true;
    } else {
      const d0 = 1.0 / slope;
      const r = controlAtRight(least, middle, sLow, sMiddle, d0, ROOT_TWO_PI, 0.0, false);
      s = rationalCubic(share, least, middle, sLow, sMiddle, d0, ROOT_TWO_PI, r);
    }
  } else {
    const sHigh = sMiddle + ROOT_HALF_PI + ratio;
    const most = shareAt(size, sHigh);
    if (share <= most) {
      const d1 = 1.0 / slope;
      const r = controlAtLeft(middle, most, sMiddle, sHigh, ROOT_TWO_PI, d1, 0.0, false);
      s = rationalCubic(share, middle, most, sMiddle, sHigh, ROOT_TWO_PI, d1, r);
    } else {
      s = guessHigh(size, share, most, sHigh);
    }
    high = share > 0.5;
  }
  return refine(size, share, rest, s, low, high);
}

/**
 * Householder steps until one is so small that the next could not be seen. `rest` = 1 - share, given apart because a price
 * near its bound holds more digits than the share does. Low: 1/ln β; high: ln(1 - β); between: β itself.
 */
function refine(size: f64, share: f64, rest: f64, start: f64, low: bool, high: bool): f64 {
  let s = start;
  const logShare = low ? log(share) : 0.0;
  // 1/ln needs a logarithm clear of zero, which e^(-|x|/2) gives Jäckel's b: here the low zone always has β < 0.16.
  for (let i = 0; i < 8; i++) {
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
    if (low) {
      if (!(b > 0.0 && b1 > 0.0)) {
        s *= 1.05;
        continue;
      }
      const ratio = b1 / b;
      const logB = log(b);
      const q = 1.0 / logB;
      newton = ((logShare - logB) * logB) / (logShare * ratio);
      halley = b2 - ratio * (1.0 + 2.0 * q);
      third = b3 + 2.0 * ratio * ratio * (1.0 + 3.0 * q * (1.0 + q)) - 3.0 * b2 * ratio * (1.0 + 2.0 * q);
    } else if (high) {
      const left = complementAt(size, s);
      if (!(left > 0.0 && b1 > 0.0)) {
        s *= 0.9;
        continue;
      }
      const g1 = b1 / left;
      newton = log(left / rest) / g1;
      halley = b2 + g1;
      third = b3 + g1 * (2.0 * g1 + 3.0 * b2);
    } else {
      newton = (share - b) / b1;
      halley = b2;
      third = b3;
    }
    const step = (newton * (1.0 + 0.5 * halley * newton)) / (1.0 + newton * (halley + (third * newton) / 6.0));
    const bounded = max<f64>(step, -0.5 * s);
    s += bounded;
    if (abs(bounded) <= 3e-5 * s) break;
  }
  return s;
}

/** 1 - β(s) without cancellation for a price near its bound: N(-t+c) + e^|x|·N(-t-c), t = s/2, c = |x|/s. */
function complementAt(size: f64, s: f64): f64 {
  const c = size / s;
  const half = 0.5 * s;
  const a = c - half;
  const density = slope;
  const d = c + half;
  const tail = density * mills(abs(a));
  return (a >= 0.0 ? 1.0 - tail : tail) + density * mills(d);
}

/** Implied volatility of one option, left in RESULT[0]; returns the status. Inputs as for `blackOption`, price in its currency. */
export function blackImplied(isCall: i32, price: f64, u: f64, k: f64, t: f64, r: f64, b: f64): i32 {
  return impliedVolatility(isCall != 0, price, u, k, t, r, b);
}

export function impliedVolatility(isCall: bool, price: f64, u: f64, k: f64, t: f64, r: f64, b: f64): i32 {
  const status = check(u, k, t, 0.0, r, b);
  if (status != STATUS_OK) return status;
  if (!(t > 0.0)) return 3;
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
  // A price within rounding of the intrinsic value is the intrinsic value.
  if (excess < 0.0) return price > intrinsic * 0.9999999999999996 ? settle(0.0) : STATUS_BELOW_INTRINSIC;
  if (!(excess < bound)) return STATUS_ABOVE_BOUND;
  const share = excess / bound;
  if (share < 1e-305) return settle(0.0);
  return settle(impliedDeviation(abs(x), share, (bound - excess) / bound) / sqrt<f64>(t));
}

@inline
function settle(volatility: f64): i32 {
  store<f64>(RESULT, volatility);
  return STATUS_OK;
}

/**
 * Implied volatilities of `count` legs from their price column, which is in the quote currency or, with `inCoin`, in units of the
 * underlying; written to the volatility column, NaN where refused. Returns how many were.
 */
export function legsImplied(base: usize, stride: usize, count: i32, inCoin: i32): i32 {
  let refused = 0;
  for (let i = 0; i < count; i++) {
    const at = entry(base, i);
    const u = load<f64>(column(at, stride, UNDERLYING));
    const price = load<f64>(column(at, stride, PRICE));
    const status = impliedVolatility(
      load<f64>(column(at, stride, IS_CALL)) != 0.0,
      inCoin != 0 ? price * u : price,
      u,
      load<f64>(column(at, stride, STRIKE)),
      load<f64>(column(at, stride, EXPIRY)),
      load<f64>(column(at, stride, RATE)),
      load<f64>(column(at, stride, CARRY)),
    );
    store<f64>(column(at, stride, STATUS), <f64>status);
    store<f64>(column(at, stride, VOLATILITY), status == STATUS_OK ? load<f64>(RESULT) : NaN);
    if (status != STATUS_OK) refused++;
  }
  return refused;
}
