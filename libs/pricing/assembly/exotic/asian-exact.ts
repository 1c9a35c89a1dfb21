// Exact arithmetic averages: Vecer's equation for the value, its slopes in spot and strike; the rest of the Greeks are those
// of the matched lognormal plus differences of the (small, smooth) correction that Vecer's equation makes to it. On a window
// the time Greeks are what the pricing equation makes of the slopes: theta = rV - bS delta - sigma^2/2 S^2 gamma.
import { exp } from '../math/exponential';
import { RESULT } from '../memory';
import { asianContinuous, asianDiscrete } from './asian';
import { times } from './asian-schedule';
import { solveVecer, vecer0, vecer1, vecer2, vecer3, vecer4, vecerStart } from './asian-vecer';
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

/** Value, delta, gamma, speed and its slope in the spot. */
let value: f64 = 0;
let delta: f64 = 0;
let gamma: f64 = 0;
let speed: f64 = 0;
let bend: f64 = 0;
// The correction to value, delta, gamma and, on a window, theta; and the exact strike derivatives.
let c0: f64 = 0;
let c1: f64 = 0;
let c2: f64 = 0;
let c4: f64 = 0;
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
  value = s * (vecer0 - put * vecerStart);
  delta = vecer0 + vecer1 * owed - put * (vecerStart + owed);
  gamma = (vecer2 * owed * owed) / s;
  const third = (vecer3 * owed * owed * owed) / (s * s);
  speed = third - (3.0 * gamma) / s;
  bend = ((vecer4 * owed * owed * owed * owed) / s - 8.0 * third * s + 12.0 * gamma) / (s * s);
  c0 = value - load<f64>(RESULT);
  c1 = delta - load<f64>(RESULT, 8);
  c2 = gamma - load<f64>(RESULT, 16);
  c4 = thetaOf(r, q, v) - load<f64>(RESULT, 32);
  strikeSlope = cash * (put - vecer1);
  strikeBend = (cash * cash * vecer2) / s;
}

/** The equation of an average that takes in the spot at every moment, or none for now; its slopes in the spot are the next two. */
function thetaOf(r: f64, q: f64, v: f64): f64 {
  return r * value - (r - q) * s * delta - 0.5 * v * v * s * s * gamma;
}

function charmOf(r: f64, q: f64, v: f64): f64 {
  return q * delta - (r - q + v * v) * s * gamma - 0.5 * v * v * s * s * speed;
}

function colourOf(r: f64, q: f64, v: f64): f64 {
  return (2.0 * q - r - v * v) * gamma - (r - q + 2.0 * v * v) * s * speed - 0.5 * v * v * s * s * bend;
}

/** `correct` with expiry and all fixings that lie ahead moved by h years. */
function correctShifted(h: f64, t: f64, r: f64, q: f64, v: f64): void {
  shiftFixings(h);
  correct(t + h, r, q, v);
  shiftFixings(-h);
}

function shiftFixings(h: f64): void {
  for (let i = 0; i < n; i++) {
    const at = times + ((<usize>i) << 3);
    if (load<f64>(at) > 0.0) store<f64>(at, load<f64>(at) + h);
  }
}

/** A step in time that no fixing is shorter than. */
function timeStep(t: f64): f64 {
  let h = 0.01 * t;
  for (let i = 0; i < n; i++) {
    const fixing = load<f64>(times + ((<usize>i) << 3));
    if (fixing > 0.0) h = min(h, 0.5 * fixing);
  }
  return h;
}

const base: usize = memory.data(17 * 8);

function finish(t: f64, r: f64, q: f64, v: f64): void {
  matched(t, r, q, v);
  memory.copy(base, RESULT, 17 * 8);
  correct(t, r, q, v);
  const middle = c0;
  addToBase(0, c0);
  addToBase(1, c1);
  addToBase(2, c2);
  setBase(10, speed);
  if (averageStrike == 0) {
    setBase(15, strikeSlope);
    setBase(16, strikeBend);
  }
  if (n == 0) {
    setBase(4, thetaOf(r, q, v));
    setBase(9, charmOf(r, q, v));
    setBase(12, colourOf(r, q, v));
  } else {
    differenceInTime(t, r, q, v);
  }
  differenceInVolatility(t, r, q, v, middle);
  correct(t, r + RATE_STEP, q, v);
  const rateUp = c0;
  correct(t, r - RATE_STEP, q, v);
  addToBase(5, (rateUp - c0) / (2.0 * RATE_STEP));
  correct(t, r, q + RATE_STEP, v);
  const dividendUp = c0;
  correct(t, r, q - RATE_STEP, v);
  addToBase(6, (dividendUp - c0) / (2.0 * RATE_STEP));
  for (let i = 0; i < 17; i++) writeGreek(i, load<f64>(base + ((<usize>i) << 3)));
  writeGreek(0, max(0.0, load<f64>(RESULT)));
}

function differenceInTime(t: f64, r: f64, q: f64, v: f64): void {
  const h = timeStep(t);
  correctShifted(h, t, r, q, v);
  const late0 = c0;
  const late1 = c1;
  const late2 = c2;
  correctShifted(-h, t, r, q, v);
  addToBase(4, (c0 - late0) / (2.0 * h));
  addToBase(9, (c1 - late1) / (2.0 * h));
  addToBase(12, (c2 - late2) / (2.0 * h));
}

function differenceInVolatility(t: f64, r: f64, q: f64, v: f64, middle: f64): void {
  const h = VOL_STEP * v;
  correct(t, r, q, v + h);
  const up0 = c0;
  const up1 = c1;
  const up2 = c2;
  const up4 = c4;
  correct(t, r, q, v - h);
  addToBase(3, (up0 - c0) / (2.0 * h));
  addToBase(7, (up1 - c1) / (2.0 * h));
  addToBase(8, (up0 - 2.0 * middle + c0) / (h * h));
  addToBase(11, (up2 - c2) / (2.0 * h));
  if (n == 0) addToBase(13, (up4 - c4) / (2.0 * h));
}

function addToBase(i: i32, x: f64): void {
  setBase(i, load<f64>(base + ((<usize>i) << 3)) + x);
}

function setBase(i: i32, x: f64): void {
  store<f64>(base + ((<usize>i) << 3), x);
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
