// The exact price of an option on an arithmetic average, by Vecer's one-dimensional equation (2002). The average is the end
// value of a portfolio that holds a known number of units p(t) of the asset; measured in units of the asset, that portfolio y
// is driftless: u_t + sigma^2/2 (p(t) - y)^2 u_yy = 0, u(T, y) = max(y, 0), value = S u(0, y0).
// Grid: sinh-spaced around the kink; time stepping TR-BDF2, second order and damping; Richardson extrapolation of two grids.
import { exp } from '../math/exponential';
import { sinh } from '../math/hyperbolic';
import { log } from '../math/logarithm';
import { times, volOffsets } from './asian-schedule';

const MAX_NODES: i32 = 801;
const grid: usize = memory.data(801 * 8);
const values: usize = memory.data(801 * 8);
const stage: usize = memory.data(801 * 8);
const upper: usize = memory.data(801 * 8);
const laterSums: usize = memory.data(4097 * 8);
const rightSide: usize = memory.data(801 * 8);

/** u and its derivatives up to the fourth at y0, extrapolated; and y0 itself. */
export let vecer0: f64 = 0;
export let vecer1: f64 = 0;
export let vecer2: f64 = 0;
export let vecer3: f64 = 0;
export let vecer4: f64 = 0;
export let vecerStart: f64 = 0;

let rate: f64 = 0;
let dividend: f64 = 0;
let vol: f64 = 0;
let expiry: f64 = 0;
/** Fixings ahead, or 0 for a continuous window from `start`; `weight` of one fixing, or of a year, in the average. */
let fixings: i32 = 0;
let start: f64 = 0;
let weight: f64 = 0;
/** +1: the average less a strike; -1: the asset at expiry less the average. */
let sign: f64 = 1;

function at(table: usize, i: i32): f64 {
  return load<f64>(table + ((<usize>i) << 3));
}

function put(table: usize, i: i32, x: f64): void {
  store<f64>(table + ((<usize>i) << 3), x);
}

/** Units held at time t, times e^{-q t}: what of the average is still ahead, discounted both ways. */
function holding(t: f64): f64 {
  let average = 0.0;
  if (fixings > 0) {
    average = weight * at(laterSums, fixingsUpTo(t));
  } else {
    const from = max(start, t);
    const span = expiry - from;
    const b = rate - dividend;
    const ratio = abs(b * span) < 1e-6 ? 1.0 + 0.5 * b * span : (exp(b * span) - 1.0) / (b * span);
    average = weight * span * ratio * exp(-rate * span - dividend * from);
  }
  return sign > 0.0 ? average : exp(-dividend * expiry) - average;
}

/** Forward variance between two times: term variance is flat, or given per fixing. */
function varianceBetween(a: f64, b: f64): f64 {
  return termVariance(b) - termVariance(a);
}

function termVariance(t: f64): f64 {
  if (fixings == 0) return vol * vol * t;
  const i = fixingsUpTo(t);
  const before = i > 0 ? at(times, i - 1) : 0.0;
  const varianceBefore = i > 0 ? fixingVariance(i - 1) : 0.0;
  if (i == fixings) return varianceBefore + vol * vol * (t - before);
  const share = (t - before) / (at(times, i) - before);
  return varianceBefore + (fixingVariance(i) - varianceBefore) * share;
}

function fixingVariance(i: i32): f64 {
  const v = vol + at(volOffsets, i);
  return v * v * at(times, i);
}

