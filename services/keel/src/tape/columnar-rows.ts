/** A file that is a table by itself, a stretch of rows at a time. */
export interface ColumnarRows {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly string[]>;
}
