import { InvalidInputError } from '@evenkeel/kernel';
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
  const header = firstLine(text)
    .split(',')
    .map((name) => name.trim());
  const places = columns.map((column) => header.indexOf(column));
  columns.forEach((column, index) => {
    if (places[index] === -1) problems.push({ path: `${file}:1`, message: `column "${column}" is missing` });
  });
  if (problems.length > 0) throw new InvalidInputError(file, problems);
  const cells: string[] = columns.map(() => '');
  let start = text.indexOf('\n') + 1;
  for (let line = 2; start > 0 && start < text.length && problems.length < PROBLEMS_MAX; line += 1) {
    let end = text.indexOf('\n', start);
    if (end === -1) end = text.length;
    const content = text.charCodeAt(end - 1) === 13 ? text.slice(start, end - 1) : text.slice(start, end);
    start = end + 1;
    if (content === '') continue;
    const row = content.includes('"') ? splitQuoted(content) : content.split(',');
    const problem =
      row.length === header.length ? readRow(row, places, cells, line, read) : widthProblem(row, header);
    if (problem !== undefined) problems.push({ path: `${file}:${line}`, message: problem });
  }
  if (problems.length > 0) throw new InvalidInputError(file, problems);
}

function firstLine(text: string): string {
  const end = text.indexOf('\n');
  const line = end === -1 ? text : text.slice(0, end);
  return line.charCodeAt(0) === 0xfeff ? line.slice(1) : line;
}

function readRow(
  row: readonly string[],
  places: readonly number[],
  cells: string[],
  line: number,
  read: RowReader,
): string | undefined {
  for (let index = 0; index < places.length; index += 1) cells[index] = row[places[index] ?? 0] ?? '';
  return read(cells, line);
}

function widthProblem(row: readonly string[], header: readonly string[]): string {
  return `has ${row.length} columns, the header has ${header.length}`;
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

const PLAIN = /^-?\d+(\.\d+)?$/;
const SCIENTIFIC = /^[+-]?\d+(\.\d*)?[eE][+-]?\d{1,3}$/;

/** True for what a file may say as a number. */
export function isNumber(cell: string): boolean {
  return PLAIN.test(cell) || SCIENTIFIC.test(cell);
}

export function isPlainNumber(cell: string): boolean {
  return PLAIN.test(cell);
}
