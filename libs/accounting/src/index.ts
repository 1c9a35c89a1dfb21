export { ACCOUNTS, inventoryOf } from './chart-of-accounts';
export { contractsOfBook, postingsOf, trialBalance } from './journal-entries';
export type { JournalEntry, JournalLine, ContractLookup } from './journal-entries';
export { ATTRIBUTION_TERMS, attributePnl } from './pnl-attribution';
export type { AttributionTerm, PnlAttribution } from './pnl-attribution';
export { createRunAttribution } from './run-attribution';
export type { BookAttribution, ResidualShare, RunAttribution } from './run-attribution';
export { createRunStatistics } from './run-statistics';
export type {
  AbsoluteDelta,
  BookStatistics,
  DecisionCounts,
  DeltaBeforeAfter,
  RunStatistics,
} from './run-statistics';
