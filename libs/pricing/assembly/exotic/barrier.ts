// Single barriers, European exercise: vanilla and binary payoffs, rebates, and the shift for discrete monitoring.
import { Jet, constant, jetExp, jetLog, jetSqrt } from './jet';
import { begin, deviation, discount, expiry, logSpot, spot, strike, vol } from './market';
import { mirrorAsset, mirrorCash, plainAsset, plainCash, unitAtHit } from './first-passage';
import { writeJet, writePayoff } from './greeks-output';

/** -zeta(1/2)/sqrt(2 pi): Broadie, Glasserman & Kou (1997). */
const MONITORING_SHIFT: f64 = 0.5825971579390106;

/** The payoff parts of a barrier option that survive (or come alive): cash and asset, unit amounts. */
let cashPart: Jet = changetype<Jet>(0);
let assetPart: Jet = changetype<Jet>(0);

function combine(
  plain: i32,
  plainAtBarrier: i32,
  mirror: i32,
  mirrorAtBarrier: i32,
  w: f64,
  eta: f64,
  h: Jet,
  k: Jet,
): void {
  cashPart = constant(0.0);
  assetPart = constant(0.0);
  if (plain != 0) {
    cashPart = cashPart + plainCash(w, k).times(<f64>plain);
    assetPart = assetPart + plainAsset(w, k).times(<f64>plain);
  }
  if (plainAtBarrier != 0) {
    cashPart = cashPart + plainCash(w, h).times(<f64>plainAtBarrier);
    assetPart = assetPart + plainAsset(w, h).times(<f64>plainAtBarrier);
  }
  if (mirror != 0) {
    cashPart = cashPart + mirrorCash(eta, h, k).times(<f64>mirror);
    assetPart = assetPart + mirrorAsset(eta, h, k).times(<f64>mirror);
  }
  if (mirrorAtBarrier != 0) {
    cashPart = cashPart + mirrorCash(eta, h, h).times(<f64>mirrorAtBarrier);
    assetPart = assetPart + mirrorAsset(eta, h, h).times(<f64>mirrorAtBarrier);
  }
}

/** Sets both parts for a barrier not yet touched; the Reiner-Rubinstein table of which terms count. */
function untouched(knockIn: bool, w: f64, eta: f64, h: Jet, k: Jet): void {
  const towards = w * eta > 0.0; // the payoff lies on the spot's side: down calls and up puts
  const strikeBeyond = towards == w * (k.one - h.one) >= 0.0;
  if (towards) {
    if (strikeBeyond) {
      if (knockIn) combine(0, 0, 1, 0, w, eta, h, k);
      else combine(1, 0, -1, 0, w, eta, h, k);
    } else {
      if (knockIn) combine(1, -1, 0, 1, w, eta, h, k);
      else combine(0, 1, 0, -1, w, eta, h, k);
    }
    return;
  }
  if (strikeBeyond) {
    // The strike is on the near side: up calls with K < H, down puts with K > H.
    if (knockIn) combine(0, 1, -1, 1, w, eta, h, k);
    else combine(1, -1, 1, -1, w, eta, h, k);
  } else {
    if (knockIn) combine(1, 0, 0, 0, w, eta, h, k);
    else combine(0, 0, 0, 0, w, eta, h, k);
  }
}

/**
 * `payoff` 0: max(w(S - K), 0); 1: `amount` in cash if w S > w K; 2: the asset if w S > w K. `eta` +1 down, -1 up.
 * A knock-out pays `rebate` when touched, a knock-in at expiry if never touched. `monitoringStep` > 0 shifts the
 * barrier outwards for monitoring every that many years; 0 is continuous. `touchedBefore` 1: the barrier was hit already.
 */
export function barrierEuropean(
  payoff: i32,
  knockIn: i32,
  w: f64,
  eta: f64,
  s: f64,
  k: f64,
  t: f64,
  r: f64,
  q: f64,
  v: f64,
  barrier: f64,
  rebate: f64,
  amount: f64,
  monitoringStep: f64,
  touchedBefore: i32,
): void {
  const isIn = knockIn != 0;
  if (t <= 0.0) {
    const alive = (touchedBefore != 0 || eta * (s - barrier) <= 0.0) == isIn;
    const paid = w * (s - k) > 0.0;
    if (!alive) writePayoff(isIn || touchedBefore == 0 ? rebate : 0.0, 0.0, 0.0);
    else if (!paid) writePayoff(0.0, 0.0, 0.0);
    else if (payoff == 0) writePayoff(w * (s - k), w, -w);
    else if (payoff == 1) writePayoff(amount, 0.0, 0.0);
    else writePayoff(s, 1.0, 0.0);
    return;
  }
  begin(s, k, t, r, q, v);
  const level = jetLog(strike);
  let h = constant(barrier);
  h = jetLog(h);
  if (monitoringStep > 0.0) h = h - vol.times(eta * MONITORING_SHIFT * sqrt(monitoringStep));
  const touched = touchedBefore != 0 || eta * (logSpot.one - h.one) <= 0.0;
  let rebateValue = constant(0.0);
  if (touched) {
    if (isIn) combine(1, 0, 0, 0, w, eta, h, level);
    else {
      combine(0, 0, 0, 0, w, eta, h, level);
      rebateValue = constant(touchedBefore != 0 ? 0.0 : rebate);
    }
  } else {
    untouched(isIn, w, eta, h, level);
    if (rebate != 0.0) {
      if (isIn) rebateValue = (plainCash(eta, h) - mirrorCash(eta, h, h)).times(rebate);
      else rebateValue = unitAtHit(eta, h).times(rebate);
    }
  }
  let value: Jet;
  if (payoff == 0) value = (assetPart - strike * cashPart).times(w);
  else if (payoff == 1) value = cashPart.times(amount);
  else value = assetPart;
  writeJet(value + rebateValue);
}
