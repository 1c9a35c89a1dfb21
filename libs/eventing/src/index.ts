export { causeOfCommit, viewOf } from './cause';
export type { Cause } from './cause';
export {
  SCHEMA_VERSION,
  aggregateKey,
  commitIdOf,
  contextSubject,
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
  CommitSignature,
  CommitSigner,
  Producer,
  RecordedEvent,
  Seal,
  SealedCommit,
  StoredCommit,
  Taken,
} from './commit';
export { ConflictError } from './faults';
export { MemoryEventLog } from './memory-log';
export type { AppendScope, Appended, EventLog, ReadOptions } from './ports';
export { byAge, snapshotNamed, snapshotsToPrune, snapshotText } from './snapshot-store';
export type { SnapshotName, SnapshotStore } from './snapshot-store';
export { decodeState, encodeState } from './state-codec';
export { decodeSnapshot, encodeSnapshot } from './state-snapshot';
export type {
  AggregateHead,
  ReactorMemory,
  SnapshotPosition,
  SnapshotScope,
  StateSnapshot,
} from './state-snapshot';
