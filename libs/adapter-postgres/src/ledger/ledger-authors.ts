import { verifyNatively } from '@evenkeel/signing-keys';
import { AuthorFault, Authors, COMMIT_KEYS } from '@evenkeel/engine';
import { aggregateKey } from '@evenkeel/eventing';
import type { ClientBase } from 'pg';
import { LedgerFault } from './faults';
import { decodeAt } from './ledger-commit';
import type { LedgerCommit } from './ledger-commit';

/**
 * Who may write in an epoch, as the rows that were taken over say. `deskKey`: as whoever reads has it from elsewhere; without
 * it the epoch vouches for itself.
 */
export async function authorsIn(
  client: Pick<ClientBase, 'query'>,
  epoch: string,
  deskKey?: Uint8Array,
  before = Number.MAX_SAFE_INTEGER,
): Promise<Authors> {
  const authors = new Authors({ epoch, verify: verifyNatively, deskKey });
  const { rows } = await client.query<{ seq: number; bytes: Buffer }>(
    `SELECT seq, bytes FROM ledger.commit_log
      WHERE epoch = $1 AND (seq = 1 OR aggregate = $2) AND seq < $3 ORDER BY seq`,
    [epoch, aggregateKey(COMMIT_KEYS), before],
  );
  for (const { seq, bytes } of rows) authors.take({ seq, bytes, commit: decodeAt(epoch, seq, bytes) });
  return authors;
}

/** Judges who wrote a commit; throws a `LedgerFault` under the code of what is wrong. */
export function judgeAuthor(authors: Authors, { epoch, seq, commit, bytes }: LedgerCommit): void {
  try {
    authors.take({ seq, commit, bytes });
  } catch (error) {
    if (!(error instanceof AuthorFault)) throw error;
    throw new LedgerFault(error.code, epoch, seq, error.message, error);
  }
}
