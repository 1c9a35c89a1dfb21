// Options on an average. Geometric averages are lognormal, so exact; arithmetic ones are matched to a lognormal in mean and
// variance (Turnbull & Wakeman 1991, Levy 1992). An average strike is an exchange of two lognormals (Margrabe 1978).
import { log } from '../math/logarithm';
import {
  Jet,
  accumulate,
  assign,
  constant,
  jetExp,
  jetExpm1,
  jetExpm1Ratio,
  jetLog1p,
  mark,
  release,
} from './jet';
import { begin, carry, discount, expiry, logSpot, spot, strike, vol } from './market';
import { lognormalOption } from './lognormal';
import { legendreNode, legendreWeight } from './legendre';
import { times, volOffsets } from './asian-schedule';
import { writeJet } from './greeks-output';

const GEOMETRIC: i32 = 0;
/** Log-variance below which an average is as good as known. */
const VARIANCE_FLOOR: f64 = 1e-22;

/** The average as a lognormal: mean, log-variance, and log-covariance with the spot at expiry. */
let mean: Jet = changetype<Jet>(0);
let variance: Jet = changetype<Jet>(0);
let covariance: Jet = changetype<Jet>(0);

/** As calendar time passes all fixings come nearer together; one that is due now stays what it is. */
function timeJet(t: f64): Jet {
  const time = constant(max(t, 0.0));
  if (t > 0.0) time.t = 1.0;
  return time;
}

/**
 * The start of a window comes nearer with the rest of it. So it does where it has begun: what is averaged in a moment is the spot
 * itself, so that a running window and one that starts a moment later have the same time Greeks, those of the pricing equation.
 */
function startJet(t: f64): Jet {
  const time = constant(max(t, 0.0));
  time.t = 1.0;
  return time;
}

function finish(w: f64, againstStrike: bool, level: Jet): void {
  if (againstStrike) {
    variance.one = max(variance.one, VARIANCE_FLOOR);
    writeJet(discount * lognormalOption(w, mean, level, variance));
    return;
  }
  const total = vol * vol * expiry + variance - covariance.times(2.0);
  total.one = max(total.one, VARIANCE_FLOOR);
  writeJet(discount * lognormalOption(w, spot * jetExp(carry * expiry), mean, total));
}

function geometricDiscrete(n: i32, pastCount: f64, pastAverage: f64): void {
  const count = <f64>n + pastCount;
  const logMean = constant(pastCount > 0.0 ? (pastCount / count) * log(pastAverage) : 0.0);
  variance = constant(0.0);
  covariance = constant(0.0);
  for (let i = 0; i < n; i++) {
    const at = mark();
    const time = timeJet(load<f64>(times + ((<usize>i) << 3)));
    const v = vol.plus(load<f64>(volOffsets + ((<usize>i) << 3)));
    const w = v * v * time;
    accumulate(logMean, (logSpot + carry * time - w.times(0.5)).times(1.0 / count));
    accumulate(variance, w.times((1.0 + 2.0 * <f64>(n - 1 - i)) / (count * count)));
    accumulate(covariance, w.times(1.0 / count));
    release(at);
  }
  mean = jetExp(logMean + variance.times(0.5));
}

function arithmeticDiscrete(n: i32, pastCount: f64): void {
  const count = <f64>n + pastCount;
  mean = constant(0.0);
  const spread = constant(0.0);
  const joint = constant(0.0);
  // From the last fixing backwards: `mean` holds the sum of the later forwards.
  for (let i = n - 1; i >= 0; i--) {
    const at = mark();
    const time = timeJet(load<f64>(times + ((<usize>i) << 3)));
    const v = vol.plus(load<f64>(volOffsets + ((<usize>i) << 3)));
    const forward = spot * jetExp(carry * time);
    const excess = forward * jetExpm1(v * v * time);
    accumulate(spread, excess * (forward + mean.times(2.0)));
    accumulate(joint, excess);
    accumulate(mean, forward);
    release(at);
  }
  assign(mean, mean.times(1.0 / count));
  variance = spread.times(1.0 / (count * count));
  covariance = joint.times(1.0 / count);
}

