// Builds the self-contained checking page (generated/check.html) when anything it is made of changed.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { hashOfFile } from '../../tools/file-hashes.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, '..', '..');
const require = createRequire(import.meta.url);
const output = join(here, 'generated', 'check.html');
const stampFile = join(here, 'generated', 'check.inputs.json');

function upToDate() {
  if (!existsSync(output) || !existsSync(stampFile)) return false;
  const inputs = Object.entries(JSON.parse(readFileSync(stampFile, 'utf8')));
  return inputs.every(([path, hash]) => hashOfFile(join(root, path)) === hash);
}

export default async function build() {
  // The page reads commits and decides again, so the generated messages and the pricing kernel must be there first.
  for (const library of ['contracts', 'pricing']) {
    const own = join(root, 'libs', library, 'build.mjs');
    if (existsSync(own)) await (await import(pathToFileURL(own).href)).default();
  }
  if (upToDate()) return [];
  const esbuild = require('esbuild');
  const result = await esbuild.build({
    entryPoints: [join(here, 'page', 'check-page.ts')],
    absWorkingDir: root,
    tsconfig: join(root, 'tsconfig.base.json'),
    bundle: true,
    minify: true,
    format: 'iife',
    platform: 'browser',
    target: 'es2022',
    charset: 'utf8',
    legalComments: 'inline',
    metafile: true,
    write: false,
    logLevel: 'error',
  });
  const template = join(here, 'page', 'check-page.html');
  const script = result.outputFiles[0].text.replaceAll('</script', '<\\/script');
  mkdirSync(dirname(output), { recursive: true });
  writeFileSync(
    output,
    readFileSync(template, 'utf8').replace('/*SCRIPT*/', () => script),
  );
  const own = ['libs/adapter-audit/page/check-page.html', 'libs/adapter-audit/build.mjs'];
  const inputs = [...Object.keys(result.metafile.inputs), ...own];
  writeFileSync(
    stampFile,
    JSON.stringify(Object.fromEntries(inputs.map((path) => [path, hashOfFile(join(root, path))]))),
  );
  return ['the page that checks evidence bundles'];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const made = await build();
  process.stderr.write(
    `${made.length === 0 ? 'up to date' : made.join(', ')}: ${output.slice(root.length + 1)}\n`,
  );
}
