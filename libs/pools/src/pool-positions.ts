import { Q128 } from './fixed-point';
import type { OwnedRange } from './pool-event';
import type { PoolPosition } from './pool-snapshot';
import type { GrowthInside } from './pool-ticks';
import type { UndoLog } from './undo-log';
import { UndoableMap } from './undo-log';
import { uint128, uint256 } from './unsigned';

const NO_POSITION: PoolPosition = {
  liquidity: 0n,
  feeGrowthInside0: 0n,
  feeGrowthInside1: 0n,
  tokensOwed0: 0n,
  tokensOwed1: 0n,
};

/** Fees of liquidity while the growth inside its range went from `last` to `now`, smallest units, rounded down; growth wraps. */
export function feesEarned(now: bigint, last: bigint, liquidity: bigint): bigint {
  return uint128((uint256(now - last) * liquidity) / Q128);
}

/** What each owner holds in each range. */
export class PoolPositions {
  private readonly held: UndoableMap<string, PoolPosition>;

  constructor(log: UndoLog) {
    this.held = new UndoableMap(log);
  }

  get(range: OwnedRange): PoolPosition {
    return this.held.get(keyOf(range)) ?? NO_POSITION;
  }

  /** Brings what is owed up to date, then changes the liquidity. */
  accrue(block: number, range: OwnedRange, change: bigint, grown: GrowthInside): void {
    const before = this.get(range);
    const liquidity = before.liquidity + change;
    if (liquidity < 0n) throw new RangeError(`${keyOf(range)} holds less liquidity than is taken`);
    const earned = (growth: bigint, last: bigint): bigint => feesEarned(growth, last, before.liquidity);
    this.held.set(block, keyOf(range), {
      liquidity,
      ...grown,
      tokensOwed0: uint128(before.tokensOwed0 + earned(grown.feeGrowthInside0, before.feeGrowthInside0)),
      tokensOwed1: uint128(before.tokensOwed1 + earned(grown.feeGrowthInside1, before.feeGrowthInside1)),
    });
  }

  owe(block: number, range: OwnedRange, amount0: bigint, amount1: bigint): void {
    const before = this.get(range);
    this.held.set(block, keyOf(range), {
      ...before,
      tokensOwed0: uint128(before.tokensOwed0 + amount0),
      tokensOwed1: uint128(before.tokensOwed1 + amount1),
    });
  }

  /** By owner and range, in one order. */
  snapshot(): Readonly<Record<string, PoolPosition>> {
    const positions: Record<string, PoolPosition> = {};
    for (const key of [...this.held.keys()].sort()) positions[key] = this.held.get(key) ?? NO_POSITION;
    return positions;
  }
}

function keyOf({ owner, tickLower, tickUpper }: OwnedRange): string {
  return `${owner}:${tickLower}:${tickUpper}`;
}
