import { Decimal, InvalidInputError } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';

const PROBLEMS_MAX = 20;

/** One row: the cells of the wanted columns in the wanted order, and the line it stands on (the header is line 1). */
export type RowReader = (cells: readonly string[], line: number) => string | undefined;

/**
 * Reads comma-separated text with a header. `read` gets the wanted columns of each row and answers with what is wrong
 * with it, if anything. Other columns are ignored. Throws `InvalidInputError` with `file:line` for a missing column, a row
 * of the wrong width and every row that `read` refused (the first 20).
 */
export function readTable(file: string, text: string, columns: readonly string[], read: RowReader): void {
  const problems: InputProblem[] = [];
  const names = columnNames(text);
  const places = columns.map((column) => names.indexOf(column));
  columns.forEach((column, index) => {
    if (places[index] === -1) problems.push({ path: `${file}:1`, message: `column "${column}" is missing` });
  });
  if (problems.length > 0) throw new InvalidInputError(file, problems);
  const cells: string[] = columns.map(() => '');
  // Position of a column among the wanted ones; -1 for columns that nobody asked for.
  const wanted = names.map((_, place) => places.indexOf(place));
  let start = text.indexOf('\n') + 1;
  for (let line = 2; start > 0 && start < text.length && problems.length < PROBLEMS_MAX; line += 1) {
    let end = text.indexOf('\n', start);
    if (end === -1) end = text.length;
    const stop = text.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 1 : end;
    if (stop > start) {
      const width = fillCells(text, start, stop, wanted, cells);
      const problem =
        width === names.length ? read(cells, line) : `has ${width} columns, the header has ${names.length}`;
      if (problem !== undefined) problems.push({ path: `${file}:${line}`, message: problem });
    }
    start = end + 1;
  }
  if (problems.length > 0) throw new InvalidInputError(file, problems);
}

/**
 * The one column of `names` that a table has; the first where it has none, so that reading names what is missing. Throws
 * `InvalidInputError` where it has several: nobody can tell which is meant.
 */
export function oneColumnOf(file: string, text: string, names: readonly [string, ...string[]]): string {
  const there = new Set(columnNames(text));
  const [found = names[0], second] = names.filter((name) => there.has(name));
  if (second === undefined) return found;
  throw new InvalidInputError(file, [
    { path: `${file}:1`, message: `has both "${found}" and "${second}": keep the one that is meant` },
  ]);
}

function columnNames(text: string): string[] {
  return firstLine(text)
    .split(',')
    .map((name) => name.trim());
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  const line = (end === -1 ? text : text.slice(0, end)).replace(/\r$/, '');
  return line.charCodeAt(0) === BYTE_ORDER_MARK ? line.slice(1) : line;
}

const COMMA = 44;
const QUOTE = 34;
const CARRIAGE_RETURN = 13;
const BYTE_ORDER_MARK = 0xfeff;

/** Cuts the wanted cells out of one line, the others are only counted; returns the width of the row. */
function fillCells(
  text: string,
  start: number,
  stop: number,
  wanted: readonly number[],
  cells: string[],
): number {
  let place = 0;
  let from = start;
  for (let position = start; position <= stop; position += 1) {
    const code = position === stop ? COMMA : text.charCodeAt(position);
    if (code === QUOTE) return fillQuoted(text.slice(start, stop), wanted, cells);
    if (code !== COMMA) continue;
    const index = wanted[place] ?? -1;
    if (index >= 0) cells[index] = text.slice(from, position);
    place += 1;
    from = position + 1;
  }
  return place;
}

function fillQuoted(line: string, wanted: readonly number[], cells: string[]): number {
  const row = splitQuoted(line);
  row.forEach((cell, place) => {
    const index = wanted[place] ?? -1;
    if (index >= 0) cells[index] = cell;
  });
  return row.length;
}

function splitQuoted(line: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let quoted = false;
  for (let index = 0; index < line.length; index += 1) {
    const character = line[index] ?? '';
    if (character === '"') {
      if (quoted && line[index + 1] === '"') {
        cell += '"';
        index += 1;
      } else quoted = !quoted;
    } else if (character === ',' && !quoted) {
      cells.push(cell);
      cell = '';
    } else cell += character;
  }
  cells.push(cell);
  return cells;
}

const SCIENTIFIC = /^[+-]?\d+(\.\d*)?[eE][+-]?\d{1,3}$/;
const MINUS = 45;
const POINT = 46;
const ZERO = 48;
const NINE = 57;
/** More digits than this before the point are no price, rate or size of anything. */
const LENGTH_MAX = 40;

/** The number of a cell as a plain decimal, exponents written out and otherwise as it stands; undefined for anything else. */
export function decimalCell(cell: string): string | undefined {
  if (cell.length > LENGTH_MAX) return undefined;
  if (isPlain(cell)) return cell;
  if (!SCIENTIFIC.test(cell) || !Number.isFinite(Number(cell))) return undefined;
  return Decimal.parse(cell).toString();
}

/** Digits with at most one point between them, and perhaps a minus. */
function isPlain(cell: string): boolean {
  let digits = 0;
  let points = 0;
  for (let position = cell.charCodeAt(0) === MINUS ? 1 : 0; position < cell.length; position += 1) {
    const code = cell.charCodeAt(position);
    if (code >= ZERO && code <= NINE) digits += 1;
    else if (code === POINT && digits > 0 && points === 0) points += 1;
    else return false;
  }
  return digits > 0 && cell.charCodeAt(cell.length - 1) !== POINT;
}
