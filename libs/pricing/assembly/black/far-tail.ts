// Fifteen standard deviations out, the exponent of the density is so large that its rounding shows; here it is carried in pairs
// of doubles.
import { productHigh, productLow, sumHigh, sumLow, twoProduct, twoSum } from '../math/double-double';
import { exp } from '../math/exponential';
import { logPower, logPowerHigh, logPowerLow } from '../math/logarithm';
import { INV_SQRT_2PI } from '../math/normal';

/** φ(a) for a = |x|/s - s/2, x = log(u/k) + b·t, s = v·√t, from a²/2 = x²/(2w) - |x|/2 + w/8 with w = v²t. */
export function farDensity(u: f64, k: f64, t: f64, v: f64, b: f64): f64 {
  logPower(u, 1.0);
  const logU = logPowerHigh();
  const logULow = logPowerLow();
  logPower(k, 1.0);
  twoSum(logU, -logPowerHigh());
  const gap = sumHigh;
  const gapLow = sumLow + (logULow - logPowerLow());
  twoProduct(b, t);
  const driftLow = productLow;
  twoSum(gap, productHigh);
  const flip: f64 = sumHigh < 0.0 ? -1.0 : 1.0;
  const x = flip * sumHigh;
  const xLow = flip * (sumLow + (gapLow + driftLow));
  twoProduct(x, x);
  const square = productHigh;
  const squareLow = productLow + 2.0 * x * xLow;
  twoProduct(v, v);
  const rateLow = productLow;
  twoProduct(productHigh, t);
  const w = productHigh;
  const wLow = productLow + rateLow * t;
  const quotient = square / (2.0 * w);
  twoProduct(quotient, 2.0 * w);
  const quotientLow = (square - productHigh - productLow + (squareLow - quotient * 2.0 * wLow)) / (2.0 * w);
  twoSum(quotient, -0.5 * x);
  const lost = sumLow;
  twoSum(sumHigh, 0.125 * w);
  const power = sumHigh;
  if (!(power < 745.0)) return 0.0;
  const low = quotientLow - 0.5 * xLow + 0.125 * wLow + (lost + sumLow);
  const density = INV_SQRT_2PI * exp(-power);
  return density - density * low;
}
