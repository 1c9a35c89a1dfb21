import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, existsSync, fstatSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { commandLine, endProcess, makeFolder, processIdentity, startWatchdog } from '@evenkeel/config';
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
  /** A fixed port; that of the last start in this folder when it is free, otherwise any free one. */
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
const PORT_TRIES = 40;
const PORT_PAUSE_MS = 50;

/** A port that is free right now on the loopback. */
export function freePort(): Promise<number> {
  return portThatIsFree(0);
}

function portThatIsFree(port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() =>
        typeof address === 'object' && address !== null
          ? resolve(address.port)
          : reject(new Error('no port')),
      );
    });
  });
}

/**
 * Starts a nats-server with JetStream on the loopback; first ends one that an earlier run left behind in the same folder. When this
 * process ends in any way, SIGKILL included, a watchdog stops the server.
 */
export async function startEmbeddedNats(options: EmbeddedNatsOptions): Promise<EmbeddedNats> {
  makeFolder(options.dir);
  const pidFile = join(options.dir, 'nats.pid');
  const portFile = join(options.dir, 'port');
  await endLeftover(pidFile, join(options.dir, 'nats.conf'));
  const keys = options.identityDir === undefined ? undefined : ensureBusKeys(options.identityDir);
  const { child, port, exited } = await launch(
    options,
    pidFile,
    await preferredPort(options, portFile),
    keys,
  );
  writeFileSync(portFile, String(port));
  const watchdog = startWatchdog(child.pid, 'TERM');
  // Its number may be somebody else's soon.
  void exited.then(() => watchdog.forget());
  const url = `nats://127.0.0.1:${port}`;
  return {
    url,
    access: (identity) => (keys === undefined ? { url } : busAccessIn(keys.dir, identity, url)),
    port,
    pid: child.pid,
    exited,
    kill: () => child.kill('SIGKILL'),
    async stop() {
      watchdog.forget();
      child.kill('SIGTERM');
      const late = delay(STOP_DEADLINE_MS, 'late', { ref: false });
      if ((await Promise.race([exited, late])) === 'late') child.kill('SIGKILL');
      await exited;
      rmSync(pidFile, { force: true });
    },
  };
}

/** The port asked for, or that of the last start where nobody else took it meanwhile, so that clients find the server again. */
async function preferredPort({ port }: EmbeddedNatsOptions, portFile: string): Promise<number> {
  if (port !== undefined) return port;
  const last = existsSync(portFile) ? Number(readFileSync(portFile, 'utf8')) : 0;
  if (last <= 0) return freePort();
  // A server that was killed a moment ago may still be leaving.
  for (let tries = 0; tries < PORT_TRIES; tries += 1) {
    const free = await portThatIsFree(last).catch(() => undefined);
    if (free !== undefined) return free;
    await delay(PORT_PAUSE_MS);
  }
  return freePort();
}

interface Launched {
  readonly child: ChildProcess & { readonly pid: number };
  readonly port: number;
  readonly exited: Promise<void>;
}

async function launch(
  options: EmbeddedNatsOptions,
  pidFile: string,
  port: number,
  keys: ReturnType<typeof ensureBusKeys> | undefined,
): Promise<Launched> {
  const config = join(options.dir, 'nats.conf');
  const logFile = join(options.dir, 'nats.log');
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
  const log = openSync(logFile, 'a', 0o600);
  const { size } = fstatSync(log);
  // A session of its own: Ctrl-C in the terminal reaches us, and we stop the server once everybody has ended.
  const child = spawn(options.binary, ['-c', config], { detached: true, stdio: ['ignore', log, log] });
  closeSync(log);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const { pid } = child;
  if (pid === undefined) throw failed(logFile, `${options.binary} could not be started`);
  writeFileSync(pidFile, String(pid));
  const problem = await untilListening(child, port);
  if (problem === undefined) return { child: Object.assign(child, { pid }), port, exited };
  const said = readFileSync(logFile).subarray(size).toString('utf8');
  // Somebody took the port in between.
  if (/address already in use/.test(said) && options.port === undefined)
    return launch(options, pidFile, await freePort(), keys);
  throw failed(logFile, reasonIn(said) ?? problem);
}

/** The server's own word for why it ended. */
function reasonIn(said: string): string | undefined {
  return /\[(?:FTL|ERR)\] (.*)/.exec(said)?.[1] ?? said.trim().split('\n').at(-1)?.slice(0, 300);
}

/** Why it does not; nothing once it does. */
async function untilListening(child: ChildProcess, port: number): Promise<string | undefined> {
  const deadline = performance.now() + START_DEADLINE_MS;
  while (performance.now() < deadline) {
    if (child.exitCode !== null || child.signalCode !== null)
      return `it ended with ${child.exitCode ?? child.signalCode ?? ''}`;
    if (await accepts(port)) return undefined;
    await delay(15);
  }
  child.kill('SIGKILL');
  return 'it did not answer in time';
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

/** Ends the server that the file names, if that process still is the server of this configuration and nobody else's. */
async function endLeftover(pidFile: string, config: string): Promise<void> {
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  const left = Number.isInteger(pid) && pid > 1 ? processIdentity(pid) : undefined;
  if (left !== undefined && commandLine(pid).includes(config)) await endProcess(left);
  rmSync(pidFile, { force: true });
}
