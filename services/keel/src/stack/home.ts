import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { OperationalError } from '@evenkeel/kernel';

/** Folders of one installation: everything we keep lies under `EK_HOME`, or `.evenkeel` beside the code. */
export interface Home {
  readonly dir: string;
  readonly tools: string;
  readonly nats: string;
  /** Keys and certificates of the bus. */
  readonly bus: string;
  readonly postgres: string;
  readonly logs: string;
  readonly kill: string;
  readonly runs: string;
  /** What each process knows of the journal from outside of it. */
  readonly floors: string;
  /** Who is enrolled, and in development their keys. */
  readonly governance: string;
  /** Keys of services; private files are readable by their owner only. */
  readonly identity: string;
  /** Tree, checkpoints and the development signing key. */
  readonly audit: string;
}

export const REPOSITORY = resolve(__dirname, '..', '..', '..', '..');

export function homeOf(environment: Readonly<Record<string, string | undefined>> = process.env): Home {
  const dir = resolve(environment['EK_HOME'] ?? join(REPOSITORY, '.evenkeel'));
  const identity = resolve(environment['EK_IDENTITY_DIR'] ?? join(dir, 'identity'));
  return {
    dir,
    // The server binary is the same for every home of this checkout.
    tools: join(REPOSITORY, '.evenkeel', 'bin'),
    nats: join(dir, 'nats'),
    bus: join(identity, 'bus'),
    postgres: join(dir, 'postgres'),
    logs: join(dir, 'logs'),
    kill: join(dir, 'kill'),
    runs: join(dir, 'runs'),
    floors: join(dir, 'floors'),
    governance: join(dir, 'governance'),
    identity,
    audit: resolve(environment['EK_AUDIT_DIR'] ?? join(dir, 'audit')),
  };
}

/** One keel at a time per home: two would fight over the same servers. Returns the way to let go. */
export function lockHome(home: Home): () => void {
  mkdirSync(home.dir, { recursive: true });
  const path = join(home.dir, 'lock');
  for (let attempt = 0; attempt < 2; attempt += 1) {
    try {
      writeFileSync(path, String(process.pid), { flag: 'wx' });
      return () => rmSync(path, { force: true });
    } catch (error) {
      if (!existsSync(path)) throw error;
      const pid = Number(readFileSync(path, 'utf8'));
      if (isAlive(pid)) {
        throw new OperationalError({
          code: 'KEEL.HOME_IN_USE',
          message: `another keel (process ${pid}) is using ${home.dir}: wait for it, or set EK_HOME to another folder`,
        });
      }
      rmSync(path, { force: true });
    }
  }
  throw new OperationalError({ code: 'KEEL.HOME_IN_USE', message: `${path} could not be taken` });
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
