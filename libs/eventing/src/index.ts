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
  SealedCommit,
  StoredCommit,
} from './commit';
export { ConflictError } from './faults';
export { nextInstant } from './instant-sequencer';
export type { NextInstant, WakeRequest } from './instant-sequencer';
export { MemoryEventLog } from './memory-log';
export type { Appended, EventLog } from './ports';
export { Reactor, causeOfCommit, viewOf } from './reactor';
export type { Cause, ReactorOptions, Seal, SealedStep } from './reactor';
