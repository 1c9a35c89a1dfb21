import { canonicalJson, sha256, toHex, utf8 } from '@evenkeel/kernel';
import type { TreeHead } from '../merkle/consistency';
import type { HeadRecord } from '../notes/head-guard';
import { verifyCheckpoint } from '../notes/verify-checkpoint';
import type { TrustPolicy } from '../notes/verify-checkpoint';
import type { Defect } from './defect';

/**
 * A checkpoint as it is kept (Postgres, EK_AUDIT, a folder): numbered and chained, because signatures alone do not
 * show that one in the middle was taken out.
 */
export interface CheckpointRecord {
  /** From 1. */
  readonly number: number;
  /** SHA-256 of the previous record, hex; empty for the first. */
  readonly previous: string;
  /** The signed note, with the cosignatures that had come by then. */
  readonly note: string;
}

export function checkpointRecordHash(record: CheckpointRecord): string {
  return toHex(
    sha256(utf8(canonicalJson({ number: record.number, previous: record.previous, note: record.note }))),
  );
}

/** The record that follows `last`. */
export function nextCheckpointRecord(last: CheckpointRecord | undefined, note: string): CheckpointRecord {
  return {
    number: (last?.number ?? 0) + 1,
    previous: last === undefined ? '' : checkpointRecordHash(last),
    note,
  };
}

export interface CheckpointExpectations {
  readonly trust: TrustPolicy;
  /** What the issuer remembers to have signed last: the history must reach it. */
  readonly lastSigned?: HeadRecord;
  /** Rows in the ledger, and how many of them may still be without a checkpoint. */
  readonly rows?: number;
  readonly cadence?: number;
}

export interface CheckpointHistoryReport {
  /** Verified heads by ascending size, for the chain verifier to reproduce. */
  readonly heads: readonly TreeHead[];
  readonly defects: readonly Defect[];
}

/** Checks a kept history of checkpoints on its own; whether the rows reproduce its heads is the chain verifier's part. */
export function verifyCheckpointHistory(
  records: readonly CheckpointRecord[],
  expected: CheckpointExpectations,
): CheckpointHistoryReport {
  const heads: TreeHead[] = [];
  const defects: Defect[] = [];
  let last: CheckpointRecord | undefined;
  for (const record of records) {
    const where = `checkpoint ${record.number}`;
    const wrong = (code: Defect['code'], message: string): void =>
      void defects.push({ code, where, message: `Checkpoint ${record.number}: ${message}.` });
    const due = nextCheckpointRecord(last, '');
    if (record.number !== due.number) wrong('AUDIT.CHECKPOINT_CHAIN_BROKEN', `number ${due.number} was next`);
    else if (record.previous !== due.previous) {
      wrong('AUDIT.CHECKPOINT_CHAIN_BROKEN', 'it does not follow the record before it');
    }
    const verified = verifyCheckpoint(record.note, expected.trust);
    if (!verified.ok) wrong('AUDIT.CHECKPOINT_INVALID', verified.failure.message.replace(/\.$/, ''));
    else {
      const { size, root } = verified.value.checkpoint;
      const previous = heads[heads.length - 1];
      if (previous !== undefined && size < previous.size) {
        wrong(
          'AUDIT.CHECKPOINT_CHAIN_BROKEN',
          `its tree of ${size} is smaller than the one before, of ${previous.size}`,
        );
      } else heads.push({ size, root });
    }
    last = record;
  }
  defects.push(...checkReach(heads[heads.length - 1], records.length, expected));
  return { heads, defects };
}

function checkReach(
  newest: TreeHead | undefined,
  count: number,
  expected: CheckpointExpectations,
): readonly Defect[] {
  const defects: Defect[] = [];
  const { lastSigned, rows, cadence } = expected;
  const where = `checkpoint ${count + 1}`;
  const size = newest?.size ?? 0;
  if (
    lastSigned !== undefined &&
    (size !== lastSigned.size || toHex(newest?.root ?? utf8('')) !== lastSigned.root)
  ) {
    defects.push({
      code: 'AUDIT.CHECKPOINTS_MISSING',
      where,
      message: `The history ends at size ${size}; size ${lastSigned.size} was signed.`,
    });
  }
  if (rows !== undefined && cadence !== undefined && rows - size > cadence) {
    defects.push({
      code: 'AUDIT.CHECKPOINT_OVERDUE',
      where,
      seq: size + cadence,
      message: `${rows - size} commits are without a checkpoint; ${cadence} may be.`,
    });
  }
  return defects;
}
