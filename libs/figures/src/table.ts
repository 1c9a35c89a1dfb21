/** One column of a table for a terminal: its head and a cell for every row. */
export interface TextColumn {
  readonly head: string;
  readonly cells: readonly string[];
  /** Text; figures stand at the right. */
  readonly left?: boolean;
}

const GAP = '  ';

/**
 * A table as lines, columns in order of their weight: those at the end that do not fit into `width` characters are left out,
 * and named in a last line. The first column is always there.
 */
export function tableLines(columns: readonly TextColumn[], width = Number.POSITIVE_INFINITY): string[] {
  const widths = columns.map(({ head, cells }) => Math.max(...[head, ...cells].map(lengthOf)));
  let shown = 1;
  let used = widths[0] ?? 0;
  for (; shown < columns.length; shown += 1) {
    used += GAP.length + (widths[shown] ?? 0);
    if (used > width) break;
  }
  const kept = columns.slice(0, shown);
  const line = (cellOf: (column: TextColumn) => string): string =>
    kept
      .map((column, index) => padded(cellOf(column), widths[index] ?? 0, column.left === true))
      .join(GAP)
      .trimEnd();
  const rows = Array.from({ length: columns[0]?.cells.length ?? 0 }, (_, row) =>
    line(({ cells }) => cells[row] ?? ''),
  );
  const left = columns.slice(shown).map(({ head }) => head);
  return [
    line(({ head }) => head),
    ...rows,
    ...(left.length === 0 ? [] : [`(too narrow for: ${left.join(', ')})`]),
  ];
}

/** Characters, not code units; every one that is used here takes one cell. */
function lengthOf(text: string): number {
  return [...text].length;
}

function padded(text: string, width: number, left: boolean): string {
  const room = ' '.repeat(Math.max(0, width - lengthOf(text)));
  return left ? `${text}${room}` : `${room}${text}`;
}
