import type { BinaryCopy } from '../wire/copy-binary';
import { COMMIT_LOG_COLUMNS } from './commit-log-columns';
import { decodedJson } from './ledger-commit';
import type { LedgerCommit } from './ledger-commit';

/**
 * Rows go into the partition of their epoch, whose trigger judges each statement: rows out of turn go back. The role may do
 * nothing else with it. The partition is made when the checkpoint is locked first.
 */
export function copyCommitLog(epoch: string): string {
  const partition = `commit_log_epoch_${epoch}`.replaceAll('"', '""');
  return `COPY ledger."${partition}" (${COMMIT_LOG_COLUMNS.join(', ')}) FROM STDIN (FORMAT binary)`;
}

/** Writes one row of `commit_log`. */
export function writeCommitRow(copy: BinaryCopy, row: LedgerCommit): void {
  copy.row(COMMIT_LOG_COLUMNS.length);
  copy.text(row.epoch);
  copy.int8(row.seq);
  copy.uuid(row.commit.commitId);
  copy.text(row.aggregate);
  copy.int8(row.commit.toVersion);
  copy.bytea(row.bytes);
  copy.bytea(row.hash);
  copy.bytea(row.commit.prevHash);
  copy.bytea(row.leafHash);
  copy.jsonb(decodedJson(row.commit));
}
