import type { Pool } from 'pg';
import {
  checkExternalPostgres,
  createLedgerPool,
  migrate,
  startEmbeddedPostgres,
} from '@evenkeel/adapter-postgres';
import { homeOf, lockHome } from './home';
import { runningStack } from './background';

/**
 * Runs something on the ledger's database: the external one, the one `keel up` keeps running, or the embedded one,
 * started for this and stopped again.
 */
export async function withLedger<T>(work: (pool: Pool) => Promise<T>): Promise<T> {
  const external = process.env['DATABASE_URL'];
  if (external !== undefined && external !== '') {
    await checkExternalPostgres(external);
    return onPool(external, work);
  }
  const home = homeOf();
  const running = runningStack(home);
  if (running !== undefined) return onPool(running.databaseUrl, work);
  const unlock = lockHome(home);
  try {
    const server = await startEmbeddedPostgres({ dir: home.postgres });
    try {
      await migrate(server.url);
      return await onPool(server.url, work);
    } finally {
      await server.stop();
    }
  } finally {
    unlock();
  }
}

async function onPool<T>(url: string, work: (pool: Pool) => Promise<T>): Promise<T> {
  const pool = createLedgerPool({ url, max: 2 });
  try {
    return await work(pool);
  } finally {
    await pool.end();
  }
}
