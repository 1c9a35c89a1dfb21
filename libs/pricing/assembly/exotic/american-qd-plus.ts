// The QD+ estimate of an American put's exercise boundary (Li 2010): a quadratic approximation with a second-order
// correction, solved at one time to expiry. Starts the high-precision iteration.
import { exp, expm1 } from '../math/exponential';
import { log } from '../math/logarithm';
import { normCdf, normPdf } from '../math/normal';

let rate: f64 = 0;
let dividend: f64 = 0;
let vol: f64 = 0;
let tau: f64 = 0;

/** Left side of the boundary equation for strike 1; zero at the boundary. */
function mismatch(s: f64): f64 {
  const deviation = vol * sqrt(tau);
  const d1 = (log(s) + (rate - dividend) * tau) / deviation + 0.5 * deviation;
  const d2 = d1 - deviation;
  const discount = exp(-rate * tau);
  const carried = exp(-dividend * tau);
  const put = discount * normCdf(-d2) - s * carried * normCdf(-d1);
  const variance = vol * vol;
  const h = -expm1(-rate * tau);
  const alpha = (2.0 * rate) / variance;
  const ratio = alpha / h;
  const omega = (2.0 * (rate - dividend)) / variance;
  const root = sqrt((omega - 1.0) * (omega - 1.0) + 4.0 * ratio);
  const lambda = 0.5 * (-(omega - 1.0) - root);
  const lambdaSlope = ratio / (root * h);
  const theta =
    rate * discount * normCdf(-d2) -
    dividend * s * carried * normCdf(-d1) -
    (vol * s * carried * normPdf(d1)) / (2.0 * sqrt(tau));
  const early = 1.0 - s - put;
  const slope = 2.0 * lambda + omega - 1.0;
  // The correction is a difference of two numbers of size 1/h; where that is rounding only, the plain estimate will do.
  if (h < 1e-7) return (1.0 - carried * normCdf(-d1)) * s + lambda * early;
  const correction =
    -((discount * alpha) / slope) * (1.0 / h - theta / (discount * rate * early) + lambdaSlope / slope);
  return (1.0 - carried * normCdf(-d1)) * s + (lambda + correction) * early;
}

/** Exercise boundary of a put with strike 1, `t` years before expiry. Rate must be positive. */
export function qdPlusPutBoundary(t: f64, r: f64, q: f64, v: f64): f64 {
  rate = r;
  dividend = q;
  vol = v;
  tau = t;
  // Bracket between the near-expiry limit and zero: the mismatch is positive where waiting is worth more.
  let high = q > r ? r / q : 1.0;
  let low = high;
  let fLow = 0.0;
  for (let i = 0; i < 200; i++) {
    low *= 0.9;
    fLow = mismatch(low);
    if (!(fLow > 0.0)) break;
    high = low;
  }
  if (!(fLow <= 0.0)) return low;
  // Illinois: false position that halves the stale end's weight.
  let fHigh = mismatch(high);
  for (let i = 0; i < 60 && high - low > 4e-15 * high; i++) {
    let middle = high - (fHigh * (high - low)) / (fHigh - fLow);
    if (!(middle > low && middle < high)) middle = 0.5 * (low + high);
    const f = mismatch(middle);
    if (f == 0.0) return middle;
    if (f > 0.0) {
      high = middle;
      fHigh = f;
      fLow *= 0.5;
    } else {
      low = middle;
      fLow = f;
      fHigh *= 0.5;
    }
  }
  return 0.5 * (low + high);
}
