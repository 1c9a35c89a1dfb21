import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '@evenkeel/config';
import { OperationalError } from '@evenkeel/kernel';
import { REPOSITORY } from './home';
import { lastWords } from './last-words';
import { environmentOfService } from './service-environment';
import type { ServiceName } from './service-environment';

export interface ServiceSpec {
  readonly name: ServiceName;
  /** Names one of several processes of the service, through all its lives; the service's name unless told. */
  readonly slot?: string;
  readonly environment: Readonly<Record<string, string>>;
}

const RESTART_DELAY_MS = 200;
const QUICK_DEATHS_MAX = 8;
const SAME_REASON_MAX = 3;
const QUICK_DEATH_MS = 5_000;
const STOP_DEADLINE_MS = 10_000;
const EXIT_INVALID = 2;

/** What only a person can change. A server that is away comes back, and is waited for. */
const FOR_A_PERSON =
  /\b(NATS\.(SERVER_DIFFERS|SERVER_TOO_OLD|SERVER_NOT_TRUSTED|NOT_AUTHORISED|NOT_PERMITTED|TLS_MISSING|NOT_DURABLE|STREAM_DIFFERS)|POSTGRES\.(LOGIN_REFUSED|LOGIN_TOO_STRONG|NOT_PERMITTED|NO_ROLES|TLS_FAILED|TOO_OLD|SCHEMA_NEWER)|EADDRINUSE|EADDRNOTAVAIL|EACCES)\b/;
const OF_SERVERS = /^(NATS|POSTGRES)\./;

interface QuickDeaths {
  readonly deaths: number;
  /** What it said last, and how often in a row. */
  readonly reason: string | undefined;
  readonly same: number;
}

/** The deaths of a service soon after its start, with one more. */
export function oneMoreDeath(before: QuickDeaths | undefined, reason: string | undefined): QuickDeaths {
  const isSame = reason !== undefined && before?.reason === reason;
  return { deaths: (before?.deaths ?? 0) + 1, reason, same: isSame ? before.same + 1 : 1 };
}

/** Starting it again would not help. */
export function isHopeless({ deaths, reason, same }: QuickDeaths): boolean {
  return deaths > QUICK_DEATHS_MAX || (same >= SAME_REASON_MAX && FOR_A_PERSON.test(reason ?? ''));
}

/** A process of a service that has its code and waits for its environment. */
function spawnService(
  logs: string,
  name: ServiceName,
  slot: string,
  known: Readonly<Record<string, string>>,
): ChildProcess {
  makeFolder(logs);
  const log = openSync(join(logs, `${slot}.log`), 'a');
  // Its own process group: Ctrl-C reaches the supervisor alone, which then ends everything in order. What it is told comes through the
  // pipe to its stdin, which closes when the supervisor dies, however it dies, and so tells the service to end.
  const child = spawn(process.execPath, [join(REPOSITORY, 'services', name, 'dist', 'service.js')], {
    env: { ...environmentOfService(name, process.env), ...known, EK_PROCESS: slot, EK_SUPERVISED: '1' },
    stdio: ['pipe', log, log],
    detached: true,
  });
  closeSync(log);
  // One that has ended is told nothing more; its end is heard of.
  child.stdin?.on('error', () => undefined);
  return child;
}

/** Starts services as processes of their own, starts them again when they die, and ends them in order. */
export class Supervisor {
  private readonly children = new Map<string, ChildProcess>();
  private readonly expected = new Map<string, ChildProcess>();
  private readonly restarts = new Map<string, QuickDeaths>();
  private readonly ended = new Set<string>();
  private stopping = false;
  private reject: ((error: Error) => void) | undefined;
  /** Rejects when a service cannot be kept up. */
  readonly failed: Promise<never>;

  constructor(
    private readonly logs: string,
    private readonly say: (line: string) => void,
  ) {
    this.failed = new Promise<never>((_resolve, reject) => (this.reject = reject));
    this.failed.catch(() => undefined);
  }

  /**
   * Services that will be started: loading their code takes as long as the servers do that they wait for. `known`: what can be told of
   * their environment already.
   */
  expect(
    names: readonly ServiceName[],
    known: Partial<Record<ServiceName, Readonly<Record<string, string>>>> = {},
  ): void {
    for (const name of names) this.expected.set(name, spawnService(this.logs, name, name, known[name] ?? {}));
  }

  start(spec: ServiceSpec): void {
    const startedAt = performance.now();
    const slot = spec.slot ?? spec.name;
    const ready = this.expected.get(slot);
    this.expected.delete(slot);
    const lives = ready !== undefined && ready.exitCode === null && ready.signalCode === null;
    const child = lives ? ready : spawnService(this.logs, spec.name, slot, {});
    child.stdin?.write(`${JSON.stringify({ ...spec.environment, EK_PROCESS: slot })}\n`);
    this.children.set(slot, child);
    child.once('exit', (code, signal) => {
      if (this.stopping || this.ended.has(slot)) return;
      const quick = performance.now() - startedAt < QUICK_DEATH_MS;
      const why = code === 0 || signal !== null ? undefined : this.lastWordsOf(slot);
      const deaths = oneMoreDeath(quick ? this.restarts.get(slot) : undefined, why);
      this.restarts.set(slot, deaths);
      if (code === EXIT_INVALID || isHopeless(deaths)) {
        const next = OF_SERVERS.test(why ?? '') ? '; `keel doctor` shows what the servers are' : '';
        this.reject?.(
          new OperationalError({
            code: 'KEEL.SERVICE_DOWN',
            message: `${slot} does not stay up (last ended with ${why ?? signal ?? code}); its log is ${join(this.logs, `${slot}.log`)}${next}`,
          }),
        );
        return;
      }
      this.say(`${slot} ended (${why ?? signal ?? code}); starting it again`);
      setTimeout(() => {
        if (!this.stopping) this.start(spec);
      }, RESTART_DELAY_MS);
    });
  }

  /** Why a process ended, by its log. */
  lastWordsOf(slot: string): string | undefined {
    return lastWords(join(this.logs, `${slot}.log`));
  }

  pidOf(slot: string): number | undefined {
    return this.children.get(slot)?.pid;
  }

  /** SIGKILL, for fault tests; the supervisor starts it again. */
  kill(slot: string): void {
    this.children.get(slot)?.kill('SIGKILL');
  }

  /** SIGKILL for good: nobody starts it again. */
  end(slot: string): void {
    this.ended.add(slot);
    this.kill(slot);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all([...this.children.values(), ...this.expected.values()].map(endInOrder));
  }
}

function endInOrder(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_DEADLINE_MS);
    child.once('exit', () => {
      clearTimeout(late);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
