// npm run safety: the experiments of the security review, run again. `-- S3 S7` for some, `-- --tests` names each test, `-- --list` runs nothing,
// `-- --json` is for scripts. Points, what the review saw, and the tests that show today's answer: tools/safety.json. `npm run cases` does
// the same with the faults that people reported of files, markets and contracts, by their names: tools/cases.json, named by
// EK_SAFETY_POINTS. Exit code 1 when something fails, 2 when a point is unknown or names a test that does not exist.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { root } from './root.mjs';

const EXIT_FAILED = 1;
const EXIT_INVALID = 2;
const args = process.argv.slice(2);
const flags = new Set(args.filter((arg) => arg.startsWith('--')));
const wanted = args.filter((arg) => !arg.startsWith('--'));

function stop(lines) {
  process.stderr.write(`${lines.join('\n')}\n`);
  process.exit(EXIT_INVALID);
}

if (flags.has('--help')) {
  process.stdout.write(
    'npm run safety -- [S3 S3a …] [--tests] [--list] [--json]\nnpm run cases -- [bom-json …], with the same options\n' +
      'Example: npm run safety -- S3 S7\n',
  );
  process.exit(0);
}
const unknown = [...flags].filter((flag) => !['--tests', '--list', '--json'].includes(flag));
if (unknown.length > 0) stop([`unknown option ${unknown.join(' ')}; see --help`]);

/** Points S3a and S3b are both asked for as S3; a case has its name alone. */
const numberOf = ({ point }) => /^S\d+/.exec(point)?.[0] ?? point;
const file = process.env.EK_SAFETY_POINTS ?? join(root, 'tools', 'safety.json');
const { commit, points } = JSON.parse(readFileSync(file, 'utf8'));
const strangers = wanted.filter(
  (name) => !points.some((one) => one.point === name || numberOf(one) === name),
);
if (strangers.length > 0)
  stop([`no point ${strangers.join(', ')}; there are ${[...new Set(points.map(numberOf))].join(' ')}`]);
const chosen = points.filter(
  (one) => wanted.length === 0 || wanted.includes(one.point) || wanted.includes(numberOf(one)),
);

const width = Math.max(...points.map(({ point }) => point.length)) + 2;

