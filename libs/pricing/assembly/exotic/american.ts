// American options: European value plus early-exercise premium, and every Greek. Spot derivatives are those of the integral;
// volatility and rate derivatives are seventh- and fifth-point differences of the premium alone, on the continuation side;
// time derivatives follow from the Black-Scholes equation, strike derivatives from homogeneity.
import { log } from '../math/logarithm';
import { Jet, constant, jetExp, jetLog } from './jet';
import { begin, discount, dividend, rate, spot, spotForwarded, strike, vol } from './market';
import { plainAsset, plainCash } from './first-passage';
import { writeGreek, writeJet, writePayoff, writeVanillaPayoff } from './greeks-output';
import { differenceWeight, prepareDifferences } from './difference-weights';
import {
  canExerciseEarly,
  exercised,
  premium,
  premium0,
  premium1,
  premium2,
  premium3,
  premium4,
} from './american-premium';

/** Relative step in volatility, absolute in rates. */
const VOL_STEP: f64 = 0.02;
const RATE_STEP: f64 = 0.002;
const SMALLEST_DEVIATION: f64 = 1e-8;
/** Drift towards exercise over deviation beyond which the option is its own deterministic limit. */
const DETERMINISTIC: f64 = 3000.0;

// Derivatives of the premium in volatility and rates, set by the functions below.
let vega: f64 = 0;
let volga: f64 = 0;
let ultima: f64 = 0;
let vanna: f64 = 0;
let zomma: f64 = 0;
let rho: f64 = 0;
let dividendRho: f64 = 0;

/** European value as a jet; the market must have begun. */
export function europeanJet(w: f64): Jet {
  const level = jetLog(strike);
  return (plainAsset(w, level) - strike * plainCash(w, level)).times(w);
}

/** The best of all times to exercise along the forward path: what an American option tends to as volatility vanishes. */
function deterministic(w: f64, s: f64, k: f64, t: f64, r: f64, q: f64): Jet {
  const now = (spot - strike).times(w);
  const last = (spotForwarded - strike * discount).times(w);
  let best = now.one >= last.one ? now : last;
  if (r != q && r * q > 0.0) {
    const when = log((r * k) / (q * s)) / (r - q);
    if (when > 0.0 && when < t) {
      const time = (jetLog(rate * strike) - jetLog(dividend * spot)) / (rate - dividend);
      const then = (
        spot * jetExp((dividend * time).times(-1.0)) -
        strike * jetExp((rate * time).times(-1.0))
      ).times(w);
      if (then.one > best.one) best = then;
    }
  }
  return best.one > 0.0 ? best : constant(0.0);
}

function isDeterministic(w: f64, t: f64, r: f64, q: f64, v: f64): bool {
  const towards = w < 0.0 ? q - r : r - q;
  return towards * sqrt(t) > DETERMINISTIC * v;
}

/** One premium at volatility v + i h; false where it lies in the exercise region. */
function volatilitySample(w: f64, s: f64, k: f64, t: f64, r: f64, q: f64, v: f64): bool {
  return premium(w, s, k, t, r, q, v, true) && !exercised;
}

function differenceVolatility(w: f64, s: f64, k: f64, t: f64, r: f64, q: f64, v: f64): void {
  const h = VOL_STEP * v;
  // Lower volatility pulls the boundary towards the spot: where it would pass, look upwards only.
  const first = volatilitySample(w, s, k, t, r, q, v - 3.0 * h) ? -3 : 0;
  prepareDifferences(first, 7);
  vega = 0.0;
  volga = 0.0;
  ultima = 0.0;
  vanna = 0.0;
  zomma = 0.0;
  for (let i = 0; i < 7; i++) {
    volatilitySample(w, s, k, t, r, q, v + <f64>(first + i) * h);
    const one = differenceWeight(i, 1) / h;
    vega += one * premium0;
    vanna += one * premium1;
    zomma += one * premium2;
    volga += (differenceWeight(i, 2) / (h * h)) * premium0;
    ultima += (differenceWeight(i, 3) / (h * h * h)) * premium0;
  }
}

/** d premium/dr (`which` 0) or d premium/dq (1). */
function differenceRate(which: i32, w: f64, s: f64, k: f64, t: f64, r: f64, q: f64, v: f64): f64 {
  // The rate earned by exercising moves the boundary towards the spot as it rises, the other as it falls.
  const earned = (which == 0) == w < 0.0;
  const x = which == 0 ? r : q;
  const h = earned ? min(RATE_STEP, 0.2 * x) : RATE_STEP;
  if (!(h > 0.0)) return 0.0;
  const risky = earned ? 2.0 * h : -2.0 * h;
  const ok =
    premium(w, s, k, t, which == 0 ? r + risky : r, which == 0 ? q : q + risky, v, true) && !exercised;
  const first = ok ? -2 : earned ? -4 : 0;
  prepareDifferences(first, 5);
  let slope = 0.0;
  for (let i = 0; i < 5; i++) {
    const move = <f64>(first + i) * h;
    premium(w, s, k, t, which == 0 ? r + move : r, which == 0 ? q : q + move, v, true);
    slope += (differenceWeight(i, 1) / h) * premium0;
  }
  return slope;
}

