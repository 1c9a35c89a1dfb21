import { statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { makeFolder } from '@evenkeel/config';
import { InvalidInputError } from '@evenkeel/kernel';

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
  /** Tapes that were read, as columns: may be taken away at any time. */
  readonly tapes: string;
  /** Who is what here: the keeper of the servers, the run. */
  readonly claims: string;
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

/** Throws `INPUT.INVALID` where `EK_HOME` is something else than a folder. */
export function homeOf(environment: Readonly<Record<string, string | undefined>> = process.env): Home {
  const dir = resolve(environment['EK_HOME'] ?? join(REPOSITORY, '.evenkeel'));
  if (statSync(dir, { throwIfNoEntry: false })?.isDirectory() === false)
    throw new InvalidInputError('the environment', [
      { path: 'EK_HOME', message: `must name a folder; ${dir} is a file` },
    ]);
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
    tapes: join(dir, 'tapes'),
    claims: join(dir, 'claims'),
    floors: join(dir, 'floors'),
    governance: join(dir, 'governance'),
    identity,
    audit: resolve(environment['EK_AUDIT_DIR'] ?? join(dir, 'audit')),
  };
}

/** Root's PostgreSQL runs as somebody else, who has to pass through to its data; nobody else sees what lies there. */
const PRIVATE = process.getuid?.() === 0 ? 0o711 : 0o700;

/** Makes the folders of a home, closed to others. One that is there already stays as its owner has set it. */
export function layOut(home: Home): void {
  for (const dir of [home.dir, home.postgres]) makeFolder(dir, PRIVATE);
  for (const dir of [home.nats, home.logs, home.kill, home.runs]) makeFolder(dir, 0o700);
}
