// npm test: everything that CI runs. Ends with one line: N passed, N failed, N skipped.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

process.env.NX_DAEMON = 'false';
process.env.NX_NO_CLOUD = 'true';
await setup();

const bin = (name) => join(root, 'node_modules', '.bin', name);
const counts = { passed: 0, failed: 0, skipped: 0 };

function step(name, command, args, options = {}) {
  const started = Date.now();
  process.stderr.write(`\n— ${name}\n`);
  const { status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  process.stderr.write(
    `— ${name}: ${status === 0 ? 'passed' : 'FAILED'} in ${((Date.now() - started) / 1000).toFixed(1)} s\n`,
  );
  return status === 0;
}

function check(name, command, args, options) {
  if (step(name, command, args, options)) counts.passed += 1;
  else counts.failed += 1;
}

function jest() {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-jest-'));
  const outputFile = join(dir, 'results.json');
  const ok = step('tests', bin('jest'), [
    '--json',
    `--outputFile=${outputFile}`,
    '--maxWorkers=2',
    ...process.argv.slice(2),
  ]);
  try {
    const results = JSON.parse(readFileSync(outputFile, 'utf8'));
    counts.passed += results.numPassedTests;
    counts.failed += results.numFailedTests + results.numRuntimeErrorTestSuites;
    counts.skipped += results.numPendingTests + results.numTodoTests;
    if (!ok && results.numFailedTests + results.numRuntimeErrorTestSuites === 0) counts.failed += 1;
  } catch {
    counts.failed += 1;
  }
  rmSync(dir, { recursive: true, force: true });
}

if (process.argv.length === 2) {
  check('formatting', bin('prettier'), ['--check', '--log-level', 'warn', '.']);
  check('schemas', bin('buf'), ['lint'], { cwd: join(root, 'proto') });
  check('types', bin('tsc'), ['--noEmit', '-p', 'tsconfig.json']);
  check('project graph', bin('nx'), ['show', 'projects'], { stdio: ['ignore', 'ignore', 'inherit'] });
  check('lint', bin('eslint'), ['.', '--max-warnings', '0']);
}
jest();
// `npm run` prints what it runs on stdout; the counts stand alone on the last line.
process.stdout.write(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped\n`);
process.exit(counts.failed === 0 ? 0 : 1);
