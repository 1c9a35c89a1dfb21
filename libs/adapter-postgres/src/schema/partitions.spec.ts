import { pipeline } from 'node:stream/promises';
import type { TreeHead } from '@evenkeel/audit';
import type { VerifyPosition } from '@evenkeel/verification';
import { Client } from 'pg';
import type { Pool } from 'pg';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import { verifyLedger } from '../audit/verify-ledger';
import { reconstruct } from '../audit/reconstruct';
import { LedgerToDetach } from '../ledger/ledger-to-detach';
import { createLedgerWriter } from '../ledger/ledger-writer';
import { readLeaves, readTree } from '../ledger/ledger-tree';
import { leavesBetween } from '../ledger/leaves-between';
import { rebuildReadModels } from '../read/rebuild';
import { READ_TABLE_LIST, READ_VERSION } from '../read/tables';
import { LedgerCluster } from '../sample/ledger-cluster.test-support';
import type { LedgerDatabase } from '../sample/ledger-cluster.test-support';
import { sampleJournal } from '../sample/sample-journal.test-support';
import type { SampleCommit } from '../sample/sample-journal.test-support';
import { createLedgerPool } from './ledger-pool';
import { migrate } from './migrate';
import { loadMigrations } from './migrations';

const EPOCHS = ['1', '2', '3'].map((epoch) =>
  sampleJournal({ seed: `partitions ${epoch}`, steps: 8, epoch }),
);
const [ONE, TWO, THREE] = EPOCHS as [SampleCommit[], SampleCommit[], SampleCommit[]]; // three were made above

let cluster: LedgerCluster;
let original: LedgerDatabase;
let heads: readonly TreeHead[];
/** Where a verification of everything stood on its way. */
const positions: VerifyPosition[] = [];
beforeAll(async () => {
  cluster = await LedgerCluster.start();
  original = await cluster.database();
  const pool = original.pool();
  for (const [at, journal] of EPOCHS.entries()) await take(pool, String(at + 1), journal);
  heads = [await readTree(pool)];
  const onPosition = (position: VerifyPosition): void => void positions.push(position);
  await verifyLedger(pool, { readModels: false, positionEvery: 7, onPosition });
  await pool.end();
});
afterAll(() => cluster.stop());

async function take(pool: Pool, epoch: string, journal: readonly SampleCommit[]): Promise<void> {
  const writer = createLedgerWriter(pool, { epoch });
  await writer.append(journal);
  await writer.close();
}

async function partitionsOf(database: LedgerDatabase): Promise<readonly string[]> {
  const rows = await database.asOwner(
    `SELECT inhrelid::regclass::text AS name FROM pg_inherits WHERE inhparent = 'ledger.commit_log'::regclass ORDER BY 1`,
  );
  return rows.map(({ name }) => String(name));
}

async function all<T>(rows: AsyncIterable<T>): Promise<readonly T[]> {
  const read: T[] = [];
  for await (const row of rows) read.push(row);
  return read;
}

/** The ledger with its first epochs detached, oldest first. */
async function without(epochs: number, drop = false): Promise<{ database: LedgerDatabase; pool: Pool }> {
  const database = await cluster.database(original);
  const pool = database.pool();
  const ledger = new LedgerToDetach(database.url, pool);
  for (let at = 1; at <= epochs; at += 1) {
    const found = await ledger.find(String(at));
    await ledger.detach(String(at), found?.end ?? 0, drop);
  }
  return { database, pool };
}

/** A ledger's rows into tables that an older release made. */
async function copyLedger(from: string, to: string): Promise<void> {
  const [source, target] = [new Client({ connectionString: from }), new Client({ connectionString: to })];
  await Promise.all([source.connect(), target.connect()]);
  try {
    await target.query('SET session_replication_role = replica');
    await target.query('DELETE FROM ledger.tree');
    const ledger = ['commit_log', 'checkpoint', 'tree', 'tree_epoch'].map((name) => `ledger.${name}`);
    for (const table of [...ledger, ...READ_TABLE_LIST.map(({ name }) => `${READ_VERSION}.${name}`)])
      await pipeline(
        source.query(copyTo(`COPY (SELECT * FROM ${table}) TO STDOUT (FORMAT binary)`)),
        target.query(copyFrom(`COPY ${table} FROM STDIN (FORMAT binary)`)),
      );
  } finally {
    await Promise.all([source.end(), target.end()]);
  }
}

