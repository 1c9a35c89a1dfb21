import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { BusAccess, BusIdentity } from '@evenkeel/adapter-nats';
import { settings } from './environment';
import type { Home } from './home';

/** What `keel up` or a run keeps running, for the other commands to find. */
export interface RunningStack {
  readonly pid: number;
  readonly natsUrl: string;
  /** Where the credentials for it lie; absent where it is somebody else's. */
  readonly busKeys?: string;
  readonly databaseUrl: string;
  /** Services run on it in real time: books that are opened now get what suits that. */
  readonly live?: true;
}

const pathOf = (home: Home): string => join(home.dir, 'stack.json');

export function writeRunningStack(home: Home, stack: RunningStack): void {
  writeFileSync(pathOf(home), JSON.stringify(stack), { mode: 0o600 });
}

export function forgetRunningStack(home: Home): void {
  rmSync(pathOf(home), { force: true });
}

/** The background stack of this home, if its keeper is still alive. */
export function runningStack(home: Home): RunningStack | undefined {
  if (!existsSync(pathOf(home))) return undefined;
  try {
    const stack = JSON.parse(readFileSync(pathOf(home), 'utf8')) as RunningStack; // written by writeRunningStack
    process.kill(stack.pid, 0);
    return stack;
  } catch {
    return undefined;
  }
}

/** The NATS server that commands talk to, as the one that a command acts for: that of the environment, or the one of this home. */
export async function busOf(home: Home, identity: BusIdentity): Promise<BusAccess | undefined> {
  const { externalBus, homeBus } = await import('./bus');
  const external = settings().natsUrl;
  if (external !== undefined) return externalBus(external, identity);
  const running = runningStack(home);
  if (running === undefined) return undefined;
  const { natsUrl, busKeys } = running;
  return busKeys === undefined ? externalBus(natsUrl, identity) : homeBus(busKeys, natsUrl, identity);
}
