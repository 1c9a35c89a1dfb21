export { ACCOUNTS, inventoryOf } from './chart-of-accounts';
export { contractsOfBook, postingsOf, withContract } from './journal-entries';
export type { JournalEntry, JournalLine, ContractLookup } from './journal-entries';
export { ATTRIBUTION_TERMS } from './attribution-terms';
export type { AttributionTerm, AttributionTerms } from './attribution-terms';
export { attributePnl } from './pnl-attribution';
export type { PnlAttribution, UnderlyingAttribution } from './pnl-attribution';
export { createRunAttribution } from './run-attribution';
export type { AttributedPnl, BookAttribution, RunAttribution } from './run-attribution';
export { createRunStatistics } from './run-statistics';
export type {
  AbsoluteDelta,
  BookStatistics,
  DecisionCounts,
  DeltaBeforeAfter,
  RunStatistics,
} from './run-statistics';
