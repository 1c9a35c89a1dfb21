export { POOL_MODELS } from './pool-cases';
export type { PoolQuantities } from './pool-cases';
export { liquidityOfValue, lossVersusRebalancing, rangeGreeks } from './range-position';
export type { RangeGreeks, RangePosition } from './range-position';
export { previewDeposit, previewRedeem } from './share-accounting';
export type { VaultShares } from './share-accounting';
export { priceOfSqrtRatio, sqrtRatioAtTick } from './tick-math';
