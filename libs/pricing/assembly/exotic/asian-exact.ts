// Exact arithmetic averages: Vecer's equation for the value, its slopes in spot and strike; the rest of the Greeks are those
// of the matched lognormal plus differences of the (small, smooth) correction that Vecer's equation makes to it.
import { exp } from '../math/exponential';
import { RESULT } from '../memory';
import { asianContinuous, asianDiscrete } from './asian';
import { times } from './asian-schedule';
import { solveVecer, vecer0, vecer1, vecer2, vecerStart } from './asian-vecer';
import { writeGreek } from './greeks-output';

const ARITHMETIC: i32 = 1;
const VOL_STEP: f64 = 0.02;
const RATE_STEP: f64 = 0.005;

let averageStrike: i32 = 0;
let w: f64 = 0;
let s: f64 = 0;
let k: f64 = 0;
/** Fixings ahead, or 0 for a continuous average from `from`. */
let n: i32 = 0;
let from: f64 = 0;
/** Weight in the average of one fixing ahead, or of one year; what of the average is known. */
let share: f64 = 0;
let known: f64 = 0;
let pastCount: f64 = 0;
let pastAverage: f64 = 0;
let elapsed: f64 = 0;

// The correction to value, delta and gamma, and the exact strike derivatives of a call.
let c0: f64 = 0;
let c1: f64 = 0;
let c2: f64 = 0;
let strikeSlope: f64 = 0;
let strikeBend: f64 = 0;

function matched(t: f64, r: f64, q: f64, v: f64): void {
  if (n > 0) asianDiscrete(ARITHMETIC, averageStrike, w, s, k, t, r, q, v, n, pastCount, pastAverage);
  else asianContinuous(ARITHMETIC, averageStrike, w, s, k, t, r, q, v, from, elapsed, pastAverage);
}

function correct(t: f64, r: f64, q: f64, v: f64): void {
  matched(t, r, q, v);
  const cash = exp(-r * t);
  const owed = (cash * (averageStrike != 0 ? known : k - known)) / s;
  solveVecer(t, r, q, v, n, from, share, owed, averageStrike != 0);
  const put = w < 0.0 ? 1.0 : 0.0;
  c0 = s * (vecer0 - put * vecerStart) - load<f64>(RESULT);
  c1 = vecer0 + vecer1 * owed - put * (vecerStart + owed) - load<f64>(RESULT, 8);
  c2 = (vecer2 * owed * owed) / s - load<f64>(RESULT, 16);
  strikeSlope = cash * (put - vecer1);
  strikeBend = (cash * cash * vecer2) / s;
}

/** `correct` with expiry and all that lies ahead moved by h years. */
function correctShifted(h: f64, t: f64, r: f64, q: f64, v: f64): void {
  for (let i = 0; i < n; i++) {
    const at = times + ((<usize>i) << 3);
    if (load<f64>(at) > 0.0) store<f64>(at, load<f64>(at) + h);
  }
  if (from > 0.0) from += h;
  // A window that has begun has elapsed the more the less is left of it, what has been averaged staying the same.
  const before = elapsed;
  if (n == 0 && elapsed > 0.0) {
    pastAverage *= elapsed / (elapsed - h);
    elapsed -= h;
  }
  correct(t + h, r, q, v);
  if (n == 0 && elapsed > 0.0) {
    pastAverage *= elapsed / before;
    elapsed = before;
  }
  if (from > 0.0) from -= h;
  for (let i = 0; i < n; i++) {
    const at = times + ((<usize>i) << 3);
    if (load<f64>(at) > 0.0) store<f64>(at, load<f64>(at) - h);
  }
}

/** A step in time that no fixing and no elapsed window is shorter than. */
function timeStep(t: f64): f64 {
  let h = 0.01 * t;
  for (let i = 0; i < n; i++) {
    const fixing = load<f64>(times + ((<usize>i) << 3));
    if (fixing > 0.0) h = min(h, 0.5 * fixing);
  }
  if (n == 0 && from > 0.0) h = min(h, 0.5 * from);
  if (n == 0 && elapsed > 0.0) h = min(h, 0.5 * elapsed);
  return h;
}

function finish(t: f64, r: f64, q: f64, v: f64): void {
  const base = memory.data(17 * 8);
  correct(t, r, q, v);
  const value = c0;
  const slope = c1;
  const bend = c2;
  matched(t, r, q, v);
  memory.copy(base, RESULT, 17 * 8);
  const dualSlope = strikeSlope;
  const dualBend = strikeBend;
  const hv = VOL_STEP * v;
  correct(t, r, q, v + hv);
  const up0 = c0;
  const up1 = c1;
  correct(t, r, q, v - hv);
  const vega = (up0 - c0) / (2.0 * hv);
  const vanna = (up1 - c1) / (2.0 * hv);
  const volga = (up0 - 2.0 * value + c0) / (hv * hv);
  const ht = timeStep(t);
  correctShifted(ht, t, r, q, v);
  const late0 = c0;
  const late1 = c1;
  correctShifted(-ht, t, r, q, v);
  const theta = (c0 - late0) / (2.0 * ht);
  const charm = (c1 - late1) / (2.0 * ht);
  correct(t, r + RATE_STEP, q, v);
  const rateUp = c0;
  correct(t, r - RATE_STEP, q, v);
  const rho = (rateUp - c0) / (2.0 * RATE_STEP);
  correct(t, r, q + RATE_STEP, v);
  const dividendUp = c0;
  correct(t, r, q - RATE_STEP, v);
  const dividendRho = (dividendUp - c0) / (2.0 * RATE_STEP);
  for (let i = 0; i < 17; i++) writeGreek(i, load<f64>(base + ((<usize>i) << 3)));
  add(0, value);
  add(1, slope);
  add(2, bend);
  add(3, vega);
  add(4, theta);
  add(5, rho);
  add(6, dividendRho);
  add(7, vanna);
  add(8, volga);
  add(9, charm);
  if (averageStrike == 0) {
    writeGreek(15, dualSlope);
    writeGreek(16, dualBend);
  }
  writeGreek(0, max(0.0, load<f64>(RESULT)));
}

function add(i: i32, x: f64): void {
  writeGreek(i, load<f64>(RESULT + ((<usize>i) << 3)) + x);
}

/** As `asianDiscrete` for an arithmetic average, without the lognormal assumption. */
export function asianExactDiscrete(
  strikeKind: i32,
  side: f64,
  spot: f64,
  strike: f64,
  t: f64,
  r: f64,
  q: f64,
  v: f64,
  count: i32,
  past: f64,
  average: f64,
): void {
  averageStrike = strikeKind;
  w = side;
  s = spot;
  k = strike;
  n = count;
  from = 0.0;
  pastCount = past;
  pastAverage = average;
  elapsed = 0.0;
  share = 1.0 / (<f64>count + past);
  known = past * share * average;
  finish(t, r, q, v);
}

/** As `asianContinuous` for an arithmetic average, without the lognormal assumption. */
export function asianExactContinuous(
  strikeKind: i32,
  side: f64,
  spot: f64,
  strike: f64,
  t: f64,
  r: f64,
  q: f64,
  v: f64,
  start: f64,
  passed: f64,
  average: f64,
): void {
  averageStrike = strikeKind;
  w = side;
  s = spot;
  k = strike;
  n = 0;
  from = start;
  pastCount = 0.0;
  pastAverage = average;
  elapsed = passed;
  share = 1.0 / (passed + t - start);
  known = passed * share * average;
  finish(t, r, q, v);
}
