// A book revalued over a grid of spot and volatility scenarios in one call. Per leg the same bits as a fresh valuation at the
// shifted inputs; sums run over legs in pairs, so a total depends on the order of the legs and on nothing else.
import { pairAt } from '../math/lanes';
import { CARRY, column, entry, EXPIRY, IS_CALL, QUANTITY, RATE, STATUS, STRIKE, UNDERLYING, VOLATILITY } from './columns';
import { check, prepare, STATUS_OK, value } from './leg';
import {
  BLOCK,
  DISCOUNT,
  GAIN,
  intrinsic,
  keptDigits,
  lowerTail,
  mendedBracket,
  optionValue,
  outerTail,
  plainBracket,
  REGULAR,
  SHIFTED_EXPIRY,
  SHIFTED_UNDERLYING,
  SHIFTED_VOLATILITY,
  someRates,
  stageDensities,
  stageMills,
  stageRatios,
  stageTimes,
  stageTimesAndRates,
  X,
  YIELD,
  ZERO,
} from './stages';

/** Value of one leg at the shifted inputs, 0 where it is refused. */
function singleValue(at: usize, stride: usize, i: usize): f64 {
  const u = load<f64>(SHIFTED_UNDERLYING + i);
  const k = load<f64>(column(at, stride, STRIKE) + i);
  const t = load<f64>(SHIFTED_EXPIRY + i);
  const v = load<f64>(SHIFTED_VOLATILITY + i);
  const r = load<f64>(column(at, stride, RATE) + i);
  const b = load<f64>(column(at, stride, CARRY) + i);
  if (check(u, k, t, v, r, b) != STATUS_OK) return 0.0;
  prepare(load<f64>(column(at, stride, IS_CALL) + i) != 0.0, u, k, t, v, r, b);
  return value;
}

/** Values of a pair whose bracket is known. */
@inline
function pairValue(at: usize, stride: usize, i: usize, bracket: v128): v128 {
  const u = v128.load(SHIFTED_UNDERLYING + i);
  const k = v128.load(column(at, stride, STRIKE) + i);
  const discount = v128.load(DISCOUNT + i);
  const low = f64x2.pmin(f64x2.mul(u, v128.load(YIELD + i)), f64x2.mul(k, discount));
  const otmCall = f64x2.le(v128.load(X + i), pairAt(ZERO));
  const isCall = f64x2.ne(v128.load(column(at, stride, IS_CALL) + i), pairAt(ZERO));
  const gap = intrinsic(u, k, discount, v128.load(GAIN + i));
  return optionValue(low, bracket, gap, v128.xor(otmCall, isCall));
}

/** Adds Σ quantity·value and Σ quantity·value/U of a block to the two lanes of a cell's accumulators. */
function accumulate(at: usize, stride: usize, pairs: i32, cell: usize): void {
  let quote = v128.load(cell);
  let coin = v128.load(cell, 16);
  for (let i: usize = 0, n = <usize>pairs << 4; i < n; i += 16) {
    const lower = lowerTail(i, outerTail(i));
    const plain = plainBracket(i, lower);
    const regular = v128.load(REGULAR + i);
    let worth: v128;
    if (i64x2.all_true(v128.and(regular, keptDigits(plain, lower)))) {
      worth = pairValue(at, stride, i, plain);
    } else {
      worth = pairValue(at, stride, i, v128.bitselect(plain, mendedBracket(SHIFTED_VOLATILITY, i, i + 8), keptDigits(plain, lower)));
      if (i64x2.extract_lane(regular, 0) == 0) worth = f64x2.replace_lane(worth, 0, singleValue(at, stride, i));
      if (i64x2.extract_lane(regular, 1) == 0) worth = f64x2.replace_lane(worth, 1, singleValue(at, stride, i + 8));
    }
    const admitted = f64x2.eq(v128.load(column(at, stride, STATUS) + i), pairAt(ZERO));
    const weighted = v128.and(f64x2.mul(worth, v128.load(column(at, stride, QUANTITY) + i)), admitted);
    quote = f64x2.add(quote, weighted);
    coin = f64x2.add(coin, f64x2.div(weighted, v128.load(SHIFTED_UNDERLYING + i)));
  }
  v128.store(cell, quote);
  v128.store(cell, coin, 16);
}

/** Marks legs whose own inputs are out of range; returns how many. */
function refuse(base: usize, stride: usize, count: i32): i32 {
  let refused = 0;
  for (let i = 0; i < count; i++) {
    const at = entry(base, i);
    const status = check(
      load<f64>(column(at, stride, UNDERLYING)),
      load<f64>(column(at, stride, STRIKE)),
      load<f64>(column(at, stride, EXPIRY)),
      load<f64>(column(at, stride, VOLATILITY)),
      load<f64>(column(at, stride, RATE)),
      load<f64>(column(at, stride, CARRY)),
    );
    store<f64>(column(at, stride, STATUS), <f64>status);
    if (status != STATUS_OK) refused++;
  }
  return refused;
}

