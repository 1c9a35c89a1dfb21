import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process beyond the reuse of its number: the pid and when it started, as the system words it. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly started: string;
}

/** `undefined` when no such process runs (a zombie does not). */
export function processIdentity(pid: number): ProcessIdentity | undefined {
  const started = startedFromProc(pid) ?? startedFromPs(pid);
  return started === undefined ? undefined : { pid, started };
}

export function isRunning(identity: ProcessIdentity): boolean {
  return processIdentity(identity.pid)?.started === identity.started;
}

const END_POLL_MS = 15;

/** Ends a process by one signal after the other, each given its time; returns when it is gone. */
export async function endProcess(
  target: ProcessIdentity,
  signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGKILL'],
  patienceMs = 10_000,
): Promise<void> {
  for (const signal of signals) {
    if (!isRunning(target)) return;
    try {
      process.kill(target.pid, signal);
    } catch {
      return; // it ended in between
    }
    const deadline = performance.now() + patienceMs;
    while (isRunning(target) && performance.now() < deadline)
      await new Promise((resolve) => setTimeout(resolve, END_POLL_MS));
  }
}

/** The command line, or an empty string when it cannot be read. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return ps(pid, 'command=') ?? '';
  }
}

const STATE_FIELD = 0;
const START_FIELD = 19;

function startedFromProc(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the name in brackets and may hold anything, so count from its end.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    return fields[STATE_FIELD] === 'Z' ? undefined : fields[START_FIELD];
  } catch {
    return undefined;
  }
}

function startedFromPs(pid: number): string | undefined {
  const state = ps(pid, 'stat=');
  return state === undefined || state.startsWith('Z') ? undefined : ps(pid, 'lstart=');
}

function ps(pid: number, column: string): string | undefined {
  try {
    const text = execFileSync('ps', ['-o', column, '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    return text.trim() === '' ? undefined : text.trim();
  } catch {
    return undefined;
  }
}
