export { createKernelInstance, kernelBytes, kernelHash, sharedKernel } from './kernel-instance';
export type { KernelInstance } from './kernel-instance';
export { math } from './math';
export { PricingError, invalidInput } from './errors';
export { priceBarrier } from './exotic/barrier';
export type { BarrierInputs } from './exotic/barrier';
export { priceDigital } from './exotic/digital';
export type { DigitalInputs } from './exotic/digital';
export { priceMerton } from './exotic/merton';
export type { MertonInputs } from './exotic/merton';
export { createLegBatch } from './batch/leg-batch';
export type { LegBatch, LegGreek } from './batch/leg-batch';
export { priceOption, pricingModels } from './door/price-option';
export type { PricingModel, PricingModels } from './door/price-option';
export { priceBlack76 } from './door/black76';
export type { Black76Inputs } from './door/black76';
export { priceEuropean } from './door/european';
export type { CashDividend, EuropeanInputs } from './door/european';
export { priceInverse } from './door/inverse';
export type { InverseInputs } from './door/inverse';
export type {
  ForwardValuation,
  FullValuation,
  InverseValuation,
  OptionType,
  Valuation,
} from './door/valuation';
export { impliedVolatility } from './door/implied-volatility';
export type { ImpliedVolatilityInputs } from './door/implied-volatility';
export type { GridScenarios, ScenarioGrid } from './batch/leg-batch';
export { priceAmerican } from './exotic/american';
export type { AmericanInputs, AmericanMethod } from './exotic/american';
export { fxDelta } from './door/fx-delta';
export type { DeltaConvention, FxDeltaInputs } from './door/fx-delta';
