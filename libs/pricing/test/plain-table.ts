import type { TableRow } from '../src/cases/table-rows';

/** A table whose cells hold no commas and no quotes: what tests write. */
export function plainTable(text: string): TableRow[] {
  const [header = '', ...lines] = text.trim().split('\n');
  const names = header.split(',');
  return lines.map((line, index) => {
    const cells = line.split(',');
    return { line: index + 2, fields: Object.fromEntries(names.map((name, at) => [name, cells[at] ?? ''])) };
  });
}
