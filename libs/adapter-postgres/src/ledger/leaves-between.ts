import type { Pool } from 'pg';
import { assertAttached } from './detached-epochs';
import { readTreeEpochs } from './ledger-tree';
import { readLog } from './read-log';
import type { RestoredCommit } from './restore-ledger';

/** The bytes of the rows by their leaf in the tree, from the first up to the last, which is not included; what was quarantined too. */
export async function* leavesBetween(pool: Pool, from: number, until: number): AsyncIterable<RestoredCommit> {
  for (const { epoch, firstIndex, commits } of await readTreeEpochs(pool)) {
    const first = Math.max(1, from - firstIndex + 1);
    const last = Math.min(commits, until - firstIndex);
    if (first > last) continue;
    await assertAttached(pool, epoch);
    yield* rowsBetween(pool, epoch, first, last);
  }
}

async function* rowsBetween(
  pool: Pool,
  epoch: string,
  first: number,
  last: number,
): AsyncIterable<RestoredCommit> {
  const client = await pool.connect();
  try {
    for await (const { seq, bytes } of readLog(client, { epoch, afterSeq: first - 1 })) {
      if (seq > last) return;
      yield { epoch, seq, bytes };
    }
  } finally {
    client.release();
  }
}
