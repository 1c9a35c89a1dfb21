// Two barriers, one below and one above, continuously monitored, European exercise: the density of the spot absorbed at both is
// a sum of reflections (Ikeda & Kunitomo 1992, flat barriers), the times of first touch likewise.
import {
  Jet,
  accumulate,
  constant,
  expTimesNormCdf,
  jetLog,
  mark,
  release,
} from './jet';
import { begin, deviation, discount, logSpot, strike } from './market';
import { driftRatio, plainAsset, plainCash, weightedUnitAtHit } from './first-passage';
import { writeJet, writePayoff } from './greeks-output';

/** A corridor this many times narrower than a deviation is left with a chance below e^-1900. */
const NARROWEST: f64 = 0.05;
/** Deviations beyond which a reflection is nothing. */
const REACH: f64 = 10.0;

/** Discounted cash and asset that end between two levels (logarithms) without having touched. */
let cashInside: Jet = changetype<Jet>(0);
let assetInside: Jet = changetype<Jet>(0);

/** e^a times the chance of a normal with this middle and deviation to end between low and high. */
function weighted(a: Jet, middle: Jet, low: Jet, high: Jet): Jet {
  const below = (middle - low) / deviation;
  const above = (middle - high) / deviation;
  // The smaller tails: near one both would cancel.
  if (below.one + above.one > 0.0)
    return expTimesNormCdf(a, above.times(-1.0)) - expTimesNormCdf(a, below.times(-1.0));
  return expTimesNormCdf(a, below) - expTimesNormCdf(a, above);
}

function reflections(width: f64): i32 {
  const reach = REACH * deviation.one + abs(driftRatio().one) * deviation.one * deviation.one;
  return 2 + <i32>(reach / (2.0 * width));
}

function insideBetween(low: Jet, high: Jet, upper: f64, width: f64): void {
  const mu = driftRatio();
  const total = deviation * deviation;
  cashInside = constant(0.0);
  assetInside = constant(0.0);
  const count = reflections(width);
  for (let n = -count; n <= count; n++) {
    const shift = 2.0 * width * <f64>n;
    for (let mirrored = 0; mirrored < 2; mirrored++) {
      const at = mark();
      const from = mirrored == 0 ? logSpot.plus(shift) : constant(2.0 * upper + shift) - logSpot;
      const middle = from + mu * total;
      const weight = mu * (from - logSpot);
      const side = mirrored == 0 ? 1.0 : -1.0;
      accumulate(cashInside, weighted(weight, middle, low, high).times(side));
      const lifted = weighted(weight + middle + total.times(0.5), middle + total, low, high);
      accumulate(assetInside, lifted.times(side));
      release(at);
    }
  }
  cashInside = cashInside * discount;
  assetInside = assetInside * discount;
}

/** Present value of one unit paid when either barrier is first touched before expiry. */
function unitAtEither(lower: f64, upper: f64): Jet {
  const width = upper - lower;
  const mu = driftRatio();
  const sum = constant(0.0);
  const count = reflections(width);
  for (let n = -count; n <= count; n++) {
    const shift = 2.0 * width * <f64>n;
    for (let side = 0; side < 2; side++) {
      const at = mark();
      const level = side == 0 ? upper + shift : lower - shift;
      const outwards = side == 0 ? level - logSpot.one : logSpot.one - level;
      const weight = mu.times(side == 0 ? -shift : shift);
      const touched = weightedUnitAtHit(level < logSpot.one ? 1.0 : -1.0, constant(level), weight);
      accumulate(sum, touched.times(outwards > 0.0 ? 1.0 : -1.0));
      release(at);
    }
  }
  return sum;
}

/**
 * A knock-out pays `rebate` when a barrier is touched, a knock-in at expiry if neither ever was. `touchedBefore` 1: one was hit
 * already.
 */
export function doubleBarrier(
  knockIn: i32,
  w: f64,
  s: f64,
  k: f64,
  t: f64,
  r: f64,
  q: f64,
  v: f64,
  lower: f64,
  upper: f64,
  rebate: f64,
  touchedBefore: i32,
): void {
  const isIn = knockIn != 0;
  const touched = touchedBefore != 0 || s <= lower || s >= upper;
  if (t <= 0.0) {
    const paid = touched == isIn && w * (s - k) > 0.0;
    if (touched == isIn) writePayoff(max(0.0, w * (s - k)), paid ? w : 0.0, paid ? -w : 0.0);
    else writePayoff(isIn || touchedBefore == 0 ? rebate : 0.0, 0.0, 0.0);
    return;
  }
  begin(s, k, t, r, q, v);
  const level = jetLog(strike);
  if (touched) {
    if (isIn) writeJet((plainAsset(w, level) - strike * plainCash(w, level)).times(w));
    else writePayoff(touchedBefore != 0 ? 0.0 : rebate, 0.0, 0.0);
    return;
  }
  const bottom = jetLog(constant(lower));
  const top = jetLog(constant(upper));
  const width = top.one - bottom.one;
  const hopeless = width < NARROWEST * deviation.one;
  let low = bottom;
  let high = top;
  if (w > 0.0) {
    if (level.one > bottom.one) low = level;
  } else if (level.one < top.one) high = level;
  let out = constant(0.0);
  if (!hopeless && low.one < high.one) {
    insideBetween(low, high, top.one, width);
    out = (assetInside - strike * cashInside).times(w);
  }
  if (!isIn) {
    if (rebate == 0.0) writeJet(out);
    else if (hopeless) writeJet(out.plus(rebate));
    else writeJet(out + unitAtEither(bottom.one, top.one).times(rebate));
    return;
  }
  const plain = (plainAsset(w, level) - strike * plainCash(w, level)).times(w);
  if (rebate == 0.0 || hopeless) {
    writeJet(plain - out);
    return;
  }
  insideBetween(bottom, top, top.one, width);
  writeJet(plain - out + cashInside.times(rebate));
}
