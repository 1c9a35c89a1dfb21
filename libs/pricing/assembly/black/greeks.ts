// Greeks of the leg that `prepare` valued: raw, per unit, per 1.00 of volatility and rate, per year of calendar time.
// A density of zero (deep in or out of the money) makes every density Greek zero, never 0·Infinity.
import {
  carry,
  d1,
  d2,
  density1,
  density2,
  deviation,
  discount,
  expiry,
  presentStrike,
  presentUnderlying,
  probability1,
  probability2,
  rate,
  rootExpiry,
  sign,
  SMALLEST_DEVIATION,
  strike,
  underlying,
  value,
  volatility,
  yieldDiscount,
} from './leg';

export const VALUE: i32 = 0;
export const DELTA: i32 = 1;
export const GAMMA: i32 = 2;
export const VEGA: i32 = 3;
export const THETA: i32 = 4;
export const RHO: i32 = 5;
export const DIVIDEND_RHO: i32 = 6;
export const VANNA: i32 = 7;
export const VOLGA: i32 = 8;
export const CHARM: i32 = 9;
export const SPEED: i32 = 10;
export const ZOMMA: i32 = 11;
export const COLOUR: i32 = 12;
export const VETA: i32 = 13;
export const ULTIMA: i32 = 14;
export const DUAL_DELTA: i32 = 15;
export const DUAL_GAMMA: i32 = 16;
export const VALUE_COIN: i32 = 17;
export const DELTA_COIN: i32 = 18;
export const NET_TRANSACTION_DELTA: i32 = 19;
export const GAMMA_COIN: i32 = 20;
export const VEGA_COIN: i32 = 21;
export const THETA_COIN: i32 = 22;
export const RHO_COIN: i32 = 23;
export const VANNA_COIN: i32 = 24;
export const VOLGA_COIN: i32 = 25;
/** How many outputs there are. */
export const OUTPUTS: i32 = 26;

/** Adding zero turns -0 into +0: one zero, one byte pattern. */
@inline
function put(base: usize, stride: usize, index: i32, amount: f64): void {
  store<f64>(base + <usize>index * stride, amount + 0.0);
}

/** Value, delta, gamma, vega, theta; batch.ts repeats these in two lanes. */
export function storeFirstGreeks(base: usize, stride: usize): void {
  const present = presentUnderlying * density1;
  const swing = underlying * volatility;
  const gamma = deviation >= SMALLEST_DEVIATION ? (yieldDiscount * density1) / (swing * rootExpiry) : 0.0;
  // ½σ²U²Γ is the diffusion's part of theta; where it meets a zero density it is zero.
  const decay = gamma > 0.0 ? swing * (swing * gamma) * 0.5 : 0.0;
  const running =
    rootExpiry > 0.0
      ? sign * (((rate - carry) * presentUnderlying) * probability1 - (rate * presentStrike) * probability2)
      : 0.0;
  put(base, stride, VALUE, value);
  put(base, stride, DELTA, sign * (yieldDiscount * probability1));
  put(base, stride, GAMMA, gamma);
  put(base, stride, VEGA, present * rootExpiry);
  put(base, stride, THETA, running - decay);
}

/** Everything else a model of this family has; coin Greeks for a contract settled in the underlying itself. */
export function storeFurtherGreeks(base: usize, stride: usize): void {
  put(base, stride, RHO, sign * presentStrike * expiry * probability2);
  put(base, stride, DIVIDEND_RHO, -sign * presentUnderlying * expiry * probability1);
  put(base, stride, DUAL_DELTA, -sign * discount * probability2);
  const smooth = deviation >= SMALLEST_DEVIATION && density1 > 0.0;
  const gamma = smooth ? (yieldDiscount * density1) / (underlying * deviation) : 0.0;
  const vega = presentUnderlying * density1 * rootExpiry;
  const slope = smooth ? d1 / deviation : 0.0;
  const product = d1 * d2;
  const drift = rate - carry;
  const run = rootExpiry > 0.0 ? sign * drift * yieldDiscount * probability1 : 0.0;
  put(base, stride, VANNA, smooth ? (-yieldDiscount * density1 * d2) / volatility : 0.0);
  put(base, stride, VOLGA, smooth ? (vega * product) / volatility : 0.0);
  put(
    base,
    stride,
    CHARM,
    smooth ? run - yieldDiscount * density1 * (carry / deviation - d2 / (2.0 * expiry)) : run,
  );
  put(base, stride, SPEED, smooth ? (-gamma / underlying) * (1.0 + slope) : 0.0);
  put(base, stride, ZOMMA, smooth ? (gamma * (product - 1.0)) / volatility : 0.0);
  put(
    base,
    stride,
    COLOUR,
    smooth ? gamma * (drift + carry * slope + (1.0 - product) / (2.0 * expiry)) : 0.0,
  );
  put(base, stride, VETA, smooth ? vega * (drift + carry * slope - (1.0 + product) / (2.0 * expiry)) : 0.0);
  put(
    base,
    stride,
    ULTIMA,
    smooth ? (-vega / (volatility * volatility)) * (product * (1.0 - product) + d1 * d1 + d2 * d2) : 0.0,
  );
  put(base, stride, DUAL_GAMMA, smooth ? (discount * density2) / (strike * deviation) : 0.0);
}

/**
 * Greeks of value/U, the value in coin of a contract settled in the underlying. The leading terms of N(w·d1) cancel
 * in closed form: dV_c/dlnU = w·B·N(w·d2)/U exactly, so nothing is lost deep in the money.
 */
export function storeCoinGreeks(base: usize, stride: usize): void {
  const perUnit = 1.0 / underlying;
  const net = sign * presentStrike * perUnit * probability2;
  const smooth = deviation >= SMALLEST_DEVIATION && density1 > 0.0;
  put(base, stride, VALUE_COIN, value / underlying);
  put(base, stride, NET_TRANSACTION_DELTA, net);
  put(base, stride, DELTA_COIN, net * perUnit);
  const bend = smooth ? (presentStrike * density2) / deviation : 0.0;
  put(base, stride, GAMMA_COIN, (bend * perUnit - 2.0 * net) * perUnit * perUnit);
  const vega = presentUnderlying * density1 * rootExpiry;
  const decay = rootExpiry > 0.0 ? (presentUnderlying * density1 * volatility) / (2.0 * rootExpiry) : 0.0;
  const running =
    rootExpiry > 0.0
      ? sign * ((rate - carry) * presentUnderlying * probability1 - rate * presentStrike * probability2)
      : 0.0;
  put(base, stride, VEGA_COIN, vega * perUnit);
  put(base, stride, THETA_COIN, (running - decay) * perUnit);
  put(base, stride, RHO_COIN, net * expiry);
  // ∂/∂σ of net/U with ∂N(w·d2)/∂σ = -w·φ(d2)·d1/σ.
  put(base, stride, VANNA_COIN, smooth ? ((-presentStrike * density2 * d1) / volatility) * perUnit * perUnit : 0.0);
  put(base, stride, VOLGA_COIN, smooth ? ((vega * d1 * d2) / volatility) * perUnit : 0.0);
}
