import '@evenkeel/platform';
export {
  keepCosignedCheckpoint,
  keepSignedCheckpoint,
  leafIndexOf,
  newestCheckpointNumber,
  readCosignedCheckpoints,
  readSignedCheckpoints,
} from './audit/checkpoint-table';
export type { CosignedRow } from './audit/checkpoint-table';
export { compareJournal } from './audit/compare-journal';
export type { DecisionFilter, DecisionSummary } from './read/decision-views';
export { ledgerGovernance } from './read/ledger-governance';
export type { EpochGovernance } from './read/ledger-governance';
export { ledgerAuthors } from './read/ledger-keys';
export { ledgerFloor } from './read/ledger-floor';
export { LedgerToVerify } from './audit/ledger-to-verify';
export { reconstruct } from './audit/reconstruct';
export { LedgerEpochs } from './evidence/ledger-epochs';
export type { EpochContents } from './evidence/ledger-epochs';
export { LedgerEvidence } from './evidence/ledger-evidence';
export { LedgerHistory } from './evidence/ledger-history';
export { decisionContextOf } from './evidence/decision-context';
export { verifyLedger } from './audit/verify-ledger';
export type { VerifyOptions } from './audit/verify-ledger';
export { checkExternalPostgres } from './embedded/external-server';
export { databasePlace } from './schema/connect-failure';
export { databaseFaults, databaseStanding } from './schema/database-standing';
export type { DatabaseNeed, DatabaseStanding } from './schema/database-standing';
export { startLedgerServer } from './embedded/start-ledger-server';
export type { LedgerServer } from './embedded/start-ledger-server';
export { startEmbeddedPostgres } from './embedded/start-embedded';
export type { EmbeddedPostgres, EmbeddedPostgresOptions } from './embedded/start-embedded';
export { LedgerFault } from './ledger/faults';
export type { LedgerFaultCode } from './ledger/faults';
export type { JournalMessage, LedgerCommit } from './ledger/ledger-commit';
export { ledgerCommitsBetween } from './ledger/read-log';
export { readLeaves, readTree, readTreeEpochs } from './ledger/ledger-tree';
export type { LedgerLeaf, SignedRootAt, TreeEpoch } from './ledger/ledger-tree';
export { LedgerToDetach } from './ledger/ledger-to-detach';
export { LedgerToRebuild } from './ledger/ledger-to-rebuild';
export { leavesBetween } from './ledger/leaves-between';
export { readCommits } from './ledger/read-log';
export { dropLedger, readModelContents, restoreLedger } from './ledger/restore-ledger';
export type { RestoreOptions, RestoredCommit } from './ledger/restore-ledger';
export { createLedgerWriter } from './ledger/ledger-writer';
export type { LedgerWriter, LedgerWriterOptions } from './ledger/ledger-writer';
export type { EntriesOf } from './read/projector';
export { LedgerDesk } from './read/desk-record';
export { EXPORTS, exportRows } from './read/export-rows';
export type { ExportColumn, ExportName, ExportRow } from './read/export-rows';
export { ReadModels, listDecisions } from './read/read-models';
export type { CountedList } from './read/read-models';
export type {
  AccountBalance,
  ExplainedPnlView,
  FillView,
  HaltView,
  IncidentView,
  OrderView,
  PnlView,
  PositionView,
  ReadFilter,
} from './read/read-views';
export { rebuildReadModels } from './read/rebuild';
export type { RebuildOptions, RebuildReport } from './read/rebuild';
export { writeDatabaseFolder } from './schema/database-folder';
export { applyRoles, assertWriterLogin, urlOfLogin } from './schema/ledger-logins';
export { createLedgerPool } from './schema/ledger-pool';
export type { LedgerPoolOptions, LedgerRole } from './schema/ledger-pool';
export { migrate } from './schema/migrate';
export { newestMigration } from './schema/migrations';
export { loadMigrations } from './schema/migrations';
export type { Migration } from './schema/migrations';
