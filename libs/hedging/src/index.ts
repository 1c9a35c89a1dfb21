export { boyleVorstReplicationCost } from './bands/boyle-vorst';
export type { BoyleVorstInputs } from './bands/boyle-vorst';
export {
  boyleVorstVolatility,
  dermanKamalDeviation,
  expectedRebalanceCost,
  lelandNumber,
  lelandVolatility,
} from './bands/leland';
export type { LelandInputs, RebalanceInputs } from './bands/leland';
export { whalleyWilmottHalfBand } from './bands/whalley-wilmott';
export type { WhalleyWilmottInputs } from './bands/whalley-wilmott';
export { zakamoulineBand } from './bands/zakamouline';
export type { ZakamoulineBand, ZakamoulineInputs } from './bands/zakamouline';
export { carriedProgram, givenUpBy } from './carry';
export type { CarryProgram } from './carry';
export { policyContentOf } from './governed-policy';
export type { PolicyContent } from './governed-policy';
export type { HedgeBand } from './bands/hedge-band';
export { hodgesNeubergerBand } from './utility-indifference/gamma-band';
export type { HodgesNeubergerInputs } from './utility-indifference/gamma-band';
export { solveOptionIndifference } from './utility-indifference/option-band';
export type { OptionIndifferenceBand, OptionIndifferenceInputs } from './utility-indifference/option-band';
export { contractsFor, hedgeInstrumentOf, proportionalCost } from './hedge-instrument';
export type { HedgeInstrument, HedgeMarket } from './hedge-instrument';
export type { RestingOrder } from './in-flight';
export { PLAIN_COSTS, costsOf, parseCostModel } from './cost-model/cost-model';
export type { CostModel, InstrumentCosts } from './cost-model/cost-model';
export { exactly, prudent } from './cost-model/estimate';
export type { Estimate } from './cost-model/estimate';
export { NO_COST, costRate, expectedCost, impactOf } from './cost-model/expected-cost';
export type { CostCircumstances, Impact } from './cost-model/expected-cost';
export { fitCostModel, walkForward } from './cost-model/fit';
export type { CostFit, CostObservation, FitOptions, WalkForwardStep } from './cost-model/fit';
export { sizeWithImpact } from './cost-model/own-impact';
export type { ImpactedBook, OwnImpact } from './cost-model/own-impact';
export { compareWithGreedy } from './multi-greek/greedy-comparison';
export type { GreedyComparison, WeighedHedge } from './multi-greek/greedy-comparison';
export { judgeEach } from './policies/band';
export type { BandJudgement } from './policies/band';
export { spotUsdOf } from './spot-usd';
export { poolRoute, requote } from './pool/pool-route';
export type { PoolQuote, PoolRouteTerms } from './pool/pool-route';
export { chooseInstrument, immediateCost, residualRisk } from './policy/candidates';
export type { Choice, Weighing } from './policy/candidates';
export type {
  Policy,
  PolicyInput,
  PolicyOutput,
  UnderlyingMemory,
  UnderlyingRefusal,
  UnderlyingView,
} from './policy/policy';
export { parsePolicy, policyKinds } from './policies/registry';
export { assessedNow } from './policy-now';
export type { OrderAlive } from './policy-now';
export { bandUseOf } from './evaluation';
export { createProgramCore } from './program-core';
export type { ProgramBook, ProgramState } from './state';
