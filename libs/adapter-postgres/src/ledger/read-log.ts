import type { ClientBase } from 'pg';

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

/** Every row after a position, by epoch and sequence, in pages. `decoded` is fetched only when asked for. */
export async function* readLog(
  client: ClientBase,
  options: { readonly epoch?: string; readonly afterSeq?: number; readonly withDecoded?: boolean } = {},
): AsyncIterable<CommitLogRow> {
  let position = {
    epoch: options.epoch ?? '',
    seq: options.afterSeq ?? (options.epoch === undefined ? -1 : 0),
  };
  for (;;) {
    const result = await client.query<CommitLogRow>(
      `SELECT ${COLUMNS}${options.withDecoded === true ? ', decoded' : ''} FROM ledger.commit_log
        WHERE ${options.epoch === undefined ? '(epoch, seq) > ($1, $2)' : 'epoch = $1 AND seq > $2'}
        ORDER BY epoch, seq LIMIT ${PAGE}`,
      [position.epoch, position.seq],
    );
    yield* result.rows;
    const last = result.rows.at(-1);
    if (last === undefined || result.rows.length < PAGE) return;
    position = { epoch: last.epoch, seq: last.seq };
  }
}

export interface EpochState {
  readonly epoch: string;
  /** The checkpoint. */
  readonly seq: number;
}

export async function readCheckpoints(client: ClientBase): Promise<readonly EpochState[]> {
  const result = await client.query<EpochState>('SELECT epoch, seq FROM ledger.checkpoint ORDER BY epoch');
  return result.rows;
}