/** Value only. T and S, K positive. */
export function americanValue(w: f64, s: f64, k: f64, t: f64, r: f64, q: f64, v: f64): f64 {
  const intrinsic = max(0.0, w * (s - k));
  if (t <= 0.0) return intrinsic;
  v = max(v, SMALLEST_DEVIATION / sqrt(t));
  begin(s, k, t, r, q, v);
  const european = europeanJet(w).one;
  if (!canExerciseEarly(w, r, q)) return european;
  if (isDeterministic(w, t, r, q, v) || !premium(w, s, k, t, r, q, v, false)) {
    return max(european, deterministic(w, s, k, t, r, q).one);
  }
  return exercised ? intrinsic : max(intrinsic, european + max(0.0, premium0));
}

/** Value and Greeks of an American option with one exercise boundary. */
export function americanOption(w: f64, s: f64, k: f64, t: f64, r: f64, q: f64, v: f64): void {
  if (t <= 0.0) {
    writeVanillaPayoff(w, s, k);
    return;
  }
  v = max(v, SMALLEST_DEVIATION / sqrt(t));
  begin(s, k, t, r, q, v);
  const european = europeanJet(w);
  if (!canExerciseEarly(w, r, q)) {
    writeJet(european);
    return;
  }
  if (isDeterministic(w, t, r, q, v) || !premium(w, s, k, t, r, q, v, false)) {
    const limit = deterministic(w, s, k, t, r, q);
    writeJet(limit.one > european.one ? limit : european);
    return;
  }
  if (exercised) {
    writePayoff(w * (s - k), w, -w);
    return;
  }
  writeContinuation(european, w, s, k, t, r, q, v);
}

function writeContinuation(european: Jet, w: f64, s: f64, k: f64, t: f64, r: f64, q: f64, v: f64): void {
  const value = max(european.one + max(0.0, premium0), w * (s - k));
  const delta = european.s + premium1;
  const gamma = 2.0 * european.ss + premium2;
  const speed = 6.0 * european.sss + premium3;
  // The European fourth derivative from the lognormal density: gamma times a quadratic in d1.
  const fourth = europeanFourth(s, k, t, r, q, v, 2.0 * european.ss) + premium4;
  differenceVolatility(w, s, k, t, r, q, v);
  rho = differenceRate(0, w, s, k, t, r, q, v);
  dividendRho = differenceRate(1, w, s, k, t, r, q, v);
  const totalVega = european.v + vega;
  const totalVanna = european.sv + vanna;
  const totalZomma = 2.0 * european.ssv + zomma;
  const b = r - q;
  const vs = v * s;
  writeGreek(0, value);
  writeGreek(1, delta);
  writeGreek(2, gamma);
  writeGreek(3, totalVega);
  writeGreek(4, r * value - b * s * delta - 0.5 * vs * vs * gamma);
  writeGreek(5, european.r + rho);
  writeGreek(6, european.q + dividendRho);
  writeGreek(7, totalVanna);
  writeGreek(8, 2.0 * european.vv + volga);
  writeGreek(9, q * delta - (b + v * v) * s * gamma - 0.5 * vs * vs * speed);
  writeGreek(10, speed);
  writeGreek(11, totalZomma);
  writeGreek(12, (q - b - v * v) * gamma - (b + 2.0 * v * v) * s * speed - 0.5 * vs * vs * fourth);
  writeGreek(13, r * totalVega - b * s * totalVanna - v * s * s * gamma - 0.5 * vs * vs * totalZomma);
  writeGreek(14, 6.0 * european.vvv + ultima);
  writeGreek(15, (value - s * delta) / k);
  writeGreek(16, (s * s * gamma) / (k * k));
}

/** d4V/dS4 of a European option from its gamma. */
function europeanFourth(s: f64, k: f64, t: f64, r: f64, q: f64, v: f64, gamma: f64): f64 {
  const deviation = v * sqrt(t);
  const d1 = (log(s / k) + (r - q) * t) / deviation + 0.5 * deviation;
  const a = 1.0 + d1 / deviation;
  return (gamma / (s * s)) * (a * (a + 1.0) - 1.0 / (deviation * deviation));
}
