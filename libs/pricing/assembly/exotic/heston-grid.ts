// American options under Heston: the two-dimensional equation in ln S and variance by the Hundsdorfer-Verwer splitting
// (2003; In 't Hout & Foulon 2010), early exercise by the operator splitting of Ikonen & Toivanen (2004). Steps shorten
// towards expiry; variance points crowd towards zero, where the equation degenerates and needs no boundary value.
import { exp } from '../math/exponential';
import { log } from '../math/logarithm';
import { sinh } from '../math/hyperbolic';
import { RESULT } from '../memory';
import { hestonOption } from './heston';
import { writeGreek, writeVanillaPayoff } from './greeks-output';

const NX: i32 = 121;
const NV: i32 = 41;
const STEPS: i32 = 48;
const THETA: f64 = 0.2928932188134524; // 1 - 1/sqrt 2

const field: usize = memory.data(121 * 41 * 8);
const total: usize = memory.data(121 * 41 * 8);
const alongX: usize = memory.data(121 * 41 * 8);
const alongV: usize = memory.data(121 * 41 * 8);
const guess: usize = memory.data(121 * 41 * 8);
const second: usize = memory.data(121 * 41 * 8);
const force: usize = memory.data(121 * 41 * 8);
const payoffs: usize = memory.data(121 * 8);
const spots: usize = memory.data(121 * 8);
const variances: usize = memory.data(41 * 8);
const upper: usize = memory.data(121 * 8);

let w: f64 = 0;
let strike: f64 = 0;
let r: f64 = 0;
let q: f64 = 0;
let kappa: f64 = 0;
let level: f64 = 0;
let sigma: f64 = 0;
let rho: f64 = 0;
let dx: f64 = 0;
let low: f64 = 0;
/** Whether the option may be exercised before expiry. */
let early: bool = true;

function at(table: usize, i: i32): f64 {
  return load<f64>(table + ((<usize>i) << 3));
}

function put(table: usize, i: i32, x: f64): void {
  store<f64>(table + ((<usize>i) << 3), x);
}

/** Second- and first-derivative weights in v at j: below, at, above; the drift looks forwards at v = 0. */
let below: f64 = 0;
let centre: f64 = 0;
let above: f64 = 0;

function varianceWeights(j: i32): void {
  const v = at(variances, j);
  const drift = kappa * (level - v);
  if (j == 0) {
    const gap = at(variances, 1);
    below = 0.0;
    above = drift / gap;
    centre = -above;
    return;
  }
  const left = v - at(variances, j - 1);
  if (j == NV - 1) {
    // Flat beyond the last point: only the pull back to the level remains.
    below = drift < 0.0 ? -drift / left : 0.0;
    above = 0.0;
    centre = -below;
    return;
  }
  const right = at(variances, j + 1) - v;
  const spread = (sigma * sigma * v) / (left + right);
  below = spread / left - (drift * right) / (left * (left + right));
  above = spread / right + (drift * left) / (right * (left + right));
  centre = -below - above;
}

/** All three parts of the operator on `u`: into `total` their sum, `alongX` and `alongV` the one-dimensional ones. */
function operate(u: usize): void {
  for (let j = 0; j < NV; j++) {
    const v = at(variances, j);
    varianceWeights(j);
    const diffusion = (0.5 * v) / (dx * dx);
    const drift = (r - q - 0.5 * v) / (2.0 * dx);
    for (let i = 1; i < NX - 1; i++) {
      const n = j * NX + i;
      const here = at(u, n);
      const fx =
        diffusion * (at(u, n + 1) - 2.0 * here + at(u, n - 1)) +
        drift * (at(u, n + 1) - at(u, n - 1)) -
        0.5 * r * here;
      let fv = centre * here - 0.5 * r * here;
      if (j > 0) fv += below * at(u, n - NX);
      if (j < NV - 1) fv += above * at(u, n + NX);
      let mixed = 0.0;
      if (j > 0 && j < NV - 1) {
        const span = at(variances, j + 1) - at(variances, j - 1);
        mixed =
          ((rho * sigma * v) / (2.0 * dx * span)) *
          (at(u, n + NX + 1) - at(u, n + NX - 1) - at(u, n - NX + 1) + at(u, n - NX - 1));
      }
      put(total, n, fx + fv + mixed);
      put(alongX, n, fx);
      put(alongV, n, fv);
    }
  }
}

