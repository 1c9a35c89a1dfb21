// The order in which the exotic models leave a value and its Greeks in the result buffer.
import { setResult } from '../memory';
import { Jet, constant, release } from './jet';

/**
 * Writes result `index`: value, delta, gamma, vega, theta, rho, dividendRho, vanna, volga, charm, speed, zomma, colour, veta,
 * ultima, dualDelta, dualGamma.
 */
export function writeGreek(index: i32, value: f64): void {
  // Adding zero turns -0 into 0: one zero, one byte pattern.
  setResult(index, value + 0.0);
}

/** Turns Taylor coefficients into Greeks; calendar Greeks are minus the derivative in time to expiry. */
export function writeJet(a: Jet): void {
  writeGreek(0, a.one);
  writeGreek(1, a.s);
  writeGreek(2, 2.0 * a.ss);
  writeGreek(3, a.v);
  writeGreek(4, -a.t);
  writeGreek(5, a.r);
  writeGreek(6, a.q);
  writeGreek(7, a.sv);
  writeGreek(8, 2.0 * a.vv);
  writeGreek(9, -a.st);
  writeGreek(10, 6.0 * a.sss);
  writeGreek(11, 2.0 * a.ssv);
  writeGreek(12, -2.0 * a.sst);
  writeGreek(13, -a.vt);
  writeGreek(14, 6.0 * a.vvv);
  writeGreek(15, a.k);
  writeGreek(16, 2.0 * a.kk);
}

/** What is left at or after expiry: a payoff with slope, and no other sensitivity. */
export function writePayoff(value: f64, spotSlope: f64, strikeSlope: f64): void {
  release(0);
  const a = constant(value);
  a.s = spotSlope;
  a.k = strikeSlope;
  writeJet(a);
}

/** A vanilla payoff; at the strike itself half a delta. */
export function writeVanillaPayoff(w: f64, s: f64, k: f64): void {
  const slope = s == k ? 0.5 * w : w * (s - k) > 0.0 ? w : 0.0;
  writePayoff(max(0.0, w * (s - k)), slope, -slope);
}
