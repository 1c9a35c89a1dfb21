import { tryDecodeCommit } from '@evenkeel/contracts';
import { Authors, isAboutKeys } from '@evenkeel/engine';
import { IntegrityFault } from '@evenkeel/kernel';
import { verifyNatively } from '@evenkeel/signing-keys';
import type { FindQuarantine } from './passed-over';

interface Published {
  readonly epoch: string;
  readonly seq: number;
  readonly bytes: Uint8Array;
}

/** What people have quarantined, by epoch, as all commits of a history say. Whether two people stand behind it, verification says. */
export async function quarantinesIn(
  commits: AsyncIterable<Published>,
): Promise<ReadonlyMap<string, FindQuarantine>> {
  const epochs = new Map<string, Authors>();
  for await (const { epoch, seq, bytes } of commits) {
    const commit = tryDecodeCommit(bytes);
    if (commit === undefined || (seq !== 1 && !isAboutKeys(commit))) continue;
    let authors = epochs.get(epoch);
    if (authors === undefined) epochs.set(epoch, (authors = new Authors({ epoch, verify: verifyNatively })));
    takeIn(authors, { seq, commit, bytes });
  }
  return new Map(
    [...epochs].map(([epoch, { quarantines }]) => [epoch, (seq, hash) => quarantines.of(seq, hash)]),
  );
}

/** What nobody may say there says nothing about keys and quarantines. */
function takeIn(authors: Authors, placed: Parameters<Authors['take']>[0]): void {
  try {
    authors.take(placed);
  } catch (error) {
    if (!(error instanceof IntegrityFault)) throw error;
  }
}
