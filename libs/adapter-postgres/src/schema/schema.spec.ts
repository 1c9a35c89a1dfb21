import { mkdtempSync, readFileSync, rmSync, writeFileSync, mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { createLedgerWriter } from '../ledger/ledger-writer';
import { rebuildReadModels } from '../read/rebuild';
import { READ_TABLE_LIST, READ_VERSION } from '../read/tables';
import { LedgerCluster } from '../sample/ledger-cluster.test-support';
import type { LedgerDatabase } from '../sample/ledger-cluster.test-support';
import { sampleJournal } from '../sample/sample-journal.test-support';
import { createLedgerPool } from './ledger-pool';
import { migrationsDir } from './locations';
import { migrate } from './migrate';
import { loadMigrations } from './migrations';
import { parsePrismaSchema } from './prisma-schema.test-support';
import type { PrismaColumn } from './prisma-schema.test-support';

let cluster: LedgerCluster;
beforeAll(async () => {
  cluster = await LedgerCluster.start();
});
afterAll(() => cluster.stop());

async function emptyDatabase(name: string): Promise<string> {
  const { url, asOwner } = await cluster.database();
  await asOwner(`CREATE DATABASE ${name}`);
  return url.replace(/\/[^/]+$/, `/${name}`);
}

describe('migrations', () => {
  it('are applied once, recorded as Prisma records them, and only when they are as they were', async () => {
    const url = await emptyDatabase('migrations_once');
    const all = loadMigrations();
    expect(await migrate(url, all.slice(0, 1))).toEqual([all[0]?.name]);
    // Two at once: one applies, the other waits and finds nothing to do.
    const both = await Promise.all([migrate(url), migrate(url)]);
    expect(both.flat()).toEqual(all.slice(1).map(({ name }) => name));
    const client = new Client({ connectionString: url });
    await client.connect();
    const recorded = await client.query(
      'SELECT migration_name, checksum, applied_steps_count, finished_at IS NOT NULL AS finished FROM _prisma_migrations ORDER BY migration_name',
    );
    expect(recorded.rows).toEqual(
      all.map(({ name, checksum }) => ({
        migration_name: name,
        checksum,
        applied_steps_count: 1,
        finished: true,
      })),
    );
    await client.end();
    const edited = all.map((migration) => ({
      ...migration,
      checksum: migration.checksum.replace(/^./, 'x'),
    }));
    await expect(migrate(url, edited)).rejects.toMatchObject({ code: 'POSTGRES.MIGRATION_CHANGED' });
    await expect(migrate(url, all.slice(0, 1))).rejects.toMatchObject({ code: 'POSTGRES.SCHEMA_NEWER' });
  });

  it('fill read models of a new version from the log that an older release wrote', async () => {
    const database = await cluster.database();
    const writer = createLedgerWriter(database.pool(), { epoch: '1' });
    await writer.append(sampleJournal({ seed: 'older', steps: 6 }));
    await writer.close();
    const orders = await database.asOwner('SELECT count(*)::int AS n FROM read_v2.orders');
    // The ledger as the release before left it.
    await database.asOwner('DROP SCHEMA read_v2 CASCADE');
    await database.asOwner('CREATE SCHEMA read_v1 AUTHORIZATION evenkeel_ledger');
    await database.asOwner(
      `DELETE FROM _prisma_migrations WHERE migration_name BETWEEN '20261130' AND '20261130150000'`,
    );
    expect(await migrate(database.url)).toEqual([
      '20261130000000_read_v2',
      '20261130000100_without_read_v1',
      '20261130100000_event_time',
    ]);
    expect(await database.asOwner('SELECT count(*)::int AS n FROM read_v2.orders')).toEqual(orders);
    expect(orders).not.toEqual([{ n: 0 }]);
    expect(await rebuildReadModels(database.pool())).toMatchObject({ identical: true });
  });

  it('leave nothing behind when one fails', async () => {
    const url = await emptyDatabase('migrations_fail');
    const dir = mkdtempSync(join(tmpdir(), 'evenkeel-migrations-'));
    mkdirSync(join(dir, '1_bad'));
    writeFileSync(join(dir, '1_bad', 'migration.sql'), 'CREATE TABLE half (x int); SELECT nonsense;');
    await expect(migrate(url, loadMigrations(dir))).rejects.toMatchObject({
      code: 'POSTGRES.MIGRATION_FAILED',
    });
    writeFileSync(join(dir, '1_bad', 'migration.sql'), 'CREATE TABLE half (x int);');
    expect(await migrate(url, loadMigrations(dir))).toEqual(['1_bad']);
    rmSync(dir, { recursive: true });
  });
});

describe('migrating as somebody who is not a superuser', () => {
  it('works with the roles an administrator made', async () => {
    const { url, asOwner } = await cluster.database();
    await asOwner(`CREATE ROLE migrator LOGIN PASSWORD 'x'`);
    await asOwner(`GRANT evenkeel_ledger, evenkeel_reader TO migrator WITH ADMIN OPTION`);
    await asOwner(`CREATE DATABASE owned OWNER migrator`);
    const own = url.replace(/\/\/[^@]+@/, '//migrator:x@').replace(/\/[^/]+$/, '/owned');
    expect(await migrate(own)).toEqual(loadMigrations().map(({ name }) => name));
    const pool = createLedgerPool({ url: own, role: 'evenkeel_ledger' });
    const writer = createLedgerWriter(pool, { epoch: '1' });
    expect(await writer.append(sampleJournal({ seed: 'owned', steps: 3 }))).toBeGreaterThan(3);
    await writer.close();
    expect(await rebuildReadModels(pool)).toMatchObject({ identical: true });
    await pool.end();
  });
});

interface Shape {
  readonly columns: readonly PrismaColumn[];
  readonly keys: readonly string[];
}

/** What the database really looks like, in the words of the Prisma schema. */
async function shapesOf(database: LedgerDatabase): Promise<Map<string, Shape>> {
  const columns = await database.asOwner(
    `SELECT table_schema || '.' || table_name AS "table", column_name AS name, udt_name AS type, is_nullable = 'YES' AS nullable
       FROM information_schema.columns WHERE table_schema IN ('ledger', 'read_v2') ORDER BY table_schema, table_name, ordinal_position`,
  );
  const indexes = await database.asOwner(
    `SELECT n.nspname || '.' || t.relname AS "table", am.amname AS method, i.indisprimary AS primary, i.indisunique AS "unique",
            array_agg(a.attname::text ORDER BY k.position) AS columns
       FROM pg_index i JOIN pg_class t ON t.oid = i.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
       JOIN pg_class x ON x.oid = i.indexrelid JOIN pg_am am ON am.oid = x.relam
       CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k(attnum, position)
       JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.attnum
      WHERE n.nspname IN ('ledger', 'read_v2') GROUP BY 1, 2, 3, 4, i.indexrelid`,
  );
  const shapes = new Map<string, { columns: PrismaColumn[]; keys: string[] }>();
  for (const row of columns) {
    const table = String(row['table']);
    const shape = shapes.get(table) ?? { columns: [], keys: [] };
    shapes.set(table, shape);
    shape.columns.push({
      name: String(row['name']),
      type: String(row['type']),
      nullable: row['nullable'] === true,
    });
  }
  for (const row of indexes) {
    const kind =
      row['primary'] === true
        ? 'id'
        : row['unique'] === true
          ? 'unique'
          : row['method'] === 'gin'
            ? 'gin'
            : 'index';
    shapes.get(String(row['table']))?.keys.push(`${kind}(${(row['columns'] as string[]).join(',')})`);
  }
  for (const shape of shapes.values()) shape.keys.sort();
  return shapes;
}

describe('the Prisma schema', () => {
  const path = join(migrationsDir(), '..', 'schema.prisma');

  it('describes exactly what the migrations make', async () => {
    expect(parsePrismaSchema(readFileSync(path, 'utf8'))).toEqual(await shapesOf(await cluster.database()));
  });

  it('is seen to drift when a column, its type, its nullability or an index changes', async () => {
    const real = await shapesOf(await cluster.database());
    const text = readFileSync(path, 'utf8');
    for (const [from, to] of [
      ['@map("late_fills")', '@map("late")'],
      [/commitId\s+String/, 'commitId String?'],
      [/positionsVersion\s+Int/, 'positionsVersion BigInt'],
      ['@@index([epoch, decisionId])', ''],
    ] as const) {
      const drifted = text.replace(from, to);
      expect(drifted).not.toBe(text);
      expect(parsePrismaSchema(drifted)).not.toEqual(real);
    }
  });

  it('agrees with the columns the projector writes', async () => {
    const real = await shapesOf(await cluster.database());
    for (const table of READ_TABLE_LIST) {
      const shape = real.get(`${READ_VERSION}.${table.name}`);
      expect(table.columns.map(([name]) => name)).toEqual(shape?.columns.map(({ name }) => name));
      expect(shape?.keys).toContain(`id(${table.key.join(',')})`);
    }
  });
});

describe('the roles', () => {
  const journal = sampleJournal({ seed: 'roles', steps: 5 });

  async function filled(): Promise<LedgerDatabase> {
    const database = await cluster.database();
    const writer = createLedgerWriter(database.pool(), { epoch: '1' });
    await writer.append(journal);
    await writer.close();
    return database;
  }

  const forbidden: readonly [statement: string, sql: string][] = [
    ['a row of its own making', 'INSERT INTO ledger.commit_log SELECT * FROM ledger.commit_log'],
    [
      'a row out of turn',
      `INSERT INTO ledger.commit_log_epoch_1 VALUES ('1', 1000000, gen_random_uuid(), 'a', 1, '', '', '', '', '{}')`,
    ],
    ['an emptying of a partition', 'DELETE FROM ledger.commit_log_epoch_1'],
    ['a refusal of its own making', 'INSERT INTO ledger.quarantine SELECT * FROM ledger.quarantine'],
    ['another tree', `UPDATE ledger.tree SET size = 0`],
    ['a step of the tree from another place', `SELECT ledger.advance_tree('1', 1, 0, 9, sha256('x'), '{}')`],
    [
      'a step of the tree without its rows',
      `SELECT ledger.advance_tree('1', ${journal.length + 1}, ${journal.length}, ${journal.length + 9}, sha256('x'), '{}')`,
    ],
    ['another place of an epoch in the tree', `UPDATE ledger.tree_epoch SET first_index = 7`],
    ['a checkpoint taken back', 'DELETE FROM ledger.signed_checkpoint'],
    [
      'a checkpoint that was not signed',
      `INSERT INTO ledger.signed_checkpoint VALUES (1, '', 1, '', '', now())`,
    ],
    [
      'a checkpoint of more commits than there are',
      `SELECT ledger.keep_checkpoint(1, '', 9999, sha256('x'), 'note')`,
    ],
    ['a cosignature taken back', 'TRUNCATE ledger.cosigned_checkpoint'],
    ['an update', 'UPDATE ledger.commit_log SET version = 1'],
    ['a delete', 'DELETE FROM ledger.commit_log'],
    ['a truncate', 'TRUNCATE ledger.commit_log'],
    ['a step back of the checkpoint', 'UPDATE ledger.checkpoint SET seq = 0'],
    ['a checkpoint of its own making', `INSERT INTO ledger.checkpoint (epoch, seq) VALUES ('2', 9)`],
    [
      'a jump of the checkpoint',
      `SELECT ledger.advance_checkpoint('1', ${journal.length}, ${journal.length + 1})`,
    ],
    ['a return of the checkpoint', `SELECT ledger.advance_checkpoint('1', ${journal.length}, 1)`],
    ['a removal of evidence', 'DELETE FROM ledger.quarantine'],
    ['a new table beside the record', 'CREATE TABLE ledger.mine (x int)'],
    ['a switch of the trigger', 'ALTER TABLE ledger.commit_log DISABLE TRIGGER ALL'],
    ['a trigger that looks away', 'SET session_replication_role = replica'],
    ['a new owner', 'ALTER TABLE ledger.commit_log OWNER TO evenkeel_ledger'],
  ];

  it.each(forbidden)('refuse the ledger service %s', async (_name, sql) => {
    const database = await filled();
    await database.asOwner(`DROP ROLE IF EXISTS ledger_login`);
    await database.asOwner(`CREATE ROLE ledger_login LOGIN PASSWORD 'x' IN ROLE evenkeel_ledger`);
    const url = database.url.replace(/\/\/[^@]+@/, '//ledger_login:x@');
    const pool = createLedgerPool({ url });
    await expect(pool.query(sql)).rejects.toThrow(
      /permission denied|must be (owner|able)|cannot move|is not at|is not leaf|cannot step over|does not follow/,
    );
    // The same login can do its work.
    const writer = createLedgerWriter(pool, { epoch: '1' });
    expect(await writer.checkpoint()).toBe(journal.length);
    await writer.close();
    await pool.end();
  });

  it('let readers read and nothing else', async () => {
    const database = await filled();
    const pool = database.pool('evenkeel_reader');
    const counted = await pool.query<{ count: number }>(
      'SELECT count(*) AS count FROM ledger.commit_log, read_v2.books',
    );
    expect(counted.rows[0]?.count).toBe(journal.length);
    for (const sql of [
      `INSERT INTO ledger.quarantine SELECT * FROM ledger.quarantine`,
      'DELETE FROM read_v2.positions',
      `SELECT ledger.lock_checkpoint('1')`,
      'CREATE TABLE read_v2.mine (x int)',
    ]) {
      await expect(pool.query(sql)).rejects.toThrow('permission denied');
    }
  });

  it('stop even the owner by trigger', async () => {
    const database = await filled();
    for (const sql of [
      'UPDATE ledger.commit_log SET version = 1',
      'DELETE FROM ledger.commit_log WHERE false',
      'TRUNCATE ledger.commit_log',
      'UPDATE ledger.commit_log_epoch_1 SET version = 1',
      'DELETE FROM ledger.commit_log_epoch_1',
      'TRUNCATE ledger.commit_log_epoch_1',
      'DELETE FROM ledger.detached_epoch',
      'UPDATE ledger.signed_checkpoint SET size = 0',
      'DELETE FROM ledger.cosigned_checkpoint',
      'TRUNCATE ledger.tree_epoch',
      'DELETE FROM ledger.quarantine',
    ]) {
      await expect(database.asOwner(sql)).rejects.toThrow('the ledger is append-only');
    }
  });

  it('keep unbalanced and altered postings out', async () => {
    const database = await filled();
    const pool = database.pool();
    const insert = (amounts: readonly number[]): Promise<unknown> =>
      pool.query(
        `INSERT INTO read_v2.postings SELECT '1', 'e' || $2::text, row_number() OVER (), 'b', 'a', 'USD', x FROM unnest($1::numeric[]) AS x`,
        [amounts, amounts.length],
      );
    await insert([5, -3, -2]);
    await expect(insert([5, -4])).rejects.toThrow('entry e2 does not balance: 1 USD left over');
    await expect(pool.query('UPDATE read_v2.postings SET amount = 0')).rejects.toThrow(
      'corrected by new entries',
    );
    await expect(pool.query('DELETE FROM read_v2.postings')).rejects.toThrow('corrected by new entries');
  });
});
