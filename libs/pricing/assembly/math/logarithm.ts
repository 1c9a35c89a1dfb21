// Logarithms of the kernel's own. log(m) = 2·atanh(s) with s = (m-1)/(m+1) on m in [1/√2, √2], the odd series replaced by
// a near-minimax polynomial fitted in 60 digits; error about one unit in the last place.

// 42 leading bits of ln 2: n·LN2_HIGH is exact.
const LN2_HIGH: f64 = 0.6931471805598903;
const LN2_LOW: f64 = 5.497923018708371e-14;
const SQRT_HALF_BITS: i64 = 0x3fe6a09e667f3bcd;

// (2·atanh(s)/s - 2)/s² in powers of s², |s| <= 0.2044.
const L0: f64 = 0.6666666666666666;
const L1: f64 = 0.4000000000001069;
const L2: f64 = 0.28571428566067686;
const L3: f64 = 0.22222223245225373;
const L4: f64 = 0.18181722505251074;
const L5: f64 = 0.15389459023078347;
const L6: f64 = 0.13198325481695222;
const L7: f64 = 0.13694618691858254;

@inline
function series(z: f64): f64 {
  const w = z * z;
  return L0 + w * (L2 + w * (L4 + w * L6)) + z * (L1 + w * (L3 + w * (L5 + w * L7)));
}

/** Natural logarithm. log(0) = -Infinity; NaN for negative arguments. */
export function log(x: f64): f64 {
  if (!(x > 0.0)) return x == 0.0 ? -Infinity : NaN;
  if (x == Infinity) return x;
  let shift: i64 = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984.0;
    shift = -54;
  }
  const bits = reinterpret<i64>(x);
  const n = (bits - SQRT_HALF_BITS) >> 52;
  const f = reinterpret<f64>(bits - (n << 52)) - 1.0;
  const e = <f64>(n + shift);
  const s = f / (2.0 + f);
  const z = s * s;
  const half = 0.5 * f * f;
  return e * LN2_HIGH - (half - (s * (half + z * series(z)) + e * LN2_LOW) - f);
}

/** log(1 + x) without cancellation near zero; NaN below -1. */
export function log1p(x: f64): f64 {
  if (x > -0.29 && x < 0.41) {
    const s = x / (2.0 + x);
    const z = s * s;
    const half = 0.5 * x * x;
    return x - (half - s * (half + z * series(z)));
  }
  return log(1.0 + x);
}

/**
 * log(a/b) for positive normal a and b. The difference a - b·2^n is exact, so the result keeps its relative accuracy
 * as a/b approaches one, where log of a rounded quotient would lose it.
 */
@inline
export function logRatio(a: f64, b: f64): f64 {
  const n = (reinterpret<i64>(a) - reinterpret<i64>(b) + 0x0008000000000000) >> 52;
  const c = reinterpret<f64>(reinterpret<i64>(b) + (n << 52));
  const e = <f64>n;
  const s = (a - c) / (a + c);
  const z = s * s;
  return e * LN2_HIGH + (s + s + (s * (z * series(z)) + e * LN2_LOW));
}

/** `logRatio` of two lanes, by the same operations and so with the same bits. */
@inline
export function logRatio2Lanes(a: v128, b: v128): v128 {
  const n = i64x2.shr_s(i64x2.add(i64x2.sub(a, b), i64x2.splat(0x0008000000000000)), 52);
  const c = i64x2.add(b, i64x2.shl(n, 52));
  // A small integer becomes a double by way of the low bits of 1.5·2^52.
  const e = f64x2.sub(i64x2.add(n, i64x2.splat(0x4338000000000000)), f64x2.splat(6755399441055744.0));
  const s = f64x2.div(f64x2.sub(a, c), f64x2.add(a, c));
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  let even = f64x2.add(f64x2.splat(L4), f64x2.mul(w, f64x2.splat(L6)));
  let odd = f64x2.add(f64x2.splat(L5), f64x2.mul(w, f64x2.splat(L7)));
  even = f64x2.add(f64x2.splat(L2), f64x2.mul(w, even));
  odd = f64x2.add(f64x2.splat(L3), f64x2.mul(w, odd));
  even = f64x2.add(f64x2.splat(L0), f64x2.mul(w, even));
  odd = f64x2.add(f64x2.splat(L1), f64x2.mul(w, odd));
  const poly = f64x2.add(even, f64x2.mul(z, odd));
  const low = f64x2.add(f64x2.mul(s, f64x2.mul(z, poly)), f64x2.mul(e, f64x2.splat(LN2_LOW)));
  return f64x2.add(f64x2.mul(e, f64x2.splat(LN2_HIGH)), f64x2.add(f64x2.add(s, s), low));
}

let powerHigh: f64 = 0;
let powerLow: f64 = 0;

/** y·log(x) for x > 0 as a sum of two doubles, read with `logPowerHigh` and `logPowerLow`: what `pow` exponentiates. */
export function logPower(x: f64, y: f64): void {
  let shift: i64 = 0;
  if (x < 2.2250738585072014e-308) {
    x *= 18014398509481984.0;
    shift = -54;
  }
  const bits = reinterpret<i64>(x);
  const n = (bits - SQRT_HALF_BITS) >> 52;
  const m = reinterpret<f64>(bits - (n << 52));
  const e = <f64>(n + shift);
  const f = m - 1.0;
  const d = m + 1.0;
  const dLow = m - (d - 1.0);
  const s = f / d;
  twoProduct(s, d);
  const sLow = (f - productHigh - productLow - s * dLow) / d;
  const z = s * s;
  const low = 2.0 * sLow + (s * (z * series(z)) + e * LN2_LOW);
  const base = e * LN2_HIGH;
  const head = base + 2.0 * s;
  const headLow = abs(base) > abs(2.0 * s) ? 2.0 * s - (head - base) : base - (head - 2.0 * s);
  const rest = headLow + low;
  const high = head + rest;
  const highLow = rest - (high - head);
  twoProduct(high, y);
  powerHigh = productHigh;
  powerLow = productLow + highLow * y;
}

@inline
export function logPowerHigh(): f64 {
  return powerHigh;
}

@inline
export function logPowerLow(): f64 {
  return powerLow;
}

let productHigh: f64 = 0;
let productLow: f64 = 0;

/** a·b exactly as high + low (Dekker, Veltkamp splitting). */
function twoProduct(a: f64, b: f64): void {
  const p = a * b;
  const ca = 134217729.0 * a;
  const cb = 134217729.0 * b;
  const ah = ca - (ca - a);
  const bh = cb - (cb - b);
  const al = a - ah;
  const bl = b - bh;
  productHigh = p;
  productLow = ah * bh - p + ah * bl + al * bh + al * bl;
}
