export { checkApprovals } from './check-approvals';
export { checkAuthors } from './check-authors';
export { alsoInText, decisionToRead } from './decision-to-read';
export type { DecisionQuestion } from './decision-to-read';
export { decisionsToExport } from './decisions-to-export';
export type { DecisionsToExport, ExportQuestion } from './decisions-to-export';
export { decodeEnvelope, envelopeOf } from './commit-envelope';
export { showText } from './show-bundle';
export { bundleStories } from './bundle-stories';
export { brokenOf, checkEvidence, checkJson, checkText, readUnverified } from './check-bundle';
export type { CheckInput } from './check-bundle';
export {
  detachedText,
  elsewhereText,
  epochLine,
  epochToRead,
  epochsToRead,
  readFrom,
  requireBook,
  spanText,
} from './epoch-to-read';
export type { EpochToRead, ReadFrom } from './epoch-to-read';
export type {
  BookHistory,
  CoveringCheckpoint,
  DecisionEvidence,
  DecisionPlace,
  DecisionToRead,
  DecisionPoint,
  EpochHistory,
  EpochOnRecord,
  EventSpan,
  ExposurePoint,
  HistoryRow,
  JournalRange,
  PackFolder,
  PackSource,
  PackSourceRow,
  SignedLog,
  DecisionContext,
} from './evidence-ports';
export { checkPack, packCheckText } from './check-pack';
export type { PackReport } from './check-pack';
export type { PackFiles } from './pack-files';
export { exportBundle } from './export-bundle';
export type { ExportOptions, Exported } from './export-bundle';
export { historyToRead, listHistory } from './list-history';
export type { HistoryToRead, ListAnswer, ListFilter, ListQuestion, ListSource } from './list-history';
export { LiveFold, renderLiveSummary } from './live-fold';
export type { LiveSummary } from './live-fold';
export { PACK_TABLES, csvLine } from './pack-tables';
export type { PackTable } from './pack-tables';
export { momentToRead } from './moment-to-read';
export type { PlaceInTime } from './moment-to-read';
export { beyondText, periodOf, periodText, periodToRead, spansOf } from './period-to-read';
export type { Period, WantedPeriod } from './period-to-read';
export { isRange, rangeToRead } from './range-to-read';
export type { RangeToRead } from './range-to-read';
export { rebuildLedger } from './rebuild-ledger';
export type {
  KeptCheckpoint,
  LedgerImage,
  LedgerRebuild,
  PublishedCommit,
  RebuildOptions,
  RebuildableLedger,
} from './rebuild-ledger';
export type {
  ApprovalTimes,
  CommitReference,
  OrderStory,
  Reconstruction,
  Recorded,
  Stop,
  StopEnd,
} from './reconstruction';
export { STOP_EVENTS } from './stops';
export { tellDecision } from './tell-decision';
export { StoryMaterial } from './told-commits';
export type { StoryRow } from './told-commits';
export { reconstructionText } from './reconstruction-text';
export { judgeChain, reexecuteChain } from './reexecute-chain';
export type { ChainLink } from './reexecute-chain';
export { inputsOf, reexecuteDecision } from './reexecute-decision';
export { stateAsOf, stateText } from './state-as-of';
export type { AsOfOptions, StateAsOf } from './state-as-of';
export { stretchToPack } from './stretch-to-pack';
export type { StretchQuestion, StretchToPack } from './stretch-to-pack';
export { storyPage } from './story-page';
export { writePack } from './write-pack';
export type { PackManifest, PackOptions } from './write-pack';
