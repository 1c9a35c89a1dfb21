// Reflection-principle pieces shared by one-touch digitals, barriers and binary barriers. `eta` is +1 for a barrier
// below the spot and -1 for one above.
// Sources: Rubinstein & Reiner (1991), Reiner & Rubinstein (1991); Haug (2007) sections 4.17 and 4.19.
import { exp } from '../math/exponential';
import { log } from '../math/logarithm';
import {
  Jet,
  accumulate,
  constant,
  expTimesNormCdf,
  jetExp,
  jetLog,
  jetNormCdf,
  jetSqrt,
  mark,
  release,
} from './jet';
import { carry, deviation, discount, expiry, logSpot, rate, spotForwarded, vol } from './market';
import { legendreNode, legendreWeight } from './legendre';

/** Drift of ln S in units of variance: (b - sigma^2/2)/sigma^2. */
export function driftRatio(): Jet {
  return (carry / (vol * vol)).plus(-0.5);
}

/** Unit cash at expiry on w S_T > w x, before any barrier: e^{-rT} N(w d2(x)). */
export function plainCash(w: f64, logLevel: Jet): Jet {
  const x = (logSpot - logLevel) / deviation + driftRatio() * deviation;
  return discount * jetNormCdf(x.times(w));
}

/** The asset at expiry on w S_T > w x, before any barrier: S e^{-qT} N(w d1(x)). */
export function plainAsset(w: f64, logLevel: Jet): Jet {
  const x = (logSpot - logLevel) / deviation + driftRatio().plus(1.0) * deviation;
  return spotForwarded * jetNormCdf(x.times(w));
}

/** The mirror image of `plainCash` in the barrier h: e^{-rT} (H/S)^{2 mu} N(eta y), y from H^2/(S x). */
export function mirrorCash(eta: f64, logBarrier: Jet, logLevel: Jet): Jet {
  const mu = driftRatio();
  const h = logBarrier - logSpot;
  const y = (h + logBarrier - logLevel) / deviation + mu * deviation;
  return discount * expTimesNormCdf((mu * h).times(2.0), y.times(eta));
}

/** The mirror image of `plainAsset` in the barrier: S e^{-qT} (H/S)^{2 mu + 2} N(eta y). */
export function mirrorAsset(eta: f64, logBarrier: Jet, logLevel: Jet): Jet {
  const mu1 = driftRatio().plus(1.0);
  const h = logBarrier - logSpot;
  const y = (h + logBarrier - logLevel) / deviation + mu1 * deviation;
  return spotForwarded * expTimesNormCdf((mu1 * h).times(2.0), y.times(eta));
}

/** Present value of one unit paid when the barrier is first touched before expiry. */
export function unitAtHit(eta: f64, logBarrier: Jet): Jet {
  return weightedUnitAtHit(eta, logBarrier, constant(0.0));
}

/** The same times e^weight: a reflection's weight may be huge where its chance is nothing. */
export function weightedUnitAtHit(eta: f64, logBarrier: Jet, weight: Jet): Jet {
  const mu = driftRatio();
  const h = logBarrier - logSpot;
  const variance = vol * vol;
  const lambda2 = mu * mu + (rate / variance).times(2.0);
  // Near and below zero the closed form is 0/0 or complex: there the hitting density is integrated.
  if (lambda2.one * deviation.one * deviation.one < 0.1) return unitAtHitByQuadrature(h, mu, lambda2, weight);
  const lambda = jetSqrt(lambda2);
  const z = h / deviation + lambda * deviation;
  const far = z - (lambda * deviation).times(2.0);
  return (
    expTimesNormCdf((mu + lambda) * h + weight, z.times(eta)) +
    expTimesNormCdf((mu - lambda) * h + weight, far.times(eta))
  );
}

/**
 * The same as an integral over the hitting density, in y = y0 e^x with y0 = |h|/(sigma sqrt T):
 * e^{mu h} int 2 n(y) exp(-lambda^2 sigma^2 T y0^2/(2 y^2)) dy.
 */
function unitAtHitByQuadrature(h: Jet, mu: Jet, lambda2: Jet, weight: Jet): Jet {
  const sign = h.one < 0.0 ? -1.0 : 1.0;
  const y0 = (h / deviation).times(sign);
  const a = lambda2 * deviation * deviation * y0 * y0;
  if (y0.one <= 1e-12) return jetExp(weight);
  const span = log(1.0 + 9.0 / y0.one);
  const panels = 1 + <i32>(span / 3.0);
  const sum = constant(0.0);
  const shift = mu * h + weight;
  const width = span / <f64>panels;
  for (let p = 0; p < panels; p++) {
    for (let i = 0; i < 32; i++) {
      const at = mark();
      const x = width * (<f64>p + 0.5 + 0.5 * legendreNode(i));
      const y = y0.times(exp(x));
      const exponent = y * y + a / (y * y);
      const term = jetExp(shift - exponent.times(0.5)) * y;
      accumulate(sum, term.times(0.5 * width * legendreWeight(i) * 0.7978845608028654));
      release(at);
    }
  }
  return sum;
}

/** Present value of one unit paid at expiry if the barrier is touched before. */
export function unitAtExpiryIfHit(eta: f64, logBarrier: Jet): Jet {
  return plainCash(-eta, logBarrier) + mirrorCash(eta, logBarrier, logBarrier);
}

/** Present value of the asset at expiry if the barrier is touched before. */
export function assetAtExpiryIfHit(eta: f64, logBarrier: Jet): Jet {
  return plainAsset(-eta, logBarrier) + mirrorAsset(eta, logBarrier, logBarrier);
}
