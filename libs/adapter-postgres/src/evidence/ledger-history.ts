import type { Instant } from '@evenkeel/kernel';
import type { BookHistory, HistoryRow, PackSource, PackSourceRow } from '@evenkeel/reconstruction';
import type { Pool } from 'pg';
import { assertAttached } from '../ledger/detached-epochs';
import { EVENT_TIME } from './ledger-epochs';

/** The commit log as its readers ask for it: by book, and by event time. */
export class LedgerHistory implements BookHistory, PackSource {
  constructor(private readonly pool: Pool) {}

  async newestEpochOf(book: string): Promise<string | undefined> {
    const { rows } = await this.pool.query<{ epoch: string }>(
      `SELECT b.epoch FROM read_v2.books b JOIN ledger.checkpoint c USING (epoch) WHERE b.book = $1
        ORDER BY c.updated_at DESC, b.epoch DESC LIMIT 1`,
      [book],
    );
    return rows[0]?.epoch;
  }

  async lastSequenceAt(epoch: string, book: string, time: Instant): Promise<number> {
    await assertAttached(this.pool, epoch);
    const { rows } = await this.pool.query<{ seq: number | null }>(
      `SELECT max(seq) AS seq FROM ledger.commit_log
        WHERE epoch = $1 AND decoded->>'book' = $2 AND ${EVENT_TIME} <= $3`,
      [epoch, book, time.toString()],
    );
    return rows[0]?.seq ?? 0;
  }

  async commits(
    epoch: string,
    book: string,
    partition: string,
    until: number,
  ): Promise<readonly HistoryRow[]> {
    await assertAttached(this.pool, epoch);
    const { rows } = await this.pool.query<HistoryRow>(
      `SELECT seq, bytes, hash FROM ledger.commit_log
        WHERE epoch = $1 AND seq <= $2 AND decoded->>'book' = $3 AND decoded->>'partition' = $4 ORDER BY seq`,
      [epoch, until, book, partition],
    );
    return rows;
  }

  async between(from: Instant, to: Instant): Promise<readonly PackSourceRow[]> {
    const { rows } = await this.pool.query<PackSourceRow>(
      `SELECT l.epoch, l.seq, l.bytes, l.hash, e.first_index + l.seq - 1 AS index
         FROM ledger.commit_log l JOIN ledger.tree_epoch e USING (epoch)
        WHERE (l.decoded->'clock'->>'eventTime')::numeric >= $1 AND (l.decoded->'clock'->>'eventTime')::numeric < $2
        ORDER BY index`,
      [from.toString(), to.toString()],
    );
    return rows;
  }
}
