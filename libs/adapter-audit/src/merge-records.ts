import { checkpointRecordHash } from '@evenkeel/audit';
import type { CheckpointRecord } from '@evenkeel/audit';
import { IntegrityFault } from '@evenkeel/kernel';

/**
 * One history out of the copies kept in several places, each a beginning of it or all of it. Throws
 * `AUDIT.CHECKPOINTS_DISAGREE`, naming the first number at which two copies differ: then somebody has written one of
 * them anew, and nothing may be signed until a person has looked.
 */
export function mergeCheckpointRecords(
  copies: readonly { readonly place: string; readonly records: readonly CheckpointRecord[] }[],
): readonly CheckpointRecord[] {
  const longest = [...copies].sort((a, b) => b.records.length - a.records.length)[0];
  if (longest === undefined) return [];
  const hashes = longest.records.map(checkpointRecordHash);
  for (const { place, records } of copies) {
    const at = records.findIndex((record, index) => checkpointRecordHash(record) !== hashes[index]);
    if (at < 0) continue;
    throw new IntegrityFault({
      code: 'AUDIT.CHECKPOINTS_DISAGREE',
      message: `Checkpoint ${at + 1} is another one in ${place} than in ${longest.place}.`,
    });
  }
  return longest.records;
}
