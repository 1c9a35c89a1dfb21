export { TEST_PRODUCER, commitOf, decisionDraft } from './commits';
export { describeEventLog } from './event-log-contract';
export { itWithSharedData, sharedDir } from './shared-data';
export { createToyCore } from './toy-core';
export type { ToyState } from './toy-core';
export { goldenJournals, readGoldenJournal } from './golden-journal';
export type { GoldenDescription, GoldenJournal } from './golden-journal';
export { Signal } from './signal';
export { describeSnapshotStore } from './snapshot-store-contract';
