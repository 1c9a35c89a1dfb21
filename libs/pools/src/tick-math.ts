import { EvenkeelError } from '@evenkeel/kernel';
import { MAX_UINT256, Q96, integerSquareRoot } from './fixed-point';

/** Price of token0 in token1 at a tick is 1.0001^tick, smallest units. */
export const MIN_TICK = -887272;
export const MAX_TICK = 887272;
export const MIN_SQRT_RATIO = 4295128739n;
export const MAX_SQRT_RATIO = 1461446703485210103287273052203988822378723970342n;

const GUARD_BITS = 400n;

/**
 * 2^128 · 1.0001^(−2^i/2), to the nearest integer, for every bit of a tick: the factors that the contract multiplies, worked out
 * with 272 bits to spare instead of written down.
 */
const FACTORS: readonly bigint[] = (() => {
  const one = 1n << GUARD_BITS;
  const factors: bigint[] = [];
  // √(10000 ÷ 10001)
  let power = integerSquareRoot((one * one * 10_000n) / 10_001n);
  for (let bit = 0; bit < 20; bit += 1) {
    const shift = GUARD_BITS - 128n;
    factors.push((power + (1n << (shift - 1n))) >> shift);
    power = (power * power) >> GUARD_BITS;
  }
  return factors;
})();

/** √price of a tick as Q64.96, exactly as the contract computes it. Throws `POOL.TICK_RANGE`. */
export function sqrtRatioAtTick(tick: number): bigint {
  if (!Number.isInteger(tick) || tick < MIN_TICK || tick > MAX_TICK)
    throw new EvenkeelError({ code: 'POOL.TICK_RANGE', message: `${tick} is no tick of a pool` });
  const size = Math.abs(tick);
  let ratio = 1n << 128n;
  FACTORS.forEach((factor, bit) => {
    if ((size >> bit) & 1) ratio = (ratio * factor) >> 128n;
  });
  if (tick > 0) ratio = MAX_UINT256 / ratio;
  const whole = ratio >> 32n;
  return whole << 32n === ratio ? whole : whole + 1n;
}

/** The greatest tick whose √price is at most this. Throws `POOL.TICK_RANGE`. */
export function tickAtSqrtRatio(sqrtPrice: bigint): number {
  if (sqrtPrice < MIN_SQRT_RATIO || sqrtPrice >= MAX_SQRT_RATIO)
    throw new EvenkeelError({
      code: 'POOL.TICK_RANGE',
      message: `${sqrtPrice} is no square root of a pool's price`,
    });
  // Doubles find it to within one; a binary search over the exact roots takes twenty of them instead of three.
  let tick = Math.min(MAX_TICK, roughTick(Number(sqrtPrice) / 2 ** 96) + 1);
  while (sqrtRatioAtTick(tick) > sqrtPrice) tick -= 1;
  return tick;
}

/** The tick of a root to within one, by the powers of two of √1.0001. */
function roughTick(root: number): number {
  let rest = root < 1 ? 1 / root : root;
  let size = 0;
  for (let bit = FACTORS.length - 1; bit >= 0; bit -= 1) {
    const power = 2 ** 128 / Number(FACTORS[bit]);
    if (rest < power) continue;
    rest /= power;
    size += 1 << bit;
  }
  return root < 1 ? -size : size;
}

/** √(amount1 ÷ amount0) as Q64.96, rounded down. */
export function encodeSqrtRatio(amount1: bigint, amount0: bigint): bigint {
  return integerSquareRoot((amount1 << 192n) / amount0);
}

/** Price of token0 in token1, smallest units, as a double. */
export function priceOfSqrtRatio(sqrtPrice: bigint): number {
  const root = Number(sqrtPrice) / Number(Q96);
  return root * root;
}

/** The usable tick nearest to this one: a multiple of the spacing. */
export function nearestUsableTick(tick: number, spacing: number): number {
  const rounded = Math.round(tick / spacing) * spacing;
  if (rounded < MIN_TICK) return rounded + spacing;
  return rounded > MAX_TICK ? rounded - spacing : rounded + 0;
}
