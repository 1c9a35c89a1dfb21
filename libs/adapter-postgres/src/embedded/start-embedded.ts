import { randomBytes } from 'node:crypto';
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import {
  chownSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  closeSync,
  readFileSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { join, resolve } from 'node:path';
import { Client } from 'pg';
import { makeFolder, startWatchdog } from '@evenkeel/config';
import type { Watchdog } from '@evenkeel/config';
import { OperationalError, required } from '@evenkeel/kernel';
import { locateBinaries } from './binaries';
import type { PostgresBinaries } from './binaries';
import { claimFolder, clearLeftovers, isReady, releaseFolder } from './leftover-server';
import { serverIdentity } from './server-identity';
import type { ServerIdentity } from './server-identity';
import { waitUntil } from './wait';

export interface EmbeddedPostgresOptions {
  /** Everything is kept under this folder: `data/`, `password`, `port`, `postgres.log`. */
  readonly dir: string;
  /** Default: the port of the last start when it is free, otherwise any free one. */
  readonly port?: number;
  /** Default `evenkeel`. Created when missing. */
  readonly database?: string;
  /**
   * `disk` (default) survives a power cut; `process` survives only the death of processes (no fsync) and is for tests.
   */
  readonly durability?: 'disk' | 'process';
  readonly onLog?: (line: string) => void;
}

export interface EmbeddedPostgres {
  /** `postgres://evenkeel:…@127.0.0.1:<port>/<database>`; the user owns the cluster. */
  readonly url: string;
  readonly port: number;
  /** The postmaster. */
  readonly pid: number;
  /** Resolves when the server has ended, for whatever reason. */
  readonly exited: Promise<void>;
  /** The URL of another database of the same cluster, created when missing. */
  createDatabase(name: string): Promise<string>;
  /** Fast shutdown; harmless when the server is gone already. */
  stop(): Promise<void>;
}

const USER = 'evenkeel';
const START_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 15_000;
const LOG_TAIL_LINES = 12;
const LOG_TAIL_BYTES = 64 * 1024;
const START_ATTEMPTS = 20;
const PORT_TRIES = 40;
const PORT_PAUSE_MS = 50;

/**
 * Starts a PostgreSQL of our own, initialising the folder on first use (about a second). A start after SIGKILL of the
 * server, of this process or of both finds and clears what was left. When this process ends in any way, SIGKILL
 * included, a watchdog stops the server. Throws `POSTGRES.NO_BINARIES`, `POSTGRES.ROOT_REFUSED`, `POSTGRES.IN_USE`,
 * `POSTGRES.START_FAILED`.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const onLog = options.onLog ?? ((): void => undefined);
  const dir = resolve(options.dir);
  const dataDir = join(dir, 'data');
  const binaries = locateBinaries();
  makeFolder(dir);
  const identity = serverIdentity(dataDir, [binaries.postgres]);
  await clearLeftovers(dir, dataDir, onLog);
  claimFolder(dir);
  if (!existsSync(join(dataDir, 'PG_VERSION'))) initialise({ dir, dataDir, binaries, identity, onLog });
  const server = await launch({ dir, dataDir, binaries, identity, onLog, options });
  const password = readFileSync(join(dir, 'password'), 'utf8');
  const urlOf = (database: string): string =>
    `postgres://${USER}:${password}@127.0.0.1:${server.port}/${database}`;
  const createDatabase = async (name: string): Promise<string> => {
    await createDatabaseIfMissing(urlOf('postgres'), name);
    return urlOf(name);
  };
  const database = options.database ?? 'evenkeel';
  await createDatabase(database);
  onLog(`PostgreSQL is ready on port ${server.port}`);
  return {
    url: urlOf(database),
    port: server.port,
    pid: server.pid,
    exited: server.exited,
    createDatabase,
    stop: async () => {
      await server.stop();
      releaseFolder(dir);
    },
  };
}

interface Setting {
  readonly dir: string;
  readonly dataDir: string;
  readonly binaries: PostgresBinaries;
  readonly identity: ServerIdentity;
  readonly onLog: (line: string) => void;
}

/** Fills a fresh folder beside the final one and renames it, so that a half-made cluster is never taken for one. */
function initialise(setting: Setting): void {
  const { dir, dataDir, binaries, identity, onLog } = setting;
  onLog('initialising PostgreSQL');
  const fresh = `${dataDir}.new`;
  for (const path of [fresh, dataDir]) rmSync(path, { recursive: true, force: true });
  mkdirSync(fresh, { mode: 0o700 });
  const passwordFile = join(dir, 'password');
  writeFileSync(passwordFile, randomBytes(18).toString('hex'), { mode: 0o600 });
  if (identity.ids !== undefined) {
    for (const path of [fresh, passwordFile]) chownSync(path, identity.ids.uid, identity.ids.gid);
  }
  const { command, args } = identity.wrap(binaries.initdb, [
    `--pgdata=${fresh}`,
    `--username=${USER}`,
    `--pwfile=${passwordFile}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--no-sync',
  ]);
  const run = spawnSync(command, args, { encoding: 'utf8', cwd: '/', ...identity.spawnIds });
  if (run.status !== 0) {
    throw startFailed(
      `initdb ended with ${run.status ?? run.signal ?? 'no status'}`,
      `${run.stdout}\n${run.stderr}`,
      run.error,
    );
  }
  renameSync(fresh, dataDir);
}

interface RunningServer {
  readonly pid: number;
  readonly port: number;
  readonly exited: Promise<void>;
  stop(): Promise<void>;
}

async function launch(
  setting: Setting & { readonly options: EmbeddedPostgresOptions },
): Promise<RunningServer> {
  const { dir, options, onLog } = setting;
  const portFile = join(dir, 'port');
  let problem = '';
  for (let attempt = 0; attempt < START_ATTEMPTS; attempt += 1) {
    const port = options.port ?? (await freePort(attempt === 0 ? lastPort(portFile) : 0));
    const outcome = await launchOnce(setting, port);
    if ('server' in outcome) {
      writeFileSync(portFile, String(port));
      return outcome.server;
    }
    problem = outcome.problem;
    // Another process took the port in between, or the children of a killed postmaster are still leaving.
    const passing = /could not bind|shared memory block|could not create any TCP\/IP sockets/.test(problem);
    if (!passing) break;
    onLog('PostgreSQL could not start yet; trying again');
    await waitUntil(() => false, 250);
  }
  throw startFailed(`PostgreSQL did not start in ${dir}`, problem);
}

async function launchOnce(
  setting: Setting & { readonly options: EmbeddedPostgresOptions },
  port: number,
): Promise<{ server: RunningServer } | { problem: string }> {
  const { dir, dataDir, binaries, identity, options } = setting;
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=60',
    'shared_buffers=64MB',
    'max_wal_size=2GB',
    'io_method=sync',
    'timezone=UTC',
    ...(options.durability === 'process' ? ['fsync=off', 'full_page_writes=off'] : []),
  ];
  const { command, args } = identity.wrap(binaries.postgres, [
    '-D',
    dataDir,
    '-p',
    String(port),
    ...settings.flatMap((s) => ['-c', s]),
  ]);
  const logPath = join(dir, 'postgres.log');
  const log = openSync(logPath, 'a');
  const before = statSync(logPath).size;
  // A session of its own: Ctrl-C in the terminal reaches us, and we stop the server once the services have drained.
  const child = spawn(command, args, {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
    ...identity.spawnIds,
  });
  closeSync(log);
  const exited = new Promise<void>((done) => {
    child.once('exit', () => done());
    child.once('error', () => done());
  });
  let gone = false;
  void exited.then(() => (gone = true));
  const pid = child.pid;
  if (pid !== undefined) await waitUntil(() => gone || isReady(dataDir, pid), START_TIMEOUT_MS);
  const tail = (): string => lastLines(logPath, before);
  if (pid === undefined || gone) return { problem: tail() };
  if (!isReady(dataDir, pid)) {
    child.kill('SIGKILL');
    return { problem: `no answer within ${START_TIMEOUT_MS / 1000} s\n${tail()}` };
  }
  const watchdog = startWatchdog(pid, 'INT', identity.ids);
  // Its number may be somebody else's soon.
  void exited.then(() => watchdog.forget());
  child.unref();
  return { server: { pid, port, exited, stop: () => stopServer(child, watchdog, exited, () => gone) } };
}

/** The last lines that were written to a log after it had `from` bytes; of a long log, its end alone is read. */
function lastLines(path: string, from: number): string {
  const log = openSync(path, 'r');
  try {
    const { size } = fstatSync(log);
    // A log that is shorter than it was has been put away meanwhile.
    const start = Math.max(size < from ? 0 : from, size - LOG_TAIL_BYTES);
    const bytes = Buffer.alloc(size - start);
    const read = readSync(log, bytes, 0, bytes.length, start);
    return bytes.subarray(0, read).toString('utf8').trim().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  } finally {
    closeSync(log);
  }
}

async function stopServer(
  child: ChildProcess,
  watchdog: Watchdog,
  exited: Promise<void>,
  gone: () => boolean,
): Promise<void> {
  watchdog.forget();
  for (const signal of ['SIGINT', 'SIGQUIT', 'SIGKILL'] as const) {
    if (gone()) break;
    child.kill(signal);
    if (await waitUntil(gone, STOP_TIMEOUT_MS)) break;
  }
  await exited;
}

function startFailed(what: string, log: string, cause?: unknown): OperationalError {
  return new OperationalError({ code: 'POSTGRES.START_FAILED', message: `${what}:\n${log.trim()}`, cause });
}

function lastPort(file: string): number {
  try {
    return Number.parseInt(readFileSync(file, 'utf8'), 10) || 0;
  } catch {
    return 0;
  }
}

/** `preferred` when nothing listens there, otherwise any free port. */
async function freePort(preferred: number): Promise<number> {
  const tryPort = (port: number): Promise<number | undefined> =>
    new Promise((done) => {
      const probe = createServer();
      probe.once('error', () => done(undefined));
      probe.listen(port, '127.0.0.1', () => {
        const address = probe.address();
        probe.close(() => done(typeof address === 'object' && address !== null ? address.port : undefined));
      });
    });
  // A server that was killed a moment ago may still be leaving.
  for (let tries = 0; preferred > 0 && tries < PORT_TRIES; tries += 1) {
    const free = await tryPort(preferred);
    if (free !== undefined) return free;
    await waitUntil(() => false, PORT_PAUSE_MS);
  }
  return required(await tryPort(0), 'a free port');
}

async function createDatabaseIfMissing(adminUrl: string, name: string): Promise<void> {
  const client = new Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const found = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`CREATE DATABASE ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}
