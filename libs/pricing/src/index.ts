export {
  createKernelInstance,
  kernelBytes,
  kernelHash,
  sharedKernel,
  valuesLegsLike,
} from './kernel-instance';
export type { KernelInstance } from './kernel-instance';
export { math } from './math';
export { PricingError, invalidInput } from './errors';
export { priceBarrier } from './exotic/barrier';
export type { BarrierInputs } from './exotic/barrier';
export { priceVannaVolga } from './exotic/vanna-volga';
export type { VannaVolgaInputs, VannaVolgaValuation } from './exotic/vanna-volga';
export { priceDoubleBarrier } from './exotic/double-barrier';
export type { DoubleBarrierInputs } from './exotic/double-barrier';
export { priceDigital } from './exotic/digital';
export type { DigitalInputs } from './exotic/digital';
export { priceMerton } from './exotic/merton';
export type { MertonInputs } from './exotic/merton';
export { createPathKernel, standardNormalQuantile } from './paths/path-kernel';
export type { PathAccount, PathCosts, PathKernel, RandomKey } from './paths/path-kernel';
export { createLegBatch } from './batch/leg-batch';
export type { LegBatch, LegGreek } from './batch/leg-batch';
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
export { priceAsian } from './exotic/asian';
export type { AsianInputs } from './exotic/asian';
export { priceHestonAsian } from './exotic/heston-asian';
export type { HestonAsianInputs } from './exotic/heston-asian';
export { priceRoughHeston } from './exotic/rough-heston';
export type { RoughHestonInputs } from './exotic/rough-heston';
export { priceHeston } from './exotic/heston';
export type { HestonInputs } from './exotic/heston';
export { butterflyArbitrage, calendarArbitrage, surfaceArbitrage } from './smile/arbitrage';
export type { ArbitrageFinding, SmileSlice } from './smile/arbitrage';
export { sabrDeltas, sabrNormalVolatility, sabrSensitivities, sabrVolatility } from './smile/sabr';
export type { SabrExpansion, SabrParameters, SabrSensitivities, SmileDelta, SmilePoint } from './smile/sabr';
export { fitSabr } from './smile/sabr-fit';
export type { SabrFit, SabrFitRequest, SmileQuote } from './smile/sabr-fit';
export { sabrFiniteDifferenceValue } from './smile/sabr-finite-difference';
export type { SabrGrid } from './smile/sabr-finite-difference';
export { sviRawOfSsvi } from './smile/ssvi';
export type { SsviSlice } from './smile/ssvi';
export {
  sviCurvature,
  sviDensityFactor,
  sviJumpWingsOfRaw,
  sviLeastVariance,
  sviRawOfJumpWings,
  sviSlope,
  sviTotalVariance,
  sviWingSlopes,
} from './smile/svi';
export type { SviJumpWings, SviRaw } from './smile/svi';
export type { FitQuality } from './surface/fit-quality';
export { legVolatilities } from './surface/leg-volatility';
export type { LegVolatility, SurfaceLeg } from './surface/leg-volatility';
export { parityForward, volatilityQuotes } from './surface/option-quotes';
export type { OptionChain, OptionQuote, QuoteUnit } from './surface/option-quotes';
export { createSurface, surfaceForward, surfaceSmile } from './surface/surface';
export type { SurfacePoint, SurfaceSmile, VolatilitySurface } from './surface/surface';
export { fitSurface } from './surface/surface-fit';
export type {
  FittedSlice,
  RefusedExpiry,
  SliceRepair,
  SurfaceFit,
  SurfaceFitOptions,
} from './surface/surface-fit';
export { stickyGreeks } from './surface/surface-greeks';
export type { SmileGreeks, StickyGreeks, VolatilityGreeks } from './surface/surface-greeks';
export type { ExpiryQuotes, VolatilityQuote } from './surface/volatility-quotes';
export {
  annualisedVolatility,
  closeToCloseVariance,
  garmanKlassVariance,
  logReturns,
  parkinsonVariance,
  realisedVariance,
  rogersSatchellVariance,
  yangZhangVariance,
} from './realised/estimators';
export type { VarianceEstimator } from './realised/estimators';
export { ewmaStep, ewmaVarianceSeries, lambdaOfHalfLife } from './realised/ewma';
export { egarchAverageVariance, egarchLongRunVariance, fitEgarch } from './realised/egarch';
export type { EgarchFit, EgarchParameters } from './realised/egarch';
export { fitGarch, garchAverageVariance, garchLongRunVariance, garchVarianceSeries } from './realised/garch';
export type { GarchFit, GarchParameters, StandardErrors, VarianceFit } from './realised/garch';
export type { VarianceStart } from './realised/variance-start';
export type { PriceBar } from './realised/price-bar';
export { rollingVolatility, volatilityCone } from './realised/volatility-cone';
export type {
  RollingVolatilityRequest,
  VolatilityConeRequest,
  VolatilityConeRow,
} from './realised/volatility-cone';
export { expectedTotalVariance, hestonVarianceOption } from './variance/heston-variance-option';
export type { HestonVarianceTerms } from './variance/heston-variance-option';
export { fairVarianceByReplication, fairVarianceOfLinearSkew } from './variance/replication';
export type { ReplicationRequest, StripGreeks, StripLeg, VarianceReplication } from './variance/replication';
export { vixIndex, vixTermVariance } from './variance/vix-index';
export type {
  IndexContribution,
  IndexTerm,
  StrikeQuote,
  TermVariance,
  VolatilityIndex,
} from './variance/vix-index';
export { spellingsOf, writtenNames } from './cases/watched-inputs';
export { caseModels, runPricingFile } from './cases/pricing-file';
export { runImpliedVolatilityFile } from './cases/implied-volatility-file';
export { runSurfaceFit, unitOf } from './cases/surface-fit-file';
export type { RowProblem } from './cases/chain-rows';
export type { TableReader, TableRow } from './cases/table-rows';
export type { FittedExpiry, SurfaceFitReport } from './cases/surface-fit-file';
export type { CaseError, CaseResult, CaseResults } from './cases/case-file';
export { runRealisedFile } from './cases/realised-file';
export type { HorizonVolatility, RealisedReport } from './cases/realised-file';
