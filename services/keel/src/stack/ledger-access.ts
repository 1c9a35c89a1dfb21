import { existsSync } from 'node:fs';
import type { Pool } from 'pg';
import { checkExternalPostgres, createLedgerPool } from '@evenkeel/adapter-postgres';
import type { DatabaseNeed, LedgerRole } from '@evenkeel/adapter-postgres';
import { InvalidInputError, required } from '@evenkeel/kernel';
import { settings } from './environment';
import { homeOf } from './home';
import type { Home } from './home';
import { serversOf } from './stack-lease';

/**
 * Runs something on the ledger's database: the external one, or that of this home, started if it is not up. It acts as `role`;
 * readers can only read.
 */
export function withLedger<T>(
  work: (pool: Pool) => Promise<T>,
  role: LedgerRole = 'evenkeel_reader',
): Promise<T> {
  return withLedgerUrl((url) => onPool(url, role, work), role === 'evenkeel_ledger' ? 'write' : 'read');
}

/** The same with the address of the database, for work that makes connections of its own. */
export async function withLedgerUrl<T>(work: (url: string) => Promise<T>, need?: DatabaseNeed): Promise<T> {
  return work(await ledgerUrl(need));
}

/** A look makes no home: refuses, before a server is started, where none was ever kept. */
export function requireHome({ dir, postgres }: Home): void {
  if (settings().databaseUrl !== undefined || existsSync(postgres)) return;
  throw new InvalidInputError('the environment', [
    { path: 'EK_HOME', message: `there is no home in ${dir}: nothing is kept there` },
  ]);
}

/** Where the ledger lies, for whoever reads it: nothing is migrated there. */
export async function ledgerUrl(need?: DatabaseNeed): Promise<string> {
  const external = settings().databaseUrl;
  if (external !== undefined) {
    await checkExternalPostgres(external, need);
    return external;
  }
  const { postgres } = await serversOf(homeOf(), ['postgres']);
  return required(postgres, 'the server that was asked for').url;
}

async function onPool<T>(url: string, role: LedgerRole, work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = createLedgerPool({ url, role, max: 2 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
