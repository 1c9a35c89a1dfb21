/**
 * What a Uniswap v3 pool tells in its logs, as data: integers of smallest units, √prices Q64.96, signs as the contract's (what the
 * pool receives is positive in a swap). Addresses are opaque text; write them one way.
 */
export interface LogPlace {
  readonly block: number;
  /** The block's timestamp, whole seconds. */
  readonly time: number;
  /** Place of the log in its block; increasing. */
  readonly logIndex: number;
}

export interface RangeTicks {
  readonly tickLower: number;
  readonly tickUpper: number;
}

export interface OwnedRange extends RangeTicks {
  readonly owner: string;
}

export interface PoolInitialized {
  readonly kind: 'initialize';
  readonly sqrtPrice: bigint;
  readonly tick: number;
}

/** `Mint`, and `Burn` where `kind` says so (a burn of 0 only collects fees into what is owed). */
export interface LiquidityChanged extends OwnedRange {
  readonly kind: 'mint' | 'burn';
  readonly liquidity: bigint;
  readonly amount0: bigint;
  readonly amount1: bigint;
}

export interface FeesCollected extends OwnedRange {
  readonly kind: 'collect';
  readonly amount0: bigint;
  readonly amount1: bigint;
}

/** After the swap: price, liquidity in range and tick. The log says neither exact in nor exact out, nor the limit. */
export interface PoolSwapped {
  readonly kind: 'swap';
  readonly amount0: bigint;
  readonly amount1: bigint;
  readonly sqrtPrice: bigint;
  readonly liquidity: bigint;
  readonly tick: number;
}

/** `paid` is what came back beyond what was lent. */
export interface PoolFlashed {
  readonly kind: 'flash';
  readonly paid0: bigint;
  readonly paid1: bigint;
}

/** The new shares: a protocol fee of one part in `feeProtocol` of the fees; 0 is none. */
export interface ProtocolFeeSet {
  readonly kind: 'setFeeProtocol';
  readonly feeProtocol0: number;
  readonly feeProtocol1: number;
}

export interface ProtocolFeesCollected {
  readonly kind: 'collectProtocol';
  readonly amount0: bigint;
  readonly amount1: bigint;
}

/** `IncreaseObservationCardinalityNext`: the size that the ring of observations may grow to. */
export interface ObservationsGrown {
  readonly kind: 'increaseObservationCardinality';
  readonly cardinalityNext: number;
}

export type PoolEvent = LogPlace &
  (
    | PoolInitialized
    | LiquidityChanged
    | FeesCollected
    | PoolSwapped
    | PoolFlashed
    | ProtocolFeeSet
    | ProtocolFeesCollected
    | ObservationsGrown
  );
