// The six inputs every model shares, as jets: each is its own variable.
import { Jet, constant, jetExp, jetLog, jetSqrt, release } from './jet';

/** Below this total deviation the lognormal is a point: keeps every quotient finite in the zero-volatility limit. */
const DEVIATION_FLOOR: f64 = 1e-9;

export let spot: Jet = changetype<Jet>(0);
export let strike: Jet = changetype<Jet>(0);
export let expiry: Jet = changetype<Jet>(0);
export let rate: Jet = changetype<Jet>(0);
export let dividend: Jet = changetype<Jet>(0);
export let vol: Jet = changetype<Jet>(0);
/** e^{-rT}, S e^{-qT}, sigma sqrt(T), r - q, ln S. */
export let discount: Jet = changetype<Jet>(0);
export let spotForwarded: Jet = changetype<Jet>(0);
export let deviation: Jet = changetype<Jet>(0);
export let carry: Jet = changetype<Jet>(0);
export let logSpot: Jet = changetype<Jet>(0);

/** Starts a valuation: empties the arena and sets the inputs. Expiry must be positive. */
export function begin(s: f64, k: f64, t: f64, r: f64, q: f64, v: f64): void {
  release(0);
  spot = constant(s);
  spot.s = 1.0;
  strike = constant(k);
  strike.k = 1.0;
  expiry = constant(t);
  expiry.t = 1.0;
  rate = constant(r);
  rate.r = 1.0;
  dividend = constant(q);
  dividend.q = 1.0;
  vol = constant(max(v, DEVIATION_FLOOR / sqrt(t)));
  vol.v = 1.0;
  carry = rate - dividend;
  discount = jetExp((rate * expiry).times(-1.0));
  spotForwarded = spot * jetExp((dividend * expiry).times(-1.0));
  deviation = vol * jetSqrt(expiry);
  logSpot = jetLog(spot);
}
