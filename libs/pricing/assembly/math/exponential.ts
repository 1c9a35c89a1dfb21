// Exponentials of the kernel's own: no host function is called, so every engine returns the same bits.
// Range reduction x = k·ln2 + r with |r| <= ln2/2 (Cody and Waite), then a near-minimax polynomial of degree 11
// fitted in 60 digits; error below one unit in the last place.

export const LOG2E: f64 = 1.4426950408889634;
// 33 leading bits of ln 2, so that k·LN2_HIGH is exact for every exponent k.
export const LN2_HIGH: f64 = 0.6931471806019545;
export const LN2_LOW: f64 = -4.200915072890502e-11;
// Adding 1.5·2^52 rounds to an integer and leaves that integer in the low bits.
export const ROUND: f64 = 6755399441055744.0;
export const ONE_BITS: i64 = 0x3ff0000000000000;

// (e^r - 1 - r) / r² on |r| <= 0.3475.
export const E0: f64 = 0.5000000000000001;
export const E1: f64 = 0.16666666666666669;
export const E2: f64 = 0.04166666666662324;
export const E3: f64 = 0.008333333333329994;
export const E4: f64 = 0.0013888888917654016;
export const E5: f64 = 0.00019841269863392214;
export const E6: f64 = 2.4801520613566223e-5;
export const E7: f64 = 2.7557267935231926e-6;
export const E8: f64 = 2.762041219449885e-7;
export const E9: f64 = 2.5100634461878497e-8;

/** (e^r - 1 - r)/r², even and odd powers apart to keep the dependency chain short. */
@inline
function tail(r: f64, q: f64): f64 {
  return E0 + q * (E2 + q * (E4 + q * (E6 + q * E8))) + r * (E1 + q * (E3 + q * (E5 + q * (E7 + q * E9))));
}

/** 2^k as a double for -1022 <= k <= 1023. */
@inline
export function powerOfTwo(k: i64): f64 {
  return reinterpret<f64>((k + 1023) << 52);
}

/** e^x for |x| <= 708, where 2^k is a normal number. */
@inline
export function expWithin(x: f64): f64 {
  const t = x * LOG2E + ROUND;
  const k = t - ROUND;
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  const q = r * r;
  const m = 1.0 + (r + q * tail(r, q));
  return m * reinterpret<f64>((reinterpret<i64>(t) << 52) + ONE_BITS);
}

/** e^x. Overflows to Infinity above 709.78, passes through subnormals to 0 below -745.2; NaN stays NaN. */
export function exp(x: f64): f64 {
  return abs(x) <= 708.0 ? expWithin(x) : expBeyond(x);
}

function expBeyond(x: f64): f64 {
  if (!(x < 709.782712893384)) return x > 709.782712893384 ? Infinity : x == x ? 1.7976931348622732e308 : x;
  if (x < -745.2) return 0.0;
  const t = x * LOG2E + ROUND;
  const k = t - ROUND;
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  const q = r * r;
  const m = 1.0 + (r + q * tail(r, q));
  const n = <i64>k;
  if (n > -1022 && n < 1024) return m * reinterpret<f64>((reinterpret<i64>(t) << 52) + ONE_BITS);
  return n > 0 ? m * powerOfTwo(n - 1) * 2.0 : m * powerOfTwo(n + 700) * powerOfTwo(-700);
}

/** e^x - 1 without cancellation near zero. */
export function expm1(x: f64): f64 {
  if (x > 40.0) return exp(x);
  if (x < -40.0) return -1.0;
  return growth(x);
}

/** `expm1` for |x| <= 700, without the limits. */
export function growth(x: f64): f64 {
  const t = x * LOG2E + ROUND;
  const k = t - ROUND;
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  const q = r * r;
  const m = r + q * tail(r, q);
  const scale = powerOfTwo(<i64>k);
  return scale * m + (scale - 1.0);
}