/** How many fixings are at or before t. */
function fixingsUpTo(t: f64): i32 {
  let low = 0;
  let high = fixings;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(times, middle) <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Sums over the fixings from i on of e^{-r (T - t_i) - q t_i}. */
function prepareSums(): void {
  put(laterSums, fixings, 0.0);
  for (let i = fixings - 1; i >= 0; i--) {
    const fixing = at(times, i);
    put(laterSums, i, at(laterSums, i + 1) + exp(-rate * (expiry - fixing) - dividend * fixing));
  }
}

/** Solves (1 - c A) x = right side, A = (p - y)^2/2 d^2/dy^2, ends held; Thomas. */
function implicit(n: i32, c: f64, p: f64, x: usize): void {
  put(upper, 0, 0.0);
  put(x, 0, at(rightSide, 0));
  for (let i = 1; i < n - 1; i++) {
    const left = at(grid, i) - at(grid, i - 1);
    const right = at(grid, i + 1) - at(grid, i);
    const gap = p - at(grid, i);
    const a = (c * gap * gap) / (left + right);
    const lower = -a / left;
    const above = -a / right;
    const pivot = 1.0 / (1.0 - lower - above - lower * at(upper, i - 1));
    put(upper, i, above * pivot);
    put(x, i, (at(rightSide, i) - lower * at(x, i - 1)) * pivot);
  }
  put(x, n - 1, at(rightSide, n - 1));
  for (let i = n - 2; i > 0; i--) put(x, i, at(x, i) - at(upper, i) * at(x, i + 1));
}

/** One TR-BDF2 step of variance `dv` with units p held. */
function step(n: i32, dv: f64, p: f64): void {
  const gamma = 0.5857864376269049; // 2 - sqrt 2
  const c = 0.5 * gamma * dv;
  put(rightSide, 0, at(values, 0));
  put(rightSide, n - 1, at(values, n - 1));
  for (let i = 1; i < n - 1; i++) {
    const left = at(grid, i) - at(grid, i - 1);
    const right = at(grid, i + 1) - at(grid, i);
    const gap = p - at(grid, i);
    const bend = (at(values, i + 1) - at(values, i)) / right - (at(values, i) - at(values, i - 1)) / left;
    put(rightSide, i, at(values, i) + (c * gap * gap * bend) / (left + right));
  }
  implicit(n, c, p, stage);
  const a = 1.2071067811865475; // 1/(gamma (2 - gamma))
  const b = 0.20710678118654752; // (1 - gamma)^2/(gamma (2 - gamma))
  for (let i = 0; i < n; i++) put(rightSide, i, a * at(stage, i) - b * at(values, i));
  implicit(n, c, p, values);
}

function march(n: i32, from: f64, to: f64, steps: i32): void {
  for (let i = 0; i < steps; i++) {
    const late = to - ((to - from) * <f64>i) / <f64>steps;
    const early = to - ((to - from) * <f64>(i + 1)) / <f64>steps;
    const dv = varianceBetween(early, late);
    if (dv > 0.0) step(n, dv, holding(0.5 * (early + late)));
  }
}

let result0: f64 = 0;
let result1: f64 = 0;
let result2: f64 = 0;
let result3: f64 = 0;
let result4: f64 = 0;

function solve(n: i32, steps: i32, y0: f64, width: f64): void {
  const low = min(0.0, y0) - 7.0 * width;
  const high = max(0.0, y0) + 7.0 * width;
  const scale = 0.3 * width;
  const a = asinh(low / scale);
  const b = asinh(high / scale);
  for (let i = 0; i < n; i++) {
    const y = scale * sinh(a + ((b - a) * <f64>i) / <f64>(n - 1));
    put(grid, i, y);
    put(values, i, max(0.0, y));
  }
  let to = expiry;
  if (fixings > 0) {
    // The holding jumps at every fixing: whole steps between them.
    for (let i = fixings - 1; i >= -1; i--) {
      const from = i >= 0 ? at(times, i) : 0.0;
      if (to > from) march(n, from, to, max(1, <i32>ceil((<f64>steps * (to - from)) / expiry)));
      to = from;
    }
  } else {
    if (start > 0.0) {
      march(n, start, to, steps);
      to = start;
    }
    march(n, 0.0, to, steps);
  }
  interpolate(n, y0);
}

function asinh(x: f64): f64 {
  const s = abs(x);
  const y = log(s + sqrt(s * s + 1.0));
  return x < 0.0 ? -y : y;
}

/** Value and four derivatives at y0 by the polynomial through the six nearest nodes (Newton's form). */
function interpolate(n: i32, y0: f64): void {
  let i = 0;
  while (i < n - 6 && at(grid, i + 3) < y0) i++;
  for (let k = 0; k < 6; k++) put(stage, k, at(values, i + k));
  for (let order = 1; order < 6; order++) {
    for (let k = 5; k >= order; k--) {
      put(stage, k, (at(stage, k) - at(stage, k - 1)) / (at(grid, i + k) - at(grid, i + k - order)));
    }
  }
  let f = at(stage, 5);
  let d = 0.0;
  let dd = 0.0;
  let d3 = 0.0;
  let d4 = 0.0;
  for (let k = 4; k >= 0; k--) {
    const x = y0 - at(grid, i + k);
    d4 = d4 * x + 4.0 * d3;
    d3 = d3 * x + 3.0 * dd;
    dd = dd * x + 2.0 * d;
    d = d * x + f;
    f = f * x + at(stage, k);
  }
  result0 = f;
  result1 = d;
  result2 = dd;
  result3 = d3;
  result4 = d4;
}

/**
 * u and its derivatives for the average of `n` fixings (schedule buffer) or, with n = 0, the window from `from`; `share` is the
 * weight of one fixing or of one year, `known` what must still be paid or received at expiry per unit of spot, discounted.
 */
export function solveVecer(
  t: f64,
  r: f64,
  q: f64,
  v: f64,
  n: i32,
  from: f64,
  share: f64,
  known: f64,
  averageStrike: bool,
): void {
  rate = r;
  dividend = q;
  vol = v;
  expiry = t;
  fixings = n;
  start = from;
  weight = share;
  sign = averageStrike ? -1.0 : 1.0;
  prepareSums();
  // Units of the whole plan; what is known is cash.
  const y0 = holding(-1e-300) - known;
  vecerStart = y0;
  // Deviation of y at expiry, for the width of the grid.
  let spread = 0.0;
  for (let i = 0; i < 64; i++) {
    const a = (t * <f64>i) / 64.0;
    const gap = abs(holding(a + t / 128.0) - y0) + 1e-12;
    spread += gap * gap * varianceBetween(a, a + t / 64.0);
  }
  const width = sqrt(spread) * exp(0.25 * termVariance(t));
  solve(301, 100, y0, width);
  const coarse0 = result0;
  const coarse1 = result1;
  const coarse2 = result2;
  const coarse3 = result3;
  const coarse4 = result4;
  solve(601, 200, y0, width);
  vecer0 = (4.0 * result0 - coarse0) / 3.0;
  vecer1 = (4.0 * result1 - coarse1) / 3.0;
  vecer2 = (4.0 * result2 - coarse2) / 3.0;
  vecer3 = (4.0 * result3 - coarse3) / 3.0;
  vecer4 = (4.0 * result4 - coarse4) / 3.0;
}
