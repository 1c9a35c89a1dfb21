// The transcendental functions in two SIMD lanes. Each repeats its scalar twin operation by operation and so gives the same bits.
// Constants are loaded as ready-made pairs: engines materialise a splat of a constant anew at every use, which costs more.
import { LOG2E, LN2_HIGH, LN2_LOW, ROUND, E0, E1, E2, E3, E4, E5, E6, E7, E8, E9 } from './exponential';
import { LOG_LN2_HIGH, LOG_LN2_LOW, L0, L1, L2, L3, L4, L5, L6 } from './logarithm';
import { M_P0, M_P1, M_P2, M_P3, M_P4, M_P5, M_P6, M_P7, M_P8, M_Q0, M_Q1, M_Q2, M_Q3, M_Q4, M_Q5, M_Q6, M_Q7, M_Q8, I_P0, I_P1, I_P2, I_P3, I_P4, I_P5, I_P6, I_P7, I_P8, I_P9, I_Q0, I_Q1, I_Q2, I_Q3, I_Q4, I_Q5, I_Q6, I_Q7, I_Q8, I_Q9, I_Q10 } from './normal';

const LOG2E_2: usize = memory.data<f64>([LOG2E, LOG2E], 16);
const LN2_HIGH_2: usize = memory.data<f64>([LN2_HIGH, LN2_HIGH], 16);
const LN2_LOW_2: usize = memory.data<f64>([LN2_LOW, LN2_LOW], 16);
const ROUND_2: usize = memory.data<f64>([ROUND, ROUND], 16);
const E0_2: usize = memory.data<f64>([E0, E0], 16);
const E1_2: usize = memory.data<f64>([E1, E1], 16);
const E2_2: usize = memory.data<f64>([E2, E2], 16);
const E3_2: usize = memory.data<f64>([E3, E3], 16);
const E4_2: usize = memory.data<f64>([E4, E4], 16);
const E5_2: usize = memory.data<f64>([E5, E5], 16);
const E6_2: usize = memory.data<f64>([E6, E6], 16);
const E7_2: usize = memory.data<f64>([E7, E7], 16);
const E8_2: usize = memory.data<f64>([E8, E8], 16);
const E9_2: usize = memory.data<f64>([E9, E9], 16);
const LOG_LN2_HIGH_2: usize = memory.data<f64>([LOG_LN2_HIGH, LOG_LN2_HIGH], 16);
const LOG_LN2_LOW_2: usize = memory.data<f64>([LOG_LN2_LOW, LOG_LN2_LOW], 16);
const L0_2: usize = memory.data<f64>([L0, L0], 16);
const L1_2: usize = memory.data<f64>([L1, L1], 16);
const L2_2: usize = memory.data<f64>([L2, L2], 16);
const L3_2: usize = memory.data<f64>([L3, L3], 16);
const L4_2: usize = memory.data<f64>([L4, L4], 16);
const L5_2: usize = memory.data<f64>([L5, L5], 16);
const L6_2: usize = memory.data<f64>([L6, L6], 16);
const M_P0_2: usize = memory.data<f64>([M_P0, M_P0], 16);
const M_P1_2: usize = memory.data<f64>([M_P1, M_P1], 16);
const M_P2_2: usize = memory.data<f64>([M_P2, M_P2], 16);
const M_P3_2: usize = memory.data<f64>([M_P3, M_P3], 16);
const M_P4_2: usize = memory.data<f64>([M_P4, M_P4], 16);
const M_P5_2: usize = memory.data<f64>([M_P5, M_P5], 16);
const M_P6_2: usize = memory.data<f64>([M_P6, M_P6], 16);
const M_P7_2: usize = memory.data<f64>([M_P7, M_P7], 16);
const M_P8_2: usize = memory.data<f64>([M_P8, M_P8], 16);
const M_Q0_2: usize = memory.data<f64>([M_Q0, M_Q0], 16);
const M_Q1_2: usize = memory.data<f64>([M_Q1, M_Q1], 16);
const M_Q2_2: usize = memory.data<f64>([M_Q2, M_Q2], 16);
const M_Q3_2: usize = memory.data<f64>([M_Q3, M_Q3], 16);
const M_Q4_2: usize = memory.data<f64>([M_Q4, M_Q4], 16);
const M_Q5_2: usize = memory.data<f64>([M_Q5, M_Q5], 16);
const M_Q6_2: usize = memory.data<f64>([M_Q6, M_Q6], 16);
const M_Q7_2: usize = memory.data<f64>([M_Q7, M_Q7], 16);
const M_Q8_2: usize = memory.data<f64>([M_Q8, M_Q8], 16);
const I_P0_2: usize = memory.data<f64>([I_P0, I_P0], 16);
const I_P1_2: usize = memory.data<f64>([I_P1, I_P1], 16);
const I_P2_2: usize = memory.data<f64>([I_P2, I_P2], 16);
const I_P3_2: usize = memory.data<f64>([I_P3, I_P3], 16);
const I_P4_2: usize = memory.data<f64>([I_P4, I_P4], 16);
const I_P5_2: usize = memory.data<f64>([I_P5, I_P5], 16);
const I_P6_2: usize = memory.data<f64>([I_P6, I_P6], 16);
const I_P7_2: usize = memory.data<f64>([I_P7, I_P7], 16);
const I_P8_2: usize = memory.data<f64>([I_P8, I_P8], 16);
const I_P9_2: usize = memory.data<f64>([I_P9, I_P9], 16);
const I_Q0_2: usize = memory.data<f64>([I_Q0, I_Q0], 16);
const I_Q1_2: usize = memory.data<f64>([I_Q1, I_Q1], 16);
const I_Q2_2: usize = memory.data<f64>([I_Q2, I_Q2], 16);
const I_Q3_2: usize = memory.data<f64>([I_Q3, I_Q3], 16);
const I_Q4_2: usize = memory.data<f64>([I_Q4, I_Q4], 16);
const I_Q5_2: usize = memory.data<f64>([I_Q5, I_Q5], 16);
const I_Q6_2: usize = memory.data<f64>([I_Q6, I_Q6], 16);
const I_Q7_2: usize = memory.data<f64>([I_Q7, I_Q7], 16);
const I_Q8_2: usize = memory.data<f64>([I_Q8, I_Q8], 16);
const I_Q9_2: usize = memory.data<f64>([I_Q9, I_Q9], 16);
const I_Q10_2: usize = memory.data<f64>([I_Q10, I_Q10], 16);

