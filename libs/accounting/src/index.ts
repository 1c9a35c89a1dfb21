export { builtInContracts, contractsOfBook, postingsOf, withContract } from './journal-entries';
export type { JournalEntry, JournalLine, ContractLookup } from './journal-entries';
export { ATTRIBUTION_TERMS, mapTerms } from './attribution-terms';
export type { AttributionTerm, Terms } from './attribution-terms';
export { ExplainedBook, REFERENCES_MAX } from './explained-book';
export type { ExplainedDay } from './explained-book';
export { createRunAttribution, explainedPnl } from './explained-pnl';
export type { BookPnl, ExplainedPnl } from './explained-pnl';
export { costOfFill } from './fill-cost';
export type { FillCost } from './fill-cost';
export { explainedLine, explainedText } from './explained-text';
export { createRunStatistics } from './run-statistics';
export type {
  AbsoluteDelta,
  BookStatistics,
  DecisionCounts,
  DeltaBeforeAfter,
  RunStatistics,
} from './run-statistics';
