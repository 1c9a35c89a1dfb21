// Digitals: cash-or-nothing, asset-or-nothing and gap at expiry; one-touch and no-touch.
import { Jet, constant, jetLog } from './jet';
import { begin, discount, spot, spotForwarded, strike } from './market';
import {
  assetAtExpiryIfHit,
  mirrorAsset,
  mirrorCash,
  plainAsset,
  plainCash,
  unitAtExpiryIfHit,
  unitAtHit,
} from './first-passage';
import { writeJet, writePayoff } from './greeks-output';

const CASH: i32 = 0;
const ASSET: i32 = 1;
const GAP: i32 = 2;

/**
 * European digital. `kind` 0 pays `payout` in cash, 1 the asset, 2 (gap) w (S - payout), each if w S_T > w K.
 * Cash: e^{-rT} N(w d2); asset: S e^{-qT} N(w d1).
 */
export function digitalEuropean(
  kind: i32,
  w: f64,
  s: f64,
  k: f64,
  t: f64,
  r: f64,
  q: f64,
  v: f64,
  payout: f64,
): void {
  if (t <= 0.0) {
    const paid = w * (s - k) > 0.0 ? 1.0 : 0.0;
    if (kind == CASH) writePayoff(paid * payout, 0.0, 0.0);
    else if (kind == ASSET) writePayoff(paid * s, paid, 0.0);
    else writePayoff(paid * w * (s - payout), paid * w, 0.0);
    return;
  }
  begin(s, k, t, r, q, v);
  const level = jetLog(strike);
  if (kind == CASH) writeJet(plainCash(w, level).times(payout));
  else if (kind == ASSET) writeJet(plainAsset(w, level));
  else writeJet((plainAsset(w, level) - plainCash(w, level).times(payout)).times(w));
}

/**
 * One-touch (`touch` 1) or no-touch (`touch` 0) on the level K: a call is touched from below, a put from above.
 * `kind` 0 pays cash, 1 the asset; `atHit` 1 pays on touching, 0 at expiry. A no-touch pays at expiry.
 */
export function digitalTouch(
  kind: i32,
  touch: i32,
  atHit: i32,
  w: f64,
  s: f64,
  k: f64,
  t: f64,
  r: f64,
  q: f64,
  v: f64,
  payout: f64,
): void {
  const touched = w * (s - k) >= 0.0;
  if (t <= 0.0) {
    const paid = touched == (touch != 0) ? 1.0 : 0.0;
    writePayoff(kind == CASH ? paid * payout : paid * s, kind == CASH ? 0.0 : paid, 0.0);
    return;
  }
  begin(s, k, t, r, q, v);
  const level = jetLog(strike);
  const eta = -w;
  let unit: Jet;
  if (touched) {
    if (touch == 0) unit = constant(0.0);
    else if (kind == CASH) unit = atHit != 0 ? constant(1.0) : discount;
    else unit = atHit != 0 ? spot : spotForwarded;
  } else if (touch == 0) {
    if (kind == CASH) unit = plainCash(eta, level) - mirrorCash(eta, level, level);
    else unit = plainAsset(eta, level) - mirrorAsset(eta, level, level);
  } else if (atHit != 0) {
    unit = unitAtHit(eta, level);
    if (kind == ASSET) unit = unit * strike;
  } else {
    unit = kind == CASH ? unitAtExpiryIfHit(eta, level) : assetAtExpiryIfHit(eta, level);
  }
  writeJet(kind == CASH ? unit.times(payout) : unit);
}
