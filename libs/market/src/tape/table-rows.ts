import { readTable } from './csv-table';
import { splitCells } from './table-cells';
import { delimiterOf, firstRow } from './table-dialect';

/** One row with all its cells, by the names of the columns, and the line it stands on. */
export interface NamedRow {
  readonly line: number;
  readonly fields: Readonly<Record<string, string>>;
}

/** The names in a table's header. */
export function columnsOfTable(text: string): string[] {
  const { text: header, delimiter } = firstRow(text);
  return splitCells(header, delimiter ?? delimiterOf(header, [])).map((name) => name.trim());
}

/** Every row of a table with a header, with every column; refuses what `readTable` refuses. */
export function rowsOfTable(file: string, text: string): NamedRow[] {
  const names = columnsOfTable(text);
  const rows: NamedRow[] = [];
  readTable(file, text, names, (cells, line) => {
    rows.push({
      line,
      fields: Object.fromEntries(names.map((name, at) => [name, (cells[at] ?? '').trim()])),
    });
    return undefined;
  });
  return rows;
}
