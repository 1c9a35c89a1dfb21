// The early-exercise boundary of an American put with strike 1, by the spectral collocation of Andersen, Lake & Offengenden
// (2016): ln^2(B/X) is a polynomial in the square root of the time to expiry, fixed at Chebyshev points by the
// smooth-pasting equation, here by Newton's method with the full Jacobian instead of fixed-point sweeps. Time inside an integral is tau sin^2(x), which makes both ends of the integrand smooth.
import { exp } from '../math/exponential';
import { log } from '../math/logarithm';
import { INV_SQRT_2PI, mills, normCdf, normPdf } from '../math/normal';
import { cos, sin } from '../math/trigonometric';
import { legendreNode, legendreWeight } from './legendre';
import { qdPlusPutBoundary } from './american-qd-plus';

/** Collocation points after zero, and quadrature points per integral. */
export const POINTS: i32 = 24;
const QUADRATURE: i32 = 32;
const MAX_STEPS: i32 = 30;
/** Newton converges quadratically: what is left after a step this small is rounding. */
const CONVERGED: f64 = 2e-8;

/** Position of the collocation points in sqrt(tau/T), 0..1. */
const positions: usize = memory.data(25 * 8);
/** sin, cos and weight of the quadrature angles in (0, pi/2). */
const sines: usize = memory.data(32 * 8);
const cosines: usize = memory.data(32 * 8);
const angleWeights: usize = memory.data(32 * 8);
/** For collocation point i and angle j, the 24 weights that interpolate at position_i cos_j. */
const interpolation: usize = memory.data(24 * 32 * 24 * 8);
/** sqrt of ln^2(B/X): the boundary at the collocation points as ln(X/B) >= 0, and its square. */
const depths: usize = memory.data(25 * 8);
const squares: usize = memory.data(25 * 8, 16);
/** e^{-q u} for every collocation point and angle of the problem being solved. */
const carries: usize = memory.data(24 * 32 * 8);
/** Newton's matrix with the right-hand side as last column, and per angle the past depth and the weight of its change. */
const matrix: usize = memory.data(24 * 25 * 8);
const pasts: usize = memory.data(32 * 8);
const pastWeights: usize = memory.data(2 * 32 * 8);
let prepared: bool = false;
let solvedVolatility: f64 = 0;

/** The last solved boundary: near-expiry limit X, its logarithm, and the horizon. */
export let limitLog: f64 = 0.0;
export let horizon: f64 = 0.0;

function at(table: usize, i: i32): f64 {
  return load<f64>(table + ((<usize>i) << 3));
}

function put(table: usize, i: i32, x: f64): void {
  store<f64>(table + ((<usize>i) << 3), x);
}

/** Writes the weights w_1..w_24 with sum w_k f(position_k) = f(p) for the interpolant with f(0) = 0. */
export function interpolationWeights(p: f64, target: usize): void {
  prepare();
  let sum = 0.0;
  for (let k = 0; k <= POINTS; k++) {
    const gap = p - at(positions, k);
    if (abs(gap) < 1e-15) {
      for (let m = 1; m <= POINTS; m++) put(target, m - 1, m == k ? 1.0 : 0.0);
      return;
    }
    const end = k == 0 || k == POINTS ? 0.5 : 1.0;
    const w = (end * ((k & 1) == 0 ? 1.0 : -1.0)) / gap;
    sum += w;
    if (k > 0) put(target, k - 1, w);
  }
  for (let k = 0; k < POINTS; k++) put(target, k, at(target, k) / sum);
}

function prepare(): void {
  if (prepared) return;
  prepared = true;
  for (let k = 0; k <= POINTS; k++) {
    const half = sin((1.5707963267948966 * <f64>k) / <f64>POINTS);
    put(positions, k, half * half);
  }
  for (let j = 0; j < QUADRATURE; j++) {
    const angle = 0.7853981633974483 * (1.0 + legendreNode(j));
    put(sines, j, sin(angle));
    put(cosines, j, cos(angle));
    put(angleWeights, j, 0.7853981633974483 * legendreWeight(j));
  }
  for (let i = 1; i <= POINTS; i++) {
    for (let j = 0; j < QUADRATURE; j++) {
      interpolationWeights(at(positions, i) * at(cosines, j), row(i, j));
    }
  }
}

function row(i: i32, j: i32): usize {
  return interpolation + ((<usize>(((i - 1) * QUADRATURE + j) * POINTS)) << 3);
}

/** ln(X/B) where the interpolation weights say, for the last solved boundary. */
export function depthFrom(weights: usize): f64 {
  let lanes = f64x2.splat(0.0);
  for (let k: usize = 0; k < 192; k += 16) {
    lanes = f64x2.add(lanes, f64x2.mul(v128.load(weights + k), v128.load(squares + 8 + k)));
  }
  const square = f64x2.extract_lane(lanes, 0) + f64x2.extract_lane(lanes, 1);
  return sqrt(max(0.0, square));
}

/** ln(X/B) at the horizon itself. */
export function depthAtHorizon(): f64 {
  return at(depths, POINTS);
}

/**
 * Smooth pasting at collocation point i, ln B - ln(n/d) = 0 with
 *   n = int r e^{-ru} n(d-)/(v sqrt u) du,
 *   d = e^{-q tau} N(d+) + int q e^{-qu} (N(d+) + n(d+)/(v sqrt u)) du.
 * Fills row i of Newton's matrix.
 */
