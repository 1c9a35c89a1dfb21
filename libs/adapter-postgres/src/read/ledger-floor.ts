import type { Pool } from 'pg';
import { ledgerUnavailable } from '../ledger/faults';

/**
 * Where the ledger's record of the newest epoch ends: the floor that a journal must reach. Sequence 0 for a ledger that is
 * empty. Throws `LEDGER.UNAVAILABLE`.
 */
export async function ledgerFloor(
  pool: Pick<Pool, 'query'>,
): Promise<{ readonly epoch: string; readonly seq: number; readonly hash: string }> {
  const { rows } = await pool
    .query<{ epoch: string; seq: number; hash: Buffer | null }>(
      `SELECT c.epoch, c.seq, l.hash FROM ledger.checkpoint c
         LEFT JOIN ledger.commit_log l ON l.epoch = c.epoch AND l.seq = c.seq
        ORDER BY c.epoch::int DESC LIMIT 1`,
    )
    .catch((error: unknown) => {
      throw ledgerUnavailable(error);
    });
  const [newest] = rows;
  if (newest === undefined) return { epoch: '0', seq: 0, hash: '' };
  return { epoch: newest.epoch, seq: newest.seq, hash: newest.hash?.toString('hex') ?? '' };
}
