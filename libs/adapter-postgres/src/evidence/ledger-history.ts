import type { Instant } from '@evenkeel/kernel';
import type { BookHistory, HistoryRow, PackSource, PackSourceRow } from '@evenkeel/reconstruction';
import type { Pool } from 'pg';
import { assertAttached } from '../ledger/detached-epochs';
import { EVENT_TIME } from './ledger-epochs';

const PAGE = 500;

/** The commit log as its readers ask for it: by book, and by event time. */
export class LedgerHistory implements BookHistory, PackSource {
  constructor(private readonly pool: Pool) {}

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

  async newestIndex(epoch: string, from: Instant, to: Instant): Promise<number | undefined> {
    const { rows } = await this.pool.query<{ index: number | null }>(
      `SELECT max(e.first_index + l.seq - 1) AS index
         FROM ledger.commit_log l JOIN ledger.tree_epoch e USING (epoch)
        WHERE l.epoch = $1 AND ${EVENT_TIME} >= $2 AND ${EVENT_TIME} < $3`,
      [epoch, from.toString(), to.toString()],
    );
    return rows[0]?.index ?? undefined;
  }

  async *between(epoch: string, from: Instant, to: Instant): AsyncIterable<PackSourceRow> {
    for (let position = 0; ;) {
      const { rows } = await this.pool.query<PackSourceRow>(
        `SELECT l.epoch, l.seq, l.bytes, l.hash, e.first_index + l.seq - 1 AS index
           FROM ledger.commit_log l JOIN ledger.tree_epoch e USING (epoch)
          WHERE l.epoch = $1 AND l.seq > $4 AND ${EVENT_TIME} >= $2 AND ${EVENT_TIME} < $3
          ORDER BY l.seq LIMIT ${PAGE}`,
        [epoch, from.toString(), to.toString(), position],
      );
      yield* rows;
      const last = rows.at(-1);
      if (last === undefined || rows.length < PAGE) return;
      position = last.seq;
    }
  }
}