/** (1 - c A_x) y = y in place, the ends held. */
function implicitX(y: usize, c: f64): void {
  for (let j = 0; j < NV; j++) {
    const v = at(variances, j);
    const diffusion = (0.5 * v) / (dx * dx);
    const drift = (r - q - 0.5 * v) / (2.0 * dx);
    const a = -c * (diffusion - drift);
    const b = 1.0 + c * (2.0 * diffusion + 0.5 * r);
    const d = -c * (diffusion + drift);
    const row = j * NX;
    put(upper, 0, 0.0);
    for (let i = 1; i < NX - 1; i++) {
      const pivot = 1.0 / (b - a * at(upper, i - 1));
      put(upper, i, d * pivot);
      put(y, row + i, (at(y, row + i) - a * at(y, row + i - 1)) * pivot);
    }
    for (let i = NX - 2; i > 0; i--) put(y, row + i, at(y, row + i) - at(upper, i) * at(y, row + i + 1));
  }
}

/** (1 - c A_v) y = y in place. */
function implicitV(y: usize, c: f64): void {
  for (let i = 1; i < NX - 1; i++) {
    for (let j = 0; j < NV; j++) {
      varianceWeights(j);
      const before = j > 0 ? at(upper, j - 1) : 0.0;
      const previous = j > 0 ? at(y, (j - 1) * NX + i) : 0.0;
      const pivot = 1.0 / (1.0 - c * (centre - 0.5 * r) + c * below * before);
      put(upper, j, -c * above * pivot);
      put(y, j * NX + i, (at(y, j * NX + i) + c * below * previous) * pivot);
    }
    for (let j = NV - 2; j >= 0; j--)
      put(y, j * NX + i, at(y, j * NX + i) - at(upper, j) * at(y, (j + 1) * NX + i));
  }
}

function step(dt: f64): void {
  const c = THETA * dt;
  operate(field);
  const size = NX * NV;
  for (let n = 0; n < size; n++) {
    put(guess, n, at(field, n));
    put(second, n, at(field, n));
  }
  predict(dt, c, guess);
  // The correction: half the operator's change, and the two implicit sweeps around the first result.
  for (let j = 0; j < NV; j++) {
    for (let i = 1; i < NX - 1; i++) {
      const n = j * NX + i;
      put(second, n, at(field, n) + dt * (0.5 * at(total, n) + at(force, n)));
    }
  }
  operate(guess);
  for (let j = 0; j < NV; j++) {
    for (let i = 1; i < NX - 1; i++) {
      const n = j * NX + i;
      put(second, n, at(second, n) + 0.5 * dt * at(total, n) - c * at(alongX, n));
    }
  }
  implicitX(second, c);
  for (let j = 0; j < NV; j++) {
    for (let i = 1; i < NX - 1; i++) {
      const n = j * NX + i;
      put(second, n, at(second, n) - c * at(alongV, n));
    }
  }
  implicitV(second, c);
  for (let j = 0; j < NV; j++) {
    for (let i = 1; i < NX - 1; i++) {
      const n = j * NX + i;
      const free = at(second, n);
      const next = early ? max(free - dt * at(force, n), at(payoffs, i)) : free;
      if (early) put(force, n, at(force, n) + (next - free) / dt);
      put(field, n, next);
    }
  }
}

/** The first half of a step: explicit prediction and two implicit corrections, in place. */
function predict(dt: f64, c: f64, y: usize): void {
  for (let j = 0; j < NV; j++) {
    for (let i = 1; i < NX - 1; i++) {
      const n = j * NX + i;
      put(y, n, at(field, n) + dt * (at(total, n) + at(force, n)) - c * at(alongX, n));
    }
  }
  implicitX(y, c);
  for (let j = 0; j < NV; j++) {
    for (let i = 1; i < NX - 1; i++) {
      const n = j * NX + i;
      put(y, n, at(y, n) - c * at(alongV, n));
    }
  }
  implicitV(y, c);
}

// Value, delta, gamma and slope in variance at the spot and v0.
let value: f64 = 0;
let delta: f64 = 0;
let gamma: f64 = 0;
let varianceSlope: f64 = 0;

function solve(s: f64, t: f64, v0: f64): void {
  const start = log(s);
  const typical = max(v0, level);
  const reach = 5.0 * sqrt(typical * t) + abs(r - q) * t + 4.0 * sigma * t * 0.25;
  low = min(start, log(strike)) - reach;
  const high = max(start, log(strike)) + reach;
  dx = (high - low) / <f64>(NX - 1);
  const relaxed = min(t, kappa > 0.0 ? 1.0 / kappa : t);
  const top = typical + 8.0 * sigma * sqrt(typical * relaxed) + 2.0 * sigma * sigma * relaxed;
  for (let j = 0; j < NV; j++) put(variances, j, (top * sinh((4.0 * <f64>j) / <f64>(NV - 1))) / sinh(4.0));
  const kink = log(strike);
  for (let i = 0; i < NX; i++) {
    const x = low + dx * <f64>i;
    put(spots, i, exp(x));
    put(payoffs, i, w * (at(spots, i) - strike));
    // The payoff averaged over a cell.
    const left = x - 0.5 * dx;
    const right = x + 0.5 * dx;
    const from = w > 0.0 ? max(left, min(right, kink)) : left;
    const to = w > 0.0 ? right : min(right, max(left, kink));
    const averaged = (w * (exp(to) - exp(from) - strike * (to - from))) / dx;
    for (let j = 0; j < NV; j++) {
      put(field, j * NX + i, i == 0 || i == NX - 1 ? max(0.0, at(payoffs, i)) : averaged);
      put(force, j * NX + i, 0.0);
    }
  }
  for (let n = 0; n < STEPS; n++) {
    const a = <f64>n / <f64>STEPS;
    const b = <f64>(n + 1) / <f64>STEPS;
    step(t * (b * b - a * a));
  }
  read(start, v0);
}

