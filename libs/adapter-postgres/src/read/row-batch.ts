import { required } from '@evenkeel/kernel';
import { READ_TABLES, READ_TABLE_LIST } from './tables';
import type { ReadTable, ReadTableName } from './tables';

/** JSON is passed as text. */
export type Cell = string | number | boolean | null | readonly string[];

export type Row = Readonly<Record<string, Cell>>;

/** What a stretch of commits adds to the read models: rows of logs, and the newest row per key of states. */
export class RowBatch {
  private readonly logs = new Map<ReadTableName, Row[]>();
  private readonly states = new Map<ReadTableName, Map<string, Row>>();

  add(table: ReadTableName, row: Row): void {
    if (READ_TABLES[table].kind === 'state') {
      const rows = this.states.get(table) ?? new Map<string, Row>();
      this.states.set(table, rows);
      rows.set(keyOf(READ_TABLES[table], row), row);
      return;
    }
    const rows = this.logs.get(table) ?? [];
    this.logs.set(table, rows);
    rows.push(row);
  }

  /** Tables with rows, in the fixed order of the tables. */
  *tables(): Iterable<{ readonly table: ReadTable; readonly rows: readonly Row[] }> {
    for (const table of READ_TABLE_LIST) {
      const rows =
        table.kind === 'state'
          ? [...(this.states.get(table.name)?.values() ?? [])]
          : (this.logs.get(table.name) ?? []);
      if (rows.length > 0) yield { table, rows };
    }
  }
}

function keyOf(table: ReadTable, row: Row): string {
  return JSON.stringify(table.key.map((column) => cellOf(row, column)));
}

export function cellOf(row: Row, column: string): Cell {
  return required(row[column], `column ${column} of a row`);
}
