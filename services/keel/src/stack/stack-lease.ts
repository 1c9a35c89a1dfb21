import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Interface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { EvenkeelError, OperationalError, required } from '@evenkeel/kernel';
import { embeddedDurability, settings } from './environment';
import type { Settings } from './environment';
import { REPOSITORY, layOut } from './home';
import type { Home } from './home';
import { keeperRecord, parseAnswer } from './keeper-protocol';
import type { Asked, KeeperAnswer, KeeperRecord, ServerName } from './keeper-protocol';
import { lastWords } from './last-words';
import { plainEnvironment } from './service-environment';

const UP_DEADLINE_MS = 60_000;
const LOOK_EVERY_MS = 15;

export type Granted = Extract<KeeperAnswer, { ok: true }>;

/** Where the keeper and its servers write what befalls them. */
export const keeperLog = (home: Home): string => join(home.logs, 'stack.log');

/** A connection to the keeper of a home: as long as it is there, what was asked for stays up. */
export class StackLease {
  private last: Promise<void> = Promise.resolve();

  private constructor(
    private readonly record: KeeperRecord,
    private readonly socket: Socket,
    private readonly lines: Interface,
  ) {
    // A command that has done its work is not kept waiting for its lease.
    socket.unref();
  }

  /** On the keeper of this home, started if there is none. */
  static async open(home: Home): Promise<StackLease> {
    layOut(home);
    const deadline = performance.now() + UP_DEADLINE_MS;
    let started: StartedKeeper | undefined;
    while (performance.now() < deadline) {
      const lease = await StackLease.onRunning(home);
      if (lease !== undefined) return lease;
      if (started === undefined || started.endedWith() === 0) started = startKeeper(home);
      if (started.endedWith() !== undefined && started.endedWith() !== 0) break;
      await delay(LOOK_EVERY_MS);
    }
    throw new OperationalError({
      code: 'KEEL.STACK_NOT_UP',
      message: `the servers of ${home.dir} did not come up (${lastWords(keeperLog(home)) ?? 'no reason is known'}); their log is ${keeperLog(home)}`,
    });
  }

  /** On the keeper that runs already. */
  static async onRunning(home: Home): Promise<StackLease | undefined> {
    const record = keeperRecord(home);
    if (record === undefined) return undefined;
    const socket = connect({ host: '127.0.0.1', port: record.port });
    const connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    if (!connected) return undefined;
    socket.on('error', () => socket.destroy());
    return new StackLease(record, socket, createInterface({ input: socket }));
  }

  get isClosed(): boolean {
    return this.socket.destroyed;
  }

  /** Resolves when the keeper is gone, or this was released. */
  get closed(): Promise<void> {
    return new Promise((resolve) => {
      if (this.isClosed) resolve();
      else this.socket.once('close', () => resolve());
    });
  }

  /** Throws what the keeper refuses with, `KEEL.STACK_LOST` where it ends meanwhile. */
  async need(servers: readonly ServerName[]): Promise<Granted> {
    return this.ask({ ask: 'need', servers: [...servers], durability: embeddedDurability(settings()) });
  }

  /** Keeps the servers up beyond all leases. */
  async pin(): Promise<void> {
    await this.ask({ ask: 'pin' });
  }

  /** Ends them, whoever uses them. */
  async end(): Promise<void> {
    await this.ask({ ask: 'end' });
  }

  release(): void {
    this.socket.destroy();
  }

  /** One after the other: each answer is the next line. */
  private ask(asked: Asked): Promise<Granted> {
    const answered = this.last.then(() => this.askNow(asked));
    this.last = answered.then(
      () => undefined,
      () => undefined,
    );
    return answered;
  }

  private async askNow(asked: Asked): Promise<Granted> {
    this.socket.ref();
    try {
      const answer = await this.answerTo(asked);
      if (answer.ok) return answer;
      throw new EvenkeelError(answer);
    } finally {
      this.socket.unref();
    }
  }

