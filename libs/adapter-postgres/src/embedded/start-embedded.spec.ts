import { spawn } from 'node:child_process';
import { cpSync, existsSync, lstatSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Client } from 'pg';
import { isRunning, processIdentity } from '@evenkeel/config';
import { hydrateSymlinks, locateBinaries } from './binaries';
import { databaseFaults } from '../schema/database-standing';
import type { DatabaseStanding } from '../schema/database-standing';
import { checkExternalPostgres } from './external-server';
import { postmasterPid } from './leftover-server';
import { startEmbeddedPostgres } from './start-embedded';
import { waitUntil } from './wait';

const folders: string[] = [];
function folder(): string {
  // mkdtemp folders are closed to other users, so as root this also covers a checkout under a private folder.
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-pg-'));
  folders.push(dir);
  return dir;
}
afterAll(() => folders.forEach((dir) => rmSync(dir, { recursive: true, force: true })));

async function query(url: string, sql: string): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows.map((row) => Object.values(row)[0]);
  } finally {
    await client.end();
  }
}

describe('the embedded PostgreSQL', () => {
  it('keeps its data across a stop, a SIGKILL of the server and a stale lock file', async () => {
    const dir = folder();
    const first = await startEmbeddedPostgres({ dir, durability: 'process' });
    await query(first.url, 'CREATE TABLE kept (value int)');
    await query(first.url, 'INSERT INTO kept VALUES (7)');
    const identity = processIdentity(first.pid);
    expect(identity).toBeDefined();
    process.kill(first.pid, 'SIGKILL');
    await first.exited;
    await first.stop();
    expect(existsSync(join(dir, 'data', 'postmaster.pid'))).toBe(true);

    const second = await startEmbeddedPostgres({ dir, durability: 'process' });
    expect(second.port).toBe(first.port);
    expect(await query(second.url, 'SELECT value FROM kept')).toEqual([7]);
    await second.stop();
    expect(processIdentity(second.pid)).toBeUndefined();

    // A lock file that names a process which is not a PostgreSQL of this folder (the number was reused).
    writeFileSync(join(dir, 'data', 'postmaster.pid'), `${process.pid}\n${join(dir, 'data')}\n`);
    const third = await startEmbeddedPostgres({ dir, durability: 'process' });
    expect(await query(third.url, 'SELECT value FROM kept')).toEqual([7]);
    await third.stop();
  });

  it('is stopped when its owner is killed, and its folder can be used again', async () => {
    const dir = folder();
    const seed = await startEmbeddedPostgres({ dir, durability: 'process' });
    await seed.stop();
    const owner = spawnOwner(dir);
    const dataDir = join(dir, 'data');
    expect(await waitUntil(() => existsSync(join(dir, 'up')), 20_000)).toBe(true);
    const pid = postmasterPid(dataDir) ?? 0;
    const server = processIdentity(pid);
    expect(server).toBeDefined();
    owner.kill('SIGKILL');
    if (server !== undefined) expect(await waitUntil(() => !isRunning(server), 20_000)).toBe(true);
    const again = await startEmbeddedPostgres({ dir, durability: 'process' });
    await again.stop();
  });

  it('refuses a folder that a live process uses, naming it', async () => {
    const dir = folder();
    const seed = await startEmbeddedPostgres({ dir, durability: 'process' });
    await seed.stop();
    const owner = spawnOwner(dir);
    expect(await waitUntil(() => existsSync(join(dir, 'up')), 20_000)).toBe(true);
    await expect(startEmbeddedPostgres({ dir })).rejects.toMatchObject({
      code: 'POSTGRES.IN_USE',
      message: expect.stringContaining(`process ${owner.pid}`) as string,
    });
    const gone = new Promise((resolve) => owner.once('exit', resolve));
    owner.kill('SIGTERM');
    await gone;
  });

  it('makes the symlinks that the install script would have made', () => {
    const source = dirname(dirname(dirname(locateBinaries().postgres)));
    const home = folder();
    const list = join(source, 'native/pg-symlinks.json');
    if (!existsSync(list)) return;
    cpSync(list, join(home, 'native/pg-symlinks.json'), { recursive: true });
    const entries = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
    expect(hydrateSymlinks(home)).toBe(entries.length);
    expect(lstatSync(join(home, entries[0]?.target ?? '')).isSymbolicLink()).toBe(true);
    writeFileSync(join(home, entries[0]?.source ?? ''), '');
    expect(existsSync(join(home, entries[0]?.target ?? ''))).toBe(true);
  });
});

/** A database with which everything is well. */
const SOUND: DatabaseStanding = {
  place: 'db:5432/x',
  version: '18.4',
  versionNumber: 180_004,
  login: 'evenkeel_migrate',
  superuser: false,
  mayMakeRoles: false,
  ownsDatabase: true,
  databaseOwner: 'evenkeel_migrate',
  mayWrite: true,
  mayRead: true,
  missingRoles: [],
  migrationsOwner: 'evenkeel_migrate',
  mayReadMigrations: true,
  mayWriteMigrations: true,
  missingMigrations: [],
  unknownMigrations: [],
  encrypted: true,
  clockAheadMs: 0,
};

describe('a server somebody else runs', () => {
  it('is named in one sentence when nothing answers, without its password', async () => {
    const failure = await checkExternalPostgres('postgres://me:secret@127.0.0.1:1/ledger').catch(
      (error: unknown) => error,
    );
    expect(failure).toMatchObject({ code: 'POSTGRES.UNREACHABLE' });
    const { message } = failure as Error;
    expect(message).toMatch(/^No PostgreSQL answers at 127\.0\.0\.1:1\/ledger .*DATABASE_URL.*\.$/);
    expect(message).not.toContain('secret');
    expect(message).not.toContain('\n');
  });

  it('is refused when too old', () => {
    const at = (version: string, versionNumber: number) =>
      databaseFaults({ ...SOUND, version, versionNumber }, 'read', 'postgres://db/x').map(
        ({ message }) => message,
      );
    expect(at('14.11', 140_011)).toEqual([
      expect.stringMatching(/^PostgreSQL 14\.11 at db:5432\/x is too old: Evenkeel needs 15/),
    ]);
    expect(at('15.0', 150_000)).toEqual([]);
  });
});

/** A process of its own that starts the server in the folder and ends it on SIGTERM. */
function spawnOwner(dir: string): ReturnType<typeof spawn> {
  const root = join(__dirname, '../../../..');
  const script = `
    const Module = require('node:module');
    const { transformSync } = require('@swc/core');
    const { readFileSync, writeFileSync } = require('node:fs');
    const options = require(${JSON.stringify(join(root, 'tools/swc-options.js'))});
    const resolve = Module._resolveFilename;
    Module._resolveFilename = (request, ...rest) =>
      request.startsWith('@evenkeel/') ? ${JSON.stringify(root)} + '/libs/' + request.slice(10) + '/src/index.ts' : resolve(request, ...rest);
    require.extensions['.ts'] = (module, filename) =>
      module._compile(transformSync(readFileSync(filename, 'utf8'), { ...options, filename }).code, filename);
    const { startEmbeddedPostgres } = require(${JSON.stringify(join(__dirname, 'start-embedded.ts'))});
    void startEmbeddedPostgres({ dir: ${JSON.stringify(dir)}, durability: 'process' }).then((server) => {
      process.on('SIGTERM', () => void server.stop().then(() => process.exit(0)));
      writeFileSync(${JSON.stringify(join(dir, 'up'))}, '');
      setInterval(() => undefined, 1000);
    });`;
  return spawn(process.execPath, ['-e', script], { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
}
