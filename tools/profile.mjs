// npm run profile: where the time of a lab run goes, function by function, and what each event allocates; beside the build before with
// `--before`, as a flame graph with `--svg FILE`. The market and the book are those of `npm run bench -- lab`.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { BEFORE, builtBefore } from './bench-tree.mjs';
import { flameGraph } from './flame-graph.mjs';
import { root, setup } from './setup.mjs';

const HELP = `npm run profile -- [--days 14] [--rounds 6] [--top 15] [--before] [--svg FILE] [--json]

  --days N     of market; 14 as in the bench
  --rounds N   runs that are measured, after as many that are not
  --top N      functions that are shown
  --before     the build of ${BEFORE} beside it
  --svg FILE   write a flame graph of this build
  --json       figures on stdout

Example: npm run profile -- --before --svg docs/evidence/lab-flame.svg
`;

function parsed() {
  try {
    return parseArgs({
      options: {
        days: { type: 'string', default: '14' },
        rounds: { type: 'string', default: '6' },
        top: { type: 'string', default: '15' },
        before: { type: 'boolean', default: false },
        svg: { type: 'string' },
        json: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return fail(error.message);
  }
}

function fail(message) {
  process.stderr.write(`profile: ${message}\n\n${HELP}`);
  process.exit(2);
}

const options = parsed();
if (options.help) {
  process.stdout.write(HELP);
  process.exit(0);
}
const [days, rounds, top] = ['days', 'rounds', 'top'].map((name) => {
  const value = Number(options[name]);
  return Number.isInteger(value) && value >= 1 ? value : fail(`--${name} takes a whole number from 1`);
});

function measure(tree) {
  const env = tree === undefined ? process.env : { ...process.env, EK_BENCH_TREE: tree };
  const output = execFileSync(
    process.execPath,
    [join(root, 'tools', 'profile-one.mjs'), String(days), String(rounds)],
    { encoding: 'utf8', env, stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 512 * 1024 * 1024 },
  );
  return JSON.parse(output);
}

/** Self time or bytes by function, largest first. */
function byFunction(tree) {
  const found = new Map();
  const visit = (node) => {
    const key = `${node.name} ${node.file}`.trim();
    found.set(key, (found.get(key) ?? 0) + node.self);
    node.children.forEach(visit);
  };
  visit(tree);
  return [...found].sort(([, a], [, b]) => b - a);
}

/** The run itself: neither what loads the packages nor what waits. Collecting garbage belongs to it. */
function ofTheRun(tree) {
  const roots = [];
  const visit = (node) => {
    if (node.name === 'runInProcess' || node.name === '(garbage collector)') roots.push(node);
    else node.children.forEach(visit);
  };
  visit(tree);
  return roots;
}

const total = (entries) => entries.reduce((sum, [, value]) => sum + value, 0);

function figuresOf({ events, microsecondsPerEvent, time, heap }) {
  const frames = ofTheRun(time);
  const times = byFunction({ name: '', file: '', self: 0, children: frames });
  const bytes = byFunction({ name: '', file: '', self: 0, children: ofTheRun(heap) });
  const [allTime, allBytes] = [total(times), total(bytes)];
  return {
    frames,
    events,
    microsecondsPerEvent,
    bytesPerEvent: allBytes / events,
    selfTime: times
      .slice(0, top)
      .map(([name, value]) => ({ function: name, percent: (100 * value) / allTime })),
    allocations: bytes
      .slice(0, top)
      .map(([name, value]) => ({ function: name, bytesPerEvent: value / events })),
  };
}

await setup();
const now = figuresOf(measure());
const tree = options.before ? builtBefore() : undefined;
const then = tree === undefined ? undefined : figuresOf(measure(tree));

const whole = (value) => Math.round(value).toLocaleString('en');
const beside = (value, before) => (before === undefined ? '' : `   (${BEFORE}: ${before}, ${value})`);
const ratio = (today, before) => (before === undefined ? '' : `${(before / today).toFixed(2)} × less`);

const lines = [
  `${whole(now.events)} events`,
  `processor time an event   ${now.microsecondsPerEvent.toFixed(1)} µs${beside(ratio(now.microsecondsPerEvent, then?.microsecondsPerEvent), then?.microsecondsPerEvent.toFixed(1))}`,
  `allocated an event        ${whole(now.bytesPerEvent)} bytes${beside(ratio(now.bytesPerEvent, then?.bytesPerEvent), then && whole(then.bytesPerEvent))}`,
  '',
  'self time',
  ...now.selfTime.map(({ function: name, percent }) => `  ${percent.toFixed(1).padStart(5)} %  ${name}`),
  '',
  'bytes allocated an event',
  ...now.allocations.map(
    ({ function: name, bytesPerEvent }) => `  ${whole(bytesPerEvent).padStart(7)}  ${name}`,
  ),
  '',
];
process.stderr.write(lines.join('\n'));
if (options.svg !== undefined) {
  writeFileSync(
    options.svg,
    flameGraph(
      `A lab run of ${days} days, function by function: width is processor time, callers stand below. Colours are libraries, with their own time:`,
      now.frames,
    ),
  );
  process.stderr.write(`flame graph: ${options.svg}\n`);
}
if (options.json) {
  const { frames: _, ...figures } = now;
  const before = then === undefined ? undefined : { ...then, frames: undefined };
  process.stdout.write(`${JSON.stringify({ ...figures, before }, null, 2)}\n`);
}
process.exit();
