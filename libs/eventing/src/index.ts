export { causeOfCommit, viewOf } from './cause';
export type { Cause } from './cause';
export {
  SCHEMA_VERSION,
  aggregateKey,
  commitIdOf,
  contextSubjects,
  instantIdOf,
  partitionOfBook,
  subjectOf,
  subjectToken,
  venueReportIdOf,
} from './commit';
export type {
  Causation,
  Commit,
  CommitClock,
  Producer,
  RecordedEvent,
  Seal,
  SealedCommit,
  StoredCommit,
} from './commit';
export { ConflictError } from './faults';
export { MemoryEventLog } from './memory-log';
export type { Appended, EventLog } from './ports';