describe('commit_log in partitions', () => {
  it('has one per epoch, made by the ledger with the first commit', async () => {
    const database = await cluster.database(original);
    expect(await partitionsOf(database)).toEqual(['1', '2', '3'].map((n) => `ledger.commit_log_epoch_${n}`));
    const indexes = await database.asOwner(
      `SELECT count(*)::int AS n FROM pg_index WHERE indrelid = 'ledger.commit_log_epoch_2'::regclass AND indisunique`,
    );
    expect(indexes).toEqual([{ n: 3 }]);
  });

  it('takes over a database from before, in one transaction, and goes on', async () => {
    const { url, asOwner } = await cluster.database();
    await asOwner('CREATE DATABASE unparted');
    const older = url.replace(/\/[^/]+$/, '/unparted');
    await migrate(
      older,
      loadMigrations().filter(
        ({ name }) => !/_(partitions|rows_by_statement|closed_when_detached)$/.test(name),
      ),
    );
    const today = await cluster.database();
    await take(today.pool(), '1', ONE);
    await take(today.pool(), '2', TWO.slice(0, 10));
    await copyLedger(today.url, older);
    const pool = createLedgerPool({ url: older, role: 'evenkeel_ledger' });
    const rowsOf = (): Promise<readonly unknown[]> =>
      pool.query('SELECT * FROM ledger.commit_log ORDER BY epoch, seq').then(({ rows }) => rows);
    const before = await rowsOf();
    expect(before).toHaveLength(ONE.length + 10);
    expect((await migrate(older)).map((name) => name.replace(/^\d+_/, ''))).toEqual([
      'partitions',
      'rows_by_statement',
      'closed_when_detached',
    ]);
    expect(await rowsOf()).toEqual(before);
    await take(pool, '2', TWO);
    await take(pool, '3', THREE);
    expect(await verifyLedger(pool)).toMatchObject({ status: 'clean', readModels: 'equal' });
    expect(await rebuildReadModels(pool)).toMatchObject({ identical: true });
    await pool.end();
  });

  it('is opened for a new epoch while somebody reads an older one at length', async () => {
    const database = await cluster.database(original);
    const pool = database.pool();
    const reader = await pool.connect();
    await reader.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await reader.query('SELECT count(*) FROM ledger.commit_log');
    await take(pool, '4', sampleJournal({ seed: 'partitions 4', steps: 3, epoch: '4' }));
    await reader.query('ROLLBACK');
    reader.release();
    expect(await partitionsOf(database)).toHaveLength(4);
  });
});

