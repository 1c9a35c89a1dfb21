import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ClientBase } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { cellOf } from './row-batch';
import type { Cell, Row, RowBatch } from './row-batch';
import type { ReadTable } from './tables';

/** Below this many rows one INSERT costs less than the round trips of a COPY. */
const COPY_FROM_ROWS = 24;

/** Writes a batch into the read models of `schema`, inside the transaction the client is in. */
export async function writeRows(client: ClientBase, schema: string, batch: RowBatch): Promise<void> {
  for (const { table, rows, patches } of batch.tables()) {
    if (table.kind === 'log' && rows.length >= COPY_FROM_ROWS) await copyRows(client, schema, table, rows);
    else if (rows.length > 0) await insertRows(client, schema, table, rows);
    for (const alike of bySetOfColumns(patches)) await patchRows(client, schema, table, alike);
  }
}

function bySetOfColumns(patches: readonly Row[]): Iterable<readonly Row[]> {
  const sets = new Map<string, Row[]>();
  for (const patch of patches) {
    const names = Object.keys(patch).sort().join();
    const alike = sets.get(names) ?? [];
    sets.set(names, alike);
    alike.push(patch);
  }
  return sets.values();
}

async function patchRows(
  client: ClientBase,
  schema: string,
  table: ReadTable,
  patches: readonly Row[],
): Promise<void> {
  const key = table.patchedBy ?? table.key;
  const names = table.columns.filter(([name]) => patches[0]?.[name] !== undefined);
  const set = names.filter(([name]) => !key.includes(name));
  const typed = ([name, type]: (typeof names)[number]): string => `u."${name}"::${type}`;
  await client.query(
    `UPDATE "${schema}"."${table.name}" t SET ${set.map((column) => `"${column[0]}" = ${typed(column)}`).join(', ')} ` +
      `FROM unnest(${names.map((_, index) => `$${index + 1}::text[]`).join(', ')}) AS u(${quoted(names.map(([name]) => name))}) ` +
      `WHERE ${names
        .filter(([name]) => key.includes(name))
        .map((column) => `t."${column[0]}" = ${typed(column)}`)
        .join(' AND ')}`,
    names.map(([name]) => patches.map((row) => sqlText(cellOf(row, name)))),
  );
}

async function copyRows(
  client: ClientBase,
  schema: string,
  table: ReadTable,
  rows: readonly Row[],
): Promise<void> {
  const names = table.columns.map(([name]) => name);
  const stream = client.query(copyFrom(`COPY "${schema}"."${table.name}" (${quoted(names)}) FROM STDIN`));
  let text = '';
  for (const row of rows) text += `${names.map((name) => copyText(cellOf(row, name))).join('\t')}\n`;
  await pipeline(Readable.from([Buffer.from(text, 'utf8')]), stream);
}

async function insertRows(
  client: ClientBase,
  schema: string,
  table: ReadTable,
  rows: readonly Row[],
): Promise<void> {
  const names = table.columns.map(([name]) => name);
  const casts = table.columns.map(([name, type]) => (type === 'text' ? `"${name}"` : `"${name}"::${type}`));
  const columns = names.map((name) => rows.map((row) => sqlText(cellOf(row, name))));
  const rest = names.filter((name) => !table.key.includes(name));
  const conflict =
    table.kind === 'log'
      ? ''
      : ` ON CONFLICT (${quoted(table.key)}) DO UPDATE SET ${rest.map((name) => `"${name}" = EXCLUDED."${name}"`).join(', ')}`;
  await client.query(
    `INSERT INTO "${schema}"."${table.name}" (${quoted(names)}) SELECT ${casts.join(', ')} ` +
      `FROM unnest(${names.map((_, index) => `$${index + 1}::text[]`).join(', ')}) AS u(${quoted(names)})${conflict}`,
    columns,
  );
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

function sqlText(cell: Cell): string | null {
  if (cell === null || typeof cell === 'string') return cell;
  return typeof cell === 'object' ? arrayText(cell) : String(cell);
}

const ESCAPES: Readonly<Record<string, string>> = { '\\': '\\\\', '\t': '\\t', '\n': '\\n', '\r': '\\r' };

/** A field of COPY's text format. */
function copyText(cell: Cell): string {
  const text = sqlText(cell);
  return text === null
    ? '\\N'
    : /[\\\t\n\r]/.test(text)
      ? text.replace(/[\\\t\n\r]/g, (character) => ESCAPES[character] ?? '')
      : text;
}

/** An array literal: every element quoted. */
function arrayText(items: readonly string[]): string {
  return `{${items.map((item) => `"${item.replace(/["\\]/g, (character) => `\\${character}`)}"`).join(',')}}`;
}
