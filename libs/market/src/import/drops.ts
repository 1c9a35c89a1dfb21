export interface DroppedRows {
  readonly reason: string;
  readonly rows: number;
  /** The first line that it was said of. */
  readonly firstLine: number;
}

export const BEFORE_FROM = 'before --from';
export const AFTER_TO = 'after --to';
/** What somebody wanted to be left out. */
export const OUTSIDE: ReadonlySet<string> = new Set([BEFORE_FROM, AFTER_TO]);

/** What was left out of each file, by reason. */
export class Drops {
  private readonly byFile = new Map<string, Map<string, { rows: number; firstLine: number }>>();

  add(file: string, line: number, reason: string): void {
    let reasons = this.byFile.get(file);
    if (reasons === undefined) this.byFile.set(file, (reasons = new Map()));
    const known = reasons.get(reason);
    if (known === undefined) reasons.set(reason, { rows: 1, firstLine: line });
    else {
      known.rows += 1;
      known.firstLine = Math.min(known.firstLine, line);
    }
  }

  of(file: string): readonly DroppedRows[] {
    return [...(this.byFile.get(file) ?? [])]
      .map(([reason, { rows, firstLine }]) => ({ reason, rows, firstLine }))
      .sort((a, b) => b.rows - a.rows || a.firstLine - b.firstLine);
  }
}