describe('an epoch whose rows were detached', () => {
  it.each([false, true])(
    'is named by verification; the rest verifies as before (dropped: %s)',
    async (drop) => {
      const { database, pool } = await without(2, drop);
      const report = await verifyLedger(pool, { heads });
      expect(report).toMatchObject({
        status: 'clean',
        commits: THREE.length,
        readModels: 'equal',
        headsAgreed: 1,
        detached: [
          { epoch: '1', commits: ONE.length },
          { epoch: '2', commits: TWO.length },
        ],
      });
      expect(await partitionsOf(database)).toEqual(['ledger.commit_log_epoch_3']);
      const [left] = await database.asOwner(`SELECT to_regclass('ledger.commit_log_epoch_1')::text AS name`);
      expect(left).toEqual({ name: drop ? null : 'ledger.commit_log_epoch_1' });
      const books = await database.asOwner('SELECT DISTINCT epoch FROM read_v2.books');
      expect(books).toEqual([{ epoch: '3' }]);
      expect(await rebuildReadModels(pool)).toMatchObject({ identical: true });
      await take(pool, '4', sampleJournal({ seed: 'partitions 4', steps: 3, epoch: '4' }));
      expect(await verifyLedger(pool)).toMatchObject({ status: 'clean' });
    },
  );

  it('is verified past, wherever an earlier verification stood', async () => {
    const { pool } = await without(1);
    expect(positions.map(({ epoch }) => epoch)).toEqual(expect.arrayContaining(['1', '2', '3']));
    for (const resume of positions)
      expect(await verifyLedger(pool, { resume })).toMatchObject({ status: 'clean', findings: [] });
  });

  it('is seen when what is kept of its tree was changed', async () => {
    const { database, pool } = await without(1);
    await database.asOwner(
      `UPDATE ledger.detached_epoch SET nodes[1] = encode(sha256('other'), 'hex')`,
      [],
      true,
    );
    const report = await verifyLedger(pool, { heads });
    expect(report.status).toBe('divergent');
    expect(report.findings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['AUDIT.ROOT_MISMATCH', 'LEDGER.TREE_MISMATCH']),
    );
  });

  it('is missed by name wherever it is asked for', async () => {
    const { pool } = await without(2);
    const gone = { code: 'LEDGER.EPOCH_DETACHED', message: expect.stringMatching(/Epoch 1 was detached/) };
    await expect(all(readLeaves(pool, 0))).rejects.toMatchObject(gone);
    await expect(all(leavesBetween(pool, 0, 1))).rejects.toMatchObject(gone);
    await expect(reconstruct(pool, 'any', { epoch: '1' })).rejects.toMatchObject(gone);
    await expect(reconstruct(pool, 'any')).rejects.toThrow(/Epochs 1, 2 were detached from this database/);
    expect(await all(leavesBetween(pool, ONE.length + TWO.length, Infinity))).toHaveLength(THREE.length);
  });

  it('takes no rows again', async () => {
    const { database, pool } = await without(1, true);
    await expect(database.asOwner(`SELECT ledger.make_partition('1')`)).rejects.toThrow(
      'epoch 1 was detached',
    );
    const longer = sampleJournal({ seed: 'partitions 1', steps: 12, epoch: '1' });
    const writer = createLedgerWriter(pool, { epoch: '1' });
    await expect(writer.append(longer.slice(ONE.length))).rejects.toThrow();
    await writer.close();
    expect(await verifyLedger(pool)).toMatchObject({ status: 'clean' });
  });

  it('takes no rows again, also where they still lie', async () => {
    const { pool } = await without(1);
    await expect(
      pool.query(
        `INSERT INTO ledger.commit_log_epoch_1 VALUES ('1', ${ONE.length + 1}, gen_random_uuid(), 'a', 1, '', '', '', '', '{}')`,
      ),
    ).rejects.toThrow('permission denied for table commit_log_epoch_1');
  });

  it('takes no rows again, also from who has not seen that it went', async () => {
    const database = await cluster.database(original);
    const pool = database.pool();
    const client = await pool.connect();
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ');
    await client.query('SELECT seq FROM ledger.checkpoint');
    await new LedgerToDetach(database.url, pool).detach('1', ONE.length, false);
    const insert = `INSERT INTO ledger.commit_log_epoch_1 VALUES ('1', 1000, gen_random_uuid(), 'a', 1, '', '', '', '', '{}')`;
    const inserted = client.query(insert).finally(() => client.release(true));
    await expect(inserted).rejects.toThrow('permission denied for table commit_log_epoch_1');
    const left = await database.asOwner('SELECT count(*)::int AS rows FROM ledger.commit_log_epoch_1');
    expect(left).toEqual([{ rows: ONE.length }]);
  });

  it('goes only in turn, whole, and never while it is the newest', async () => {
    const database = await cluster.database(original);
    const detach = (epoch: string): Promise<unknown> =>
      database.asOwner(`SELECT ledger.detach_epoch($1, sha256('x'), '{}')`, [epoch]);
    await expect(detach('2')).rejects.toThrow('an older one is still there');
    await expect(detach('3')).rejects.toThrow('no other has followed it');
    await expect(detach('9')).rejects.toThrow('is not whole');
    await database.asOwner('DELETE FROM ledger.commit_log WHERE epoch = $1 AND seq = 3', ['1'], true);
    await expect(detach('1')).rejects.toThrow('is not whole');
  });
});