const ONE: usize = memory.data<f64>([1.0, 1.0], 16);
const ONE_BITS: usize = memory.data<i64>([0x3ff0000000000000, 0x3ff0000000000000], 16);
// 2047 in the exponent field, the same plus half a unit, the field itself; 2^52 as bits, and with the bias to take off.
const BIAS: usize = memory.data<i64>([0x7ff0000000000000, 0x7ff0000000000000], 16);
const BIASED_HALF: usize = memory.data<i64>([0x7ff8000000000000, 0x7ff8000000000000], 16);
const EXPONENT: usize = memory.data<i64>([-4503599627370496, -4503599627370496], 16);
const UNIT_BITS: usize = memory.data<i64>([0x4330000000000000, 0x4330000000000000], 16);
const UNIT: usize = memory.data<f64>([4503599627372543.0, 4503599627372543.0], 16);

/** Both lanes of a constant pair. */
@inline
export function pairAt(address: usize): v128 {
  return v128.load(address);
}

@inline
function multiplyAdd(a: usize, x: v128, y: v128): v128 {
  return f64x2.add(pairAt(a), f64x2.mul(x, y));
}

/** x·log2(e) rounded to an integer, which sits in the low bits of the result. */
@inline
function roundedPower(x: v128): v128 {
  return f64x2.add(f64x2.mul(x, pairAt(LOG2E_2)), pairAt(ROUND_2));
}

/** 2^k for the k in the low bits of t. */
@inline
function scaleOf(t: v128): v128 {
  return i64x2.add(i64x2.shl(t, 52), pairAt(ONE_BITS));
}

/** e^r - 1 for the remainder r of x. */
@inline
function remainderGrowth(x: v128, t: v128): v128 {
  const k = f64x2.sub(t, pairAt(ROUND_2));
  return polynomialGrowth(f64x2.sub(f64x2.sub(x, f64x2.mul(k, pairAt(LN2_HIGH_2))), f64x2.mul(k, pairAt(LN2_LOW_2))));
}

/** e^r - 1 for |r| <= ln2/2. */
@inline
function polynomialGrowth(r: v128): v128 {
  const q = f64x2.mul(r, r);
  let even = multiplyAdd(E6_2, q, pairAt(E8_2));
  let odd = multiplyAdd(E7_2, q, pairAt(E9_2));
  even = multiplyAdd(E4_2, q, even);
  odd = multiplyAdd(E5_2, q, odd);
  even = multiplyAdd(E2_2, q, even);
  odd = multiplyAdd(E3_2, q, odd);
  even = multiplyAdd(E0_2, q, even);
  odd = multiplyAdd(E1_2, q, odd);
  const poly = f64x2.add(even, f64x2.mul(r, odd));
  return f64x2.add(r, f64x2.mul(q, poly));
}

/** `exp` for -708 <= x <= 709. */
@inline
export function exp2Lanes(x: v128): v128 {
  const t = roundedPower(x);
  return f64x2.mul(f64x2.add(pairAt(ONE), remainderGrowth(x, t)), scaleOf(t));
}

/** `growth` where x rounds to no power of two, |x| <= 0.34: the reduction would change nothing. */
@inline
export function smallGrowth2Lanes(x: v128): v128 {
  return polynomialGrowth(x);
}

/** `growth` for |x| <= 700. */
@inline
export function growth2Lanes(x: v128): v128 {
  const t = roundedPower(x);
  const scale = scaleOf(t);
  return f64x2.add(f64x2.mul(scale, remainderGrowth(x, t)), f64x2.sub(scale, pairAt(ONE)));
}

