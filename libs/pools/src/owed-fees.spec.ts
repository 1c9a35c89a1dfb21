import { createRandom } from '@evenkeel/kernel';
import type { TokenAmounts } from './liquidity-amounts';
import type { LivePool } from './live-pool';
import { feesOwed } from './owed-fees';
import type { ManagedRange } from './owed-fees';
import { feesEarned } from './pool-positions';
import { TERMS, amountUpTo, pick, randomPool } from './random-pool.test-support';

const MANAGER = 'manager';
const MOST = (1n << 128n) - 1n;

/** The position manager's bookkeeping, done step by step on the pool: what its `collect` pays, and the NFT after it. */
function collect(
  pool: LivePool,
  range: ManagedRange,
): { readonly paid: TokenAmounts; readonly range: ManagedRange } {
  const place = { block: 1, time: 1_000, logIndex: 0 };
  const owned = { ...range, owner: MANAGER };
  let after = range;
  if (range.liquidity > 0n) {
    pool.burn(place, owned, 0n);
    const { feeGrowthInside0, feeGrowthInside1 } = pool.position(owned);
    after = {
      ...range,
      feeGrowthInside0,
      feeGrowthInside1,
      tokensOwed0: range.tokensOwed0 + feesEarned(feeGrowthInside0, range.feeGrowthInside0, range.liquidity),
      tokensOwed1: range.tokensOwed1 + feesEarned(feeGrowthInside1, range.feeGrowthInside1, range.liquidity),
    };
  }
  const paid = pool.collect(place, owned, after.tokensOwed0, after.tokensOwed1);
  return { paid, range: { ...after, tokensOwed0: 0n, tokensOwed1: 0n } };
}

describe('fees owed to a range', () => {
  it('are what collecting everything would pay, to the unit, and never more than was earned', () => {
    const random = createRandom('owed');
    let [compared, rounded] = [0, 0];
    for (let round = 0; round < 30; round += 1) {
      const terms = pick(random, TERMS.slice(1));
      const { pool } = randomPool(random, terms, 3);
      const middle = Math.round(pool.slot.tick / terms.tickSpacing) * terms.tickSpacing;
      const range = {
        tickLower: middle - 20 * terms.tickSpacing,
        tickUpper: middle + 20 * terms.tickSpacing,
      };
      if (Math.abs(range.tickLower) > 800_000) continue;
      let nfts: ManagedRange[] = [];
      for (let turn = 0; turn < 30; turn += 1) {
        const place = { block: 2, time: 1_000 + turn, logIndex: turn };
        if (nfts.length < 4) {
          const liquidity = amountUpTo(random, 20);
          pool.mint(place, { ...range, owner: MANAGER }, liquidity);
          const inside = pool.growthInside(range);
          nfts.push({ ...range, liquidity, ...inside, tokensOwed0: 0n, tokensOwed1: 0n });
        }
        const zeroForOne = pool.slot.tick > middle;
        pool.swap(place, { zeroForOne, amount: amountUpTo(random, 18) });
        const owed = nfts.map((nft) => feesOwed(pool, MANAGER, nft));
        for (const [index, nft] of nfts.entries()) {
          const mark = pool.undo.mark();
          const before = pool.snapshot();
          expect(collect(pool, nft).paid).toEqual(owed[index]);
          pool.undo.rollback(mark);
          expect(pool.snapshot()).toEqual(before);
          compared += 1;
        }
        if (random.integer(4) === 0) {
          const index = random.integer(nfts.length);
          nfts = nfts.map((nft, at) => (at === index ? collect(pool, nft).range : nft));
        }
      }
      // All together cannot get more than the pool owes: the last one is short by what rounding took.
      for (const nft of nfts) {
        const own =
          nft.tokensOwed0 +
          feesEarned(pool.growthInside(range).feeGrowthInside0, nft.feeGrowthInside0, nft.liquidity);
        const owed = feesOwed(pool, MANAGER, nft);
        expect(collect(pool, nft).paid).toEqual(owed);
        expect(owed.amount0).toBeLessThanOrEqual(own);
        expect(own - owed.amount0).toBeLessThan(40n);
        if (owed.amount0 < own) rounded += 1;
      }
      expect(pool.position({ ...range, owner: MANAGER }).tokensOwed0).toBeLessThan(MOST);
    }
    expect(compared).toBeGreaterThan(500);
    expect(rounded).toBeGreaterThan(0);
  });
});
