// Every Greek beyond theta of two legs at once, from what the stages of a block left and the first Greeks already stored. The
// operations are those of greeks.ts, so the bits are too: change both or neither.
import { pairAt } from '../math/lanes';
import { CARRY, column, EXPIRY, FIRST_OUTPUT, IS_CALL, RATE, STRIKE, UNDERLYING, VOLATILITY } from './columns';
import {
  CHARM,
  COLOUR,
  DELTA_COIN,
  DIVIDEND_RHO,
  DUAL_DELTA,
  DUAL_GAMMA,
  GAMMA,
  GAMMA_COIN,
  NET_TRANSACTION_DELTA,
  RHO,
  RHO_COIN,
  SPEED,
  THETA,
  THETA_COIN,
  ULTIMA,
  VALUE,
  VALUE_COIN,
  VANNA,
  VANNA_COIN,
  VEGA,
  VEGA_COIN,
  VETA,
  VOLGA,
  VOLGA_COIN,
  ZOMMA,
} from './greeks';
import { A, D, DENSITY_A, DISCOUNT, HALF, MILLS_A, MILLS_D, ONE, ROOT, SIGN, TWO, X, YIELD, ZERO } from './stages';

@inline
function mul(a: v128, b: v128): v128 {
  return f64x2.mul(a, b);
}

/** Stores with -0 turned into +0, as the scalar twin does. */
@inline
function put(outputs: usize, stride: usize, index: i32, amount: v128): void {
  v128.store(column(outputs, stride, index), f64x2.add(amount, pairAt(ZERO)));
}

/** Greeks beyond theta, and those in coin, of pair `i` of the block at `at`; lanes that are not regular get anything. */
export function storeFurtherPair(at: usize, stride: usize, i: usize): void {
  const outputs = column(at, stride, FIRST_OUTPUT) + i;
  const one = pairAt(ONE);
  const u = v128.load(column(at, stride, UNDERLYING) + i);
  const k = v128.load(column(at, stride, STRIKE) + i);
  const t = v128.load(column(at, stride, EXPIRY) + i);
  const v = v128.load(column(at, stride, VOLATILITY) + i);
  const carry = v128.load(column(at, stride, CARRY) + i);
  const drift = f64x2.sub(v128.load(column(at, stride, RATE) + i), carry);
  const discount = v128.load(DISCOUNT + i);
  const yieldDiscount = v128.load(YIELD + i);
  const presentUnderlying = mul(u, yieldDiscount);
  const presentStrike = mul(k, discount);
  const a = v128.load(A + i);
  const d = v128.load(D + i);
  const sign = pairAt(SIGN);
  const otmCall = f64x2.le(v128.load(X + i), pairAt(ZERO));
  const isCall = f64x2.ne(v128.load(column(at, stride, IS_CALL) + i), pairAt(ZERO));
  const inTheMoney = v128.xor(otmCall, isCall);
  const negative = v128.andnot(sign, isCall);
  const positive = v128.xor(negative, sign);
  const d1 = v128.bitselect(v128.xor(a, sign), d, otmCall);
  const d2 = v128.bitselect(v128.xor(d, sign), a, otmCall);
  const densityA = v128.load(DENSITY_A + i);
  const low = f64x2.pmin(presentUnderlying, presentStrike);
  const high = f64x2.pmax(presentUnderlying, presentStrike);
  const densityD = mul(densityA, f64x2.div(low, high));
  const tailA = mul(densityA, v128.load(MILLS_A + i));
  const tailD = mul(densityD, v128.load(MILLS_D + i));
  const nearIsTail = v128.xor(f64x2.ge(a, pairAt(ZERO)), inTheMoney);
  const nearTail = v128.bitselect(tailA, f64x2.sub(one, tailA), nearIsTail);
  const farTail = v128.bitselect(f64x2.sub(one, tailD), tailD, inTheMoney);
  const probability1 = v128.bitselect(nearTail, farTail, otmCall);
  const probability2 = v128.bitselect(farTail, nearTail, otmCall);
  const density1 = v128.bitselect(densityA, densityD, otmCall);
  const density2 = v128.bitselect(densityD, densityA, otmCall);

  put(outputs, stride, RHO, v128.xor(mul(mul(presentStrike, t), probability2), negative));
  put(outputs, stride, DIVIDEND_RHO, v128.xor(mul(mul(presentUnderlying, t), probability1), positive));
  put(outputs, stride, DUAL_DELTA, v128.xor(mul(discount, probability2), positive));

  const gamma = v128.load(column(outputs, stride, GAMMA));
  const vega = v128.load(column(outputs, stride, VEGA));
  const deviation = mul(v, v128.load(ROOT + i));
  const perVolatility = f64x2.div(one, v);
  const perDeviation = f64x2.div(one, deviation);
  const perTwice = f64x2.div(pairAt(HALF), t);
  const slope = mul(d1, perDeviation);
  const product = mul(d1, d2);
  const density = mul(yieldDiscount, density1);
  const steady = f64x2.add(drift, mul(carry, slope));
  const run = v128.xor(mul(mul(drift, yieldDiscount), probability1), negative);
  const aside = f64x2.sub(mul(carry, perDeviation), mul(d2, perTwice));
  const rest = f64x2.sub(one, product);
  put(outputs, stride, VANNA, v128.xor(mul(mul(density, d2), perVolatility), sign));
  const volga = mul(mul(vega, product), perVolatility);
  put(outputs, stride, VOLGA, volga);
  put(outputs, stride, CHARM, f64x2.sub(run, mul(density, aside)));
  put(outputs, stride, SPEED, v128.xor(mul(f64x2.div(gamma, u), f64x2.add(one, slope)), sign));
  put(outputs, stride, ZOMMA, mul(mul(gamma, f64x2.sub(product, one)), perVolatility));
  put(outputs, stride, COLOUR, mul(gamma, f64x2.add(steady, mul(rest, perTwice))));
  put(outputs, stride, VETA, mul(vega, f64x2.sub(steady, mul(f64x2.add(one, product), perTwice))));
  const bend = f64x2.add(mul(product, rest), f64x2.add(mul(d1, d1), mul(d2, d2)));
  put(outputs, stride, ULTIMA, v128.xor(mul(mul(mul(vega, perVolatility), perVolatility), bend), sign));
  put(outputs, stride, DUAL_GAMMA, mul(f64x2.div(mul(discount, density2), k), perDeviation));

  const perUnit = f64x2.div(one, u);
  const net = v128.xor(mul(mul(presentStrike, perUnit), probability2), negative);
  put(outputs, stride, VALUE_COIN, f64x2.div(v128.load(column(outputs, stride, VALUE)), u));
  put(outputs, stride, NET_TRANSACTION_DELTA, net);
  put(outputs, stride, DELTA_COIN, mul(net, perUnit));
  put(outputs, stride, VEGA_COIN, mul(vega, perUnit));
  put(outputs, stride, THETA_COIN, mul(v128.load(column(outputs, stride, THETA)), perUnit));
  put(outputs, stride, RHO_COIN, mul(net, t));
  const weight = mul(presentStrike, density2);
  const sweep = f64x2.sub(mul(mul(weight, perDeviation), perUnit), mul(pairAt(TWO), net));
  put(outputs, stride, GAMMA_COIN, mul(mul(sweep, perUnit), perUnit));
  put(outputs, stride, VANNA_COIN, v128.xor(mul(mul(mul(mul(weight, d1), perVolatility), perUnit), perUnit), sign));
  put(outputs, stride, VOLGA_COIN, mul(volga, perUnit));
}
