import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commandLine, endProcess, isRunning, processIdentity } from '@evenkeel/config';
import type { ProcessIdentity } from '@evenkeel/config';
import { OperationalError } from '@evenkeel/kernel';

const OWNER_FILE = 'owner.json';

/** Notes which process answers for the server in this folder. */
export function claimFolder(dir: string): void {
  writeFileSync(join(dir, OWNER_FILE), JSON.stringify(processIdentity(process.pid)));
}

export function releaseFolder(dir: string): void {
  rmSync(join(dir, OWNER_FILE), { force: true });
}

/**
 * Clears away what an earlier run left in the folder: a server whose owner is gone is stopped, a stale
 * `postmaster.pid` removed. Throws `POSTGRES.IN_USE` when the owner is another live process.
 */
export async function clearLeftovers(
  dir: string,
  dataDir: string,
  onLog: (line: string) => void,
): Promise<void> {
  const owner = readOwner(dir);
  const pid = postmasterPid(dataDir);
  if (pid === undefined) return;
  const server = processIdentity(pid);
  const ours = server !== undefined && commandLine(pid).includes(dataDir);
  if (server === undefined || !ours) {
    onLog(`removing the stale lock of PostgreSQL process ${pid}`);
    rmSync(join(dataDir, 'postmaster.pid'), { force: true });
    return;
  }
  if (owner !== undefined && owner.pid !== process.pid && isRunning(owner)) {
    throw new OperationalError({
      code: 'POSTGRES.IN_USE',
      message: `The database in ${dir} belongs to a running Evenkeel (process ${owner.pid}); stop that one first, or choose another folder.`,
    });
  }
  onLog(`stopping PostgreSQL process ${pid}, left behind by an earlier run`);
  await endProcess(server, ['SIGINT', 'SIGQUIT', 'SIGKILL']);
}

function readOwner(dir: string): ProcessIdentity | undefined {
  try {
    // Written by claimFolder above.
    return JSON.parse(readFileSync(join(dir, OWNER_FILE), 'utf8')) as ProcessIdentity;
  } catch {
    return undefined;
  }
}

/** The server process named in the data folder's lock file. */
export function postmasterPid(dataDir: string): number | undefined {
  const lines = lockFile(dataDir);
  const pid = Number.parseInt(lines[0] ?? '', 10);
  return Number.isFinite(pid) && pid > 0 ? pid : undefined;
}

const STATUS_LINE = 7;

/** True once the server of this process number accepts connections. */
export function isReady(dataDir: string, pid: number): boolean {
  const lines = lockFile(dataDir);
  return Number.parseInt(lines[0] ?? '', 10) === pid && (lines[STATUS_LINE] ?? '').trim() === 'ready';
}

function lockFile(dataDir: string): readonly string[] {
  const path = join(dataDir, 'postmaster.pid');
  if (!existsSync(path)) return [];
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return [];
  }
}
