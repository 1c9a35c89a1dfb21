// Quick closed-form approximations of American options, with the exact derivatives of the approximation.
import { log } from '../math/logarithm';
import { exp } from '../math/exponential';
import { normCdf, normPdf } from '../math/normal';
import { Jet, constant, expTimesNormCdf, jetExp, jetExpm1Ratio, jetLog, jetNormCdf, jetSqrt } from './jet';
import { begin, deviation, discount, dividend, expiry, rate, spot, strike, vol } from './market';
import { writeJet, writeVanillaPayoff } from './greeks-output';
import { canExerciseEarly } from './american-premium';
import { europeanJet } from './american';

const BARONE_ADESI_WHALEY: i32 = 0;
const JU: i32 = 1;

/** European value at spot `s` with everything else from the market, and in passing N(w d1) and V_T. */
let cdfAtSpot: Jet = changetype<Jet>(0);
let densityAtSpot: Jet = changetype<Jet>(0);
let timeSlope: Jet = changetype<Jet>(0);

function europeanAt(w: f64, s: Jet): Jet {
  const carried = jetExp((dividend * expiry).times(-1.0));
  const d1 = (jetLog(s) - jetLog(strike) + (rate - dividend) * expiry) / deviation + deviation.times(0.5);
  const n1 = carried * jetNormCdf(d1.times(w));
  const n2 = discount * jetNormCdf((d1 - deviation).times(w));
  const density = carried * jetExp((d1 * d1).times(-0.5)).times(0.3989422804014327);
  cdfAtSpot = n1;
  densityAtSpot = density;
  timeSlope =
    (s * density * vol) / jetSqrt(expiry).times(2.0) + (rate * strike * n2 - dividend * s * n1).times(w);
  return (s * n1 - strike * n2).times(w);
}

/** Smooth-pasting mismatch of Barone-Adesi and Whaley at spot s, in plain doubles. */
function pastingMismatch(w: f64, s: f64, root: f64): f64 {
  const dev = deviation.one;
  const d1 = (log(s / strike.one) + (rate.one - dividend.one) * expiry.one) / dev + 0.5 * dev;
  const n1 = exp(-dividend.one * expiry.one) * normCdf(w * d1);
  const n2 = discount.one * normCdf(w * (d1 - dev));
  return w * (s - strike.one) - w * (s * n1 - strike.one * n2) - (w * s * (1.0 - n1)) / root;
}

/** The critical spot as a jet, or null where exercise is never near. */
function criticalSpot(w: f64, root: Jet): Jet | null {
  const k = strike.one;
  const q = root.one;
  let near = k;
  let far = k;
  let found = false;
  for (let i = 0; i < 400; i++) {
    far *= w > 0.0 ? 1.1 : 0.9;
    if (pastingMismatch(w, far, q) > 0.0) {
      found = true;
      break;
    }
    near = far;
  }
  if (!found) return null;
  for (let i = 0; i < 200 && abs(far - near) > 1e-15 * far; i++) {
    const middle = 0.5 * (near + far);
    if (pastingMismatch(w, middle, q) > 0.0) far = middle;
    else near = middle;
  }
  const s0 = 0.5 * (near + far);
  let s = constant(s0);
  // Each pass with the slope at the root makes one more order of the jet right.
  for (let i = 0; i < 5; i++) {
    const european = europeanAt(w, s);
    const mismatch =
      (s - strike).times(w) - european - ((s * cdfAtSpot.times(-1.0).plus(1.0)) / root).times(w);
    const n1 = cdfAtSpot.one;
    const slope = w * (1.0 - n1) * (1.0 - 1.0 / q) + densityAtSpot.one / (q * deviation.one);
    s = s - mismatch.times(1.0 / slope);
  }
  return s;
}

