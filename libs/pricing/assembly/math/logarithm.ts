import { productHigh, productLow, twoProduct } from './double-double';

// Logarithms of the kernel's own. log(m) = 2·atanh(s) with s = (m-1)/(m+1) on m in [1/√2, √2], the odd series replaced by
// a near-minimax polynomial fitted in 60 digits; error about one unit in the last place.

// 42 leading bits of ln 2: n·LOG_LN2_HIGH is exact.
export const LOG_LN2_HIGH: f64 = 0.6931471805598903;
export const LOG_LN2_LOW: f64 = 5.497923018708371e-14;
export const SQRT_HALF_BITS: i64 = 0x3fe6a09e667f3bcd;

// (2·atanh(s)/s - 2)/s² in powers of s², |s| <= 0.2044.
export const L0: f64 = 0.6666666666666703;
export const L1: f64 = 0.3999999999914291;
export const L2: f64 = 0.2857142889885799;
export const L3: f64 = 0.22222175405935926;
export const L4: f64 = 0.18184996307724377;
export const L5: f64 = 0.1527447775707133;
export const L6: f64 = 0.15200481849621839;

@inline
function series(z: f64): f64 {
  const w = z * z;
  return L0 + w * (L2 + w * (L4 + w * L6)) + z * (L1 + w * (L3 + w * L5));
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
  return e * LOG_LN2_HIGH - (half - (s * (half + z * series(z)) + e * LOG_LN2_LOW) - f);
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
  return e * LOG_LN2_HIGH + (s + s + (s * (z * series(z)) + e * LOG_LN2_LOW));
}

/** As `series`, to 8e-19: what a logarithm of two doubles needs. */
function fineSeries(z: f64): f64 {
  return (
    0.6666666666666666 +
    z *
      (0.3999999999999987 +
        z *
          (0.28571428571511776 +
            z *
              (0.222222222018334 +
                z *
                  (0.18181820681072872 +
                    z * (0.1538444365226592 + z * (0.13340240979738408 + z * (0.11603866960295568 + z * 0.12512046338157917)))))))
  );
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
  const low = 2.0 * sLow + (s * (z * fineSeries(z)) + e * LOG_LN2_LOW);
  const base = e * LOG_LN2_HIGH;
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
