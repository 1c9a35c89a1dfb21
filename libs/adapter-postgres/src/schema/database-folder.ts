import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { makeFolder } from '@evenkeel/config';
import { LEDGER_LOGINS, rolesScript, urlOfLogin } from './ledger-logins';
import type { LedgerLogin } from './ledger-logins';

export interface DatabaseFolderOptions {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** `verify-full`, or `disable` where the line is private by other means. */
  readonly sslmode: 'verify-full' | 'disable';
}

const OWNER_ONLY = 0o600;
/** The server's user is another one than ours; the folder around it is ours alone. */
const SERVERS = 0o644;

/**
 * Writes what a PostgreSQL server that others run needs for the ledger, and what each process needs to reach it:
 * `server/roles.sql` with new passwords in it and `server/admin-password`, and `<login>/url` for each login. Passwords
 * that are there stay.
 */
export function writeDatabaseFolder(dir: string, options: DatabaseFolderOptions): void {
  makeFolder(dir, 0o700);
  chmodSync(dir, 0o700); // a folder that was there keeps its own mode otherwise
  secretIn(join(dir, 'server', 'admin-password'), SERVERS);
  const settings = LEDGER_LOGINS.map((login) => {
    const password = secretIn(join(dir, login, 'password'), OWNER_ONLY);
    write(join(dir, login, 'url'), urlOf(options, login, password), OWNER_ONLY);
    return `SELECT set_config('evenkeel.${login}_password', '${password}', false) IS NOT NULL AS ${login};\n`;
  });
  write(join(dir, 'server', 'roles.sql'), `${settings.join('')}${rolesScript()}`, SERVERS);
}

function urlOf(
  { host, port, database, sslmode }: DatabaseFolderOptions,
  login: LedgerLogin,
  password: string,
): string {
  const url = new URL(urlOfLogin(`postgres://${host}:${port}/`, login, password));
  url.pathname = `/${database}`;
  url.searchParams.set('sslmode', sslmode);
  return url.toString();
}

function secretIn(path: string, mode: number): string {
  if (existsSync(path)) return readFileSync(path, 'utf8');
  const secret = randomBytes(24).toString('hex');
  write(path, secret, mode);
  return secret;
}

function write(path: string, text: string, mode: number): void {
  makeFolder(dirname(path), mode === SERVERS ? 0o755 : 0o700);
  writeFileSync(path, text, { mode });
}
