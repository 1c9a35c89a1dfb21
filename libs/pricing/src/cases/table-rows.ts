/** A row of a table of text: its cells by the names of the columns, and the line it stands on. */
export interface TableRow {
  readonly line: number;
  readonly fields: Readonly<Record<string, string>>;
}

/** Reads a table with a header; refuses by line what is no row of it. How is not pricing's to know. */
export type TableReader = (text: string) => readonly TableRow[];
