import { Buffer } from 'node:buffer';
import type { ClientBase, Pool } from 'pg';
import { CopiedOut, CopiedReader } from '../wire/copied-rows-reader';
import { flight } from '../wire/flight';
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
  /** Its text; empty where it was not asked for. */
  readonly decoded: string;
}

const PAGE = 1_000;

const COLUMNS = 'seq, commit_id, aggregate, version, bytes, hash, prev_hash, leaf_hash';

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

/** Page by page as binary COPY; the next page is on its way while one is read. */
async function* readEpoch(
  client: ClientBase,
  epoch: string,
  afterSeq: number,
  withDecoded: boolean,
): AsyncIterable<CommitLogRow> {
  let coming = readPage(client, epoch, afterSeq, withDecoded);
  try {
    for (;;) {
      const rows = await coming;
      const last = rows.at(-1);
      const isLast = last === undefined || rows.length < PAGE;
      if (!isLast) {
        coming = readPage(client, epoch, last.seq, withDecoded);
        coming.catch(() => undefined); // heard of at the next turn
      }
      yield* rows;
      if (isLast) return;
    }
  } finally {
    // Nobody else finds a page under way.
    await coming.catch(() => undefined);
  }
}

async function readPage(
  client: ClientBase,
  epoch: string,
  after: number,
  withDecoded: boolean,
): Promise<readonly CommitLogRow[]> {
  const out = new CopiedOut();
  // COPY takes no parameters; an epoch in the log may be called anything.
  const quoted = `'${epoch.replaceAll("'", "''")}'`;
  const sql = `COPY (SELECT ${COLUMNS}${withDecoded ? ', decoded' : ''} FROM ledger.commit_log
    WHERE epoch = ${quoted} AND seq > ${after} ORDER BY seq LIMIT ${PAGE}) TO STDOUT (FORMAT binary)`;
  await flight(client, [{ sql, into: out.add }]);
  const rows: CommitLogRow[] = [];
  const reader = new CopiedReader(out.rows());
  while (reader.next())
    rows.push({
      epoch,
      seq: reader.int8(),
      commitId: reader.uuid(),
      aggregate: reader.text(),
      version: reader.int8(),
      bytes: reader.bytes(),
      // Hashes are kept by who follows chains; the page must not be kept with them.
      hash: Buffer.from(reader.bytes()),
      prevHash: Buffer.from(reader.bytes()),
      leafHash: Buffer.from(reader.bytes()),
      decoded: withDecoded ? reader.jsonb() : '',
    });
  return rows;
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
