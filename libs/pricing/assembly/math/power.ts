import { exp } from './exponential';
import { logPower, logPowerHigh, logPowerLow } from './logarithm';

/** x^y; negative x only with integer y, otherwise NaN. Error below 2 units in the last place for |y·log x| < 100. */
export function pow(x: f64, y: f64): f64 {
  if (y == 0.0 || x == 1.0) return 1.0;
  if (x != x || y != y) return NaN;
  if (y == 1.0) return x;
  if (y == 2.0) return x * x;
  if (y == 0.5 && x >= 0.0) return sqrt<f64>(x);
  if (y == -1.0) return 1.0 / x;
  const integer = floor<f64>(y) == y;
  const odd = integer && abs(y) < 9007199254740992.0 && floor<f64>(y * 0.5) * 2.0 != y;
  if (x < 0.0) return integer ? (odd ? -pow(-x, y) : pow(-x, y)) : NaN;
  if (x == 0.0) return y > 0.0 ? 0.0 : Infinity;
  if (x == Infinity) return y > 0.0 ? Infinity : 0.0;
  if (abs(y) > 1e20) return x > 1.0 == y > 0.0 ? Infinity : 0.0;
  logPower(x, y);
  const high = logPowerHigh();
  if (high > 710.0) return Infinity;
  if (high < -746.0) return 0.0;
  const head = exp(high);
  return head == Infinity ? head : head + head * logPowerLow();
}

/** Square root, correctly rounded by the WebAssembly instruction. */
@inline
export function squareRoot(x: f64): f64 {
  return sqrt<f64>(x);
}

/** Cube root, of either sign. */
export function cbrt(x: f64): f64 {
  if (x == 0.0 || x != x || abs(x) == Infinity) return x;
  const y = pow(abs(x), 0.3333333333333333);
  const better = y - (y - abs(x) / (y * y)) * 0.3333333333333333;
  return x < 0.0 ? -better : better;
}