// `logRatio` in three parts, so that a loop over many divides in one pass and runs the series in another.

/** a/b as its nearest power of two, in the high bits, and a rest. */
@inline
function ratioBits(a: v128, b: v128): v128 {
  // The difference of the bits is biased to be positive: a logical shift is one instruction, an arithmetic one is many.
  return i64x2.add(i64x2.sub(a, b), pairAt(BIASED_HALF));
}

/** The exponent e of that power of two. */
@inline
export function ratioExponent2Lanes(a: v128, b: v128): v128 {
  // A small integer becomes a double by way of the low bits of 2^52.
  return f64x2.sub(v128.or(i64x2.shr_u(ratioBits(a, b), 52), pairAt(UNIT_BITS)), pairAt(UNIT));
}

/** s = (a - c)/(a + c), c = b·2^e. */
@inline
export function ratioSine2Lanes(a: v128, b: v128): v128 {
  const c = i64x2.add(i64x2.sub(b, pairAt(BIAS)), v128.and(ratioBits(a, b), pairAt(EXPONENT)));
  return f64x2.div(f64x2.sub(a, c), f64x2.add(a, c));
}

/** log(a/b) from s and e. */
@inline
export function logSeries2Lanes(s: v128, e: v128): v128 {
  const z = f64x2.mul(s, s);
  const w = f64x2.mul(z, z);
  let even = multiplyAdd(L4_2, w, pairAt(L6_2));
  let odd = multiplyAdd(L3_2, w, pairAt(L5_2));
  even = multiplyAdd(L2_2, w, even);
  even = multiplyAdd(L0_2, w, even);
  odd = multiplyAdd(L1_2, w, odd);
  const poly = f64x2.add(even, f64x2.mul(z, odd));
  const low = f64x2.add(f64x2.mul(s, f64x2.mul(z, poly)), f64x2.mul(e, pairAt(LOG_LN2_LOW_2)));
  return f64x2.add(f64x2.mul(e, pairAt(LOG_LN2_HIGH_2)), f64x2.add(f64x2.add(s, s), low));
}

/** c0 + c1·x + (c2 + c3·x)·y, y = x². */
@inline
function cubic(x: v128, y: v128, c0: usize, c1: usize, c2: usize, c3: usize): v128 {
  return f64x2.add(multiplyAdd(c0, pairAt(c1), x), f64x2.mul(multiplyAdd(c2, pairAt(c3), x), y));
}

/** Numerator of `millsCentre`, for 0 <= x <= 15. */
@inline
export function millsTop2Lanes(x: v128): v128 {
  const y = f64x2.mul(x, x);
  const z = f64x2.mul(y, y);
  const w = f64x2.mul(z, z);
  return f64x2.add(
    f64x2.add(cubic(x, y, M_P0_2, M_P1_2, M_P2_2, M_P3_2), f64x2.mul(cubic(x, y, M_P4_2, M_P5_2, M_P6_2, M_P7_2), z)),
    f64x2.mul(pairAt(M_P8_2), w),
  );
}

/** Its denominator. */
@inline
export function millsBottom2Lanes(x: v128): v128 {
  const y = f64x2.mul(x, x);
  const z = f64x2.mul(y, y);
  const w = f64x2.mul(z, z);
  return f64x2.add(
    f64x2.add(cubic(x, y, M_Q0_2, M_Q1_2, M_Q2_2, M_Q3_2), f64x2.mul(cubic(x, y, M_Q4_2, M_Q5_2, M_Q6_2, M_Q7_2), z)),
    f64x2.mul(f64x2.add(pairAt(M_Q8_2), x), w),
  );
}

/** `millsCentre` of two arguments at once. */
@inline
export function mills2Lanes(x: v128): v128 {
  return f64x2.div(millsTop2Lanes(x), millsBottom2Lanes(x));
}

/** `millsSlope` for -0.3 <= x <= 15. */
export function millsSlope2Lanes(x: v128): v128 {
  const y = f64x2.mul(x, x);
  const z = f64x2.mul(y, y);
  const w = f64x2.mul(z, z);
  const p = f64x2.add(
    f64x2.add(cubic(x, y, I_P0_2, I_P1_2, I_P2_2, I_P3_2), f64x2.mul(cubic(x, y, I_P4_2, I_P5_2, I_P6_2, I_P7_2), z)),
    f64x2.mul(multiplyAdd(I_P8_2, pairAt(I_P9_2), x), w),
  );
  const top = f64x2.add(multiplyAdd(I_Q8_2, pairAt(I_Q9_2), x), f64x2.mul(f64x2.add(pairAt(I_Q10_2), x), y));
  const q = f64x2.add(
    f64x2.add(cubic(x, y, I_Q0_2, I_Q1_2, I_Q2_2, I_Q3_2), f64x2.mul(cubic(x, y, I_Q4_2, I_Q5_2, I_Q6_2, I_Q7_2), z)),
    f64x2.mul(top, w),
  );
  return f64x2.div(p, q);
}
