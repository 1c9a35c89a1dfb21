// One option by way of the scalar entry points; results are left in `RESULT` in the order of greeks.ts.
import { RESULT } from '../memory';
import { storeCoinGreeks, storeFirstGreeks, storeFurtherGreeks } from './greeks';
import { check, prepare } from './leg';

/** All outputs of one option; returns the status, and leaves nothing where that is not zero. */
export function blackOption(isCall: i32, u: f64, k: f64, t: f64, v: f64, r: f64, b: f64): i32 {
  const status = check(u, k, t, v, r, b);
  if (status != 0) return status;
  prepare(isCall != 0, u, k, t, v, r, b);
  storeFirstGreeks(RESULT, 8);
  storeFurtherGreeks(RESULT, 8);
  storeCoinGreeks(RESULT, 8);
  return 0;
}
