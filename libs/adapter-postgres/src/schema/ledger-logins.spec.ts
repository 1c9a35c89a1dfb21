import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { required } from '@evenkeel/kernel';
import { startEmbeddedPostgres } from '../embedded/start-embedded';
import type { EmbeddedPostgres } from '../embedded/start-embedded';
import { createLedgerWriter } from '../ledger/ledger-writer';
import { rebuildReadModels } from '../read/rebuild';
import { sampleJournal } from '../sample/sample-journal.test-support';
import { LEDGER_LOGINS, applyRoles, assertWriterLogin, urlOfLogin } from './ledger-logins';
import { writeDatabaseFolder } from './database-folder';
import { createLedgerPool } from './ledger-pool';
import { migrate } from './migrate';
import { loadMigrations } from './migrations';
import { assertPrivateLine } from './private-line';

const PASSWORDS = { migrate: 'migrate-secret', writer: 'writer-secret-', auditor: 'auditor-secret' };
const journal = sampleJournal({ seed: 'logins', steps: 5 });

let dir: string;
let server: EmbeddedPostgres;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'evenkeel-logins-'));
  server = await startEmbeddedPostgres({ dir, durability: 'process' });
});
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

type Who = keyof typeof PASSWORDS | 'superuser';
const urlOf = (admin: string, who: Who): string =>
  who === 'superuser' ? admin : urlOfLogin(admin, who, PASSWORDS[who]);

