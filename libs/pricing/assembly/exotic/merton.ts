// Merton's jump diffusion (1976): a Poisson mixture of lognormal prices.
import { log } from '../math/logarithm';
import { accumulate, constant, jetExp, jetLog, jetNormCdf, jetSqrt, mark, release } from './jet';
import { begin, carry, discount, expiry, logSpot, strike, vol } from './market';
import { writeJet, writeVanillaPayoff } from './greeks-output';

/** ln n! for whole n. */
function logFactorial(n: f64): f64 {
  if (n < 20.0) {
    let product = 1.0;
    for (let i = 2.0; i <= n; i += 1.0) product *= i;
    return log(product);
  }
  const z = 1.0 / (n * n);
  const correction = (1.0 / 12.0 - z * (1.0 / 360.0 - z * (1.0 / 1260.0 - z * (1.0 / 1680.0)))) / n;
  return (n + 0.5) * log(n) - n + 0.9189385332046727 + correction;
}

/**
 * Jumps arrive `intensity` times a year, multiply the spot by a lognormal with mean 1 + `meanJump` and log-deviation
 * `jumpVol`; the drift is compensated. sum_n e^{-lT} (lT)^n/n! e^{-rT} Black(S e^{(b - l k)T} (1+k)^n, K, v^2 T + n d^2).
 */
export function mertonOption(
  w: f64,
  s: f64,
  k: f64,
  t: f64,
  r: f64,
  q: f64,
  v: f64,
  intensity: f64,
  jumpVol: f64,
  meanJump: f64,
): void {
  if (t <= 0.0) {
    writeVanillaPayoff(w, s, k);
    return;
  }
  begin(s, k, t, r, q, v);
  const sum = constant(0.0);
  // Fewer than this never matter, and the logarithm of a subnormal would.
  const jumps = intensity * t < 1e-60 ? 0.0 : intensity * t;
  // Poisson weights matter around their mean, as seen in cash and, tilted by the jump, in the asset.
  const highest = jumps * max(1.0, 1.0 + meanJump);
  const lowest = jumps * min(1.0, 1.0 + meanJump);
  const last = jumps > 0.0 ? ceil(highest + 10.0 * sqrt(highest) + 45.0) : 0.0;
  const first = max(0.0, floor(lowest - 10.0 * sqrt(lowest) - 45.0));
  const logForward = logSpot + carry.plus(-intensity * meanJump) * expiry;
  const logStrike = jetLog(strike);
  const variance = vol * vol * expiry;
  const logJump = log(1.0 + meanJump);
  const logArrivals = jumps > 0.0 ? jetLog(expiry.times(intensity)) : constant(0.0);
  for (let n = first; n <= last; n += 1.0) {
    const at = mark();
    const logWeight = (logArrivals.times(n) - expiry.times(intensity)).plus(-logFactorial(n));
    const logMean = logForward.plus(n * logJump);
    // Weight and mean may overflow or vanish each for itself: only their product is formed.
    const deviation = jetSqrt(variance.plus(n * jumpVol * jumpVol));
    const d1 = (logMean - logStrike) / deviation + deviation.times(0.5);
    const asset = jetExp(logWeight + logMean) * jetNormCdf(d1.times(w));
    const cash = jetExp(logWeight + logStrike) * jetNormCdf((d1 - deviation).times(w));
    accumulate(sum, (asset - cash).times(w));
    release(at);
  }
  writeJet(sum * discount);
}
