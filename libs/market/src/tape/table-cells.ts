/** Width of a row with a quote that does not end on its line. */
export const UNCLOSED = -1;
const QUOTE = 34;

/**
 * Cuts the wanted cells out of one line into `cells`, the others are only counted; returns the width of the row. `wanted` holds for
 * each place of a row its position in `cells`, or -1.
 */
export function cutCells(
  text: string,
  start: number,
  stop: number,
  delimiter: string,
  wanted: readonly number[],
  cells: string[],
): number {
  const cut = delimiter.charCodeAt(0);
  let place = 0;
  let from = start;
  for (let position = start; position <= stop; position += 1) {
    const code = position === stop ? cut : text.charCodeAt(position);
    if (code === QUOTE) return cutQuoted(text.slice(start, stop), delimiter, wanted, cells);
    if (code !== cut) continue;
    const index = wanted[place] ?? -1;
    if (index >= 0) cells[index] = text.slice(from, position);
    place += 1;
    from = position + 1;
  }
  return place;
}

function cutQuoted(line: string, delimiter: string, wanted: readonly number[], cells: string[]): number {
  const row = splitQuoted(line, delimiter);
  if (row === undefined) return UNCLOSED;
  row.forEach((cell, place) => {
    const index = wanted[place] ?? -1;
    if (index >= 0) cells[index] = cell;
  });
  return row.length;
}

export function splitCells(line: string, delimiter: string): readonly string[] {
  return splitQuoted(line, delimiter) ?? line.split(delimiter);
}

/** The cells of one line; `undefined` where a quote does not end. */
export function splitQuoted(line: string, delimiter: string): string[] | undefined {
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
    } else if (character === delimiter && !quoted) {
      cells.push(cell);
      cell = '';
    } else cell += character;
  }
  cells.push(cell);
  return quoted ? undefined : cells;
}
