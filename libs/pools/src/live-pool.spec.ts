import { createRandom } from '@evenkeel/kernel';
import type { Random } from '@evenkeel/kernel';
import type { LivePool, SwapOrder } from './live-pool';
import { createPool, swap } from './plain-pool.test-support';
import type { PoolState } from './plain-pool.test-support';
import {
  ORIGIN,
  TERMS,
  amountUpTo,
  pick,
  randomLimit,
  randomPool,
  randomRange,
} from './random-pool.test-support';
import type { RangeLiquidity } from './liquidity-amounts';
import { sqrtRatioAtTick, tickAtSqrtRatio } from './tick-math';

function randomOrder(random: Random, pool: LivePool): SwapOrder {
  const zeroForOne = random.integer(2) === 0;
  const amount = amountUpTo(random, 26) * (random.integer(2) === 0 ? 1n : -1n);
  const ahead = zeroForOne ? pool.slot.tick > -880_000 : pool.slot.tick < 880_000;
  const limited = random.integer(3) === 0 && ahead;
  return { zeroForOne, amount, ...(limited ? { limit: randomLimit(random, pool, zeroForOne) } : {}) };
}

/** The plain engine at the live pool's price. */
function plainOf(pool: LivePool, ranges: readonly RangeLiquidity[]): PoolState {
  const { slot, terms } = pool;
  const share = BigInt(slot.feeProtocol0);
  const fresh = createPool(terms.feePips, terms.tickSpacing, slot.sqrtPrice, ranges, share);
  // At a tick's own price a pool that came from above stands one tick below.
  const { sqrtPrice, tick, liquidity, feeGrowth0, feeGrowth1, protocolFees0, protocolFees1 } = slot;
  return { ...fresh, sqrtPrice, tick, liquidity, feeGrowth0, feeGrowth1, protocolFees0, protocolFees1 };
}

describe('a live pool', () => {
  it.each(TERMS)('swaps as the plain engine does, to the last unit: spacing $tickSpacing', (terms) => {
    const seed = `swap-${terms.tickSpacing}`;
    const random = createRandom(seed);
    const rounds = terms.tickSpacing === 1 ? 8 : 40; // the plain engine takes seconds over thousands of empty words
    let swaps = 0;
    for (let round = 0; round < rounds; round += 1) {
      const { pool, ranges: minted } = randomPool(random, terms, 1 + random.integer(12));
      const ranges = [...minted];
      const share = pick(random, [0, 0, 4, 10]);
      pool.setFeeProtocol(ORIGIN, share, share);
      for (let turn = 0; turn < 12; turn += 1) {
        const place = { block: turn + 1, time: 1_000 + 13 * turn, logIndex: 0 };
        if (random.integer(6) === 0) {
          const range = randomRange(random, terms, pool.slot.tick);
          pool.mint(place, { owner: 'b', ...range }, range.liquidity);
          ranges.push(range);
        }
        const order = randomOrder(random, pool);
        if (order.zeroForOne ? pool.slot.tick < -880_000 : pool.slot.tick > 880_000) continue;
        const plain = swap(plainOf(pool, ranges), order.zeroForOne, order.amount, order.limit);
        const { amount0, amount1 } = pool.swap(place, order);
        const { sqrtPrice, tick, liquidity, feeGrowth0, feeGrowth1, protocolFees0, protocolFees1 } =
          pool.slot;
        const found = { sqrtPrice, tick, liquidity, feeGrowth0, feeGrowth1, protocolFees0, protocolFees1 };
        expect({ seed, round, turn, amount0, amount1, ...found }).toEqual({
          seed,
          round,
          turn,
          amount0: plain.amount0,
          amount1: plain.amount1,
          ...Object.fromEntries(
            Object.keys(found).map((key) => [key, plain.pool[key as keyof typeof found]]), // its own keys
          ),
        });
        swaps += 1;
      }
    }
    expect(swaps).toBeGreaterThan(6 * rounds);
  });

  it('stops at a tick where as much liquidity comes as goes', () => {
    const terms = { feePips: 3000, tickSpacing: 60 };
    const ranges = [
      { tickLower: -60, tickUpper: 60, liquidity: 1_000_003n },
      { tickLower: 60, tickUpper: 120, liquidity: 1_000_003n },
    ];
    const { pool } = randomPool(createRandom('net'), terms, 0);
    pool.initialize(ORIGIN, sqrtRatioAtTick(0));
    for (const range of ranges) pool.mint(ORIGIN, { owner: 'a', ...range }, range.liquidity);
    expect(pool.snapshot().ticks.map(({ tick }) => tick)).toEqual([-60, 60, 120]);
    // One stretch would give 4,489 for it: the stop at 60 rounds once more.
    const { amount0 } = pool.planSwap({ zeroForOne: false, amount: 4_541n });
    expect(amount0).toBe(swap(plainOf(pool, ranges), false, 4_541n).amount0);
  });
});

describe('the tick of a √price', () => {
  it('is the greatest whose own is at most that, everywhere', () => {
    const random = createRandom('ticks');
    for (let round = 0; round < 4_000; round += 1) {
      const tick = random.integer(2 * 887_272) - 887_272;
      const root = sqrtRatioAtTick(tick);
      expect(tickAtSqrtRatio(root)).toBe(tick);
      if (tick > -887_272) expect(tickAtSqrtRatio(root - 1n)).toBe(tick - 1);
    }
  });
});
