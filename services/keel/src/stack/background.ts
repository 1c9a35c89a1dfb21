import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Home } from './home';

/** What `keel up` left running, for the other commands to find. */
export interface RunningStack {
  readonly pid: number;
  readonly natsUrl: string;
  readonly databaseUrl: string;
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
