import type { BinaryCopy } from './copy-binary';
import { COMMIT_LOG_COLUMNS } from './commit-log-columns';
import { decodedJson } from './ledger-commit';
import type { LedgerCommit } from './ledger-commit';

/** Rows go in by the inbox, whose trigger function writes `commit_log`: the role itself may not. */
export const COPY_COMMIT_LOG = `COPY ledger.inbox (${COMMIT_LOG_COLUMNS.join(', ')}) FROM STDIN (FORMAT binary)`;

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
