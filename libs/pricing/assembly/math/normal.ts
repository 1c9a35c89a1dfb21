// The normal distribution by way of Mills' ratio M(x) = (1 - N(x))/φ(x), which keeps relative accuracy in the tails.
// M and its negated slope I(x) = -M'(x) = 1 - x·M(x) are rational functions fitted in 80 digits at Chebyshev nodes
// (all coefficients positive, so nothing cancels); beyond 15 the asymptotic factor x²·I(x) is a polynomial in 1/x².
import { exp } from './exponential';
import { log as logOf } from './logarithm';

export const INV_SQRT_2PI: f64 = 0.3989422804014327;
/** Largest argument of the rational forms. */
export const MILLS_LIMIT: f64 = 15.0;

// M on [0, 15], relative error 2.8e-16.
export const M_P0: f64 = 90511.87685368535;
export const M_P1: f64 = 124517.80901942903;
export const M_P2: f64 = 84966.31781817268;
export const M_P3: f64 = 36414.43604415431;
export const M_P4: f64 = 10593.405357583086;
export const M_P5: f64 = 2132.3381645366885;
export const M_P6: f64 = 290.2018869730219;
export const M_P7: f64 = 24.547011441708676;
export const M_P8: f64 = 1.0000000016839274;
export const M_Q0: f64 = 72218.02911084576;
export const M_Q1: f64 = 156972.48780075953;
export const M_Q2: f64 = 156930.223106956;
export const M_Q3: f64 = 94987.69136369588;
export const M_Q4: f64 = 38497.80328557449;
export const M_Q5: f64 = 10881.600002612116;
export const M_Q6: f64 = 2156.8854944602713;
export const M_Q7: f64 = 291.20187716123854;
export const M_Q8: f64 = 24.547011629916977;

// I on [-0.3, 15], relative error 1.7e-16.
export const I_P0: f64 = 1647952.5505066758;
export const I_P1: f64 = 1997565.4555091304;
export const I_P2: f64 = 1243721.082480767;
export const I_P3: f64 = 503169.53779368923;
export const I_P4: f64 = 143531.19948165223;
export const I_P5: f64 = 29696.66680353687;
export const I_P6: f64 = 4442.328732548097;
export const I_P7: f64 = 463.60030454791575;
export const I_P8: f64 = 30.770831416605194;
export const I_P9: f64 = 0.9999999992604443;
export const I_Q0: f64 = 1647952.5505066758;
export const I_Q1: f64 = 4062967.6846842812;
export const I_Q2: f64 = 4687943.370644929;
export const I_Q3: f64 = 3348368.669060838;
export const I_Q4: f64 = 1648915.521214614;
export const I_Q5: f64 = 589522.69948636;
export const I_Q6: f64 = 156673.3972477663;
export const I_Q7: f64 = 31081.475293695148;
export const I_Q8: f64 = 4534.640962233802;
export const I_Q9: f64 = 466.60031107384185;
export const I_Q10: f64 = 30.77083131539595;

@inline
function slopeTail(x: f64): f64 {
  const z = 1.0 / (x * x);
  return z * (1.0 + z * (-2.999999999999899 + z * (14.999999999523164 + z * (-104.99999912087506 + z * (944.9991734078429 + z * (-10394.550952100473 + z * (134985.1314040705 + z * (-1995578.6649931332 + z * (30346421.442705564 + z * (-333704679.03444505))))))))));
}

/** M(x) for 0 <= x <= 15, summed in pairs (Estrin): shorter chains and fewer roundings in a row than Horner's rule. */
@inline
export function millsCentre(x: f64): f64 {
  const y = x * x;
  const z = y * y;
  const w = z * z;
  const p = M_P0 + M_P1 * x + (M_P2 + M_P3 * x) * y + (M_P4 + M_P5 * x + (M_P6 + M_P7 * x) * y) * z + M_P8 * w;
  const q = M_Q0 + M_Q1 * x + (M_Q2 + M_Q3 * x) * y + (M_Q4 + M_Q5 * x + (M_Q6 + M_Q7 * x) * y) * z + (M_Q8 + x) * w;
  return p / q;
}

/** Mills' ratio M(x) = (1 - N(x))/φ(x) for x >= 0. */
export function mills(x: f64): f64 {
  return x <= MILLS_LIMIT ? millsCentre(x) : (1.0 - slopeTail(x)) / x;
}

