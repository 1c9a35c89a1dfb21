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
