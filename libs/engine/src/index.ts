export { AuthorFault } from './authors/author-fault';
export type { AuthorFaultCode } from './authors/author-fault';
export { Authors, isAboutKeys } from './authors/authors';
export type { Quarantine } from './authors/quarantines';
export type { AuthorsOptions, PlacedCommit, VerifySignature } from './authors/authors';
export {
  COMMIT_KEYS,
  CommitKeys,
  DESK_SERVICE,
  SIGNING_SERVICES,
  enrolled,
  enrolmentDraft,
} from './authors/commit-keys';
export type { EnrolledKey, ReplacedKey, ServiceKey } from './authors/commit-keys';
export { bootDrafts, bootedBook, isBoot, policyDraft, sealBoot, withPolicy } from './boot';
export type { BookUnderManagement, BootedBook } from './boot';
export { bookFollows, governanceRecord } from './governance';
export { inRealTime } from './real-time';
export { DeskFold, factText, lineageOf } from './carry';
export type { CarriedDesk, CarryOptions, DeskStates } from './carry';
export { CoreReplay } from './core-replay';
export type { Outcome, ReplayRecord, ReplayRules } from './core-replay';
export { ORDER_REPLAY } from './order-replay';
export { PROGRAM_REPLAY } from './program-replay';
export { RISK_REPLAY } from './risk-replay';
export { PartitionReexecution, reexecuteJournal } from './partition-reexecution';
export type { Reexecution, ReexecutionRecord } from './partition-reexecution';
export { recordedOf } from './recorded-commit';
export type { Divergence, Recorded, RecordedCommit } from './recorded-commit';
export { runAgainIn, sumOfCounts } from './replay-counts';
export type { ReplayCount, RunAgain } from './replay-counts';
export {
  PartitionClock,
  RESTLESS,
  causeOfInstant,
  causeOfReport,
  instantCauseId,
  nextInstant,
  wakeInstant,
} from './event-time';
export type { Coming, GivenInstant, MarketPlace, NextInstant, VenueInput, WakeRequest } from './event-time';
export { FoldedCore } from './folded-core';
export { checkKept } from './kept';
export { PartitionGate } from './partition-gate';
export type { MarketEntry } from './partition-gate';
export { PartitionReplay } from './partition-replay';
export type { ReplayOptions, ReplayTarget } from './partition-replay';
export { PriceJournal } from './price-journal';
export { Reactor } from './reactor';
export type { ReactorOptions } from './reactor';
export { buildReport, haltedBooks, renderReport } from './run-report';
export type { HaltedBook, RunReport, VerificationStatus } from './run-report';
export { Heads, NO_HEAD, VIRTUAL_CLOCK, envelopeOf, originOf } from './seal';
export type { EnvelopeOptions, Head, HostClock, Origin } from './seal';
export { drive, driveAsync, settle, take } from './settle';
export type { Deciding, OnRecord, Settling, Task } from './settle';
export { SettlementBoard } from './settlement';
export type { PartitionReport, SettlementReport } from './settlement';
export { StepPlanner } from './step-planner';
export type { Plan, PlanOptions } from './step-planner';
export { CORES, TOPOLOGY, hears } from './topology';
export type { ContextRules, CoreContext } from './topology';
