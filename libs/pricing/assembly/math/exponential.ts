// Exponentials of the kernel's own: no host function is called, so every engine returns the same bits.
// Range reduction x = k·ln2 + r with |r| <= ln2/2 (Cody and Waite), then a near-minimax polynomial of degree 11
// fitted in 60 digits; error below one unit in the last place.

const LOG2E: f64 = 1.4426950408889634;
// 33 leading bits of ln 2, so that k·LN2_HIGH is exact for every exponent k.
const LN2_HIGH: f64 = 0.6931471806019545;
const LN2_LOW: f64 = -4.200915072890502e-11;
// Adding 1.5·2^52 rounds to an integer and leaves that integer in the low bits.
const ROUND: f64 = 6755399441055744.0;
const ONE_BITS: i64 = 0x3ff0000000000000;

// (e^r - 1 - r) / r² on |r| <= 0.3475.
const E0: f64 = 0.5000000000000001;
const E1: f64 = 0.16666666666666669;
const E2: f64 = 0.04166666666662324;
const E3: f64 = 0.008333333333329994;
const E4: f64 = 0.0013888888917654016;
const E5: f64 = 0.00019841269863392214;
const E6: f64 = 2.4801520613566223e-5;
const E7: f64 = 2.7557267935231926e-6;
const E8: f64 = 2.762041219449885e-7;
const E9: f64 = 2.5100634461878497e-8;

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

/** e^x. Overflows to Infinity above 709.78, passes through subnormals to 0 below -745.2; NaN stays NaN. */
export function exp(x: f64): f64 {
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
  const t = x * LOG2E + ROUND;
  const k = t - ROUND;
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  const q = r * r;
  const m = r + q * tail(r, q);
  if (k == 0.0) return m;
  const scale = powerOfTwo(<i64>k);
  return scale * m + (scale - 1.0);
}

/** e^x of two lanes; the same operations as `exp`, so the same bits. Valid for -708 <= x <= 709. */
@inline
export function exp2Lanes(x: v128): v128 {
  const round = f64x2.splat(ROUND);
  const t = f64x2.add(f64x2.mul(x, f64x2.splat(LOG2E)), round);
  const k = f64x2.sub(t, round);
  const r = f64x2.sub(f64x2.sub(x, f64x2.mul(k, f64x2.splat(LN2_HIGH))), f64x2.mul(k, f64x2.splat(LN2_LOW)));
  const q = f64x2.mul(r, r);
  let even = f64x2.add(f64x2.splat(E6), f64x2.mul(q, f64x2.splat(E8)));
  let odd = f64x2.add(f64x2.splat(E7), f64x2.mul(q, f64x2.splat(E9)));
  even = f64x2.add(f64x2.splat(E4), f64x2.mul(q, even));
  odd = f64x2.add(f64x2.splat(E5), f64x2.mul(q, odd));
  even = f64x2.add(f64x2.splat(E2), f64x2.mul(q, even));
  odd = f64x2.add(f64x2.splat(E3), f64x2.mul(q, odd));
  even = f64x2.add(f64x2.splat(E0), f64x2.mul(q, even));
  odd = f64x2.add(f64x2.splat(E1), f64x2.mul(q, odd));
  const poly = f64x2.add(even, f64x2.mul(r, odd));
  const m = f64x2.add(f64x2.splat(1.0), f64x2.add(r, f64x2.mul(q, poly)));
  const scale = i64x2.add(i64x2.shl(t, 52), i64x2.splat(ONE_BITS));
  return f64x2.mul(m, scale);
}
