import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { OperationalError } from '@evenkeel/kernel';
import { fillNewReadModels } from '../read/rebuild';
import { READ_VERSION } from '../read/tables';
import { checkExternalPostgres } from '../embedded/external-server';
import { createLedgerPool } from './ledger-pool';
import { loadMigrations } from './migrations';
import type { Migration } from './migrations';

/** The advisory lock `prisma migrate` takes, so that the two never run at once. */
const PRISMA_LOCK = 72_707_369;

/**
 * Applies what is missing, one transaction per file, and records it the way `prisma migrate deploy` would, so either can
 * go on from the other. Returns the names applied. Throws `POSTGRES.MIGRATION_CHANGED` when an applied file was edited,
 * `POSTGRES.SCHEMA_NEWER` when the database has migrations this build does not know, `POSTGRES.MIGRATION_FAILED`, and
 * `POSTGRES.NOT_THE_OWNER` where something is missing and the login may not add it. Read models of a new version are
 * filled from the log before anybody reads them.
 */
export async function migrate(
  url: string,
  migrations: readonly Migration[] = loadMigrations(),
): Promise<readonly string[]> {
  const applied = await applyMissing(url, migrations);
  if (applied.some((name) => name.endsWith(`_${READ_VERSION}`))) await fillReadModels(url);
  return applied;
}

async function fillReadModels(url: string): Promise<void> {
  const pool = createLedgerPool({ url, max: 1, statementTimeoutMs: 0 });
  const client = await pool.connect();
  try {
    await fillNewReadModels(client);
  } finally {
    client.release();
    await pool.end();
  }
}

async function applyMissing(url: string, migrations: readonly Migration[]): Promise<readonly string[]> {
  await checkExternalPostgres(url, 'migrate');
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query('SELECT pg_advisory_lock($1)', [PRISMA_LOCK]);
    await client.query(`SET client_min_messages = warning`);
    const known = await appliedIn(client);
    checkApplied(known, migrations);
    const applied = new Set(known.map((row) => row.name));
    const missing = migrations.filter((migration) => !applied.has(migration.name));
    if (missing.length > 0) await assertOwner(client, missing[0]?.name ?? '');
    for (const migration of missing) await applyOne(client, migration);
    return missing.map((migration) => migration.name);
  } finally {
    await client.end();
  }
}

async function appliedIn(client: Client): Promise<readonly AppliedRow[]> {
  const { rows } = await client.query<{ present: boolean }>(
    `SELECT to_regclass('public._prisma_migrations') IS NOT NULL AS present`,
  );
  if (rows[0]?.present !== true) return [];
  const known = await client.query<AppliedRow>(
    `SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
       FROM public._prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at`,
  );
  return known.rows;
}

async function assertOwner(client: Client, migration: string): Promise<void> {
  const { rows } = await client.query<{ login: string; owner: boolean }>(
    `SELECT session_user AS login, pg_has_role(session_user, datdba, 'MEMBER') AS owner
       FROM pg_database WHERE datname = current_database()`,
  );
  const [me] = rows;
  if (me?.owner === true) return;
  throw new OperationalError({
    code: 'POSTGRES.NOT_THE_OWNER',
    message: `The database lacks migrations (${migration}), and ${me?.login ?? 'this login'} does not own it: name the login evenkeel_migrate of infra/postgres/roles.sql in EK_MIGRATE_DATABASE_URL.`,
  });
}

interface AppliedRow {
  readonly name: string;
  readonly checksum: string;
  readonly finished: boolean;
}

function checkApplied(rows: readonly AppliedRow[], migrations: readonly Migration[]): void {
  for (const row of rows) {
    const migration = migrations.find((candidate) => candidate.name === row.name);
    if (!row.finished) {
      throw new OperationalError({
        code: 'POSTGRES.MIGRATION_FAILED',
        message: `Migration ${row.name} was begun and never finished; repair the database by hand and delete its row from _prisma_migrations.`,
      });
    }
    if (migration === undefined) {
      throw new OperationalError({
        code: 'POSTGRES.SCHEMA_NEWER',
        message: `The database has migration ${row.name}, which this build does not know; run the newer Evenkeel, or another database.`,
      });
    }
    if (migration.checksum !== row.checksum) {
      throw new OperationalError({
        code: 'POSTGRES.MIGRATION_CHANGED',
        message: `Migration ${row.name} was edited after it had been applied; restore the file and write a new migration instead.`,
      });
    }
  }
}

async function applyOne(client: Client, migration: Migration): Promise<void> {
  await client.query('BEGIN');
  try {
    // With the first migration or not at all: a table that a failed try left behind would be another login's.
    await client.query(MIGRATIONS_TABLE);
    await client.query(
      `INSERT INTO public._prisma_migrations (id, checksum, migration_name, started_at) VALUES ($1, $2, $3, clock_timestamp())`,
      [randomUUID(), migration.checksum, migration.name],
    );
    await client.query(migration.sql);
    await client.query(
      `UPDATE public._prisma_migrations SET finished_at = clock_timestamp(), applied_steps_count = 1 WHERE migration_name = $1`,
      [migration.name],
    );
    await client.query('COMMIT');
  } catch (cause) {
    await client.query('ROLLBACK').catch(() => undefined);
    throw new OperationalError({
      code: 'POSTGRES.MIGRATION_FAILED',
      message: `Migration ${migration.name} failed and was rolled back: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    });
  }
}

const MIGRATIONS_TABLE = `
  CREATE TABLE IF NOT EXISTS public._prisma_migrations (
    id VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum VARCHAR(64) NOT NULL,
    finished_at TIMESTAMPTZ,
    migration_name VARCHAR(255) NOT NULL,
    logs TEXT,
    rolled_back_at TIMESTAMPTZ,
    started_at TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count INTEGER NOT NULL DEFAULT 0
  )`;
