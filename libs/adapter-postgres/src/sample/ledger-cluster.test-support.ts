import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Pool } from 'pg';
import { startEmbeddedPostgres } from '../embedded/start-embedded';
import type { EmbeddedPostgres } from '../embedded/start-embedded';
import { createLedgerPool } from '../schema/ledger-pool';
import type { LedgerRole } from '../schema/ledger-pool';
import { migrate } from '../schema/migrate';

export interface LedgerDatabase {
  /** As the owner of everything. */
  readonly url: string;
  pool(role?: LedgerRole): Pool;
  /** One statement as the owner, past grants; triggers stay on unless `force`. */
  asOwner(
    sql: string,
    values?: readonly unknown[],
    force?: boolean,
  ): Promise<readonly Record<string, unknown>[]>;
}

/** A throw-away server for a test file; every test gets a migrated database of its own. */
export class LedgerCluster {
  private readonly pools: Pool[] = [];
  private databases = 0;

  private constructor(
    readonly dir: string,
    private server: EmbeddedPostgres,
    readonly durability: 'disk' | 'process',
  ) {}

  static async start(durability: 'disk' | 'process' = 'process'): Promise<LedgerCluster> {
    const dir = mkdtempSync(join(tmpdir(), 'evenkeel-ledger-'));
    const server = await startEmbeddedPostgres({ dir, durability, database: 'migrated' });
    await migrate(server.url);
    return new LedgerCluster(dir, server, durability);
  }

  get pid(): number {
    return this.server.pid;
  }

  /** A database like the freshly migrated one, or a copy of another that nobody is connected to. */
  async database(template?: LedgerDatabase): Promise<LedgerDatabase> {
    this.databases += 1;
    const name = `ledger_${this.databases}`;
    const admin = this.server.url.replace(/\/migrated$/, '/postgres');
    const source = template === undefined ? 'migrated' : new URL(template.url).pathname.slice(1);
    await runOnce(admin, `CREATE DATABASE ${name} TEMPLATE ${source}`);
    const url = this.server.url.replace(/\/migrated$/, `/${name}`);
    await runOnce(url, `GRANT CREATE ON DATABASE ${name} TO evenkeel_ledger`);
    return {
      url,
      pool: (role = 'evenkeel_ledger') => {
        const pool = createLedgerPool({ url, role });
        this.pools.push(pool);
        return pool;
      },
      asOwner: (sql, values = [], force = false) => runOnce(url, sql, values, force),
    };
  }

  /** After a kill: the same port and data again. */
  async restart(): Promise<void> {
    await this.server.exited;
    await this.server.stop();
    this.server = await startEmbeddedPostgres({
      dir: this.dir,
      durability: this.durability,
      database: 'migrated',
    });
  }

  async stop(): Promise<void> {
    await Promise.all(this.pools.filter((pool) => !pool.ended).map((pool) => pool.end()));
    await this.server.stop();
    rmSync(this.dir, { recursive: true, force: true });
  }
}

async function runOnce(
  url: string,
  sql: string,
  values: readonly unknown[] = [],
  force = false,
): Promise<readonly Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    if (force) await client.query('SET session_replication_role = replica');
    return (await client.query<Record<string, unknown>>(sql, [...values])).rows;
  } finally {
    await client.end();
  }
}
