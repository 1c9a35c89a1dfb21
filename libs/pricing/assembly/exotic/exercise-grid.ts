// Early exercise on a grid: for what has no boundary integral, namely cash dividends, barriers, and rates so negative that
// there are two exercise boundaries. Log-spot grid, TR-BDF2 in time (second order, damping) with steps that shorten towards
// expiry, the obstacle solved exactly in every stage by the active-set method, Richardson extrapolation of two grids.
import { exp } from '../math/exponential';
import { log } from '../math/logarithm';

const values: usize = memory.data(1201 * 8);
const stage: usize = memory.data(1201 * 8);
const upper: usize = memory.data(1201 * 8);
const rightSide: usize = memory.data(1201 * 8);
const obstacle: usize = memory.data(1201 * 8);
const active: usize = memory.data(1201 * 8);
const spots: usize = memory.data(1201 * 8);

/** Cash dividends, written by the caller: times ascending and amounts. */
const MAX_DIVIDENDS: i32 = 256;
export const dividendTimes: usize = memory.data(256 * 8);
export const dividendAmounts: usize = memory.data(256 * 8);

export function gridDividendTimes(): usize {
  return dividendTimes;
}

export function gridDividendAmounts(): usize {
  return dividendAmounts;
}

export function gridDividendLimit(): i32 {
  return MAX_DIVIDENDS;
}

/** Value, delta, gamma and speed at the spot, extrapolated. */
export let grid0: f64 = 0;
export let grid1: f64 = 0;
export let grid2: f64 = 0;
export let grid3: f64 = 0;

let w: f64 = 0;
let strike: f64 = 0;
let rate: f64 = 0;
let yieldRate: f64 = 0;
let vol: f64 = 0;
let expiry: f64 = 0;
let dividends: i32 = 0;
let escrowed: bool = false;
/** ln of a knock-out barrier below or above, or NaN; paid on touching. */
let barrierLog: f64 = NaN;
let rebate: f64 = 0;
let low: f64 = 0;
let spacing: f64 = 0;

function at(table: usize, i: i32): f64 {
  return load<f64>(table + ((<usize>i) << 3));
}

function put(table: usize, i: i32, x: f64): void {
  store<f64>(table + ((<usize>i) << 3), x);
}

/** Present value at t of the dividends from then to expiry, where the spot on the grid excludes them. */
function escrow(t: f64): f64 {
  if (!escrowed) return 0.0;
  let sum = 0.0;
  for (let i = 0; i < dividends; i++) {
    const due = at(dividendTimes, i);
    if (due >= t && due <= expiry) sum += at(dividendAmounts, i) * exp(-rate * (due - t));
  }
  return sum;
}

function setObstacle(n: i32, t: f64): void {
  const extra = escrow(t) - strike;
  for (let i = 0; i < n; i++) put(obstacle, i, w * (at(spots, i) + extra));
}

/** The value held at an end of the grid, tau before expiry. */
function endValue(i: i32, n: i32, t: f64): f64 {
  if (barrierLog == barrierLog && (barrierLog < low + spacing ? i == 0 : i == n - 1)) {
    // Exercise just before touching is always there to take.
    return max(rebate, at(obstacle, i));
  }
  const tau = expiry - t;
  const forward = w * (at(spots, i) * exp(-yieldRate * tau) - strike * exp(-rate * tau));
  return max(max(0.0, forward), at(obstacle, i));
}

