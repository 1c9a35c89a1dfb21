import { exp, expm1 } from './exponential';

/** Hyperbolic sine, accurate near zero. */
export function sinh(x: f64): f64 {
  const a = abs(x);
  if (a > 40.0) {
    const half = exp(0.5 * a);
    return x < 0.0 ? -0.5 * half * half : 0.5 * half * half;
  }
  const e = expm1(a);
  const value = 0.5 * (e + e / (e + 1.0));
  return x < 0.0 ? -value : value;
}

export function cosh(x: f64): f64 {
  const half = exp(0.5 * abs(x));
  const e = half * half;
  return 0.5 * e + 0.5 / e;
}

/** Hyperbolic tangent, accurate near zero. */
export function tanh(x: f64): f64 {
  const a = abs(x);
  if (a > 22.0) return x < 0.0 ? -1.0 : 1.0;
  const e = expm1(2.0 * a);
  const value = e / (e + 2.0);
  return x < 0.0 ? -value : value;
}
