import type { Quarantine } from '@evenkeel/engine';
import { uuidV5 } from '@evenkeel/kernel';
import type { BinaryCopy } from '../wire/copy-binary';
import { COMMIT_LOG_COLUMNS } from './commit-log-columns';
import type { JournalMessage } from './ledger-commit';
import { leafOf } from './leaf';
import { nativeSha256 } from './native-hash';

/**
 * A message that people have quarantined. It has its row like every other, with its bytes, their hash and the leaf over it, so
 * that rows, tree and archive have no hole; it is of no aggregate and says nothing.
 */
export interface PassedOver {
  readonly epoch: string;
  readonly seq: number;
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
  readonly leafHash: Uint8Array;
  readonly quarantine: Quarantine;
}

/** Whether a message that cannot be believed is quarantined; asked of such messages alone. */
export type FindQuarantine = (seq: number, hash: Uint8Array) => Quarantine | undefined;

/** What its row has in place of an aggregate. */
export const PASSED_OVER = 'quarantine/message/';

/** A row of this aggregate is no commit. */
export function isPassedOver({ aggregate }: { readonly aggregate: string }): boolean {
  return aggregate.startsWith(PASSED_OVER);
}

export function passedOver(
  epoch: string,
  { seq, bytes }: JournalMessage,
  find: FindQuarantine | undefined,
): PassedOver | undefined {
  const hash = nativeSha256(bytes);
  const quarantine = find?.(seq, hash);
  if (quarantine === undefined) return undefined;
  return { epoch, seq, bytes, hash, leafHash: leafOf(epoch, seq, hash), quarantine };
}

/** Writes its row of `commit_log`. */
export function writePassedRow(copy: BinaryCopy, row: PassedOver): void {
  copy.row(COMMIT_LOG_COLUMNS.length);
  copy.text(row.epoch);
  copy.int8(row.seq);
  copy.uuid(passedId(row));
  copy.text(`${PASSED_OVER}${row.seq}`);
  copy.int8(1);
  copy.bytea(row.bytes);
  copy.bytea(row.hash);
  copy.bytea(new Uint8Array(0));
  copy.bytea(row.leafHash);
  copy.jsonb(JSON.stringify(passedJson(row.quarantine)));
}

/** What `commit_id` holds of it: its own id, where it has one, is nobody's word. */
export function passedId({ epoch, seq }: { readonly epoch: string; readonly seq: number }): string {
  return uuidV5(`quarantined|${epoch}|${seq}`);
}

/** What `decoded` holds of it: the fact that it counts for nothing by. */
export function passedJson({ commitId, subject, sha256 }: Quarantine): object {
  return { quarantined: { by: commitId, subject, sha256 } };
}