/** Every text of a spec that could be a title, or part of one. */
function textsOf(path) {
  const ts = createRequire(import.meta.url)('typescript');
  const source = ts.createSourceFile(path, readFileSync(join(root, path), 'utf8'), ts.ScriptTarget.ES2022);
  const texts = [];
  const visit = (node) => {
    if (ts.isStringLiteralLike(node) || ts.isTemplateHead(node) || ts.isTemplateMiddleOrTemplateTail(node))
      texts.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return texts;
}

const known = new Map();
const problems = [];
for (const { point, tests = [], open } of chosen) {
  if (tests.length === 0 && open === undefined)
    problems.push(`${point} has neither a test nor says that it is open`);
  for (const { file: path, names } of tests) {
    try {
      if (!known.has(path)) known.set(path, textsOf(path));
    } catch {
      problems.push(`${point}: ${path} does not exist`);
      continue;
    }
    for (const name of names)
      if (!known.get(path).some((text) => text.includes(name)))
        problems.push(`${point}: ${path} has no test "${name}"`);
  }
}
if (problems.length > 0) stop(problems);

if (flags.has('--list')) {
  process.stdout.write(
    flags.has('--json')
      ? `${JSON.stringify({ commit, points: chosen }, null, 2)}\n`
      : `${chosen.map(({ point, was, tests = [], open }) => `${point.padEnd(width)}${tests.length > 0 ? `${tests.length} specs` : 'OPEN'}  ${was}${open === undefined ? '' : `\n     OPEN: ${open}`}`).join('\n')}\n`,
  );
  process.exit(0);
}

/** What ran already, by spec and whole name: points share tests, and none runs twice. */
const ran = new Map();

/** What went wrong, without the way there. */
const said = (messages) =>
  messages
    .join('\n')
    .split('\n')
    .filter((line) => !/^\s+at /.test(line))
    .join('\n');

async function runJest(tests) {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-safety-'));
  const outputFile = join(dir, 'results.json');
  const pattern = tests.flatMap(({ names }) =>
    names.map((name) => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')),
  );
  const child = spawn(
    join(root, 'node_modules', '.bin', 'jest'),
    [
      '--runInBand',
      '--json',
      `--outputFile=${outputFile}`,
      '-t',
      pattern.join('|'),
      '--runTestsByPath',
      ...tests.map((test) => test.file),
    ],
    { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const parts = [];
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (part) => parts.push(part));
  await new Promise((resolve) => child.once('close', resolve));
  const text = Buffer.concat(parts).toString();
  try {
    for (const suite of JSON.parse(readFileSync(outputFile, 'utf8')).testResults) {
      const path = suite.name.slice(root.length + 1);
      if (suite.assertionResults.length === 0)
        ran.set(`${path}\n${suite.message}`, {
          path,
          fullName: '',
          status: 'broken',
          message: suite.message,
        });
      for (const { fullName, status, failureMessages } of suite.assertionResults)
        if (status !== 'pending')
          ran.set(`${path}\n${fullName}`, { path, fullName, status, message: said(failureMessages) });
    }
  } catch (error) {
    process.stderr.write(`${text}\n${error}\n`);
  }
  rmSync(dir, { recursive: true, force: true });
  return text.split('\n');
}

const resultsOf = ({ file: path, names }, name) =>
  [...ran.values()].filter(
    (one) =>
      one.path === path &&
      (one.status === 'broken' ||
        (name === undefined ? names : [name]).some((text) => one.fullName.includes(text))),
  );

async function runPoint({ point, was, tests = [], shows, open }) {
  const missing = tests
    .map((test) => ({
      file: test.file,
      names: test.names.filter((name) => resultsOf(test, name).length === 0),
    }))
    .filter(({ names }) => names.length > 0);
  const printed = missing.length > 0 ? await runJest(missing) : [];
  const results = [...new Set(tests.flatMap((test) => resultsOf(test)))];
  const silent = tests.flatMap((test) =>
    test.names
      .filter((name) => resultsOf(test, name).length === 0)
      .map((name) => `${test.file}: "${name}" did not run`),
  );
  const failed = results.filter(({ status }) => status !== 'passed');
  return {
    point,
    was,
    tests: results.map(({ path, fullName, status }) => ({ file: path, name: fullName, status })),
    passed: results.length - failed.length,
    failed: failed.length + silent.length,
    problems: [...silent, ...failed.map((one) => `${one.path}: ${one.fullName}\n${one.message}`)],
    // A test that could not do what it is for says SKIPPED; that is no evidence, and is shown.
    figures: printed.filter(
      (line) => line.includes('SKIPPED') || (shows !== undefined && line.startsWith(shows)),
    ),
    ...(open === undefined ? {} : { open }),
  };
}

const { setup } = await import('./setup.mjs');
await setup();
const done = [];
for (const one of chosen) {
  const result = await runPoint(one);
  done.push(result);
  const { point, was, passed, failed, tests, open } = result;
  const now =
    failed > 0
      ? `FAILED ${failed} of ${passed + failed}`
      : tests.length > 0
        ? `${passed} passed`
        : 'OPEN, no test';
  const specs = [...new Set(tests.map(({ file: path }) => basename(path, '.spec.ts')))];
  const lines = [
    `${point.padEnd(width)}${now.padEnd(16)}was: ${was}${specs.length > 0 ? `  [${specs.join(', ')}]` : ''}`,
  ];
  if (open !== undefined) lines.push(`     OPEN: ${open}`);
  lines.push(...result.figures.map((line) => `     ${line.trim()}`));
  if (flags.has('--tests')) lines.push(...tests.map(({ name, status }) => `     ${status}: ${name}`));
  lines.push(...result.problems.map((problem) => `     ${problem.replaceAll('\n', '\n     ')}`));
  process[flags.has('--json') ? 'stderr' : 'stdout'].write(`${lines.join('\n')}\n`);
}
if (flags.has('--json')) process.stdout.write(`${JSON.stringify({ commit, points: done }, null, 2)}\n`);
const openPoints = done.filter(({ open }) => open !== undefined).map(({ point }) => point);
const broken = done.filter(({ failed }) => failed > 0).map(({ point }) => point);
process.stderr.write(
  `${done.length} points: ${done.length - broken.length} hold${broken.length > 0 ? `, FAILED: ${broken.join(' ')}` : ''}${openPoints.length > 0 ? `; OPEN: ${openPoints.join(' ')}` : ''}\n`,
);
process.exit(broken.length > 0 ? EXIT_FAILED : 0);
