import { InvalidInputError } from '@evenkeel/kernel';
import { splitCells } from './table-cells';

const BYTE_ORDER_MARK = 0xfeff;

/** The first line that holds names or cells. */
export interface FirstRow {
  readonly text: string;
  /** Where it begins and where the next line does. */
  readonly start: number;
  readonly end: number;
  readonly line: number;
  /** As a spreadsheet states it on a line of its own: `sep=;`. */
  readonly delimiter?: string;
}

export function firstRow(text: string): FirstRow {
  const start = text.charCodeAt(0) === BYTE_ORDER_MARK ? 1 : 0;
  const row = lineAt(text, start, 1);
  const [, stated] = /^"?sep=([,;|\t])"?$/.exec(row.text) ?? [];
  return stated === undefined ? row : { ...lineAt(text, row.end, 2), delimiter: stated };
}

function lineAt(text: string, start: number, line: number): FirstRow {
  const next = text.indexOf('\n', start);
  const end = next === -1 ? text.length : next;
  return { text: text.slice(start, end).replace(/\r$/, ''), start, end: end + 1, line };
}

const DELIMITERS = [',', ';', '\t', '|'] as const;

/** The delimiter that finds most of the wanted columns, or for names nobody wants most cells; a comma where none is better. */
export function delimiterOf(line: string, columns: readonly string[]): string {
  let best = { delimiter: ',', found: -1, width: 0 };
  for (const delimiter of DELIMITERS) {
    const names = splitCells(line, delimiter).map((name) => name.trim());
    const found = columns.filter((column) => names.includes(column)).length;
    const { length: width } = names;
    if (found > best.found || (found === best.found && width > best.width))
      best = { delimiter, found, width };
  }
  return best.delimiter;
}

const COMMA_NUMBER = /^[+-]?\d+,(\d+)(?:[eE][+-]?\d+)?$/;
const POINT_NUMBER = /^[+-]?\d*\.\d+(?:[eE][+-]?\d+)?$/;
const DIGITS_OF_THOUSANDS = 3;

/**
 * Whether the wanted cells write numbers with a decimal comma. `walk` puts row after row into `cells`. Throws where it cannot be
 * told: 1,234 may be a thousand or a fraction.
 */
export function decimalMarkOf(
  file: string,
  text: string,
  from: number,
  delimiter: string,
  cells: readonly string[],
  walk: (visit: (width: number, line: number) => boolean) => void,
): '.' | ',' {
  // A comma parts the cells themselves where none of them is quoted.
  if (!text.includes(delimiter === ',' ? '"' : ',', from)) return '.';
  let fraction = false;
  let doubtful: readonly [string, number] | undefined;
  let pointed: readonly [string, number] | undefined;
  walk((_, line) => {
    for (const cell of cells) {
      const digits = COMMA_NUMBER.exec(cell)?.[1];
      if (digits === undefined) {
        if (pointed === undefined && POINT_NUMBER.test(cell)) pointed = [cell, line];
      } else if (digits.length !== DIGITS_OF_THOUSANDS) fraction = true;
      else doubtful ??= [cell, line];
    }
    return true;
  });
  if (!fraction && doubtful === undefined) return '.';
  if (fraction && pointed === undefined) return ',';
  const [cell, line] = (fraction ? pointed : doubtful) ?? ['', 1];
  const message = fraction
    ? `${cell} has a decimal point and other numbers of the file a decimal comma: use one of them`
    : `${cell} may be a thousand or a fraction: write a decimal point, and nothing between thousands`;
  throw new InvalidInputError(file, [{ path: `${file}:${line}`, message }]);
}

/** The number with a decimal point; anything else as it stands. */
export function withPoint(cell: string): string {
  return COMMA_NUMBER.test(cell) ? cell.replace(',', '.') : cell;
}
