import type { ClientBase, Pool } from 'pg';
import { ledgerCommitOf } from './ledger-commit';
import type { LedgerCommit } from './ledger-commit';
import { isPassedOver } from './passed-over';

/** A row of `commit_log` as it lies there, nothing believed. */
export interface CommitLogRow {
  readonly epoch: string;
  readonly seq: number;
  readonly commitId: string;
  readonly aggregate: string;
  readonly version: number;
  readonly bytes: Buffer;
  readonly hash: Buffer;
  readonly prevHash: Buffer;
  readonly leafHash: Buffer;
  readonly decoded: unknown;
}

const PAGE = 500;

const COLUMNS = `epoch, seq, commit_id::text AS "commitId", aggregate, version, bytes, hash,
  prev_hash AS "prevHash", leaf_hash AS "leafHash"`;

export interface ReadLogOptions {
  readonly epoch?: string;
  readonly afterSeq?: number;
  readonly withDecoded?: boolean;
  /** With all epochs: only what comes after this row. */
  readonly after?: { readonly epoch: string; readonly seq: number };
}

/** Every row of an epoch after a sequence, or of all epochs in the order of the tree, in pages. */
export async function* readLog(
  client: ClientBase,
  options: ReadLogOptions = {},
): AsyncIterable<CommitLogRow> {
  const { epoch, afterSeq = -1, withDecoded = false, after } = options;
  if (epoch !== undefined) return yield* readEpoch(client, epoch, afterSeq, withDecoded);
  const epochs = await epochsOfLog(client);
  const first = after === undefined ? 0 : Math.max(0, epochs.indexOf(after.epoch));
  for (const one of epochs.slice(first))
    yield* readEpoch(client, one, one === after?.epoch ? after.seq : -1, withDecoded);
}

/**
 * The rows of one epoch as decoded commits, without what was quarantined: ids come again from epoch to epoch. Throws a `LedgerFault`
 * naming the first that cannot be read.
 */
export async function* readCommits(
  client: ClientBase,
  options: { readonly epoch: string; readonly afterSeq?: number },
): AsyncIterable<LedgerCommit> {
  for await (const row of readLog(client, options))
    if (!isPassedOver(row)) yield ledgerCommitOf(row.epoch, row.seq, row.bytes);
}

async function* readEpoch(
  client: ClientBase,
  epoch: string,
  afterSeq: number,
  withDecoded: boolean,
): AsyncIterable<CommitLogRow> {
  for (let position = afterSeq; ;) {
    const result = await client.query<CommitLogRow>(
      `SELECT ${COLUMNS}${withDecoded ? ', decoded' : ''} FROM ledger.commit_log
        WHERE epoch = $1 AND seq > $2 ORDER BY seq LIMIT ${PAGE}`,
      [epoch, position],
    );
    yield* result.rows;
    const last = result.rows.at(-1);
    if (last === undefined || result.rows.length < PAGE) return;
    position = last.seq;
  }
}

/** Every epoch that has rows, also those the tree does not know, which come last. */
async function epochsOfLog(client: ClientBase): Promise<readonly string[]> {
  const result = await client.query<{ epoch: string }>(
    `SELECT l.epoch FROM (SELECT DISTINCT epoch FROM ledger.commit_log) l LEFT JOIN ledger.tree_epoch t USING (epoch)
      ORDER BY t.first_index NULLS LAST, l.epoch`,
  );
  return result.rows.map((row) => row.epoch);
}

export interface EpochState {
  readonly epoch: string;
  /** The checkpoint. */
  readonly seq: number;
}

/** Where the epochs stand whose rows are here, in the order of the tree. */
export async function readCheckpoints(client: ClientBase): Promise<readonly EpochState[]> {
  const result = await client.query<EpochState>(
    `SELECT epoch, seq FROM ledger.checkpoint LEFT JOIN ledger.tree_epoch t USING (epoch)
      WHERE NOT EXISTS (SELECT FROM ledger.detached_epoch d WHERE d.epoch = checkpoint.epoch)
      ORDER BY t.first_index NULLS LAST, epoch`,
  );
  return result.rows;
}

/** The commits of an epoch from one sequence to another, both inclusive, without what was quarantined. Throws a `LedgerFault` for a row that is none. */
export async function* ledgerCommitsBetween(
  pool: Pool,
  epoch: string,
  fromSeq: number,
  toSeq: number,
): AsyncIterable<LedgerCommit> {
  const client = await pool.connect();
  try {
    for await (const row of readLog(client, { epoch, afterSeq: fromSeq - 1 })) {
      if (row.seq > toSeq) return;
      if (!isPassedOver(row)) yield ledgerCommitOf(row.epoch, row.seq, row.bytes);
    }
  } finally {
    client.release();
  }
}
