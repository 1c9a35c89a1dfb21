import type { TokenAmounts } from './liquidity-amounts';
import type { LivePool } from './live-pool';
import type { RangeTicks } from './pool-event';
import { feesEarned } from './pool-positions';
import { uint128 } from './unsigned';

/** A range of one NFT as the position manager keeps it: what it was owed when it was last touched, and the growth inside it then. */
export interface ManagedRange extends RangeTicks {
  readonly liquidity: bigint;
  readonly feeGrowthInside0: bigint;
  readonly feeGrowthInside1: bigint;
  readonly tokensOwed0: bigint;
  readonly tokensOwed1: bigint;
}

/**
 * What the position manager's `collect` of everything would pay now, to the unit: fees since the range was touched, what it was
 * owed before, at most what the pool owes the manager for all its NFTs in this range (which rounds on its own).
 */
export function feesOwed(pool: LivePool, manager: string, range: ManagedRange): TokenAmounts {
  const together = pool.position({ ...range, owner: manager });
  // The manager brings both up to date only where the NFT has liquidity.
  const alive = range.liquidity > 0n;
  const grown = alive ? pool.growthInside(range) : range;
  const owed = (side: 0 | 1): bigint => {
    const [growth, owedTo] = [`feeGrowthInside${side}`, `tokensOwed${side}`] as const;
    const own = uint128(range[owedTo] + feesEarned(grown[growth], range[growth], range.liquidity));
    const all = alive ? feesEarned(grown[growth], together[growth], together.liquidity) : 0n;
    const most = uint128(together[owedTo] + all);
    return own < most ? own : most;
  };
  return { amount0: owed(0), amount1: owed(1) };
}
