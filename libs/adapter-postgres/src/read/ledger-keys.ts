import { COMMIT_KEYS } from '@evenkeel/engine';
import type { Authors } from '@evenkeel/engine';
import { aggregateKey } from '@evenkeel/eventing';
import type { Pool } from 'pg';
import { authorsIn } from '../ledger/ledger-authors';

/** Who may sign in the newest signed epoch of the ledger but the one named; `undefined` where none is signed. */
export async function ledgerAuthors(
  pool: Pool,
  but = '',
): Promise<{ readonly epoch: number; readonly authors: Authors } | undefined> {
  const { rows } = await pool.query<{ epoch: string }>(
    `SELECT epoch FROM ledger.commit_log
      WHERE aggregate = $1 AND seq = 1 AND epoch <> $2 ORDER BY epoch::int DESC LIMIT 1`,
    [aggregateKey(COMMIT_KEYS), but],
  );
  const epoch = rows[0]?.epoch;
  return epoch === undefined ? undefined : { epoch: Number(epoch), authors: await authorsIn(pool, epoch) };
}
