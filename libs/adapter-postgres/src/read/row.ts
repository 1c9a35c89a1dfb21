import { required } from '@evenkeel/kernel';

/** JSON is passed as text. */
export type Cell = string | number | boolean | null | readonly string[];

/** A row of the read models, by column. */
export type Row = Readonly<Record<string, Cell>>;

export function cellOf(row: Row, column: string): Cell {
  return required(row[column], `column ${column} of a row`);
}