/** I(x) = 1 - x·M(x) = -M'(x) for x >= -0.3, without cancellation. */
export function millsSlope(x: f64): f64 {
  if (x > MILLS_LIMIT) return slopeTail(x);
  const y = x * x;
  const z = y * y;
  const w = z * z;
  const p =
    I_P0 + I_P1 * x + (I_P2 + I_P3 * x) * y + (I_P4 + I_P5 * x + (I_P6 + I_P7 * x) * y) * z + (I_P8 + I_P9 * x) * w;
  const q =
    I_Q0 +
    I_Q1 * x +
    (I_Q2 + I_Q3 * x) * y +
    (I_Q4 + I_Q5 * x + (I_Q6 + I_Q7 * x) * y) * z +
    (I_Q8 + I_Q9 * x + (I_Q10 + x) * y) * w;
  return p / q;
}

/** exp(-x²/2) with x² split so that its rounding does not grow into the result. */
export function expMinusHalfSquare(x: f64): f64 {
  const high = reinterpret<f64>(reinterpret<i64>(x) & 0xfffffffff8000000);
  const low = (x - high) * (x + high);
  return exp(-0.5 * high * high) * exp(-0.5 * low);
}

/** Standard normal density. */
export function normPdf(x: f64): f64 {
  return x != x ? x : abs(x) > 39.0 ? 0.0 : INV_SQRT_2PI * expMinusHalfSquare(x);
}

/** Standard normal distribution function, relative accuracy kept far into the lower tail (0 below -39). */
export function normCdf(x: f64): f64 {
  if (x != x) return x;
  if (x == 0.0) return 0.5;
  const a = abs(x);
  const upper = a > 39.0 ? 0.0 : INV_SQRT_2PI * expMinusHalfSquare(x) * mills(a);
  return x < 0.0 ? upper : 1.0 - upper;
}

/** Complementary error function. */
export function erfc(x: f64): f64 {
  if (x != x) return x;
  if (abs(x) < 0.5) return 1.0 - erf(x);
  const a = abs(x);
  if (a > 27.3) return x < 0.0 ? 2.0 : 0.0;
  const value = erfcx(a) * expMinusSquare(a);
  return x < 0.0 ? 2.0 - value : value;
}

/** Scaled complementary error function e^(x²)·erfc(x), for x >= -26. */
export function erfcx(x: f64): f64 {
  if (x < 0.0) return 2.0 / expMinusSquare(x) - erfcx(-x);
  return 0.7978845608028654 * mills(1.4142135623730951 * x);
}

function expMinusSquare(x: f64): f64 {
  const high = reinterpret<f64>(reinterpret<i64>(x) & 0xfffffffff8000000);
  return exp(-high * high) * exp(-(x - high) * (x + high));
}

/** Error function; near zero by the all-positive series of Kummer's transformation. */
export function erf(x: f64): f64 {
  if (x != x) return x;
  if (abs(x) >= 0.5) return x > 0.0 ? 1.0 - erfc(x) : erfc(-x) - 1.0;
  const z = 2.0 * x * x;
  let term: f64 = 1.0;
  let sum: f64 = 1.0;
  for (let n = 1; n <= 16; n++) {
    term *= z / <f64>(2 * n + 1);
    sum += term;
  }
  return 1.1283791670955126 * x * exp(-x * x) * sum;
}

/**
 * Inverse of the standard normal distribution function; -Infinity at 0, Infinity at 1, NaN outside [0, 1].
 * Rational start (Abramowitz and Stegun 26.2.23), then two Halley steps on Mills' ratio, which converge to rounding.
 */
export function normInv(p: f64): f64 {
  if (!(p >= 0.0 && p <= 1.0)) return NaN;
  if (p == 0.0) return -Infinity;
  if (p == 1.0) return Infinity;
  if (p == 0.5) return 0.0;
  const q = p < 0.5 ? p : 1.0 - p;
  const central = q > 0.26;
  const t = sqrt<f64>(-2.0 * logOf(q));
  let x = t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1.0 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  if (x < 0.0) x = 0.0;
  for (let i = 0; i < 3; i++) {
    if (central) {
      // Near the middle p - 1/2 carries the information: solve erf(x/√2)/2 = 1/2 - q.
      x -= (0.5 * erf(0.7071067811865476 * x) - (0.5 - q)) / (INV_SQRT_2PI * exp(-0.5 * x * x));
      continue;
    }
    // upper tail 1 - N(x) = φ(x)·M(x); u = (target - tail)/φ is the Newton step.
    const u = mills(x) - q / (INV_SQRT_2PI * expMinusHalfSquare(x));
    x += u / (1.0 - 0.5 * x * u);
  }
  return p < 0.5 ? -x : x;
}
