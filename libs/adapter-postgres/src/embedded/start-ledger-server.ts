import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { applyRoles, urlOfLogin } from '../schema/ledger-logins';
import type { LedgerLogin } from '../schema/ledger-logins';
import { migrate } from '../schema/migrate';
import { startEmbeddedPostgres } from './start-embedded';
import type { EmbeddedPostgres, EmbeddedPostgresOptions } from './start-embedded';

export interface LedgerServer extends Omit<EmbeddedPostgres, 'url' | 'createDatabase'> {
  /** The ledger's database by the login of whoever owns it: for migrations and for people. */
  readonly url: string;
  /** The same by the login that the ledger service writes with, which can do nothing else. */
  readonly writerUrl: string;
}

const passwordsSchema = z.strictObject({ migrate: z.string(), writer: z.string(), auditor: z.string() });

/** Starts the embedded server with the ledger's database in it: logins made, schema up to date. */
export async function startLedgerServer(options: EmbeddedPostgresOptions): Promise<LedgerServer> {
  const server = await startEmbeddedPostgres(options);
  try {
    const passwords = passwordsIn(options.dir);
    await applyRoles(server.url, passwords);
    const urlOf = (login: LedgerLogin): string => urlOfLogin(server.url, login, passwords[login]);
    await migrate(urlOf('migrate'));
    const { port, pid, exited } = server;
    return {
      port,
      pid,
      exited,
      stop: () => server.stop(),
      url: urlOf('migrate'),
      writerUrl: urlOf('writer'),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Made at the first start, kept beside the data, readable by its owner alone. */
function passwordsIn(dir: string): Record<LedgerLogin, string> {
  const path = join(dir, 'logins.json');
  if (existsSync(path)) return passwordsSchema.parse(JSON.parse(readFileSync(path, 'utf8')));
  const fresh = (): string => randomBytes(18).toString('hex');
  const passwords = { migrate: fresh(), writer: fresh(), auditor: fresh() };
  writeFileSync(`${path}.new`, JSON.stringify(passwords), { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return passwords;
}
