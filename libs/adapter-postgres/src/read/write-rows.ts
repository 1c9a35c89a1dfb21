import type { Statement } from '../wire/flight';
import { cellOf } from './row';
import type { RowBatch } from './row-batch';
import type { Cell, Row } from './row';
import type { ReadTable } from './tables';

/** The statements that write a batch into the read models of `schema`: new rows by COPY, changed ones by key; tables left out stay as they are. */
export function rowStatements(
  schema: string,
  batch: RowBatch,
  without: readonly ReadTable[] = [],
): readonly Statement[] {
  const statements: Statement[] = [];
  for (const { table, copied, rows, patches } of batch.tables()) {
    if (without.includes(table)) continue;
    if (copied !== undefined) statements.push({ sql: copyOf(schema, table), rows: [copied.end()] });
    if (rows.length > 0) statements.push(upsert(schema, table, rows));
    for (const alike of bySetOfColumns(patches)) statements.push(patchRows(schema, table, alike));
  }
  return statements;
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

function patchRows(schema: string, table: ReadTable, patches: readonly Row[]): Statement {
  const key = table.patchedBy ?? table.key;
  const names = table.columns.filter(([name]) => patches[0]?.[name] !== undefined);
  const set = names.filter(([name]) => !key.includes(name));
  const typed = ([name, type]: (typeof names)[number]): string => `u."${name}"::${type}`;
  const sql =
    `UPDATE "${schema}"."${table.name}" t SET ${set.map((column) => `"${column[0]}" = ${typed(column)}`).join(', ')} ` +
    `FROM unnest(${names.map((_, index) => `$${index + 1}::text[]`).join(', ')}) AS u(${quoted(names.map(([name]) => name))}) ` +
    `WHERE ${names
      .filter(([name]) => key.includes(name))
      .map((column) => `t."${column[0]}" = ${typed(column)}`)
      .join(' AND ')}`;
  return { sql, values: names.map(([name]) => columnText(patches, name)) };
}

function copyOf(schema: string, table: ReadTable): string {
  const names = table.columns.map(([name]) => name);
  return `COPY "${schema}"."${table.name}" (${quoted(names)}) FROM STDIN (FORMAT binary)`;
}

function upsert(schema: string, table: ReadTable, rows: readonly Row[]): Statement {
  const names = table.columns.map(([name]) => name);
  const casts = table.columns.map(([name, type]) => (type === 'text' ? `"${name}"` : `"${name}"::${type}`));
  const rest = names.filter((name) => !table.key.includes(name));
  const sql =
    `INSERT INTO "${schema}"."${table.name}" (${quoted(names)}) SELECT ${casts.join(', ')} ` +
    `FROM unnest(${names.map((_, index) => `$${index + 1}::text[]`).join(', ')}) AS u(${quoted(names)}) ` +
    `ON CONFLICT (${quoted(table.key)}) DO UPDATE SET ${rest.map((name) => `"${name}" = EXCLUDED."${name}"`).join(', ')}`;
  return { sql, values: names.map((name) => columnText(rows, name)) };
}

function quoted(names: readonly string[]): string {
  return names.map((name) => `"${name}"`).join(', ');
}

/** A column of some rows as an array literal. */
function columnText(rows: readonly Row[], name: string): string {
  return arrayText(rows.map((row) => sqlText(cellOf(row, name))));
}

function sqlText(cell: Cell): string | null {
  if (cell === null || typeof cell === 'string') return cell;
  return typeof cell === 'object' ? arrayText(cell) : String(cell);
}

/** An array literal: every element quoted. */
function arrayText(items: readonly (string | null)[]): string {
  const element = (item: string | null): string =>
    item === null ? 'NULL' : `"${item.replace(/["\\]/g, (character) => `\\${character}`)}"`;
  return `{${items.map(element).join(',')}}`;
}
