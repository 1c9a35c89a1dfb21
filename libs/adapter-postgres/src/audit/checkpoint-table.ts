import type { CheckpointRecord, TreeHead } from '@evenkeel/audit';
import type { ClientBase } from 'pg';

type Queryable = Pick<ClientBase, 'query'>;

/** The signed checkpoints the database keeps, oldest first. */
export async function readSignedCheckpoints(
  client: Queryable,
  afterNumber = 0,
): Promise<readonly CheckpointRecord[]> {
  const result = await client.query<CheckpointRecord>(
    'SELECT number, previous, note FROM ledger.signed_checkpoint WHERE number > $1 ORDER BY number',
    [afterNumber],
  );
  return result.rows;
}

/** Number of the newest one; 0 for none. */
export async function newestCheckpointNumber(client: Queryable): Promise<number> {
  const result = await client.query<{ number: number | null }>(
    'SELECT max(number) AS number FROM ledger.signed_checkpoint',
  );
  return result.rows[0]?.number ?? 0;
}

/** Keeps the next one; the database refuses one out of turn, of a smaller tree, or of more commits than it holds. */
export async function keepSignedCheckpoint(
  client: Queryable,
  record: CheckpointRecord,
  head: TreeHead,
): Promise<void> {
  await client.query('SELECT ledger.keep_checkpoint($1, $2, $3, $4, $5)', [
    record.number,
    record.previous,
    head.size,
    Buffer.from(head.root),
    record.note,
  ]);
}

export interface CosignedRow {
  readonly size: number;
  readonly witnesses: readonly string[];
  readonly note: string;
}

export async function keepCosignedCheckpoint(client: Queryable, cosigned: CosignedRow): Promise<void> {
  await client.query('SELECT ledger.keep_cosigned($1, $2, $3)', [
    cosigned.size,
    cosigned.witnesses.join(' '),
    cosigned.note,
  ]);
}

export async function readCosignedCheckpoints(client: Queryable): Promise<readonly CosignedRow[]> {
  const result = await client.query<{ size: number; witnesses: string; note: string }>(
    'SELECT size, witnesses, note FROM ledger.cosigned_checkpoint ORDER BY size, recorded_at',
  );
  return result.rows.map((row) => ({ ...row, witnesses: row.witnesses.split(' ') }));
}

/** The leaf of a commit in the tree; `undefined` when the ledger does not hold it. */
export async function leafIndexOf(
  client: Queryable,
  epoch: string,
  seq: number,
): Promise<number | undefined> {
  const result = await client.query<{ index: number }>(
    `SELECT e.first_index + l.seq - 1 AS index FROM ledger.tree_epoch e JOIN ledger.commit_log l USING (epoch)
      WHERE l.epoch = $1 AND l.seq = $2`,
    [epoch, seq],
  );
  return result.rows[0]?.index;
}
