// The early-exercise premium as an integral over the boundary (Kim 1990), with its spot derivatives, and differences in
// volatility and rates that never step across the exercise boundary.
import { exp } from '../math/exponential';
import { log } from '../math/logarithm';
import { normCdf, normPdf } from '../math/normal';
import { sinh } from '../math/hyperbolic';
import { sin } from '../math/trigonometric';
import {
  POINTS,
  depthAtHorizon,
  depthFrom,
  horizon,
  interpolationWeights,
  limitLog,
  solveBoundary,
} from './american-boundary';

/** Tanh-sinh points for the final integral: dense where spot meets the boundary. */
const NODES: i32 = 105;
const STEP: f64 = 0.0625;
const SMALLEST_RATE: f64 = 1e-9;
const sines: usize = memory.data(105 * 8);
const cosines: usize = memory.data(105 * 8);
const weights: usize = memory.data(105 * 8);
const rows: usize = memory.data(105 * 24 * 8, 16);
const shorter: usize = memory.data(24 * 8, 16);
let prepared: bool = false;

/** Premium and its first four derivatives in spot, as left by `premium`. */
export let premium0: f64 = 0;
export let premium1: f64 = 0;
export let premium2: f64 = 0;
export let premium3: f64 = 0;
export let premium4: f64 = 0;
/** Whether `premium` found the spot where immediate exercise is best. */
export let exercised: bool = false;

function at(table: usize, i: i32): f64 {
  return load<f64>(table + ((<usize>i) << 3));
}

function put(table: usize, i: i32, x: f64): void {
  store<f64>(table + ((<usize>i) << 3), x);
}

function prepare(): void {
  if (prepared) return;
  prepared = true;
  for (let j = 0; j < NODES; j++) {
    const t = <f64>(j - NODES / 2) * STEP;
    const e = exp(3.141592653589793 * sinh(t));
    const angle = 1.5707963267948966 / (1.0 + 1.0 / e);
    put(sines, j, sin(angle));
    put(cosines, j, sin(1.5707963267948966 / (1.0 + e)));
    // d angle/dt = (pi/2) pi cosh t e/(1+e)^2.
    const cosh = 0.5 * (exp(t) + exp(-t));
    put(weights, j, (STEP * 4.934802200544679 * cosh) / ((1.0 + e) * (1.0 + 1.0 / e)));
    interpolationWeights(at(cosines, j), rows + ((<usize>(j * POINTS)) << 3));
  }
}

/** Whether an American option can be worth more than a European at all; `rate` is r for a put and q for a call. */
export function canExerciseEarly(w: f64, r: f64, q: f64): bool {
  const gained = w > 0.0 ? q : r;
  const lost = w > 0.0 ? r : q;
  return gained > 0.0 || (gained == 0.0 && lost < 0.0);
}

/** ln of the boundary for strike 1 where it lies `depth` beyond its limit. */
function logBoundary(w: f64, depth: f64): f64 {
  return w < 0.0 ? limitLog - depth : depth - limitLog;
}

/**
 * w int [q S e^{-qu} N(w d+) - r K e^{-ru} N(w d-)] du, d+- at S/B(T-u). A call is solved as the put with spot and strike,
 * and the two rates, exchanged. `warm` continues from the last boundary. False where the boundary did not converge.
 */
export function premium(w: f64, s: f64, k: f64, t: f64, r: f64, q: f64, v: f64, warm: bool): bool {
  prepare();
  // No rate at all on what exercise brings: the limit is approached smoothly.
  const gained = max(w < 0.0 ? r : q, SMALLEST_RATE);
  const lost = w < 0.0 ? q : r;
  const drift = gained - lost;
  // Drifting away from the boundary by fifty deviations, later exercise adds nothing that a double can hold.
  const reach = drift > 0.0 ? min(t, ((50.0 * v) / drift) * ((50.0 * v) / drift)) : t;
  if (!solveBoundary(reach, gained, lost, v, warm)) return false;
  integratePremium(w, s, k, reach, w < 0.0 ? gained : lost, w < 0.0 ? lost : gained, v);
  return true;
}

/** `premium` on the boundary solved before; `t` may be any expiry up to the solved one. */
export function integratePremium(w: f64, s: f64, k: f64, t: f64, r: f64, q: f64, v: f64): void {
  const x = log(s / k);
  const share = sqrt(t / horizon);
  const whole = share > 1.0 - 1e-12;
  if (!whole) interpolationWeights(share, shorter);
  const nowDepth = whole ? depthAtHorizon() : depthFrom(shorter);
  exercised = w * (x - logBoundary(w, nowDepth)) >= 0.0;
  const b = r - q;
  const deviation = v * sqrt(t);
  let a0 = 0.0;
  let a1 = 0.0;
  let a2 = 0.0;
  let a3 = 0.0;
  let a4 = 0.0;
  for (let j = 0; j < NODES; j++) {
    const sine = at(sines, j);
    const age = t * sine * sine;
    const spread = deviation * sine;
    let row = rows + ((<usize>(j * POINTS)) << 3);
    if (!whole) {
      interpolationWeights(share * at(cosines, j), shorter);
      row = shorter;
    }
    const logB = logBoundary(w, depthFrom(row));
    const dp = (x - logB + b * age) / spread + 0.5 * spread;
    const dm = dp - spread;
    const weight = w * 2.0 * t * sine * at(cosines, j) * at(weights, j);
    const fp = weight * q * s * exp(-q * age);
    const fm = weight * r * k * exp(-r * age);
    const i = 1.0 / spread;
    // Derivatives in x = ln S of N(w d).
    const p0 = normCdf(w * dp);
    const p1 = w * normPdf(dp) * i;
    const p2 = -dp * i * p1;
    const p3 = (dp * dp - 1.0) * i * i * p1;
    const p4 = -(dp * dp - 3.0) * dp * i * i * i * p1;
    const m0 = normCdf(w * dm);
    const m1 = w * normPdf(dm) * i;
    a0 += fp * p0 - fm * m0;
    a1 += fp * (p0 + p1) - fm * m1;
    a2 += fp * (p0 + 2.0 * p1 + p2) + fm * dm * i * m1;
    a3 += fp * (p0 + 3.0 * (p1 + p2) + p3) - fm * (dm * dm - 1.0) * i * i * m1;
    a4 += fp * (p0 + 4.0 * (p1 + p3) + 6.0 * p2 + p4) + fm * (dm * dm - 3.0) * dm * i * i * i * m1;
  }
  premium0 = a0;
  premium1 = a1 / s;
  premium2 = (a2 - a1) / (s * s);
  premium3 = (a3 - 3.0 * a2 + 2.0 * a1) / (s * s * s);
  premium4 = (a4 - 6.0 * a3 + 11.0 * a2 - 6.0 * a1) / (s * s * s * s);
}
