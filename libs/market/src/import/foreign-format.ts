import type { FormatName } from './format-names';
import type { Findings } from './findings';
import type { ImportOptions } from './import-options';
import type { Micros, Row } from './row';

/** A column that is read, for the page of formats. */
export interface ForeignColumn {
  readonly name: string;
  readonly is: string;
}

/** What a reader of rows is given. */
export interface Reading {
  readonly options: ImportOptions;
  readonly findings: Findings;
  readonly row: Row;
  /** The instrument of a file without symbols; refuses the file where nobody named it. */
  instrument(): string;
  /** The id of a venue's symbol; refuses the row where no grammar reads it or another instrument was asked for. */
  idOf(place: string, symbol: string): string;
}

export type JsonRow = Readonly<Record<string, unknown>>;

export interface RowReader {
  /** When what the row says was known. */
  time(row: Row): Micros;
  /** Takes the row in; answers with why it is left out, where it is. */
  read(row: Row, at: Micros): string | undefined;
}

/** Files of others, read as they are published. */
export interface ForeignFormat {
  readonly name: FormatName;
  readonly title: string;
  /** Every column of the header as published, in its order. */
  readonly header: readonly string[];
  /** Columns that came later or were dropped. */
  readonly optional?: readonly string[];
  /** The columns that are read. */
  readonly columns: readonly ForeignColumn[];
  /** Whether files come without a header too; says so of the cells of the first row. */
  readonly headerless?: (cells: readonly string[]) => boolean;
  /** The publisher's way of naming files, where headers do not tell formats apart; `symbol` is the instrument's. */
  readonly fileName?: RegExp;
  /** Ids that the symbol of the file's name may mean, where rows have no symbol: a publisher may write spot and futures alike. */
  readonly instrumentsOf?: (symbol: string) => readonly string[];
  /** Lines of time: rows never go back. False where a later row may be about an earlier time. */
  readonly ordered?: false;
  /** A chain that does not say what the underlying cost: it is read after the files that do. */
  readonly needsUnderlying?: true;
  /** The rows of a document of JSON; undefined where it is none of this format. */
  readonly json?: (document: unknown) => readonly JsonRow[] | undefined;
  /** Where the columns are published. */
  readonly source: string;
  bind(reading: Reading): RowReader;
}
