// npm run bench: runs every bench of the workspace, each in a process of its own, prints a table on stderr and JSON on stdout. Each figure stands
// beside its peer of the same run, and those that say so beside the build before (bench-tree.mjs). `-- --quick` for a look, `-- --times 3` for the
// median of three with its spread, `-- pricing ledger` for some.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BEFORE, builtBefore } from './bench-tree.mjs';
import { root, setup } from './setup.mjs';

const { values: options, positionals: wanted } = parseArgs({
  allowPositionals: true,
  options: { quick: { type: 'boolean', default: false }, times: { type: 'string', default: '1' } },
});
const times = Number(options.times);
if (!Number.isInteger(times) || times < 1) {
  process.stderr.write(`bench: --times takes a whole number from 1, not ${options.times}\n`);
  process.exit(2);
}
await setup();

const files = ['libs', 'services'].flatMap((kind) =>
  readdirSync(join(root, kind)).flatMap((project) => {
    const dir = join(root, kind, project, 'bench');
    return existsSync(dir)
      ? readdirSync(dir)
          .filter((name) => name.endsWith('.bench.mjs'))
          .map((name) => join(dir, name))
      : [];
  }),
);
const nameOf = (file) => file.replace(/^.*\//, '').replace('.bench.mjs', '');
const unknown = wanted.filter((name) => !files.some((file) => nameOf(file) === name));
if (unknown.length > 0) {
  process.stderr.write(
    `bench: there is no ${unknown.join(', ')}; there are ${files.map(nameOf).join(', ')}\n`,
  );
  process.exit(2);
}

function measure(file, tree) {
  const env = tree === undefined ? process.env : { ...process.env, EK_BENCH_TREE: tree };
  const output = execFileSync(
    process.execPath,
    [join(root, 'tools', 'bench-one.mjs'), file, options.quick ? 'quick' : 'full'],
    { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 64 * 1024 * 1024 },
  );
  return JSON.parse(output);
}

/** The bench as often as asked for, this build and the one before in turn: what warms or loads the machine meets both. */
function measureAll(file) {
  const rounds = [];
  for (let round = 0; round < times; round += 1) {
    const now = measure(file);
    const tree = now.rows.some((row) => row.before === true) ? builtBefore() : undefined;
    rounds.push({ now, before: tree === undefined ? undefined : measure(file, tree) });
  }
  return { name: rounds[0].now.name, rows: rounds[0].now.rows.map((row) => merged(row, rounds)) };
}

function merged(row, rounds) {
  const of = (result) => result?.rows.find(({ metric }) => metric === row.metric);
  const values = (pick) =>
    rounds
      .map(pick)
      .filter((value) => typeof value === 'number')
      .sort((a, b) => a - b);
  const spread = (sorted) =>
    sorted.length === 0
      ? undefined
      : { median: sorted[sorted.length >> 1], min: sorted[0], max: sorted.at(-1) };
  const quicker = ({ now, before }) => {
    const [today, then] = [of(now)?.value, row.before === true ? of(before)?.value : undefined];
    if (today === undefined || then === undefined) return undefined;
    return row.lessIsBetter === true ? then / today : today / then;
  };
  return {
    ...row,
    value: spread(values(({ now }) => of(now)?.value))?.median ?? row.value,
    spread: spread(values(({ now }) => of(now)?.value)),
    ratio: spread(values(({ now }) => of(now)?.ratio))?.median ?? row.ratio,
    ratioSpread: spread(values(({ now }) => of(now)?.ratio)),
    beforeValue: spread(values(({ before }) => (row.before === true ? of(before)?.value : undefined)))
      ?.median,
    timesBefore: spread(values(quicker)),
  };
}

const pad = (value, width) => String(value).padEnd(width);
const number = (value) =>
  typeof value !== 'number'
    ? String(value)
    : Math.abs(value) >= 100
      ? Math.round(value).toLocaleString('en')
      : value.toPrecision(3);
const range = (spread) =>
  times === 1 || spread === undefined ? '' : ` [${number(spread.min)}–${number(spread.max)}]`;

function line(row) {
  const peer =
    row.ratio === undefined ? '' : `${number(row.ratio)} ×${range(row.ratioSpread)} ${row.against ?? ''}`;
  const then =
    row.timesBefore === undefined
      ? ''
      : `${number(row.timesBefore.median)} ×${range(row.timesBefore)} ${BEFORE} (${number(row.beforeValue)})`;
  const aim =
    row.aim === undefined ? '' : `aim ${row.aim}${row.met === undefined ? '' : row.met ? ' ✓' : ' ✗'}`;
  const note = row.note === undefined ? '' : `(${row.note})`;
  const value = `${number(row.value)}${range(row.spread)} ${row.unit}`;
  return `  ${pad(row.metric, 56)} ${pad(value, 28)} ${[peer, then, aim, note].filter((text) => text !== '').join('; ')}\n`;
}

const results = [];
for (const file of files) {
  const name = nameOf(file);
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`\n${name}\n`);
  try {
    const result = measureAll(file);
    results.push(result);
    for (const row of result.rows) process.stderr.write(line(row));
  } catch (error) {
    results.push({ name, error: String(error) });
    process.stderr.write(`  failed: ${error instanceof Error ? error.stack : error}\n`);
    process.exitCode = 1;
  }
}
process.stdout.write(
  `${JSON.stringify({ node: process.versions.node, quick: options.quick, times, results }, null, 2)}\n`,
);
process.exit();