/** (1 - c A) x = right side with x >= obstacle: nodes join or leave the obstacle until none wants to. */
function solveObstacle(n: i32, c: f64, x: usize): void {
  const diffusion = (0.5 * vol * vol) / (spacing * spacing);
  const drift = (rate - yieldRate - 0.5 * vol * vol) / (2.0 * spacing);
  const lower = -c * (diffusion - drift);
  const above = -c * (diffusion + drift);
  const centre = 1.0 + c * (2.0 * diffusion + rate);
  for (let round = 0; round < 30; round++) {
    put(upper, 0, 0.0);
    put(x, 0, at(rightSide, 0));
    for (let i = 1; i < n - 1; i++) {
      if (at(active, i) != 0.0) {
        put(upper, i, 0.0);
        put(x, i, at(obstacle, i));
        continue;
      }
      const pivot = 1.0 / (centre - lower * at(upper, i - 1));
      put(upper, i, above * pivot);
      put(x, i, (at(rightSide, i) - lower * at(x, i - 1)) * pivot);
    }
    put(x, n - 1, at(rightSide, n - 1));
    for (let i = n - 2; i > 0; i--) put(x, i, at(x, i) - at(upper, i) * at(x, i + 1));
    let changed = false;
    for (let i = 1; i < n - 1; i++) {
      if (at(active, i) != 0.0) {
        const pull = lower * at(x, i - 1) + centre * at(x, i) + above * at(x, i + 1) - at(rightSide, i);
        if (pull < 0.0) {
          put(active, i, 0.0);
          changed = true;
        }
      } else if (at(x, i) < at(obstacle, i)) {
        put(active, i, 1.0);
        changed = true;
      }
    }
    if (!changed) return;
  }
}

/** One TR-BDF2 step back from `late` to `early`. */
function step(n: i32, late: f64, early: f64): void {
  const dt = late - early;
  const gamma = 0.5857864376269049; // 2 - sqrt 2
  const c = 0.5 * gamma * dt;
  const diffusion = (0.5 * vol * vol) / (spacing * spacing);
  const drift = (rate - yieldRate - 0.5 * vol * vol) / (2.0 * spacing);
  for (let i = 1; i < n - 1; i++) {
    const u = at(values, i);
    const bend = diffusion * (at(values, i + 1) - 2.0 * u + at(values, i - 1));
    const slope = drift * (at(values, i + 1) - at(values, i - 1));
    put(rightSide, i, u + c * (bend + slope - rate * u));
  }
  const middle = late - gamma * dt;
  setObstacle(n, middle);
  put(rightSide, 0, endValue(0, n, middle));
  put(rightSide, n - 1, endValue(n - 1, n, middle));
  solveObstacle(n, c, stage);
  const a = 1.2071067811865475; // 1/(gamma (2 - gamma))
  const b = 0.20710678118654752; // (1 - gamma)^2/(gamma (2 - gamma))
  for (let i = 1; i < n - 1; i++) put(rightSide, i, a * at(stage, i) - b * at(values, i));
  setObstacle(n, early);
  put(rightSide, 0, endValue(0, n, early));
  put(rightSide, n - 1, endValue(n - 1, n, early));
  solveObstacle(n, c, values);
}

/** From one dividend (or expiry) back to the one before: steps proportional to the root of what is left. */
function march(n: i32, late: f64, early: f64, steps: i32): void {
  const span = late - early;
  for (let i = 0; i < steps; i++) {
    const a = <f64>i / <f64>steps;
    const b = <f64>(i + 1) / <f64>steps;
    step(n, late - span * a * a, late - span * b * b);
  }
}

/** Across a cash dividend: V(S) before is V(S - D) after, or the payoff; cubic interpolation in ln S. */
function passDividend(n: i32, amount: f64): void {
  for (let i = 0; i < n; i++) {
    const after = log(max(at(spots, i) - amount, at(spots, 0)));
    put(stage, i, interpolate(n, after, values));
  }
  for (let i = 0; i < n; i++) put(values, i, max(at(stage, i), w * (at(spots, i) - strike)));
}

function interpolate(n: i32, x: f64, table: usize): f64 {
  const position = (x - low) / spacing;
  const i = max(1, min(n - 3, <i32>floor(position)));
  const u = position - <f64>i;
  const a = at(table, i - 1);
  const b = at(table, i);
  const c = at(table, i + 1);
  const d = at(table, i + 2);
  return (
    b + u * (c - a / 3.0 - 0.5 * b - d / 6.0 + u * (0.5 * (a + c) - b + u * ((d - a) / 6.0 + 0.5 * (b - c))))
  );
}