  private answerTo(asked: Asked): Promise<KeeperAnswer> {
    return new Promise((resolve, reject) => {
      const lost = (): void =>
        reject(
          new OperationalError({
            code: 'KEEL.STACK_LOST',
            message: 'the keeper of the servers ended meanwhile',
          }),
        );
      if (this.socket.destroyed) return lost();
      this.socket.once('close', lost);
      this.lines.once('line', (line) => {
        this.socket.off('close', lost);
        try {
          resolve(parseAnswer(line));
        } catch (cause) {
          reject(ofOtherBuild(cause));
        }
      });
      this.socket.write(`${JSON.stringify({ ...asked, token: this.record.token })}\n`);
    });
  }
}

/** What people call them. */
export const SERVER_NAMES: Readonly<Record<ServerName, string>> = { nats: 'NATS', postgres: 'Postgres' };

/** The servers of a home that its environment does not name elsewhere. */
export function serversToStart({ natsUrl, databaseUrl }: Settings): readonly ServerName[] {
  const all = [
    ['nats', natsUrl],
    ['postgres', databaseUrl],
  ] as const;
  return all.flatMap(([name, elsewhere]) => (elsewhere === undefined ? [name] : []));
}

const held = new Map<string, Promise<StackLease | undefined>>();
const TRIES = 3;

/** The lease of this process on the servers of a home: one, held until the process ends. */
export async function leaseOn(home: Home): Promise<StackLease> {
  return required(await heldLease(home, () => StackLease.open(home)), 'a lease that was opened');
}

/** The same where a keeper runs; nothing is started. */
export function leaseOnRunning(home: Home): Promise<StackLease | undefined> {
  return heldLease(home, () => StackLease.onRunning(home));
}

async function heldLease(
  home: Home,
  open: () => Promise<StackLease | undefined>,
): Promise<StackLease | undefined> {
  const lease = await held.get(home.dir)?.catch(() => undefined);
  if (lease?.isClosed === false) return lease;
  const opening = open();
  held.set(home.dir, opening);
  return opening;
}

/** Servers of a home, started if need be. They stay up as long as this process is there. */
export async function serversOf(home: Home, servers: readonly ServerName[]): Promise<Granted> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await checked(await (await leaseOn(home)).need(servers));
    } catch (error) {
      // The keeper was about to end just then.
      if (tries === TRIES || !(error instanceof EvenkeelError && error.code === 'KEEL.STACK_LOST'))
        throw error;
    }
  }
}

async function checked(granted: Granted): Promise<Granted> {
  if (granted.postgres === undefined) return granted;
  const { newestMigration } = await import('@evenkeel/adapter-postgres');
  if (granted.postgres.schemaVersion === newestMigration()) return granted;
  throw ofOtherBuild();
}

function ofOtherBuild(cause?: unknown): OperationalError {
  return new OperationalError({
    code: 'KEEL.STACK_OF_OTHER_BUILD',
    message:
      'the servers of this home were started by another build of keel: end them with `keel down`, then try again',
    cause,
  });
}

interface StartedKeeper {
  /** Its exit code, 1 for a signal; undefined while it runs. */
  endedWith(): number | undefined;
}

function startKeeper(home: Home): StartedKeeper {
  const log = openSync(keeperLog(home), 'a', 0o600);
  const { EK_NATS_SERVER, EK_IDENTITY_DIR, EK_AUDIT_DIR } = process.env;
  const named = { EK_NATS_SERVER, EK_IDENTITY_DIR, EK_AUDIT_DIR, EK_HOME: home.dir };
  // A session of its own, and nothing of this command: neither its terminal nor its secrets nor its folder.
  const child = spawn(process.execPath, [join(REPOSITORY, 'services', 'keel', 'dist', 'keeper.js')], {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: home.dir,
    env: { ...plainEnvironment(process.env), ...named },
  });
  closeSync(log);
  child.unref();
  let ended: number | undefined;
  child.once('exit', (code) => (ended = code ?? 1));
  child.once('error', () => (ended = 1));
  return { endedWith: () => ended };
}
