// American options that come alive when a barrier is touched: the American value at the barrier, weighted with the density of
// the first touch. One exercise boundary serves every time to expiry. Greeks by differences of that integral.
import { exp } from '../math/exponential';
import { log } from '../math/logarithm';
import { normCdf } from '../math/normal';
import { canExerciseEarly, exercised, integratePremium, premium, premium0 } from './american-premium';
import { legendreNode, legendreWeight } from './legendre';
import { writeGreek, writeVanillaPayoff } from './greeks-output';

let w: f64 = 0;
let k: f64 = 0;
let barrier: f64 = 0;
let rebate: f64 = 0;

function aliveValue(t: f64, r: f64, q: f64, v: f64, early: bool): f64 {
  const deviation = v * sqrt(t);
  const d1 = (log(barrier / k) + (r - q) * t) / deviation + 0.5 * deviation;
  const asset = barrier * exp(-q * t);
  const cash = k * exp(-r * t);
  const european = w * (asset * normCdf(w * d1) - cash * normCdf(w * (d1 - deviation)));
  if (!early) return european;
  integratePremium(w, barrier, k, t, r, q, v);
  return exercised ? w * (barrier - k) : european + max(0.0, premium0);
}

function knockInValue(s: f64, t: f64, r: f64, q: f64, v: f64): f64 {
  // Solve once for the longest life; `integratePremium` reuses the boundary for the shorter ones.
  const early = canExerciseEarly(w, r, q) && premium(w, barrier, k, t, r, q, v, false);
  const h = log(barrier / s);
  const drift = r - q - 0.5 * v * v;
  const y0 = abs(h) / (v * sqrt(t));
  const span = log(1.0 + 9.0 / y0);
  const panels = 1 + <i32>(span / 3.0);
  let alive = 0.0;
  let touched = 0.0;
  for (let i = 0; i < 32 * panels; i++) {
    const x = (span * (<f64>(i >> 5) + 0.5 + 0.5 * legendreNode(i & 31))) / <f64>panels;
    const y = y0 * exp(x);
    const when = (t * (y0 * y0)) / (y * y);
    const tilt = (drift * h) / (v * v) - (0.5 * drift * drift * when) / (v * v);
    const density =
      ((0.5 * span) / <f64>panels) *
      legendreWeight(i & 31) *
      0.7978845608028654 *
      y *
      exp(tilt - 0.5 * y * y);
    touched += density;
    if (when < t) alive += density * exp(-r * when) * aliveValue(t - when, r, q, v, early);
  }
  return alive + rebate * exp(-r * t) * max(0.0, 1.0 - touched);
}

/** Not yet touched: the spot lies off the barrier. Writes value, delta, gamma, vega, theta, rho, dividendRho, vanna, volga, charm. */
export function americanKnockIn(
  side: f64,
  s: f64,
  strike: f64,
  t: f64,
  r: f64,
  q: f64,
  v: f64,
  level: f64,
  paid: f64,
): void {
  if (t <= 0.0) {
    writeVanillaPayoff(side, s, strike);
    writeGreek(0, paid);
    writeGreek(1, 0.0);
    return;
  }
  w = side;
  k = strike;
  barrier = level;
  rebate = paid;
  v = max(v, 0.001 / sqrt(t));
  const hs = min(0.1 * s * v * sqrt(t), 0.4 * abs(s - level));
  const value = knockInValue(s, t, r, q, v);
  const up = knockInValue(s + hs, t, r, q, v);
  const down = knockInValue(s - hs, t, r, q, v);
  const up2 = knockInValue(s + 2.0 * hs, t, r, q, v);
  const down2 = knockInValue(s - 2.0 * hs, t, r, q, v);
  writeGreek(0, value);
  writeGreek(1, (8.0 * (up - down) - (up2 - down2)) / (12.0 * hs));
  writeGreek(2, (16.0 * (up + down) - (up2 + down2) - 30.0 * value) / (12.0 * hs * hs));
  const hv = 0.01 * v;
  const volUp = knockInValue(s, t, r, q, v + hv);
  const volDown = knockInValue(s, t, r, q, v - hv);
  writeGreek(3, (volUp - volDown) / (2.0 * hv));
  writeGreek(8, (volUp - 2.0 * value + volDown) / (hv * hv));
  writeGreek(7, (slopeAt(s, hs, t, r, q, v + hv) - slopeAt(s, hs, t, r, q, v - hv)) / (2.0 * hv));
  const ht = 0.01 * t;
  writeGreek(4, (knockInValue(s, t - ht, r, q, v) - knockInValue(s, t + ht, r, q, v)) / (2.0 * ht));
  writeGreek(9, (slopeAt(s, hs, t - ht, r, q, v) - slopeAt(s, hs, t + ht, r, q, v)) / (2.0 * ht));
  const hr = 0.001;
  writeGreek(5, (knockInValue(s, t, r + hr, q, v) - knockInValue(s, t, r - hr, q, v)) / (2.0 * hr));
  writeGreek(6, (knockInValue(s, t, r, q + hr, v) - knockInValue(s, t, r, q - hr, v)) / (2.0 * hr));
}

function slopeAt(s: f64, h: f64, t: f64, r: f64, q: f64, v: f64): f64 {
  return (knockInValue(s + h, t, r, q, v) - knockInValue(s - h, t, r, q, v)) / (2.0 * h);
}