/** From moments to logs, once the known part of the average is in the mean. */
function toLogs(): void {
  variance = jetLog1p(variance / (mean * mean));
  covariance = jetLog1p(covariance / mean);
}

/**
 * An average of fixings: `pastCount` known ones with average `pastAverage` (geometric mean for a geometric average), and the
 * first `n` of the times buffer. `kind` 0 geometric, 1 arithmetic; `averageStrike` 1 pays w (S_T - average).
 */
export function asianDiscrete(
  kind: i32,
  averageStrike: i32,
  w: f64,
  s: f64,
  k: f64,
  t: f64,
  r: f64,
  q: f64,
  v: f64,
  n: i32,
  pastCount: f64,
  pastAverage: f64,
): void {
  begin(s, k, t, r, q, v);
  const known = (pastCount / (<f64>n + pastCount)) * pastAverage;
  let level = strike;
  if (kind == GEOMETRIC) {
    geometricDiscrete(n, pastCount, pastAverage);
  } else {
    arithmeticDiscrete(n, pastCount);
    if (averageStrike != 0) mean = mean.plus(known);
    else level = strike.plus(-known);
    toLogs();
  }
  finish(w, averageStrike == 0, level);
}

function geometricContinuous(start: Jet, window: Jet, total: f64, elapsed: f64, pastAverage: f64): void {
  const share = window.times(1.0 / total);
  const logMean = (logSpot + (carry - (vol * vol).times(0.5)) * (start + window.times(0.5))) * share;
  if (elapsed > 0.0) logMean.one += (elapsed / total) * log(pastAverage);
  const rate = vol * vol * share;
  variance = rate * share * (start + window.times(1.0 / 3.0));
  covariance = rate * (start + window.times(0.5));
  mean = jetExp(logMean + variance.times(0.5));
}

/** Mean and variance of the running average by integrating forwards and covariances over the window. */
function arithmeticContinuous(start: Jet, window: Jet, total: f64): void {
  const rate = vol * vol;
  mean = (spot * jetExp(carry * start) * window * jetExpm1Ratio(carry * window)).times(1.0 / total);
  const spread = constant(0.0);
  const joint = constant(0.0);
  const panels = 1 + <i32>min(60.0, 0.1 * rate.one * expiry.one);
  for (let i = 0; i < 32 * panels; i++) {
    const at = mark();
    const u = (<f64>(i >> 5) + 0.5 + 0.5 * legendreNode(i & 31)) / <f64>panels;
    const weight = (0.5 * legendreWeight(i & 31)) / <f64>panels;
    const time = start + window.times(u);
    const left = window.times(1.0 - u);
    const forward = spot * jetExp(carry * time);
    const excess = forward * jetExpm1(rate * time) * window.times(weight);
    accumulate(spread, excess * forward * left * jetExpm1Ratio(carry * left));
    accumulate(joint, excess);
    release(at);
  }
  variance = spread.times(2.0 / (total * total));
  covariance = joint.times(1.0 / total);
}

/**
 * A continuous average from `start` years ahead to expiry; or, with `start` 0, one of which `elapsed` years have passed with
 * average `pastAverage`.
 */
export function asianContinuous(
  kind: i32,
  averageStrike: i32,
  w: f64,
  s: f64,
  k: f64,
  t: f64,
  r: f64,
  q: f64,
  v: f64,
  start: f64,
  elapsed: f64,
  pastAverage: f64,
): void {
  begin(s, k, t, r, q, v);
  const begins = startJet(start);
  const window = expiry - begins;
  const total = elapsed + window.one;
  let level = strike;
  if (kind == GEOMETRIC) {
    geometricContinuous(begins, window, total, elapsed, pastAverage);
  } else {
    const known = elapsed > 0.0 ? (elapsed / total) * pastAverage : 0.0;
    arithmeticContinuous(begins, window, total);
    if (averageStrike != 0) mean = mean.plus(known);
    else level = strike.plus(-known);
    toLogs();
  }
  finish(w, averageStrike == 0, level);
}