function solve(n: i32, steps: i32, high: f64): void {
  spacing = (high - low) / <f64>(n - 1);
  for (let i = 0; i < n; i++) {
    const x = low + spacing * <f64>i;
    put(spots, i, exp(x));
    put(active, i, 0.0);
    put(values, i, averagedPayoff(x));
  }
  setObstacle(n, expiry);
  put(values, 0, endValue(0, n, expiry));
  put(values, n - 1, endValue(n - 1, n, expiry));
  let late = expiry;
  for (let i = dividends - 1; i >= 0 && !escrowed; i--) {
    const due = at(dividendTimes, i);
    if (due > expiry || due < 0.0) continue;
    if (late > due) march(n, late, due, max(8, <i32>ceil(<f64>steps * sqrt((late - due) / expiry))));
    passDividend(n, at(dividendAmounts, i));
    late = due;
  }
  if (late > 0.0) march(n, late, 0.0, max(8, <i32>ceil(<f64>steps * sqrt(late / expiry))));
}

/** The payoff averaged over a cell: its kink then costs no order of accuracy. */
function averagedPayoff(x: f64): f64 {
  const left = x - 0.5 * spacing;
  const right = x + 0.5 * spacing;
  const kink = log(strike);
  const from = w > 0.0 ? max(left, min(right, kink)) : left;
  const to = w > 0.0 ? right : min(right, max(left, kink));
  return (w * (exp(to) - exp(from) - strike * (to - from))) / spacing;
}

let p0: f64 = 0;
let p1: f64 = 0;
let p2: f64 = 0;
let p3: f64 = 0;

/** Value and three derivatives in x by the polynomial through the six nearest nodes. */
function read(n: i32, x: f64): void {
  let first = <i32>floor((x - low) / spacing) - 2;
  first = max(0, min(n - 6, first));
  for (let k = 0; k < 6; k++) put(stage, k, at(values, first + k));
  for (let order = 1; order < 6; order++) {
    for (let k = 5; k >= order; k--)
      put(stage, k, (at(stage, k) - at(stage, k - 1)) / (<f64>order * spacing));
  }
  p0 = at(stage, 5);
  p1 = 0.0;
  p2 = 0.0;
  p3 = 0.0;
  for (let k = 4; k >= 0; k--) {
    const d = x - (low + spacing * <f64>(first + k));
    p3 = p3 * d + 3.0 * p2;
    p2 = p2 * d + 2.0 * p1;
    p1 = p1 * d + p0;
    p0 = p0 * d + at(stage, k);
  }
}

/**
 * American option with `count` cash dividends from the buffers (`escrow` 1: the spot less their present value diffuses;
 * 0: the spot itself does and falls by each), and a knock-out barrier where `barrier` is positive (`eta` +1 below, -1 above).
 */
export function solveExerciseGrid(
  side: f64,
  s: f64,
  k: f64,
  t: f64,
  r: f64,
  q: f64,
  v: f64,
  count: i32,
  escrowKind: i32,
  barrier: f64,
  eta: f64,
  paid: f64,
): void {
  w = side;
  strike = k;
  expiry = t;
  rate = r;
  yieldRate = q;
  vol = v;
  dividends = count;
  escrowed = escrowKind != 0;
  rebate = paid;
  const start = log(s - escrow(0.0));
  const deviation = v * sqrt(t);
  const drift = (r - q - 0.5 * v * v) * t;
  const reach = 6.0 * deviation + abs(drift);
  let cut = 0.0;
  for (let i = 0; i < count; i++) cut += at(dividendAmounts, i);
  low = min(start, min(log(k), log(max(s - cut, 0.1 * s)))) - reach;
  let high = max(start, log(k)) + reach;
  barrierLog = NaN;
  if (barrier > 0.0) {
    barrierLog = log(barrier);
    if (eta > 0.0) low = barrierLog;
    else high = barrierLog;
  }
  solve(401, 80, high);
  read(401, start);
  const c0 = p0;
  const c1 = p1;
  const c2 = p2;
  const c3 = p3;
  solve(801, 160, high);
  read(801, start);
  const x1 = (4.0 * p1 - c1) / 3.0;
  const x2 = (4.0 * p2 - c2) / 3.0;
  const x3 = (4.0 * p3 - c3) / 3.0;
  const base = exp(start);
  grid0 = (4.0 * p0 - c0) / 3.0;
  grid1 = x1 / base;
  grid2 = (x2 - x1) / (base * base);
  grid3 = (x3 - 3.0 * x2 + 2.0 * x1) / (base * base * base);
}