function linearise(i: i32, tau: f64, r: f64, q: f64, v: f64): void {
  const b = r - q;
  const depth = at(depths, i);
  const logB = limitLog - depth;
  const deviation = v * sqrt(tau);
  const plus = (logB + b * tau) / deviation + 0.5 * deviation;
  const carried = exp(-q * tau);
  let n = 0.0;
  let d = carried * normCdf(plus);
  // Derivatives of n and d in ln B.
  let nSlope = 0.0;
  let dSlope = (carried * normPdf(plus)) / deviation;
  for (let j = 0; j < QUADRATURE; j++) {
    const s = at(sines, j);
    const age = tau * s * s;
    const spread = deviation * s;
    const past = depthFrom(row(i, j));
    const dp = (past - depth + b * age) / spread + 0.5 * spread;
    const dm = dp - spread;
    // e^{-ru} n(d-) = e^{-qu} n(d+) B(tau)/B(tau - u), and N from the same density by Mills' ratio.
    const density = INV_SQRT_2PI * exp(-0.5 * dp * dp);
    const weight =
      2.0 * tau * s * at(cosines, j) * at(angleWeights, j) * at(carries, (i - 1) * QUADRATURE + j);
    const base = (weight * density) / spread;
    const gp = q * base;
    const gm = r * base * exp(past - depth);
    const fp = q * weight * (dp < 0.0 ? density * mills(-dp) : 1.0 - density * mills(dp));
    const nPart = (-dm * gm) / spread;
    const dPart = gp - (dp * gp) / spread;
    n += gm;
    d += fp + gp;
    nSlope += nPart;
    dSlope += dPart;
    put(pasts, j, past);
    put(pastWeights, j, nPart);
    put(pastWeights + 256, j, dPart);
  }
  const line = matrix + ((<usize>((i - 1) * 25)) << 3);
  for (let k = 0; k < POINTS; k++) put(line, k, 0.0);
  for (let j = 0; j < QUADRATURE; j++) {
    const past = at(pasts, j);
    if (past <= 0.0) continue;
    const e = (at(pastWeights + 256, j) / d - at(pastWeights, j) / n) / past;
    const weights = row(i, j);
    for (let k = 0; k < POINTS; k++) put(line, k, at(line, k) + e * at(weights, k));
  }
  for (let k = 0; k < POINTS; k++) put(line, k, at(line, k) * at(depths, k + 1));
  put(line, i - 1, at(line, i - 1) - (1.0 - (nSlope / n - dSlope / d)));
  put(line, POINTS, log(n / d) - logB);
}

/** Gaussian elimination with partial pivoting; the solution replaces the last column. */
function eliminate(): void {
  for (let c = 0; c < POINTS; c++) {
    let best = c;
    for (let i = c + 1; i < POINTS; i++) {
      if (abs(at(matrix, i * 25 + c)) > abs(at(matrix, best * 25 + c))) best = i;
    }
    for (let k = c; k <= POINTS; k++) {
      const swap = at(matrix, c * 25 + k);
      put(matrix, c * 25 + k, at(matrix, best * 25 + k));
      put(matrix, best * 25 + k, swap);
    }
    const pivot = 1.0 / at(matrix, c * 25 + c);
    for (let i = c + 1; i < POINTS; i++) {
      const factor = at(matrix, i * 25 + c) * pivot;
      if (factor == 0.0) continue;
      for (let k = c + 1; k <= POINTS; k++)
        put(matrix, i * 25 + k, at(matrix, i * 25 + k) - factor * at(matrix, c * 25 + k));
    }
  }
  for (let c = POINTS - 1; c >= 0; c--) {
    let x = at(matrix, c * 25 + POINTS);
    for (let k = c + 1; k < POINTS; k++) x -= at(matrix, c * 25 + k) * at(matrix, k * 25 + POINTS);
    put(matrix, c * 25 + POINTS, x / at(matrix, c * 25 + c));
  }
}

/**
 * Solves the boundary up to `t`; needs r > 0. `warm` starts from the boundary solved last (for a nearby problem).
 * False where it did not converge: rates, volatility or time too extreme for doubles.
 */
export function solveBoundary(t: f64, r: f64, q: f64, v: f64, warm: bool): bool {
  prepare();
  horizon = t;
  limitLog = q > r ? log(r / q) : 0.0;
  for (let i = 1; i <= POINTS && !warm; i++) {
    const x = at(positions, i);
    const depth = max(1e-12, limitLog - log(qdPlusPutBoundary(t * x * x, r, q, v)));
    put(depths, i, depth);
    put(squares, i, depth * depth);
  }
  if (warm) {
    // Depths are nearly proportional to volatility.
    const scale = v / solvedVolatility;
    for (let i = 1; i <= POINTS; i++) {
      put(depths, i, at(depths, i) * scale);
      put(squares, i, at(depths, i) * at(depths, i));
    }
  }
  solvedVolatility = v;
  for (let i = 0; i < POINTS; i++) {
    const x = at(positions, i + 1);
    for (let j = 0; j < QUADRATURE; j++) {
      put(carries, i * QUADRATURE + j, exp(-q * t * x * x * at(sines, j) * at(sines, j)));
    }
  }
  for (let step = 1; step <= MAX_STEPS; step++) {
    for (let i = 1; i <= POINTS; i++) {
      const x = at(positions, i);
      linearise(i, t * x * x, r, q, v);
    }
    eliminate();
    let change = 0.0;
    for (let i = 1; i <= POINTS; i++) {
      const depth = at(depths, i);
      const next = min(2.0 * depth, max(0.5 * depth, depth + at(matrix, (i - 1) * 25 + POINTS)));
      // A NaN must come through: max would hide it.
      const moved = abs(next - depth);
      if (!(moved <= change)) change = moved;
      put(depths, i, next);
      put(squares, i, next * next);
    }
    if (change < CONVERGED) return true;
    if (change != change) return false;
  }
  return false;
}