async function run(url: string, sql: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** A database made as a deployment makes it: logins, then migrations by their own login, then the ledger's work. */
async function deployed(name: string): Promise<string> {
  const admin = await server.createDatabase(name);
  await applyRoles(admin, PASSWORDS);
  await migrate(urlOf(admin, 'migrate'));
  const pool = createLedgerPool({ url: urlOf(admin, 'writer') });
  const writer = createLedgerWriter(pool, { epoch: '1' });
  expect(await writer.append(journal)).toBe(journal.length);
  await writer.close();
  await pool.end();
  return admin;
}

const ROW = `'1', %s, gen_random_uuid(), 'a', 1, '\\x00', '\\x00', '\\x00', '\\x00', '{}'`;
const insert = (seq: number): string =>
  `INSERT INTO ledger.commit_log_epoch_1 VALUES (${ROW.replace('%s', String(seq))})`;

/** Who may run what; every cell is tried, in a transaction that is rolled back. */
const MATRIX: readonly [sql: string, allowed: readonly Who[]][] = [
  ['SELECT * FROM ledger.commit_log', ['migrate', 'writer', 'auditor']],
  ['SELECT * FROM ledger.signed_checkpoint', ['migrate', 'writer', 'auditor']],
  ['SELECT * FROM read_v2.decisions', ['migrate', 'writer', 'auditor']],
  ['SELECT * FROM public._prisma_migrations', ['migrate', 'writer', 'auditor']],
  [insert(journal.length + 1), ['migrate', 'writer']],
  [insert(1_000_000), []],
  [insert(journal.length), []],
  ['INSERT INTO ledger.commit_log SELECT * FROM ledger.commit_log WHERE false', ['migrate']],
  ['UPDATE ledger.commit_log SET version = 1', []],
  ['DELETE FROM ledger.commit_log', []],
  ['TRUNCATE ledger.commit_log', []],
  ['SELECT * FROM ledger.commit_log_epoch_1', ['migrate']],
  [
    'INSERT INTO ledger.commit_log_epoch_1 SELECT * FROM ledger.commit_log WHERE false',
    ['migrate', 'writer'],
  ],
  ['UPDATE ledger.commit_log_epoch_1 SET version = 1', []],
  ['DELETE FROM ledger.commit_log_epoch_1', []],
  ['TRUNCATE ledger.commit_log_epoch_1', []],
  ['ALTER TABLE ledger.commit_log DETACH PARTITION ledger.commit_log_epoch_1', ['migrate']],
  [`SELECT ledger.lock_checkpoint('2')`, ['migrate', 'writer']],
  [`SELECT ledger.lock_checkpoint('2; DROP')`, []],
  [`SELECT ledger.make_partition('1')`, ['migrate']],
  [`SELECT ledger.make_partition('3')`, []],
  [`SELECT ledger.detach_epoch('1', sha256('x'), '{}')`, []],
  ['SELECT * FROM ledger.detached_epoch', ['migrate', 'writer', 'auditor']],
  [`INSERT INTO ledger.detached_epoch SELECT * FROM ledger.detached_epoch WHERE false`, ['migrate']],
  ['DELETE FROM ledger.detached_epoch', []],
  ['DELETE FROM ledger.quarantine', []],
  ['DELETE FROM ledger.signed_checkpoint', []],
  [`UPDATE ledger.checkpoint SET seq = seq - 1`, ['migrate']],
  [`SELECT ledger.lock_checkpoint('1')`, ['migrate', 'writer']],
  [`SELECT ledger.advance_checkpoint('1', ${journal.length}, ${journal.length + 1})`, []],
  [`SELECT ledger.keep_refused('1', 9, 'X', '\\x00', '', '', '\\x00')`, ['migrate', 'writer']],
  ['DELETE FROM read_v2.positions', ['migrate', 'writer']],
  ['DELETE FROM read_v2.postings', []],
  ['DROP TABLE read_v2.positions', ['migrate', 'writer']],
  ['CREATE TABLE ledger.mine (x int)', ['migrate']],
  ['CREATE TABLE public.mine (x int)', ['migrate']],
  ['CREATE SCHEMA mine', ['migrate', 'writer']],
  ['DROP TABLE ledger.commit_log', ['migrate']],
  ['ALTER TABLE ledger.commit_log DISABLE TRIGGER ALL', ['migrate']],
  ['SET session_replication_role = replica', []],
  ['SET ROLE evenkeel', []],
  ['SET ROLE evenkeel_migrate', ['migrate']],
  ['SET ROLE evenkeel_ledger', ['migrate', 'writer']],
  ['SET ROLE evenkeel_reader', ['migrate', 'writer', 'auditor']],
  ['SET ROLE NONE', ['migrate', 'writer', 'auditor']],
  ['CREATE ROLE mine', []],
  ['CREATE DATABASE mine', []],
  [`COPY (SELECT 1) TO PROGRAM 'true'`, []],
  [`SELECT pg_read_file('postgresql.conf')`, []],
];

describe('who may do what to the database', () => {
  let admin: string;
  beforeAll(async () => (admin = await deployed('matrix')));

  describe.each(LEDGER_LOGINS)('evenkeel_%s', (login) => {
    let client: Client;
    beforeAll(async () => {
      client = new Client({ connectionString: urlOf(admin, login) });
      await client.connect();
    });
    afterAll(() => client.end());

    it.each(MATRIX)('%s', async (sql, allowed) => {
      await client.query('BEGIN');
      try {
        const attempt = client.query(sql);
        if (allowed.includes(login)) await expect(attempt).resolves.toBeDefined();
        else
          await expect(attempt).rejects.toThrow(
            /permission denied|must be|append-only|corrected by new entries|does not follow|cannot move|cannot run inside|cannot be detached|no partition can have|has no checkpoint|duplicate key value/,
          );
      } finally {
        await client.query('ROLLBACK');
      }
    });
  });
});

describe('the ledger service', () => {
  it('goes on after somebody with its login tried to skip a sequence, or left a row without its checkpoint', async () => {
    const admin = await deployed('sequences');
    const pool = createLedgerPool({ url: urlOf(admin, 'writer') });
    await expect(pool.query(insert(1_000_000))).rejects.toThrow(
      /sequence 1000000 of epoch 1 does not follow/,
    );
    await expect(pool.query(insert(journal.length + 1))).rejects.toThrow(
      /the rows of epoch 1 end at \d+ and its checkpoint is at/,
    );
    await expect(pool.query(insert(1).replace(`'1',`, `'7',`))).rejects.toThrow(
      /violates partition constraint/,
    );
    const longer = sampleJournal({ seed: 'logins', steps: 9 });
    expect(longer.length).toBeGreaterThan(journal.length);
    const writer = createLedgerWriter(pool, { epoch: '1' });
    expect(await writer.append(longer)).toBe(longer.length);
    await writer.close();
    expect(await rebuildReadModels(pool)).toMatchObject({ identical: true });
    await pool.end();
  });

  it('writes only as a login that can do nothing else', async () => {
    const admin = await deployed('strong');
    const verdict = async (url: string): Promise<string> => {
      const pool = createLedgerPool({ url, role: 'evenkeel_ledger', max: 1 });
      try {
        await assertWriterLogin(pool);
        return 'accepted';
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      } finally {
        await pool.end();
      }
    };
    expect(await verdict(urlOf(admin, 'writer'))).toBe('accepted');
    expect(await verdict(admin)).toMatch(/which is a superuser: .*evenkeel_writer/);
    expect(await verdict(urlOf(admin, 'migrate'))).toMatch(/which owns the ledger/);
    await run(
      admin,
      `CREATE ROLE helper; CREATE ROLE strong LOGIN PASSWORD 'x' IN ROLE evenkeel_ledger, helper`,
    );
    const strong = new URL(admin);
    strong.username = 'strong';
    strong.password = 'x';
    expect(await verdict(strong.toString())).toMatch(/which may act as helper/);
    await run(admin, `REVOKE helper FROM strong; ALTER ROLE strong CREATEDB`);
    expect(await verdict(strong.toString())).toMatch(/which may make roles or databases/);
  });
});

describe('logins', () => {
  it('take over a database that an administrator’s login had made', async () => {
    const admin = await server.createDatabase('older');
    const all = loadMigrations();
    await migrate(admin, all.slice(0, -1));
    await applyRoles(admin, PASSWORDS);
    expect(await migrate(urlOf(admin, 'migrate'))).toEqual([required(all.at(-1), 'a migration').name]);
    const pool = createLedgerPool({ url: urlOf(admin, 'writer') });
    await assertWriterLogin(pool);
    const writer = createLedgerWriter(pool, { epoch: '1' });
    expect(await writer.append(journal)).toBe(journal.length);
    await writer.close();
    await pool.end();
  });

  it('that do not own the database see that nothing is missing, and say who could add what is', async () => {
    const admin = await deployed('complete');
    expect(await migrate(urlOf(admin, 'writer'))).toEqual([]);
    const fresh = await server.createDatabase('incomplete');
    await applyRoles(fresh, PASSWORDS);
    await expect(migrate(urlOf(fresh, 'writer'))).rejects.toMatchObject({ code: 'POSTGRES.NOT_THE_OWNER' });
  });

  it('have no password that could be guessed at once', async () => {
    const admin = await server.createDatabase('short');
    await expect(applyRoles(admin, { ...PASSWORDS, writer: 'short' })).rejects.toThrow(
      'evenkeel.writer_password must have at least 12 characters',
    );
  });
});

describe('a server that others run', () => {
  it('is given logins by a script of its own, and each process its own URL', async () => {
    const admin = new URL(await server.createDatabase('theirs'));
    const folder = join(dir, 'theirs');
    const options = { host: '127.0.0.1', port: Number(admin.port), database: 'theirs' };
    writeDatabaseFolder(folder, { ...options, sslmode: 'disable' });
    const read = (...path: string[]): string => readFileSync(join(folder, ...path), 'utf8');
    const before = read('writer', 'url');
    writeDatabaseFolder(folder, { ...options, sslmode: 'disable' });
    expect(read('writer', 'url')).toBe(before);
    await run(admin.toString(), read('server', 'roles.sql'));
    expect(await migrate(read('migrate', 'url'))).toHaveLength(loadMigrations().length);
    const pool = createLedgerPool({ url: read('writer', 'url') });
    await assertWriterLogin(pool);
    await pool.end();
    await run(read('auditor', 'url'), 'SELECT * FROM ledger.commit_log');
    const copied = 'INSERT INTO ledger.commit_log SELECT * FROM ledger.commit_log';
    await expect(run(read('auditor', 'url'), copied)).rejects.toThrow('permission denied');
    const modes = ['.', 'writer/url', 'migrate/url', 'auditor/password'].map(
      (path) => statSync(join(folder, path)).mode & 0o777,
    );
    expect(modes).toEqual([0o700, 0o600, 0o600, 0o600]);
    chmodSync(folder, 0o755);
    writeDatabaseFolder(folder, { ...options, sslmode: 'disable' });
    expect(statSync(folder).mode & 0o777).toBe(0o700);
  });
});

describe('the line to the database', () => {
  it.each([
    ['postgres://u:p@127.0.0.1:5432/db', true],
    ['postgres://u:p@localhost/db', true],
    ['postgres://u:p@[::1]/db', true],
    ['postgres://u:p@db.example/db?sslmode=verify-full&sslrootcert=/ca.pem', true],
    ['postgres://u:p@db.example/db?sslmode=disable', true],
    ['postgres://u:p@db.example/db', false],
    ['postgres://u:p@10.0.0.7/db', false],
    ['postgres://u:p@db.example/db?sslmode=require', false],
    ['postgres://u:p@db.example/db?sslmode=prefer', false],
    ['postgres://u:p@127.0.0.1.example/db', false],
    ['postgres://u:p@127.0.0.1/db?sslmode=no-verify', false],
    ['postgres://u:p@localhost/db?host=10.0.0.5', false],
    ['postgres:///db?host=10.0.0.5', false],
    ['postgres:///db?host=/var/run/postgresql', true],
  ])('%s: %s', (url, accepted) => {
    const check = (): void => assertPrivateLine(url);
    if (accepted) expect(check).not.toThrow();
    else expect(check).toThrow(expect.objectContaining({ code: 'POSTGRES.NOT_PRIVATE' }));
    if (!accepted) expect(check).not.toThrow(/u:p|:p@/);
  });
});
