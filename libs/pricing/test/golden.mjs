// The golden valuations outside of Jest: `bundle <file>` makes one script for Node and browsers, `run <file>` runs it and prints
// its hashes, `write` renews golden.json after a change of the kernel that is meant to change its numbers.
import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInThisContext } from 'node:vm';

const here = dirname(fileURLToPath(import.meta.url));
const [command, file] = process.argv.slice(2);

async function bundled() {
  const { build } = await import('esbuild');
  const result = await build({
    entryPoints: [join(here, 'golden-valuations.ts')],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'evenkeelGolden',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    target: 'es2022',
    tsconfigRaw: '{}',
    alias: { '@evenkeel/kernel': join(here, '..', '..', 'kernel', 'src', 'index.ts') },
  });
  return result.outputFiles[0].text;
}

const run = (script) => runInThisContext(`${script};evenkeelGolden.goldenRun()`);

if (command === 'bundle') {
  writeFileSync(file, await bundled());
} else if (command === 'run') {
  process.stdout.write(`${JSON.stringify({ node: process.version, ...run(readFileSync(file, 'utf8')) })}\n`);
} else if (command === 'write') {
  await (await import('../build.mjs')).default();
  const { valuations, others, legs } = run(await bundled());
  writeFileSync(join(here, 'golden.json'), `${JSON.stringify({ legs, valuations, others }, null, 2)}\n`);
} else {
  process.stderr.write('golden.mjs bundle <file> | run <file> | write\n');
  process.exitCode = 2;
}
