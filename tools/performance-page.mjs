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

const HEAD = [
  `| work | today | beside its peer | beside ${BEFORE} (its own) | aim |`,
  '|---|---|---|---|---|',
];

/** The rows of the benches that ran, and those that stand there of the others, by bench. */
function table(standing, results, wanted) {
  const fresh = results.flatMap(({ name, rows }) =>
    rows.filter(wanted).map((row) => [name, tableRow(name, row)]),
  );
  const ran = new Set(results.map(({ name }) => name));
  const kept = standing
    .split('\n')
    .map((line) => [/^\| .*?\(`([\w-]+)`\) \|/.exec(line)?.[1], line])
    .filter(([name]) => name !== undefined && !ran.has(name));
  const byBench = ([a], [b]) => (a < b ? -1 : a > b ? 1 : 0);
  return [...HEAD, ...[...fresh, ...kept].sort(byBench).map(([, line]) => line)].join('\n');
}

/** Makes what stands between `<!-- NAME -->` and `<!-- end NAME -->` anew. */
function replaced(text, name, made) {
  const [from, to] = [`<!-- ${name} -->`, `<!-- end ${name} -->`];
  const [start, end] = [text.indexOf(from), text.indexOf(to)];
  if (start === -1 || end < start) throw new Error(`docs/performance.md has no place for ${name}`);
  return `${text.slice(0, start + from.length)}\n\n${made(text.slice(start + from.length, end))}\n\n${text.slice(end)}`;
}

/** Writes the rows of these results into the tables. */
export function writePerformancePage(results) {
  const failed = results.filter(({ error }) => error !== undefined).map(({ name }) => name);
  if (failed.length > 0) throw new Error(`docs/performance.md stays as it was: ${failed.join(', ')} failed`);
  const aims = replaced(readFileSync(PAGE, 'utf8'), 'aims', (standing) =>
    table(standing, results, ({ aim }) => aim !== undefined),
  );
  const page = replaced(aims, 'others', (standing) =>
    table(standing, results, ({ aim }) => aim === undefined),
  );
  writeFileSync(PAGE, page);
}
