export { createRunStatistics } from './run-statistics';
export type {
  AbsoluteDelta,
  BookStatistics,
  DecisionCounts,
  DeltaBeforeAfter,
  RunStatistics,
} from './run-statistics';
