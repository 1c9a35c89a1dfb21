export { specificationOf } from './catalogue';
export type { InstrumentSpec } from './catalogue';
export { formatExpiryDate, parseInstrument } from './instrument';
export type { InstrumentId, InstrumentKind, OptionType, ParsedInstrument } from './instrument';
export { contractOf, parseContract, parseContracts } from './contract/contract';
export type { Contract, Exchange, Payoff } from './contract/contract';
export { AMOUNT_DIGITS, isDollar } from './contract/currency';
export { OPTION_FEE_CAP, tradeFee } from './contract/fees';
export type { FeeTerms } from './contract/fees';
export { fundingPayment } from './contract/funding';
export { notionalUsd, notionalUsdNumber } from './contract/notional';
export type { NotionalPrices } from './contract/notional';
export { optionPayoff } from './contract/settlement';
export { contractValue, contractValueNumber } from './contract/value';
export { bookFill, emptyLedger, unbookFill } from './position/account-ledger';
export type { AccountLedger, BookedFill } from './position/account-ledger';
export { FLAT, applyFill, averageEntryPrice, unrealisedPnl, unrealisedPnlNumber } from './position/position';
export type { ContractPosition, FillOutcome } from './position/position';
export { linearGreeks, optionGreeks } from './sensitivities/contract-greeks';
export type { GreekMarket, UnitGreeks } from './sensitivities/contract-greeks';
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
