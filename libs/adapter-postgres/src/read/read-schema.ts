import type { ClientBase } from 'pg';
import { OperationalError } from '@evenkeel/kernel';
import { loadMigrations } from '../schema/migrations';
import { READ_TABLE_LIST, READ_VERSION } from './tables';
import type { ReadTable } from './tables';

/** Makes the empty tables of the current read models under another schema name, from the migration that made them. */
export async function createReadSchema(client: ClientBase, schema: string): Promise<void> {
  const migration = loadMigrations().find(({ name }) => name.endsWith(`_${READ_VERSION}`));
  if (migration === undefined) {
    throw new OperationalError({
      code: 'POSTGRES.NO_MIGRATIONS',
      message: `There is no migration that makes ${READ_VERSION}; restore infra/postgres from the repository.`,
    });
  }
  await client.query(migration.sql.replaceAll(`"${READ_VERSION}"`, `"${schema}"`));
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
