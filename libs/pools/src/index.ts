export { PAR, settleEpoch } from './epoch-shares';
export type { ClosedEpoch, EpochRefusal, EpochTerms, SettledEpoch, SharePrice } from './epoch-shares';
export { POOL_MODELS } from './pool-cases';
export type { PoolQuantities } from './pool-cases';
export { manipulationCost } from './manipulation';
export type { ManipulationCost, ManipulationTerms } from './manipulation';
export { poolMean } from './mean-tick';
export type { PoolMean } from './mean-tick';
export { feesOwed } from './owed-fees';
export type { ManagedRange } from './owed-fees';
export { gasMoney, swapGas, ticksInReach } from './swap-gas';
export type { SwapGas } from './swap-gas';
export { liquidityOfValue, lossVersusRebalancing, rangeGreeks } from './range-position';
export type { RangeGreeks, RangePosition } from './range-position';
export { previewDeposit, previewRedeem } from './share-accounting';
export type { VaultShares } from './share-accounting';
export { LivePool } from './live-pool';
export type { SwapOrder, SwapPlan, SwapQuote } from './live-pool';
export type { Observation } from './observations';
export type { TickInfo } from './pool-ticks';
export { PoolCurve } from './pool-curve';
export type { CurveTerms } from './pool-curve';
export { PoolFollower } from './pool-follower';
export type {
  FeesCollected,
  LiquidityChanged,
  LogPlace,
  ObservationsGrown,
  OwnedRange,
  PoolEvent,
  PoolFlashed,
  PoolInitialized,
  PoolSwapped,
  ProtocolFeeSet,
  ProtocolFeesCollected,
  RangeTicks,
} from './pool-event';
export type { PoolPosition, PoolSnapshot, PoolTerms, Slot } from './pool-snapshot';
export { priceOfSqrtRatio, sqrtRatioAtTick } from './tick-math';
