// npm run bench: runs every bench of the workspace, each in a process of its own. Each figure stands beside its peer of the same run, and those
// that say so beside the build before (bench-tree.mjs).
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BEFORE, builtBefore } from './bench-tree.mjs';
import { number, spreadOf, writePerformancePage } from './performance-page.mjs';
import { root, setup } from './setup.mjs';

const HELP = `npm run bench -- [NAME …] [--quick] [--times 3] [--write]

  NAME         some benches; every one where none is named
  --quick      a look: few rounds, figures that say little
  --times N    the median of N runs, with its spread
  --write      write their rows into the tables of docs/performance.md; rows of other benches stay

A table goes to stderr, JSON to stdout. Exit code 0 when every bench ran, 1 when one failed, 2 for what it cannot understand.
Example: npm run bench -- lab legs --times 3 --write
`;

function parsed() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: 'boolean', default: false },
        times: { type: 'string', default: '1' },
        write: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return refuse(error.message);
  }
}

function refuse(message) {
  process.stderr.write(`bench: ${message}\n\n${HELP}`);
  process.exit(2);
}

const { values: options, positionals: wanted } = parsed();
if (options.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const times = Number(options.times);
if (!Number.isInteger(times) || times < 1)
  refuse(`--times takes a whole number from 1, not ${options.times}`);
if (options.write && options.quick) refuse('--write takes benches in full');
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
if (unknown.length > 0)
  refuse(`there is no ${unknown.join(', ')}; there are ${files.map(nameOf).join(', ')}`);

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

/** A metric may have several rows, one a peer; they keep their order. */
function sameRow(row, rows, result) {
  const place = rows.filter(({ metric }) => metric === row.metric).indexOf(row);
  return result?.rows.filter(({ metric }) => metric === row.metric)[place];
}

function spreadOfAll(values) {
  const sorted = values.filter((value) => typeof value === 'number').sort((a, b) => a - b);
  return sorted.length === 0
    ? undefined
    : { median: sorted[sorted.length >> 1], min: sorted[0], max: sorted.at(-1) };
}

function merged(row, rounds) {
  const { rows } = rounds[0].now;
  const now = rounds.map((round) => sameRow(row, rows, round.now));
  const then = rounds.map((round) => (row.before === true ? sameRow(row, rows, round.before) : undefined));
  const spread = spreadOfAll(now.map((one) => one?.value));
  const ratioSpread = spreadOfAll(now.map((one) => one?.ratio));
  const timesBefore = spreadOfAll(
    now.map((one, round) => {
      if (one === undefined || then[round] === undefined) return undefined;
      return row.lessIsBetter === true ? then[round].value / one.value : one.value / then[round].value;
    }),
  );
  const figures = { value: spread, ratio: ratioSpread, before: timesBefore };
  return {
    ...row,
    value: spread?.median ?? row.value,
    spread,
    ratio: ratioSpread?.median ?? row.ratio,
    ratioSpread,
    beforeValue: spreadOfAll(then.map((one) => one?.value))?.median,
    timesBefore,
    ...(row.aims === undefined ? {} : judged(row.aims, figures, row.unit)),
  };
}

/** `aims: { ratio: { min: 1 }, before: { min: 12 }, value: { max: 30 } }` as text, and whether the medians meet every one. */
function judged(aims, figures, unit) {
  const words = { ratio: '× peer', before: '× before', value: unit };
  const each = Object.entries(aims).flatMap(([figure, { min, max }]) => [
    ...(min === undefined
      ? []
      : [{ text: `≥ ${number(min)} ${words[figure]}`, met: figures[figure]?.median >= min }]),
    ...(max === undefined
      ? []
      : [{ text: `≤ ${number(max)} ${words[figure]}`, met: figures[figure]?.median <= max }]),
  ]);
  return { aim: each.map(({ text }) => text).join(', '), met: each.every(({ met }) => met) };
}

const pad = (value, width) => String(value).padEnd(width);

function line(row) {
  const peer =
    row.ratio === undefined ? '' : `${number(row.ratio)} ×${spreadOf(row.ratioSpread)} ${row.against ?? ''}`;
  const then =
    row.timesBefore === undefined
      ? ''
      : `${number(row.timesBefore.median)} ×${spreadOf(row.timesBefore)} ${BEFORE} (${number(row.beforeValue)})`;
  const aim =
    row.aim === undefined ? '' : `aim ${row.aim}${row.met === undefined ? '' : row.met ? ' ✓' : ' ✗'}`;
  const note = row.note === undefined ? '' : `(${row.note})`;
  const value = `${number(row.value)}${spreadOf(row.spread)} ${row.unit}`;
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
if (options.write) writePerformancePage(results);
process.stdout.write(
  `${JSON.stringify({ node: process.versions.node, quick: options.quick, times, results }, null, 2)}\n`,
);
process.exit();
