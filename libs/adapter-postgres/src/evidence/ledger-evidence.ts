import { IDENTITIES, placeOfChange } from '@evenkeel/governance';
import type { JournalPlace, StoredEvidence } from '@evenkeel/audit';
import { COMMIT_KEYS } from '@evenkeel/engine';
import { aggregateKey } from '@evenkeel/eventing';
import { inputsOf } from '@evenkeel/reconstruction';
import type { DecisionEvidence, DecisionPlace, DecisionToRead, JournalRange } from '@evenkeel/reconstruction';
import type { Pool } from 'pg';
import { decisionNamed, decisionsIn } from './decision-places';

interface EvidenceRow {
  readonly epoch: string;
  readonly seq: number;
  readonly aggregate: string;
  readonly version: number;
  readonly bytes: Buffer;
  readonly index: number;
}

const SELECT = `SELECT l.epoch, l.seq, l.aggregate, l.version, l.bytes, e.first_index + l.seq - 1 AS index
   FROM ledger.commit_log l JOIN ledger.tree_epoch e USING (epoch)`;

/** Commits of the ledger with their leaves, as an export asks for them. What was read once is kept. */
export class LedgerEvidence implements DecisionEvidence {
  private readonly byPlace = new Map<string, EvidenceRow>();
  private readonly byAggregate = new Map<string, EvidenceRow>();

  constructor(private readonly pool: Pool) {}

  decisionNamed(id: string, epoch?: string): Promise<DecisionToRead> {
    return decisionNamed(this.pool, id, epoch);
  }

  decisionsIn(epoch: string, range: JournalRange): Promise<readonly DecisionPlace[]> {
    return decisionsIn(this.pool, epoch, range);
  }

  async bySequence(epoch: string, seq: number): Promise<StoredEvidence | undefined> {
    return (
      this.byPlace.get(placeKey(epoch, seq)) ??
      (await this.fetch(`${SELECT} WHERE l.epoch = $1 AND l.seq = $2`, [epoch, seq]))[0]
    );
  }

  async byVersion(epoch: string, aggregate: string, version: number): Promise<StoredEvidence | undefined> {
    return (
      this.byAggregate.get(versionKey(epoch, aggregate, version)) ??
      (
        await this.fetch(`${SELECT} WHERE l.epoch = $1 AND l.aggregate = $2 AND l.version = $3`, [
          epoch,
          aggregate,
          version,
        ])
      )[0]
    );
  }

  async inputsBefore(epoch: string, book: string, seq: number): Promise<readonly JournalPlace[]> {
    const rows = await this.fetch(
      `${SELECT} WHERE l.epoch = $1 AND l.seq < $2 AND (l.decoded->>'book' = $3 OR l.aggregate = ANY($4)) ORDER BY l.seq`,
      [epoch, seq, book, ROSTER],
    );
    return rows.filter(({ aggregate }) => inputsOf(aggregate.split('/')[0] ?? '')).map(placeOf);
  }

  async keysBefore(epoch: string, seq: number): Promise<readonly JournalPlace[]> {
    const keys = aggregateKey(COMMIT_KEYS);
    const rows = await this.fetch(
      `${SELECT} WHERE l.epoch = $1 AND l.seq < $2 AND l.aggregate = $3 ORDER BY l.seq`,
      [epoch, seq, keys],
    );
    return rows.map(placeOf);
  }

  async consequencesOf(epoch: string, decisionIds: readonly string[]): Promise<readonly JournalPlace[]> {
    const { rows } = await this.pool.query<{ seq: number }>(
      `WITH own AS (SELECT client_order_id FROM read_v2.orders WHERE epoch = $1 AND decision_id = ANY($2))
       SELECT seq FROM read_v2.order_events WHERE epoch = $1 AND client_order_id IN (SELECT client_order_id FROM own)
       UNION SELECT seq FROM read_v2.position_changes WHERE epoch = $1 AND client_order_id IN (SELECT client_order_id FROM own)
       ORDER BY seq`,
      [epoch, decisionIds],
    );
    const after = await this.pool.query<{ seq: number }>(
      `WITH decided AS (
         SELECT d.seq, d.book, d.reasons, greatest(d.seq, (SELECT max(p.seq) FROM read_v2.position_changes p
           JOIN read_v2.orders o ON o.epoch = p.epoch AND o.client_order_id = p.client_order_id
          WHERE p.epoch = $1 AND o.decision_id = d.decision_id)) AS last
           FROM read_v2.decisions d WHERE d.epoch = $1 AND d.decision_id = ANY($2))
       SELECT n.seq FROM decided d CROSS JOIN LATERAL (SELECT seq FROM read_v2.pnl
         WHERE epoch = $1 AND book = d.book AND seq > d.last ORDER BY seq LIMIT 1) n
       UNION SELECT n.seq FROM decided d CROSS JOIN LATERAL (SELECT seq FROM read_v2.incidents
         WHERE epoch = $1 AND book = d.book AND type = 'KillReleased' AND seq > d.seq ORDER BY seq LIMIT 1) n
         WHERE 'PROGRAM_HALTED' = ANY(d.reasons)`,
      [epoch, decisionIds],
    );
    return [...new Set([...rows, ...after.rows].map(({ seq }) => seq))].map((seq) => ({ epoch, seq }));
  }

  private async fetch(sql: string, values: readonly unknown[]): Promise<readonly EvidenceRow[]> {
    const { rows } = await this.pool.query<EvidenceRow>(sql, [...values]);
    for (const row of rows) {
      this.byPlace.set(placeKey(row.epoch, row.seq), row);
      this.byAggregate.set(versionKey(row.epoch, row.aggregate, row.version), row);
    }
    return rows;
  }
}

/** Who is enrolled, and how that changed: by it the approvals of every book are judged. */
const ROSTER = [IDENTITIES, placeOfChange('roles', 'identities').aggregate].map(aggregateKey);

function placeOf({ epoch, seq }: EvidenceRow): JournalPlace {
  return { epoch, seq };
}

function placeKey(epoch: string, seq: number): string {
  return `${epoch}/${seq}`;
}

function versionKey(epoch: string, aggregate: string, version: number): string {
  return `${epoch} ${aggregate}@${version}`;
}
