import type { Observation } from './observations';
import type { TickInfo } from './pool-ticks';

/** What never changes of a pool. */
export interface PoolTerms {
  /** Hundredths of a basis point of what goes in. */
  readonly feePips: number;
  readonly tickSpacing: number;
}

/** The values of a pool that are not by tick, position or time. */
export interface Slot {
  /** √(token1 ÷ token0) in smallest units, Q64.96. */
  readonly sqrtPrice: bigint;
  readonly tick: number;
  /** In range now. */
  readonly liquidity: bigint;
  /** Fees per unit of liquidity since the beginning, Q128, wrapping at 2^256. */
  readonly feeGrowth0: bigint;
  readonly feeGrowth1: bigint;
  /** Owed to the protocol, smallest units. */
  readonly protocolFees0: bigint;
  readonly protocolFees1: bigint;
  /** The protocol takes one part in this many of the fees; 0: nothing. */
  readonly feeProtocol0: number;
  readonly feeProtocol1: number;
  readonly observationIndex: number;
  readonly cardinality: number;
  readonly cardinalityNext: number;
}

/** A liquidity position as the pool keeps it: all that one owner holds in one range. */
export interface PoolPosition {
  readonly liquidity: bigint;
  readonly feeGrowthInside0: bigint;
  readonly feeGrowthInside1: bigint;
  readonly tokensOwed0: bigint;
  readonly tokensOwed1: bigint;
}

/** A whole pool as plain data: two pools are equal when these are. */
export interface PoolSnapshot extends PoolTerms, Slot {
  /** Initialised ticks, increasing. */
  readonly ticks: readonly ({ readonly tick: number } & TickInfo)[];
  /** As many as the ring may grow to. */
  readonly observations: readonly Observation[];
  readonly positions: Readonly<Record<string, PoolPosition>>;
}
