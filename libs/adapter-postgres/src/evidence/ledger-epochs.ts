import { DecisionDigest, decodeCommit } from '@evenkeel/contracts';
import type { EpochCarried } from '@evenkeel/facts';
import { formatInstant } from '@evenkeel/kernel';
import type { EpochHistory, EpochOnRecord, EventSpan } from '@evenkeel/reconstruction';
import type { Pool } from 'pg';
import { readDetachedEpochs } from '../ledger/detached-epochs';
import { readTreeEpochs } from '../ledger/ledger-tree';

/** Indexed as it stands here. */
export const EVENT_TIME = `((decoded->'clock'->>'eventTime')::bigint)`;

export interface EpochContents {
  /** Wall clock of whoever wrote its first commit, ISO 8601. */
  readonly openedAt?: string;
  readonly decisions: number;
  /** As the report of a run has it. */
  readonly decisionDigest: string;
  /** What it took over, where it did. */
  readonly carried?: EpochCarried;
}

/** The epochs of the ledger: which there are, and what time they hold. */
export class LedgerEpochs implements EpochHistory {
  constructor(private readonly pool: Pool) {}

  async epochs(): Promise<readonly EpochOnRecord[]> {
    const [places, detached, books] = await Promise.all([
      readTreeEpochs(this.pool),
      readDetachedEpochs(this.pool),
      this.books(),
    ]);
    const left = new Set(detached.map(({ epoch }) => epoch));
    return places.map(({ epoch, commits }) => {
      const opened = books.get(epoch);
      const pace = opened === undefined ? undefined : paceOf(opened.bytes);
      return {
        epoch,
        commits,
        detached: left.has(epoch),
        books: opened?.books ?? [],
        ...(pace === undefined ? {} : { pace }),
      };
    });
  }

  async spanOf(epoch: string): Promise<EventSpan | undefined> {
    const { rows } = await this.pool.query<{ first: string | null; newest: string | null }>(
      `SELECT min(${EVENT_TIME})::text AS first, max(${EVENT_TIME})::text AS newest
         FROM ledger.commit_log WHERE epoch = $1`,
      [epoch],
    );
    const { first, newest } = rows[0] ?? { first: null, newest: null };
    return first === null || newest === null ? undefined : { from: BigInt(first), to: BigInt(newest) };
  }

  /** What an epoch whose rows are there began with, and what it decided. */
  async contentsOf(epoch: string): Promise<EpochContents> {
    const first = await this.pool.query<{ bytes: Buffer }>(
      `SELECT bytes FROM ledger.commit_log WHERE epoch = $1 AND (seq = 1 OR aggregate = $2) ORDER BY seq`,
      [epoch, `governance/epoch/${epoch}`],
    );
    const decided = await this.pool.query<{ bytes: Buffer; decisions: number }>(
      `SELECT l.bytes, d.decisions
         FROM (SELECT epoch, seq, count(*)::int AS decisions FROM read_v2.decisions WHERE epoch = $1 GROUP BY epoch, seq) d
         JOIN ledger.commit_log l USING (epoch, seq) ORDER BY l.seq`,
      [epoch],
    );
    const digest = new DecisionDigest();
    for (const { bytes } of decided.rows) {
      const { book, events } = decodeCommit(bytes);
      for (const { event } of events) digest.add(book, event);
    }
    const [opening, ...carrying] = first.rows.map(({ bytes }) => decodeCommit(bytes));
    const carried = [opening, ...carrying]
      .flatMap((commit) => commit?.events ?? [])
      .flatMap(({ event }) => (event.type === 'EpochCarried' ? [event.payload] : []))
      .at(0);
    return {
      decisions: decided.rows.reduce((all, { decisions }) => all + decisions, 0),
      decisionDigest: digest.finish(),
      ...(opening === undefined ? {} : { openedAt: formatInstant(opening.clock.decidedTime) }),
      ...(carried === undefined ? {} : { carried }),
    };
  }

  /** By epoch: its books by name, and the commit that opened the first of them. */
  private async books(): Promise<ReadonlyMap<string, { readonly books: string[]; readonly bytes: Buffer }>> {
    const { rows } = await this.pool.query<{ epoch: string; books: string[]; bytes: Buffer }>(
      `SELECT b.epoch, b.books, l.bytes
         FROM (SELECT epoch, array_agg(book ORDER BY book) AS books, min(opened_seq) AS seq FROM read_v2.books GROUP BY epoch) b
         JOIN ledger.commit_log l USING (epoch, seq)`,
    );
    return new Map(rows.map(({ epoch, ...opened }) => [epoch, opened]));
  }
}

/** In real time every book has a lineage; on a tape none has. */
function paceOf(bytes: Uint8Array): EpochOnRecord['pace'] {
  for (const { event } of decodeCommit(bytes).events)
    if (event.type === 'BookOpened' || event.type === 'BookCarried')
      return (event.payload.lineage ?? '') === '' ? 'tape' : 'real time';
  return undefined;
}
