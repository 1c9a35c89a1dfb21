// npm run bench: runs every bench of the workspace, each in a process of its own, prints a table on stderr and JSON on stdout. Each figure stands
// beside its peer of the same run. `-- --quick` for a look, `-- pricing ledger` for some.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { root, setup } from './setup.mjs';

await setup();
const args = process.argv.slice(2);
const quick = args.includes('--quick');
const wanted = args.filter((arg) => !arg.startsWith('--'));

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

const pad = (value, width) => String(value).padEnd(width);
const number = (value) =>
  typeof value !== 'number'
    ? String(value)
    : Math.abs(value) >= 100
      ? Math.round(value).toLocaleString('en')
      : value.toPrecision(3);
const results = [];
for (const file of files) {
  const name = file.replace(/^.*\//, '').replace('.bench.mjs', '');
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`\n${name}\n`);
  try {
    const output = execFileSync(
      process.execPath,
      [join(root, 'tools', 'bench-one.mjs'), file, quick ? 'quick' : 'full'],
      { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], maxBuffer: 64 * 1024 * 1024 },
    );
    const result = JSON.parse(output);
    results.push(result);
    for (const row of result.rows) {
      const peer = row.ratio === undefined ? '' : `${number(row.ratio)} × ${row.against ?? ''}`;
      const aim =
        row.aim === undefined ? '' : `aim ${row.aim}${row.met === undefined ? '' : row.met ? ' ✓' : ' ✗'}`;
      process.stderr.write(
        `  ${pad(row.metric, 56)} ${pad(`${number(row.value)} ${row.unit}`, 24)} ${pad(peer, 44)} ${aim}${row.note === undefined ? '' : `  (${row.note})`}\n`,
      );
    }
  } catch (error) {
    results.push({ name, error: String(error) });
    process.stderr.write(`  failed: ${error instanceof Error ? error.stack : error}\n`);
    process.exitCode = 1;
  }
}
process.stdout.write(`${JSON.stringify({ node: process.versions.node, quick, results }, null, 2)}\n`);
process.exit();
