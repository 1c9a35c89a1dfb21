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

// What `storeFirstGreeks` leaves for the others.
let gamma: f64 = 0;
let vega: f64 = 0;
let theta: f64 = 0;

/** Value, delta, gamma, vega, theta; batch.ts repeats these in two lanes. */
export function storeFirstGreeks(base: usize, stride: usize): void {
  const present = presentUnderlying * density1;
  const swing = underlying * volatility;
  gamma = deviation >= SMALLEST_DEVIATION ? (yieldDiscount * density1) / (swing * rootExpiry) : 0.0;
  // ½σ²U²Γ is the diffusion's part of theta; where it meets a zero density it is zero.
  const decay = gamma > 0.0 ? swing * (swing * gamma) * 0.5 : 0.0;
  const running =
    rootExpiry > 0.0
      ? sign * (((rate - carry) * presentUnderlying) * probability1 - (rate * presentStrike) * probability2)
      : 0.0;
  put(base, stride, VALUE, value);
  put(base, stride, DELTA, sign * (yieldDiscount * probability1));
  put(base, stride, GAMMA, gamma);
  vega = present * rootExpiry;
  theta = running - decay;
  put(base, stride, VEGA, vega);
  put(base, stride, THETA, theta);
}

/** Everything else a model of this family has, after `storeFirstGreeks`; lane-greeks.ts repeats these in two lanes. */
export function storeFurtherGreeks(base: usize, stride: usize): void {
  const smooth = deviation >= SMALLEST_DEVIATION && density1 > 0.0;
  const drift = rate - carry;
  put(base, stride, RHO, sign * (presentStrike * expiry * probability2));
  put(base, stride, DIVIDEND_RHO, -sign * (presentUnderlying * expiry * probability1));
  put(base, stride, DUAL_DELTA, -sign * (discount * probability2));
  const run = rootExpiry > 0.0 ? sign * (drift * yieldDiscount * probability1) : 0.0;
  if (!smooth) {
    put(base, stride, CHARM, run);
    put(base, stride, VANNA, 0.0);
    put(base, stride, VOLGA, 0.0);
    put(base, stride, SPEED, 0.0);
    put(base, stride, ZOMMA, 0.0);
    put(base, stride, COLOUR, 0.0);
    put(base, stride, VETA, 0.0);
    put(base, stride, ULTIMA, 0.0);
    put(base, stride, DUAL_GAMMA, 0.0);
    return;
  }
  const perVolatility = 1.0 / volatility;
  const perDeviation = 1.0 / deviation;
  const perTwice = 0.5 / expiry;
  const slope = d1 * perDeviation;
  const product = d1 * d2;
  const density = yieldDiscount * density1;
  const steady = drift + carry * slope;
  put(base, stride, VANNA, -(density * d2 * perVolatility));
  put(base, stride, VOLGA, vega * product * perVolatility);
  put(base, stride, CHARM, run - density * (carry * perDeviation - d2 * perTwice));
  put(base, stride, SPEED, -((gamma / underlying) * (1.0 + slope)));
  put(base, stride, ZOMMA, gamma * (product - 1.0) * perVolatility);
  put(base, stride, COLOUR, gamma * (steady + (1.0 - product) * perTwice));
  put(base, stride, VETA, vega * (steady - (1.0 + product) * perTwice));
  const bend = product * (1.0 - product) + (d1 * d1 + d2 * d2);
  put(base, stride, ULTIMA, -(vega * perVolatility * perVolatility * bend));
  put(base, stride, DUAL_GAMMA, ((discount * density2) / strike) * perDeviation);
}

/**
 * Greeks of value/U, the value in coin of a contract settled in the underlying, after `storeFirstGreeks`. The leading terms of
 * N(w·d1) cancel in closed form: dV_c/dlnU = w·B·N(w·d2)/U exactly, so nothing is lost deep in the money.
 */
export function storeCoinGreeks(base: usize, stride: usize): void {
  const perUnit = 1.0 / underlying;
  const net = sign * (presentStrike * perUnit * probability2);
  put(base, stride, VALUE_COIN, value / underlying);
  put(base, stride, NET_TRANSACTION_DELTA, net);
  put(base, stride, DELTA_COIN, net * perUnit);
  put(base, stride, VEGA_COIN, vega * perUnit);
  put(base, stride, THETA_COIN, theta * perUnit);
  put(base, stride, RHO_COIN, net * expiry);
  if (!(deviation >= SMALLEST_DEVIATION && density1 > 0.0)) {
    put(base, stride, GAMMA_COIN, -(2.0 * net * perUnit * perUnit));
    put(base, stride, VANNA_COIN, 0.0);
    put(base, stride, VOLGA_COIN, 0.0);
    return;
  }
  const perVolatility = 1.0 / volatility;
  const weight = presentStrike * density2;
  put(base, stride, GAMMA_COIN, (weight * (1.0 / deviation) * perUnit - 2.0 * net) * perUnit * perUnit);
  // ∂/∂σ of net/U with ∂N(w·d2)/∂σ = -w·φ(d2)·d1/σ.
  put(base, stride, VANNA_COIN, -(weight * d1 * perVolatility * perUnit * perUnit));
  put(base, stride, VOLGA_COIN, vega * (d1 * d2) * perVolatility * perUnit);
}
