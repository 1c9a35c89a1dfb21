import { execFileSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { OperationalError } from '@evenkeel/kernel';

/** How to start the server's processes: PostgreSQL refuses to run as root, so root hands over to somebody else. */
export interface ServerIdentity {
  /** Absent when we are not root and the server simply runs as us. */
  readonly ids: { readonly uid: number; readonly gid: number } | undefined;
  /** The command line that runs `command` under this identity. */
  wrap(
    command: string,
    args: readonly string[],
  ): { readonly command: string; readonly args: readonly string[] };
  /** What to pass to `spawn` beside it. */
  readonly spawnIds: { readonly uid?: number; readonly gid?: number };
}

const SETPRIV = ['/usr/bin/setpriv', '/bin/setpriv'];

/**
 * Root starts the server as the `postgres` user where there is one, otherwise as `nobody`; no user is created. A data
 * folder that exists already keeps its owner. Where a folder on the way is closed to others (a checkout in the home of root,
 * a private temporary folder), the server gets the one capability it needs to pass through.
 */
export function serverIdentity(dataDir: string, paths: readonly string[]): ServerIdentity {
  if (process.getuid?.() !== 0) {
    return { ids: undefined, spawnIds: {}, wrap: (command, args) => ({ command, args }) };
  }
  const ids = ownerOf(dataDir) ?? idsOf('postgres') ?? idsOf('nobody');
  if (ids === undefined) throw rootRefused('there is neither a `postgres` nor a `nobody` user');
  if ([dataDir, ...paths].every(reachableByOthers)) {
    return { ids, spawnIds: ids, wrap: (command, args) => ({ command, args }) };
  }
  const setpriv = SETPRIV.find((path) => existsSync(path));
  if (setpriv === undefined)
    throw rootRefused('a folder above it is closed to other users and `setpriv` is missing');
  const prefix = [
    `--reuid=${ids.uid}`,
    `--regid=${ids.gid}`,
    '--clear-groups',
    '--inh-caps=+dac_override',
    '--ambient-caps=+dac_override',
  ];
  return {
    ids,
    spawnIds: {},
    wrap: (command, args) => ({ command: setpriv, args: [...prefix, command, ...args] }),
  };
}

function rootRefused(why: string): OperationalError {
  return new OperationalError({
    code: 'POSTGRES.ROOT_REFUSED',
    message: `PostgreSQL does not run as root, and ${why}; run Evenkeel as an ordinary user, or set DATABASE_URL to a server of your own.`,
  });
}

function ownerOf(dir: string): { uid: number; gid: number } | undefined {
  if (!existsSync(dir)) return undefined;
  const { uid, gid } = statSync(dir);
  return uid === 0 ? undefined : { uid, gid };
}

function idsOf(user: string): { uid: number; gid: number } | undefined {
  try {
    const id = (flag: string): number =>
      Number.parseInt(
        execFileSync('id', [flag, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
        10,
      );
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    return undefined;
  }
}

/** True when every folder above the path lets anybody pass. */
function reachableByOthers(path: string): boolean {
  const parent = dirname(resolve(path));
  if (parent === path) return true;
  if (existsSync(parent) && (statSync(parent).mode & 0o001) === 0) return false;
  return reachableByOthers(parent);
}
