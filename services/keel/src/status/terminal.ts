import type { WriteStream } from 'node:tty';

/** How wide and high what is written may be, and whether in colour. */
export interface Terminal {
  readonly columns: number;
  /** Absent where nobody watches: everything is written. */
  readonly rows?: number;
  readonly colour: boolean;
}

const COLUMNS = 100;
const ROWS = 24;

/** A terminal's size and manners (no-color.org); where there is none, a plain page. */
export function terminalOf(
  stream: Pick<WriteStream, 'isTTY' | 'columns' | 'rows'>,
  environment: Readonly<Record<string, string | undefined>>,
): Terminal {
  if (!stream.isTTY) return { columns: COLUMNS, colour: false };
  const colour = (environment['NO_COLOR'] ?? '') === '' && environment['TERM'] !== 'dumb';
  // Some terminals say 0.
  return { columns: stream.columns || COLUMNS, rows: stream.rows || ROWS, colour };
}
