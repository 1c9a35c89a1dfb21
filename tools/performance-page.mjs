// The tables of docs/performance.md, from what `npm run bench -- --write` measured: no figure of that page is typed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { BEFORE } from './bench-tree.mjs';
import { root } from './root.mjs';

const PAGE = join(root, 'docs', 'performance.md');

export const number = (value) =>
  typeof value !== 'number'
    ? String(value)
    : Math.abs(value) >= 100
      ? Math.round(value).toLocaleString('en')
      : String(Number(value.toPrecision(3)));
export const spreadOf = (spread) =>
  spread === undefined || spread.min === spread.max ? '' : ` [${number(spread.min)}–${number(spread.max)}]`;

const cell = (text) => String(text).replaceAll('|', '\\|');
const times = (spread) => (spread === undefined ? '–' : `${number(spread.median)} ×${spreadOf(spread)}`);

/** One row: what, how much, beside its peer, and beside the build before. */
function tableRow(name, row) {
  const peer = row.ratio === undefined ? '–' : `${times(row.ratioSpread)} ${row.against ?? ''}`;
  const then = row.timesBefore === undefined ? '–' : `${times(row.timesBefore)} (${number(row.beforeValue)})`;
  const met = row.met === undefined ? '' : row.met ? ' ✓' : ' ✗';
  const aim = row.aim === undefined ? '–' : `${row.aim}${met}`;
  const value = `${number(row.value)}${spreadOf(row.spread)} ${row.unit}`;
  return `| ${[`${row.metric} (\`${name}\`)`, value, peer, then, aim].map(cell).join(' | ')} |`;
}

function table(results, wanted) {
  const rows = results.flatMap(({ name, rows }) => rows.filter(wanted).map((row) => tableRow(name, row)));
  return [
    `| work | today | beside its peer | beside ${BEFORE} (its own) | aim |`,
    '|---|---|---|---|---|',
    ...rows,
  ].join('\n');
}

/** Replaces what stands between `<!-- NAME -->` and `<!-- end NAME -->`. */
function replaced(text, name, content) {
  const [from, to] = [`<!-- ${name} -->`, `<!-- end ${name} -->`];
  const [start, end] = [text.indexOf(from), text.indexOf(to)];
  if (start === -1 || end < start) throw new Error(`docs/performance.md has no place for ${name}`);
  return `${text.slice(0, start + from.length)}\n\n${content}\n\n${text.slice(end)}`;
}

/** Writes the tables from results whose benches all ran. */
export function writePerformancePage(results) {
  const failed = results.filter(({ error }) => error !== undefined).map(({ name }) => name);
  if (failed.length > 0) throw new Error(`docs/performance.md stays as it was: ${failed.join(', ')} failed`);
  const text = readFileSync(PAGE, 'utf8');
  const aims = replaced(
    text,
    'aims',
    table(results, ({ aim }) => aim !== undefined),
  );
  writeFileSync(
    PAGE,
    replaced(
      aims,
      'others',
      table(results, ({ aim }) => aim === undefined),
    ),
  );
}
