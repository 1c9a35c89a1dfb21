export { createKernelLegPricer } from './kernel-leg-pricer';
export { createOptionBatch } from './leg-pricer';
export type { LegPricer, OptionBatch, OptionColumns } from './leg-pricer';
export { createRiskCore } from './risk-core';
export type { RiskCoreOptions } from './risk-core';
export { dollarsPerIn, greekMarketIn } from './snapshot-market';
export type { BookState, CashBucket, Position, RiskState } from './state';
export { inNumeraire, optionInDollars } from './valuation';
