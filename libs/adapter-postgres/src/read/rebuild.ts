import type { ClientBase, Pool } from 'pg';
import { readCheckpoints, readLog } from '../ledger/read-log';
import type { EpochState } from '../ledger/read-log';
import { ledgerCommitOf } from '../ledger/ledger-commit';
import { isPassedOver } from '../ledger/passed-over';
import type { EntriesOf } from './projector';
import { createReadSchema, tableContents } from './read-schema';
import type { TableContent } from './read-schema';
import { Replay } from './replay';
import { READ_VERSION } from './tables';

export interface RebuildOptions {
  readonly entriesOf?: EntriesOf;
  readonly onProgress?: (done: number, total: number) => void;
}

export interface RebuildReport {
  readonly commits: number;
  /** Whether every table came out with the content it had. */
  readonly identical: boolean;
  readonly tables: readonly (TableContent & { readonly before: TableContent | undefined })[];
}

const FRESH = `${READ_VERSION}_rebuild`;
const OLD = `${READ_VERSION}_old`;

/**
 * Builds the read models anew from `commit_log` beside the ones in use and switches to them by renaming, in one
 * transaction: readers see the old ones or the new ones, and a crash leaves the old ones. A running writer goes on
 * meanwhile and is held up only for the last stretch.
 */
export async function rebuildReadModels(pool: Pool, options: RebuildOptions = {}): Promise<RebuildReport> {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    const report = await rebuildIn(client, options);
    await client.query('COMMIT');
    client.release();
    return report;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => undefined);
    client.release(true);
    throw error;
  }
}

/**
 * Fills read models of a version that this ledger has never had, after a migration made their empty tables: nobody reads
 * half of them, and the writer goes on only when they stand where its checkpoint does. True where there was something to do.
 */
export async function fillNewReadModels(client: ClientBase, options: RebuildOptions = {}): Promise<boolean> {
  const found = await client.query<{ never: boolean }>(
    `SELECT EXISTS (SELECT FROM ledger.checkpoint WHERE seq > 0)
        AND NOT EXISTS (SELECT FROM "${READ_VERSION}"."books") AS never`,
  );
  if (found.rows[0]?.never !== true) return false;
  await client.query('BEGIN');
  try {
    await rebuildIn(client, options);
    await client.query('COMMIT');
    return true;
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

async function rebuildIn(client: ClientBase, options: RebuildOptions): Promise<RebuildReport> {
  await createReadSchema(client, FRESH);
  const replay = new Replay(client, FRESH, options.entriesOf);
  const reached = new Map<string, number>();
  const total = await readCheckpoints(client);
  let done = await replayTo(client, replay, total, reached, options);
  // Writers wait here until we are through: what they have written by now is ours to take over.
  await client.query('SELECT ledger.hold_checkpoints()');
  done += await replayTo(client, replay, await readCheckpoints(client), reached, options);
  const [before, after] = [await tableContents(client, READ_VERSION), await tableContents(client, FRESH)];
  await client.query(`ALTER SCHEMA "${READ_VERSION}" RENAME TO "${OLD}"`);
  await client.query(`ALTER SCHEMA "${FRESH}" RENAME TO "${READ_VERSION}"`);
  await client.query('SET LOCAL client_min_messages = warning');
  await client.query(`DROP SCHEMA "${OLD}" CASCADE`);
  const tables = after.map((content) => ({
    ...content,
    before: before.find(({ table }) => table === content.table),
  }));
  const identical = tables.every(({ hash, rows, before: old }) => old?.hash === hash && old.rows === rows);
  return { commits: done, identical, tables };
}

/** Takes every epoch up to its checkpoint; `reached` tells where each stands. */
async function replayTo(
  client: ClientBase,
  replay: Replay,
  epochs: readonly EpochState[],
  reached: Map<string, number>,
  options: RebuildOptions,
): Promise<number> {
  let done = 0;
  const total = epochs.reduce((sum, { epoch, seq }) => sum + seq - (reached.get(epoch) ?? 0), 0);
  for (const { epoch, seq } of epochs) {
    for await (const row of readLog(client, { epoch, afterSeq: reached.get(epoch) ?? 0 })) {
      if (row.seq > seq) break;
      if (!isPassedOver(row)) await replay.add(ledgerCommitOf(row.epoch, row.seq, row.bytes));
      done += 1;
      if (done % 1_000 === 0) options.onProgress?.(done, total);
    }
    reached.set(epoch, seq);
  }
  await replay.flush();
  options.onProgress?.(done, total);
  return done;
}
