import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { startEmbeddedPostgres } from '../embedded/start-embedded';
import type { EmbeddedPostgres } from '../embedded/start-embedded';
import { checkExternalPostgres } from '../embedded/external-server';
import { databaseStanding } from './database-standing';
import type { DatabaseNeed } from './database-standing';
import { applyRoles, urlOfLogin } from './ledger-logins';
import { migrate } from './migrate';
import { loadMigrations } from './migrations';

/** Somebody else's PostgreSQL: a database that a plain login owns, on a server that knows nothing of us. */
const PASSWORDS = { migrate: 'migrate-secret', writer: 'writer-secret-', auditor: 'auditor-secret' };

let dir: string;
let server: EmbeddedPostgres;
let admin: string;
let owner: string;
beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'evenkeel-contact-'));
  server = await startEmbeddedPostgres({ dir, durability: 'process' });
  await run(server.url, `CREATE ROLE plain LOGIN PASSWORD 'plain-secret'`);
  admin = await server.createDatabase('theirs');
  await run(admin, 'ALTER DATABASE theirs OWNER TO plain');
  owner = as('plain', 'plain-secret');
});
afterAll(async () => {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

function as(login: string, password: string, database = '/theirs'): string {
  const url = new URL(admin);
  url.username = login;
  url.password = password;
  url.pathname = database;
  return url.toString();
}

async function run(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** What a command says, which does `need`: its code and its words; undefined where it goes through. */
async function said(url: string, need?: DatabaseNeed): Promise<string | undefined> {
  try {
    await (need === undefined ? migrate(url) : checkExternalPostgres(url, need));
    return undefined;
  } catch (error) {
    const { code, message } = error as { code?: string; message: string };
    expect(message).not.toMatch(/secret|\n/);
    return `${code ?? 'no code'}: ${message}`;
  }
}

describe('first contact with a PostgreSQL of one’s own', () => {
  it('names what is wrong with the login, the database or the line, although the server answers', async () => {
    expect(await said(as('nobody', 'x'), 'read')).toMatch(
      /^POSTGRES\.LOGIN_REFUSED: .*answers.*"nobody".*keel database .*roles\.sql/,
    );
    expect(await said(as('plain', 'other'), 'read')).toMatch(/^POSTGRES\.LOGIN_REFUSED: .*"plain"/);
    expect(await said(as('plain', 'plain-secret', '/nowhere'), 'read')).toMatch(
      /^POSTGRES\.NO_DATABASE: .*no database "nowhere": createdb /,
    );
    expect(await said(`${owner}?sslmode=verify-full`, 'read')).toMatch(
      /^POSTGRES\.TLS_FAILED: .*sslrootcert/,
    );
  });

  it('names the roles script and the commands to a plain owner, and leaves nothing behind', async () => {
    for (const _again of [1, 2]) {
      const words = await said(owner);
      expect(words).toMatch(
        /^POSTGRES\.NO_ROLES: .*evenkeel_ledger, evenkeel_reader.*"plain".*keel database \.\/database --host .* --port \d+ --database theirs/,
      );
      expect(words).toContain('-f ./database/server/roles.sql');
    }
    const [left] = await run(admin, `SELECT to_regclass('public._prisma_migrations') AS present`);
    expect(left).toEqual({ present: null });
  });

  it('leaves nothing of a first migration that failed half-way', async () => {
    const broken = loadMigrations().map((one) => ({ ...one, sql: 'CREATE TABLE half (a int); SELECT 1/0' }));
    await run(admin, `GRANT CREATE ON SCHEMA public TO plain`);
    await run(admin, `CREATE ROLE evenkeel_ledger; CREATE ROLE evenkeel_reader`);
    await expect(migrate(owner, broken.slice(0, 1))).rejects.toMatchObject({
      code: 'POSTGRES.MIGRATION_FAILED',
    });
    const [left] = await run(
      admin,
      `SELECT to_regclass('public._prisma_migrations') AS migrations, to_regclass('public.half') AS half`,
    );
    expect(left).toEqual({ migrations: null, half: null });
  });

  it('says which login a command needs, once the roles are there', async () => {
    await applyRoles(admin, PASSWORDS);
    const [migrator, writer, auditor] = (['migrate', 'writer', 'auditor'] as const).map((login) =>
      urlOfLogin(admin, login, PASSWORDS[login]),
    ) as [string, string, string]; // three were named
    expect(await said(writer)).toMatch(
      /^POSTGRES\.NOT_THE_OWNER: .*evenkeel_migrate.*EK_MIGRATE_DATABASE_URL/,
    );
    expect(await said(auditor, 'read')).toMatch(
      /^POSTGRES\.NO_SCHEMA: .*keel epoch open.*EK_MIGRATE_DATABASE_URL/,
    );
    expect(await said(migrator)).toBeUndefined();
    // Nothing is missing any more, so nobody needs to own it.
    expect(await said(writer)).toBeUndefined();
    expect([await said(writer, 'write'), await said(writer, 'read'), await said(auditor, 'read')]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(await said(auditor, 'write')).toMatch(
      /^POSTGRES\.NOT_PERMITTED: "evenkeel_auditor" may not act as evenkeel_ledger .*evenkeel_writer in DATABASE_URL.*--no-read-models/,
    );
    expect(await said(owner, 'read')).toMatch(/^POSTGRES\.NOT_PERMITTED: /);
    expect(await databaseStanding(writer)).toMatchObject({
      login: 'evenkeel_writer',
      ownsDatabase: false,
      mayWrite: true,
      missingRoles: [],
      missingMigrations: [],
      databaseOwner: 'evenkeel_migrate',
    });
  });

  it('takes over what a try of another login left, by the roles script', async () => {
    const url = await server.createDatabase('leftover');
    await run(url, 'ALTER DATABASE leftover OWNER TO plain');
    await run(as('plain', 'plain-secret', '/leftover'), 'CREATE TABLE public._prisma_migrations (id text)');
    const other = urlOfLogin(url, 'migrate', PASSWORDS.migrate);
    expect(await said(other)).toMatch(
      /^POSTGRES\.NOT_PERMITTED: public\._prisma_migrations .*belongs to "plain".*roles\.sql again/,
    );
  });
});
