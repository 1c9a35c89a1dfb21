import type { ClientBase } from 'pg';
import { OperationalError } from '@evenkeel/kernel';
import { loadMigrations } from '../schema/migrations';
import { READ_TABLE_LIST, READ_VERSION } from './tables';
import type { ReadTable } from './tables';

/** Makes the empty tables of the current read models under another schema name, from the migration that made them. */
export async function createReadSchema(client: ClientBase, schema: string): Promise<void> {
  await client.query(migrationFor(schema));
}

/** Of these a comparison asks for nothing but all rows in the order of their key. */
const ASKED_FOR_WHOLE = ['decisions', 'journal_entries', 'postings'].map((name) => `"${name}_`);

/**
 * The same for rows that are only compared, and go with the transaction: nothing keeps them over a crash, and tables that
 * nothing is looked up in have no indexes but their keys, which costs the server a third less.
 */
export async function createComparedSchema(client: ClientBase, schema: string): Promise<void> {
  const statements = migrationFor(schema)
    .replaceAll('CREATE TABLE', 'CREATE UNLOGGED TABLE')
    .split('\n')
    .filter((line) => !ASKED_FOR_WHOLE.some((name) => line.startsWith(`CREATE INDEX ${name}`)));
  await client.query(statements.join('\n'));
}

function migrationFor(schema: string): string {
  const migration = loadMigrations().find(({ name }) => name.endsWith(`_${READ_VERSION}`));
  if (migration === undefined) {
    throw new OperationalError({
      code: 'POSTGRES.NO_MIGRATIONS',
      message: `There is no migration that makes ${READ_VERSION}; restore infra/postgres from the repository.`,
    });
  }
  return migration.sql.replaceAll(`"${READ_VERSION}"`, `"${schema}"`);
}

/** Rows and content of a table: SHA-256 over the SHA-256 of each row's text, in key order. */
export interface TableContent {
  readonly table: string;
  readonly rows: number;
  readonly hash: string;
}

export async function tableContents(
  client: ClientBase,
  schema: string,
  tables: readonly ReadTable[] = READ_TABLE_LIST,
): Promise<readonly TableContent[]> {
  const contents: TableContent[] = [];
  for (const table of tables) {
    const result = await client.query<{ rows: number; hash: string }>(
      `SELECT count(*)::int AS rows,
              encode(sha256(coalesce(string_agg(sha256(convert_to(t::text, 'UTF8')), ''::bytea ORDER BY ${keyOf(table)}), ''::bytea)), 'hex') AS hash
         FROM "${schema}"."${table.name}" t`,
    );
    const row = result.rows[0];
    contents.push({ table: table.name, rows: row?.rows ?? 0, hash: row?.hash ?? '' });
  }
  return contents;
}

/** The earliest commit whose rows differ between two schemas; `undefined` when the rows name none. */
export async function firstDifference(
  client: ClientBase,
  left: string,
  right: string,
  name: string,
): Promise<{ readonly epoch: string; readonly seq: number } | undefined> {
  const table = READ_TABLE_LIST.find((candidate) => candidate.name === name);
  if (table === undefined) return undefined;
  const seq = SEQUENCE_COLUMNS.find((column) => table.columns.some(([known]) => known === column));
  const expression = seq === undefined ? `split_part(d.entry_id, '.', 1)::bigint` : `d."${seq}"`;
  const [a, b] = [`TABLE "${left}"."${name}"`, `TABLE "${right}"."${name}"`];
  const result = await client.query<{ epoch: string; seq: number }>(
    `SELECT d.epoch, ${expression} AS seq FROM ((${a} EXCEPT ${b}) UNION ALL (${b} EXCEPT ${a})) d ORDER BY d.epoch, 2 LIMIT 1`,
  );
  return result.rows[0];
}

const SEQUENCE_COLUMNS = ['seq', 'changed_seq', 'opened_seq'];

function keyOf(table: ReadTable): string {
  return table.key.map((column) => `t."${column}"`).join(', ');
}
