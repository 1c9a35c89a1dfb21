export { specificationOf } from './catalogue';
export type { InstrumentSpec } from './catalogue';
export { formatExpiryDate, parseInstrument } from './instrument';
export type { InstrumentId, InstrumentKind, OptionType, ParsedInstrument } from './instrument';
export { deribitDeliveryFee, deribitOptionFee, tradeFee } from './contracts/fees';
export { accruedRate, fundingPayment } from './contracts/funding';
export { linearMargin, progressiveMarginRate } from './contracts/margin-rate';
export { FLAT, applyFill, averageEntryPrice, markedValue, unrealisedPnl } from './contracts/position';
export type { ContractPosition, FillOutcome } from './contracts/position';
export { optionPayoff } from './contracts/settlement';
export { contractTermsOf } from './contracts/terms';
export type { ContractTerms, Payoff } from './contracts/terms';
export {
  amountOfContracts,
  contractDelta,
  contractNotional,
  contractPnl,
  contractValue,
  contractsOfAmount,
} from './contracts/value';
export { constantProductOut } from './pool/constant-product';
export { liquidityForAmounts, amountsOfLiquidity } from './pool/liquidity-amounts';
export type { TokenAmounts } from './pool/liquidity-amounts';
export { createPool, mintAmounts, swap } from './pool/pool';
export type { PoolState, RangeLiquidity, SwapOutcome } from './pool/pool';
export {
  divergenceLoss,
  liquidityOfAmount0,
  liquidityOfAmount1,
  liquidityOfValue,
  lossVersusRebalancing,
  rangeGreeks,
} from './pool/range-position';
export type { RangeGreeks, RangePosition } from './pool/range-position';
export {
  encodeSqrtRatio,
  nearestUsableTick,
  priceOfSqrtRatio,
  sqrtRatioAtTick,
  tickAtSqrtRatio,
  tickOfPrice,
} from './pool/tick-math';
export {
  deposited,
  feeOnTop,
  feeWithin,
  previewDeposit,
  previewMint,
  previewRedeem,
  previewWithdraw,
  redeemed,
} from './vault/share-accounting';
export type { VaultShares } from './vault/share-accounting';