/** Quadratic approximations of Barone-Adesi & Whaley (1987) and Ju & Zhong (1999). */
function quadraticApproximation(method: i32, w: f64, european: Jet): Jet {
  const variance = vol * vol;
  const n = ((rate - dividend) / variance).times(2.0).plus(-1.0);
  // alpha/h = 2r/(sigma^2 (1 - e^{-rT})), smooth through r = 0.
  const ratio = constant(2.0) / (variance * expiry * jetExpm1Ratio((rate * expiry).times(-1.0)));
  const big = jetSqrt(n * n + ratio.times(4.0));
  const root = (big.times(w) - n).times(0.5);
  const critical = criticalSpot(w, root);
  if (critical === null) return european;
  if (w * (spot.one - critical.one) >= 0.0) return (spot - strike).times(w);
  const atCritical = europeanAt(w, critical);
  const early = (critical - strike).times(w) - atCritical;
  const distance = jetLog(spot) - jetLog(critical);
  const power = jetExp(root * distance);
  if (method == BARONE_ADESI_WHALEY) return european + early * power;
  // Ju's correction: chi = b ln^2(S/S*) + c ln(S/S*).
  const curvature = (discount * ratio * ratio) / (big * big).times(-2.0);
  const inside = timeSlope.times(2.0) / (variance * discount * early) + ratio - (ratio * ratio) / (big * big);
  const linear = (discount * inside) / big.times(-w);
  const chi = curvature * distance * distance + linear * distance;
  return european + (early * power) / chi.times(-1.0).plus(1.0);
}

/** Bjerksund & Stensland's phi over S^g, scaled by (S/reference)^g. */
function phi(s: Jet, gamma: Jet, level: Jet, trigger: Jet, r: Jet, b: Jet, scale: Jet): Jet {
  const variance = vol * vol;
  const lambda = gamma * b - r + (gamma * gamma.plus(-1.0) * variance).times(0.5);
  const kappa = (b / variance).times(2.0) + gamma.times(2.0).plus(-1.0);
  const d = (jetLog(s) - jetLog(level) + (b + gamma.plus(-0.5) * variance) * expiry) / deviation;
  const climb = jetLog(trigger) - jetLog(s);
  const a = lambda * expiry + gamma * scale;
  const mirrored = d.times(-1.0) - (climb / deviation).times(2.0);
  return expTimesNormCdf(a, d.times(-1.0)) - expTimesNormCdf(a + kappa * climb, mirrored);
}

/** Bjerksund & Stensland (1993), one flat exercise boundary; a put is the call with S, K and r, q exchanged. */
function bjerksundStensland(w: f64): Jet {
  const s = w > 0.0 ? spot : strike;
  const k = w > 0.0 ? strike : spot;
  const r = w > 0.0 ? rate : dividend;
  const q = w > 0.0 ? dividend : rate;
  const b = r - q;
  const variance = vol * vol;
  const half = (b / variance).times(-1.0).plus(0.5);
  const beta = half + jetSqrt(half * half + (r / variance).times(2.0));
  const perpetual = (beta / beta.plus(-1.0)) * k;
  const start = r.one > q.one ? (r / q) * k : k;
  const rise = perpetual - start;
  const exponent = ((b * expiry + deviation.times(2.0)) * start) / rise.times(-1.0);
  const trigger = start + rise * jetExp(exponent).times(-1.0).plus(1.0);
  if (s.one >= trigger.one) return s - k;
  const one = constant(1.0);
  const zero = constant(0.0);
  const logS = jetLog(s);
  const fall = logS - jetLog(trigger);
  const gain = trigger - k;
  let value = gain * jetExp(beta * fall) - gain * phi(s, beta, trigger, trigger, r, b, fall);
  value = value + phi(s, one, trigger, trigger, r, b, logS) - phi(s, one, k, trigger, r, b, logS);
  return value - k * (phi(s, zero, trigger, trigger, r, b, zero) - phi(s, zero, k, trigger, r, b, zero));
}

/** `method` 0 Barone-Adesi & Whaley, 1 Ju & Zhong, 2 Bjerksund & Stensland 1993. Never below European or intrinsic. */
export function americanApproximation(
  method: i32,
  w: f64,
  s: f64,
  k: f64,
  t: f64,
  r: f64,
  q: f64,
  v: f64,
): void {
  if (t <= 0.0) {
    writeVanillaPayoff(w, s, k);
    return;
  }
  begin(s, k, t, r, q, v);
  const european = europeanJet(w);
  let value = european;
  if (canExerciseEarly(w, r, q)) {
    value = method <= JU ? quadraticApproximation(method, w, european) : bjerksundStensland(w);
    // An approximation that breaks down (NaN) or falls below a bound gives way to the bound.
    if (!(value.one >= european.one)) value = european;
    if (value.one < w * (s - k)) value = (spot - strike).times(w);
  }
  writeJet(value);
}
