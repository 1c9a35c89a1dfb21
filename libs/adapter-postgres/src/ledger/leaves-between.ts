import type { Pool } from 'pg';
import type { LedgerCommit } from './ledger-commit';
import { assertAttached } from './detached-epochs';
import { readTreeEpochs } from './ledger-tree';
import { ledgerCommitsBetween } from './read-log';

/** Commits by their leaf in the tree, from the first up to the last, which is not included. */
export async function* leavesBetween(pool: Pool, from: number, until: number): AsyncIterable<LedgerCommit> {
  for (const { epoch, firstIndex, commits } of await readTreeEpochs(pool)) {
    const first = Math.max(1, from - firstIndex + 1);
    const last = Math.min(commits, until - firstIndex);
    if (first > last) continue;
    await assertAttached(pool, epoch);
    yield* ledgerCommitsBetween(pool, epoch, first, last);
  }
}