/** Polynomial through six nodes in x on each of four variances around v0, then through those. */
function read(x: f64, v0: f64): void {
  let j = 0;
  while (j < NV - 4 && at(variances, j + 2) < v0) j++;
  value = 0.0;
  delta = 0.0;
  gamma = 0.0;
  varianceSlope = 0.0;
  const first = max(0, min(NX - 6, <i32>floor((x - low) / dx) - 2));
  for (let m = 0; m < 4; m++) {
    let weight = 1.0;
    let slope = 0.0;
    const here = at(variances, j + m);
    for (let k = 0; k < 4; k++) {
      if (k == m) continue;
      const there = at(variances, j + k);
      slope = (slope * (v0 - there) + weight) / (here - there);
      weight *= (v0 - there) / (here - there);
    }
    for (let k = 0; k < 6; k++) put(upper, k, at(field, (j + m) * NX + first + k));
    for (let order = 1; order < 6; order++) {
      for (let k = 5; k >= order; k--) put(upper, k, (at(upper, k) - at(upper, k - 1)) / (<f64>order * dx));
    }
    let p0 = at(upper, 5);
    let p1 = 0.0;
    let p2 = 0.0;
    for (let k = 4; k >= 0; k--) {
      const d = x - (low + dx * <f64>(first + k));
      p2 = p2 * d + 2.0 * p1;
      p1 = p1 * d + p0;
      p0 = p0 * d + at(upper, k);
    }
    value += weight * p0;
    delta += weight * p1;
    gamma += weight * p2;
    varianceSlope += slope * p0;
  }
}

/** The American less the European value on the same grid, whose errors largely cancel; leaves the differences in the globals. */
function solvePremium(s: f64, t: f64, v0: f64): void {
  early = false;
  solve(s, t, v0);
  const v = value;
  const d = delta;
  const g = gamma;
  const slope = varianceSlope;
  early = true;
  solve(s, t, v0);
  value -= v;
  delta -= d;
  gamma -= g;
  varianceSlope -= slope;
}

function add(i: i32, x: f64): void {
  writeGreek(i, load<f64>(RESULT + ((<usize>i) << 3)) + x);
}

/**
 * The exact European plus the premium of the grid: value, delta, gamma, vega (of sqrt v0), theta, rho, dividendRho. Where the
 * spot is one to exercise at, the payoff.
 */
export function hestonAmerican(
  side: f64,
  s: f64,
  k: f64,
  t: f64,
  rate: f64,
  dividend: f64,
  v0: f64,
  speed: f64,
  longRun: f64,
  volOfVol: f64,
  correlation: f64,
): void {
  hestonOption(side, s, k, t, rate, dividend, v0, speed, longRun, volOfVol, correlation);
  if (t <= 0.0) return;
  w = side;
  strike = k;
  r = rate;
  q = dividend;
  kappa = speed;
  level = longRun;
  sigma = volOfVol;
  rho = correlation;
  early = true;
  solve(s, t, v0);
  if (value <= w * (s - k) + 1e-7 * k) {
    writeVanillaPayoff(w, s, k);
    return;
  }
  solvePremium(s, t, v0);
  add(0, max(0.0, value));
  add(1, delta / s);
  add(2, (gamma - delta) / (s * s));
  add(3, 2.0 * sqrt(v0) * varianceSlope);
  const h = 0.01 * t;
  solvePremium(s, t + h, v0);
  const late = value;
  solvePremium(s, t - h, v0);
  add(4, (value - late) / (2.0 * h));
  r = rate + 0.001;
  solvePremium(s, t, v0);
  const rateUp = value;
  r = rate - 0.001;
  solvePremium(s, t, v0);
  add(5, (rateUp - value) / 0.002);
  r = rate;
  q = dividend + 0.001;
  solvePremium(s, t, v0);
  const dividendUp = value;
  q = dividend - 0.001;
  solvePremium(s, t, v0);
  add(6, (dividendUp - value) / 0.002);
}
