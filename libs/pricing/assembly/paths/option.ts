// One option along many paths: everything but the underlying, and where wanted the volatility, is the same on all of them.
import { blockGreeks, blockTimes, FIRST, SLOPES } from '../black/batch';
import { CARRY, column, EXPIRY, FIRST_OUTPUT, IS_CALL, RATE, STATUS, STRIKE, UNDERLYING, VOLATILITY } from '../black/columns';
import { DELTA, GAMMA, VALUE, VEGA } from '../black/greeks';
import { BLOCK } from '../black/stages';

/** Legs of a block, laid out as a batch of legs: inputs, status, first Greeks. */
const STRIDE: usize = 576;
const LEGS: usize = memory.data(576 * 15, 64);

function fill(index: i32, amount: f64): void {
  const both = f64x2.splat(amount);
  for (let i: usize = 0, n = <usize>BLOCK << 4; i < n; i += 16) v128.store(column(LEGS, STRIDE, index) + i, both);
}

@inline
function copy(from: usize, index: i32, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) v128.store(column(LEGS, STRIDE, index) + i, v128.load(from + i));
}

/** Writes quantity × output, or adds it to what is there; nothing where `into` is 0. */
function gather(into: usize, output: i32, quantity: f64, add: bool, at: usize, bytes: usize): void {
  if (into == 0) return;
  const from = column(LEGS, STRIDE, FIRST_OUTPUT + output);
  const size = f64x2.splat(quantity);
  for (let i: usize = 0; i < bytes; i += 16) {
    const amount = f64x2.mul(size, v128.load(from + i));
    const to = into + at + i;
    v128.store(to, add ? f64x2.add(v128.load(to), amount) : amount);
  }
}

/** 8 × index of the first refused leg of the block, plus its status. */
function refusal(first: i32): i32 {
  let i = 0;
  while (load<f64>(column(LEGS, STRIDE, STATUS) + (<usize>i << 3)) == 0.0) i++;
  return ((first + i) << 3) + <i32>load<f64>(column(LEGS, STRIDE, STATUS) + (<usize>i << 3));
}

/**
 * Value, delta, gamma and vega of `quantity` options at the underlyings of `count` paths, a multiple of two, each written to its column
 * or with `add` added there; a column at 0 is left out. `volatilities` is a column, or 0 where all paths have `volatility`. Returns 0,
 * or where a path is refused 8 × its index + its status, of the first of them.
 */
export function pathOption(
  isCall: i32,
  strike: f64,
  years: f64,
  volatility: f64,
  volatilities: usize,
  rate: f64,
  carry: f64,
  quantity: f64,
  spots: usize,
  count: i32,
  add: i32,
  values: usize,
  deltas: usize,
  gammas: usize,
  vegas: usize,
): i32 {
  const extent = values == 0 ? SLOPES : FIRST;
  fill(IS_CALL, isCall ? 1.0 : 0.0);
  fill(STRIKE, strike);
  fill(EXPIRY, years);
  fill(VOLATILITY, volatility);
  fill(RATE, rate);
  fill(CARRY, carry);
  blockTimes(LEGS, STRIDE, BLOCK);
  for (let start = 0; start < count; start += 2 * BLOCK) {
    const pairs = min((count - start) >> 1, BLOCK);
    const bytes = <usize>pairs << 4;
    const at = <usize>start << 3;
    copy(spots + at, UNDERLYING, bytes);
    if (volatilities != 0) copy(volatilities + at, VOLATILITY, bytes);
    const refused = blockGreeks(LEGS, STRIDE, pairs, extent);
    gather(values, VALUE, quantity, add != 0, at, bytes);
    gather(deltas, DELTA, quantity, add != 0, at, bytes);
    gather(gammas, GAMMA, quantity, add != 0, at, bytes);
    gather(vegas, VEGA, quantity, add != 0, at, bytes);
    if (refused > 0) return refusal(start);
  }
  return 0;
}
