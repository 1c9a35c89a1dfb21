import type { Random } from '@evenkeel/kernel';
import type { RangeLiquidity } from './liquidity-amounts';
import { LivePool } from './live-pool';
import type { PoolTerms } from './pool-snapshot';
import { MAX_SQRT_RATIO, MAX_TICK, MIN_SQRT_RATIO, sqrtRatioAtTick } from './tick-math';

export const TERMS: readonly PoolTerms[] = [
  { feePips: 100, tickSpacing: 1 },
  { feePips: 500, tickSpacing: 10 },
  { feePips: 3000, tickSpacing: 60 },
  { feePips: 10_000, tickSpacing: 200 },
];

export const pick = <T>(random: Random, list: readonly T[]): T => {
  const found = list[random.integer(list.length)];
  if (found === undefined) throw new Error('nothing to pick from');
  return found;
};

/** A whole number of 1 to `digits` digits, every size alike often. */
export function amountUpTo(random: Random, digits: number): bigint {
  const size = 1 + random.integer(digits);
  let text = String(1 + random.integer(9));
  while (text.length < size) text += String(random.integer(10));
  return BigInt(text);
}

/** Dense around the price, gaps of several bitmap words, the full range, ranges that touch so that nothing is net at a tick. */
export function randomRange(random: Random, { tickSpacing }: PoolTerms, tick: number): RangeLiquidity {
  const most = Math.floor(MAX_TICK / tickSpacing);
  const at = Math.floor(tick / tickSpacing);
  const liquidity = amountUpTo(random, random.integer(12) === 0 ? 32 : 22);
  if (random.integer(6) === 0)
    return { tickLower: -most * tickSpacing, tickUpper: most * tickSpacing, liquidity };
  const reach = pick(random, [4, 30, 300, 900]);
  const clamp = (value: number): number => Math.max(-most, Math.min(most - 1, value));
  const low = clamp(at + random.integer(2 * reach) - reach);
  const high = Math.min(most, low + 1 + random.integer(reach));
  return { tickLower: low * tickSpacing, tickUpper: high * tickSpacing, liquidity };
}

export interface RandomPool {
  readonly pool: LivePool;
  readonly ranges: readonly RangeLiquidity[];
}

export const ORIGIN = { block: 0, time: 1_000, logIndex: 0 };

export function randomPool(random: Random, terms: PoolTerms, count: number): RandomPool {
  const pool = new LivePool(terms);
  const tick =
    random.integer(5) === 0 ? random.integer(1_600_000) - 800_000 : random.integer(60_000) - 30_000;
  const sqrtPrice = sqrtRatioAtTick(tick) + (random.integer(2) === 0 ? 0n : amountUpTo(random, 6));
  pool.initialize(ORIGIN, sqrtPrice);
  const ranges: RangeLiquidity[] = [];
  for (let index = 0; index < count; index += 1) {
    const range = randomRange(random, terms, pool.slot.tick);
    ranges.push(range);
    const last = ranges.at(-2);
    if (last !== undefined && last.tickUpper < MAX_TICK - 1000 && random.integer(5) === 0)
      ranges.push({
        tickLower: last.tickUpper,
        tickUpper: last.tickUpper + terms.tickSpacing,
        liquidity: last.liquidity,
      });
  }
  for (const range of ranges) pool.mint(ORIGIN, { owner: 'a', ...range }, range.liquidity);
  return { pool, ranges };
}

/** A √price ahead: a hair away, at a tick, somewhere, or the end of all prices. */
export function randomLimit(random: Random, pool: LivePool, zeroForOne: boolean): bigint {
  const { sqrtPrice, tick } = pool.slot;
  const sign = zeroForOne ? -1 : 1;
  const inside = (value: bigint): bigint => {
    const [low, high] = zeroForOne
      ? [MIN_SQRT_RATIO + 1n, sqrtPrice - 1n]
      : [sqrtPrice + 1n, MAX_SQRT_RATIO - 1n];
    return value < low ? low : value > high ? high : value;
  };
  const away = Math.max(-887_272, Math.min(887_272, tick + sign * random.integer(3_000)));
  switch (random.integer(4)) {
    case 0:
      return inside(sqrtPrice + BigInt(sign * (1 + random.integer(1_000))));
    case 1: {
      const { tickSpacing } = pool.terms;
      const stop = Math.floor(away / tickSpacing) * tickSpacing;
      return inside(sqrtRatioAtTick(Math.max(-887_272, stop)));
    }
    case 2:
      return inside(sqrtRatioAtTick(away) + BigInt(random.integer(1_000_000)));
    default:
      return inside(zeroForOne ? MIN_SQRT_RATIO + 1n : MAX_SQRT_RATIO - 1n);
  }
}
