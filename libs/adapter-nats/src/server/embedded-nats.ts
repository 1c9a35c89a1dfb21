import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { OperationalError } from '@evenkeel/kernel';
import type { BusAccess } from '../bus-access';
import type { BusIdentity } from '../permissions';
import { busAccessIn, ensureBusKeys } from './bus-keys';
import { serverConfig } from './server-config';

export interface EmbeddedNats {
  readonly url: string;
  /** How an identity reaches it: with a credential of its own, where the server has doors. */
  access(identity: BusIdentity): BusAccess;
  readonly port: number;
  readonly pid: number;
  /** Ends the server in order and waits for it. */
  stop(): Promise<void>;
  /** SIGKILL, for fault tests. */
  kill(): void;
  /** Resolves when the process has ended, however. */
  readonly exited: Promise<void>;
}

export interface EmbeddedNatsOptions {
  readonly binary: string;
  /** Data, log and pid live here. */
  readonly dir: string;
  /** A fixed port, for restarts that clients are to find again; a free one otherwise. */
  readonly port?: number;
  /** `evenkeel` unless it is one of several. */
  readonly serverName?: string;
  /** `unsynced`: acknowledged before it is on the disk; for what may be lost. Synced unless told. */
  readonly durability?: 'synced' | 'unsynced';
  /** Folder of the keys, made at the first start: then it is TLS, and everybody may do what infra/nats/permissions.json says. */
  readonly identityDir?: string;
  /** Further lines of the server's configuration, and of its JetStream's. */
  readonly settings?: readonly string[];
  readonly jetstream?: readonly string[];
}

const START_DEADLINE_MS = 15_000;
const STOP_DEADLINE_MS = 10_000;

/** A port that is free right now on the loopback. */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}

/** Starts a nats-server with JetStream on the loopback; first ends one that an earlier run left behind in the same folder. */
export async function startEmbeddedNats(options: EmbeddedNatsOptions): Promise<EmbeddedNats> {
  mkdirSync(options.dir, { recursive: true });
  const pidFile = join(options.dir, 'nats.pid');
  await endLeftover(pidFile);
  const port = options.port ?? (await freePort());
  const config = join(options.dir, 'nats.conf');
  const keys = options.identityDir === undefined ? undefined : ensureBusKeys(options.identityDir);
  const sync = options.durability === 'unsynced' ? [] : ['sync_interval: always'];
  const text = serverConfig({
    listen: `127.0.0.1:${port}`,
    serverName: options.serverName ?? 'evenkeel',
    storeDir: join(options.dir, 'data'),
    jetstream: [...sync, ...(options.jetstream ?? [])],
    ...(keys === undefined ? {} : { keys }),
    ...(options.settings === undefined ? {} : { settings: options.settings }),
  });
  writeFileSync(config, text, { mode: 0o600 });
  const logFile = join(options.dir, 'nats.log');
  const log = openSync(logFile, 'a');
  const child = spawn(options.binary, ['-c', config], { stdio: ['ignore', log, log] });
  closeSync(log);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  if (child.pid === undefined) throw failed(logFile, 'it could not be started');
  writeFileSync(pidFile, String(child.pid));
  await untilListening(child, port, logFile);
  const url = `nats://127.0.0.1:${port}`;
  return {
    url,
    access: (identity) => (keys === undefined ? { url } : busAccessIn(keys.dir, identity, url)),
    port,
    pid: child.pid,
    exited,
    kill: () => child.kill('SIGKILL'),
    async stop() {
      child.kill('SIGTERM');
      const late = delay(STOP_DEADLINE_MS, 'late', { ref: false });
      if ((await Promise.race([exited, late])) === 'late') child.kill('SIGKILL');
      await exited;
      rmSync(pidFile, { force: true });
    },
  };
}

async function untilListening(child: ChildProcess, port: number, logFile: string): Promise<void> {
  const deadline = performance.now() + START_DEADLINE_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null) throw failed(logFile, `it ended with code ${child.exitCode}`);
    if (await accepts(port)) return;
    await delay(15);
  }
  child.kill('SIGKILL');
  throw failed(logFile, 'it did not answer in time');
}

function failed(logFile: string, what: string): OperationalError {
  return new OperationalError({
    code: 'NATS.SERVER_FAILED',
    message: `nats-server did not start: ${what}; its log is ${logFile}`,
  });
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = createConnection({ host: '127.0.0.1', port });
    socket.once('data', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

async function endLeftover(pidFile: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  if (Number.isInteger(pid) && pid > 1 && isNatsServer(pid)) {
    process.kill(pid, 'SIGTERM');
    for (let tries = 0; tries < 200 && isNatsServer(pid); tries += 1) await delay(25);
  }
  rmSync(pidFile, { force: true });
}

function isNatsServer(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const commandLine = `/proc/${pid}/cmdline`;
    return !existsSync(commandLine) || readFileSync(commandLine, 'utf8').includes('nats-server');
  } catch {
    return false;
  }
}
