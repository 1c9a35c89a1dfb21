import { Decimal, InvalidInputError } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import { UNCLOSED, cutCells, splitCells } from './table-cells';
import { decimalMarkOf, delimiterOf, firstRow, withPoint } from './table-dialect';

const PROBLEMS_MAX = 20;

/** One row: the cells of the wanted columns in the wanted order, and the line it stands on (the header is line 1). */
export type RowReader = (cells: readonly string[], line: number) => string | undefined;

/** What a file does not say itself. */
export interface TableShape {
  /** Names of the columns, in their order, of a file without a header: its first line is a row. */
  readonly names?: readonly string[];
  /** Wanted columns that a file may lack: their cells are empty then. */
  readonly optional?: readonly string[];
  /** Between cells; else the one of `,` `;` tab and `|` that the first line is cut by. */
  readonly delimiter?: string;
  /** The mark between the whole and its fraction; else a point, or a comma where nothing else can be meant. */
  readonly decimal?: '.' | ',';
}

/** How a table was read. */
export interface TableReading {
  readonly rows: number;
  readonly delimiter: string;
  readonly decimal: '.' | ',';
}

/**
 * Reads a table of text: a header, cells with or without quotes, with or without a byte order mark. `read` gets the wanted columns
 * of each row and answers with what is wrong with it, if anything. Other columns are ignored. A decimal comma becomes a point.
 * Throws `InvalidInputError` with `file:line` for a missing column, a row of the wrong width and every row that `read` refused
 * (the first 20).
 */
export function readTable(
  file: string,
  text: string,
  columns: readonly string[],
  read: RowReader,
  shape: TableShape = {},
): TableReading {
  const first = firstRow(text);
  const delimiter = shape.delimiter ?? first.delimiter ?? delimiterOf(first.text, columns);
  const names = shape.names ?? splitCells(first.text, delimiter).map((name) => name.trim());
  const places = placesOf(file, names, columns, shape);
  const cells: string[] = columns.map(() => '');
  // Position of a column among the wanted ones; -1 for columns that nobody asked for.
  const wanted = names.map((_, place) => places.indexOf(place));
  const from = shape.names === undefined ? { start: first.end, line: first.line + 1 } : first;
  const walk = (visit: (width: number, line: number) => boolean): void =>
    eachRow(text, from, (start, stop, line) =>
      visit(cutCells(text, start, stop, delimiter, wanted, cells), line),
    );
  const decimal = shape.decimal ?? decimalMarkOf(file, text, from.start, delimiter, cells, walk);
  const problems: InputProblem[] = [];
  let rows = 0;
  walk((width, line) => {
    rows += 1;
    if (decimal === ',') cells.forEach((cell, index) => (cells[index] = withPoint(cell)));
    const problem = width === names.length ? read(cells, line) : widthProblem(width, names.length);
    if (problem !== undefined) problems.push({ path: `${file}:${line}`, message: problem });
    return problems.length < PROBLEMS_MAX;
  });
  if (problems.length > 0) throw new InvalidInputError(file, problems);
  return { rows, delimiter, decimal };
}

/**
 * The one column of `names` that a table has; the first where it has none, so that reading names what is missing. Throws
 * `InvalidInputError` where it has several: nobody can tell which is meant.
 */
export function oneColumnOf(file: string, text: string, names: readonly [string, ...string[]]): string {
  const { text: header, delimiter } = firstRow(text);
  const there = new Set(
    splitCells(header, delimiter ?? delimiterOf(header, names)).map((name) => name.trim()),
  );
  const [found = names[0], second] = names.filter((name) => there.has(name));
  if (second === undefined) return found;
  throw new InvalidInputError(file, [
    { path: `${file}:1`, message: `has both "${found}" and "${second}": keep the one that is meant` },
  ]);
}

/** Where each wanted column stands; -1 for one that may be missing. Throws where one that may not is, or stands there twice. */
function placesOf(
  file: string,
  names: readonly string[],
  columns: readonly string[],
  { optional = [] }: TableShape,
): number[] {
  const problems = columns.flatMap((column): InputProblem[] => {
    const place = names.indexOf(column);
    if (place === -1 && !optional.includes(column))
      return [{ path: `${file}:1`, message: `column "${column}" is missing` }];
    if (place === names.lastIndexOf(column)) return [];
    return [{ path: `${file}:1`, message: `column "${column}" stands there twice` }];
  });
  if (problems.length > 0) throw new InvalidInputError(file, problems);
  return columns.map((column) => names.indexOf(column));
}

/** Every line that is not empty, until `visit` has seen enough. */
function eachRow(
  text: string,
  from: { readonly start: number; readonly line: number },
  visit: (start: number, stop: number, line: number) => boolean,
): void {
  let { start } = from;
  for (let { line } = from; start < text.length; line += 1) {
    let end = text.indexOf('\n', start);
    if (end === -1) end = text.length;
    const stop = text.charCodeAt(end - 1) === CARRIAGE_RETURN ? end - 1 : end;
    if (stop > start && !visit(start, stop, line)) return;
    start = end + 1;
  }
}

function widthProblem(width: number, expected: number): string {
  if (width === UNCLOSED) return 'has a quote that does not end on its line';
  return `has ${width} columns, the header has ${expected}`;
}

const CARRIAGE_RETURN = 13;
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
