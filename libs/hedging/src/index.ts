export { contractsFor, hedgeInstrumentOf, proportionalCost } from './hedge-instrument';
export type { HedgeInstrument, HedgeMarket } from './hedge-instrument';
export type { RestingOrder } from './in-flight';
export { judgeEach } from './policies/band';
export type { BandJudgement } from './policies/band';
export { chooseInstrument, immediateCost, residualRisk } from './policies/candidates';
export type { Choice, Weighing } from './policies/candidates';
export type {
  Policy,
  PolicyInput,
  PolicyOutput,
  UnderlyingMemory,
  UnderlyingRefusal,
  UnderlyingView,
} from './policies/policy';
export { parsePolicy, policyKinds } from './policies/registry';
export { whalleyWilmottHalfBand } from './policies/whalley-wilmott';
export type { WhalleyWilmottInputs } from './policies/whalley-wilmott';
export { createProgramCore } from './program-core';
export type { ProgramBook, ProgramState } from './state';
