import type { Pool } from 'pg';
import { checkExternalPostgres, createLedgerPool, startLedgerServer } from '@evenkeel/adapter-postgres';
import type { DatabaseNeed, LedgerRole } from '@evenkeel/adapter-postgres';
import { settings } from './environment';
import { homeOf, lockHome } from './home';
import { runningStack } from './background';

/**
 * Runs something on the ledger's database: the external one, the one `keel up` keeps running, or the embedded one,
 * started for this and stopped again. It acts as `role`; readers can only read.
 */
export function withLedger<T>(
  work: (pool: Pool) => Promise<T>,
  role: LedgerRole = 'evenkeel_reader',
): Promise<T> {
  return withLedgerUrl((url) => onPool(url, role, work), role === 'evenkeel_ledger' ? 'write' : 'read');
}

/** The same with the address of the database, for work that makes connections of its own. */
export async function withLedgerUrl<T>(work: (url: string) => Promise<T>, need?: DatabaseNeed): Promise<T> {
  const external = settings().databaseUrl;
  if (external !== undefined) {
    await checkExternalPostgres(external, need);
    return work(external);
  }
  const home = homeOf();
  const running = runningStack(home);
  if (running !== undefined) return work(running.databaseUrl);
  const unlock = lockHome(home);
  try {
    const server = await startLedgerServer({ dir: home.postgres });
    try {
      return await work(server.url);
    } finally {
      await server.stop();
    }
  } finally {
    unlock();
  }
}

async function onPool<T>(url: string, role: LedgerRole, work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = createLedgerPool({ url, role, max: 2 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