// Shifts are clamped so that an option that expires in between is at expiry and no volatility is negative; pmax hands a
// NaN in its first operand on.
@inline
function shiftTimes(expiries: usize, elapsed: v128, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(SHIFTED_EXPIRY + i, f64x2.pmax(f64x2.sub(v128.load(expiries + i), elapsed), pairAt(ZERO)));
  }
}

@inline
function shiftUnderlyings(underlyings: usize, factor: v128, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    v128.store(SHIFTED_UNDERLYING + i, f64x2.mul(v128.load(underlyings + i), factor));
  }
}

@inline
function shiftVolatilities(volatilities: usize, factor: v128, shift: v128, bytes: usize): void {
  for (let i: usize = 0; i < bytes; i += 16) {
    const v = f64x2.add(f64x2.mul(v128.load(volatilities + i), factor), shift);
    v128.store(SHIFTED_VOLATILITY + i, f64x2.pmax(v, pairAt(ZERO)));
  }
}

/** The last leg of an odd number, added to the first lane of every cell. */
function oddLeg(at: usize, stride: usize, spots: usize, spotCount: i32, vols: usize, volCount: i32, elapsed: f64, cells: usize): void {
  if (load<f64>(column(at, stride, STATUS)) != 0.0) return;
  const quantity = load<f64>(column(at, stride, QUANTITY));
  store<f64>(SHIFTED_EXPIRY, max<f64>(load<f64>(column(at, stride, EXPIRY)) - elapsed, 0.0));
  let cell = cells;
  for (let s = 0; s < spotCount; s++) {
    const u = load<f64>(column(at, stride, UNDERLYING)) * (1.0 + load<f64>(entry(spots, s)));
    store<f64>(SHIFTED_UNDERLYING, u);
    for (let j = 0; j < volCount; j++) {
      const v = load<f64>(column(at, stride, VOLATILITY)) * load<f64>(entry(vols, 2 * j)) + load<f64>(entry(vols, 2 * j + 1));
      store<f64>(SHIFTED_VOLATILITY, max<f64>(v, 0.0));
      const weighted = quantity * singleValue(at, stride, 0);
      store<f64>(cell, load<f64>(cell) + weighted);
      store<f64>(cell, load<f64>(cell, 16) + weighted / u, 16);
      cell += 32;
    }
  }
}

/**
 * Revalues `count` legs at U·(1 + spot shock), σ·factor + shift and T less `elapsed`, for every spot shock and every volatility
 * scenario. `spots` holds the shocks, `vols` pairs (factor, shift). A cell, spot-major, is four accumulators: two lanes of
 * the quote total, two of the coin total. Refused legs count for nothing; returns how many there are.
 */
export function legsGrid(
  base: usize,
  stride: usize,
  count: i32,
  spots: usize,
  spotCount: i32,
  vols: usize,
  volCount: i32,
  elapsed: f64,
  cells: usize,
): i32 {
  memory.fill(cells, 0, (<usize>(spotCount * volCount)) << 5);
  const refused = refuse(base, stride, count);
  const passed = f64x2.splat(elapsed);
  const pairs = count >> 1;
  for (let start = 0; start < pairs; start += BLOCK) {
    const size = pairs - start < BLOCK ? pairs - start : BLOCK;
    const bytes = <usize>size << 4;
    const at = entry(base, start << 1);
    const rates = column(at, stride, RATE);
    const carries = column(at, stride, CARRY);
    shiftTimes(column(at, stride, EXPIRY), passed, bytes);
    if (someRates(rates, carries, size)) stageTimesAndRates(SHIFTED_EXPIRY, rates, carries, size);
    else stageTimes(SHIFTED_EXPIRY, size);
    let cell = cells;
    for (let s = 0; s < spotCount; s++) {
      shiftUnderlyings(column(at, stride, UNDERLYING), f64x2.splat(1.0 + load<f64>(entry(spots, s))), bytes);
      stageRatios(SHIFTED_UNDERLYING, column(at, stride, STRIKE), size);
      for (let j = 0; j < volCount; j++) {
        const factor = f64x2.splat(load<f64>(entry(vols, 2 * j)));
        const shift = f64x2.splat(load<f64>(entry(vols, 2 * j + 1)));
        shiftVolatilities(column(at, stride, VOLATILITY), factor, shift, bytes);
        stageDensities(SHIFTED_VOLATILITY, size);
        stageMills(size);
        accumulate(at, stride, size, cell);
        cell += 32;
      }
    }
  }
  if (count & 1) oddLeg(entry(base, count - 1), stride, spots, spotCount, vols, volCount, elapsed, cells);
  return refused;
}
