// Compiles every library and service with SWC into its own dist/, only what changed since the last build, and bundles the services.
// Type errors are the business of `npm run typecheck`; this is about being quick.
import { existsSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { bundle } from './bundle.mjs';
import { hashOfFile, keepHashes, replaceFile, sha256 } from './file-hashes.mjs';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const require = createRequire(import.meta.url);
const shared = require('./swc-options.js');

/**
 * What is loaded when it is first used rather than with what asks for it: `true` for every other package, or the names as they are
 * imported. A command line loads of the other packages what its one command uses; a service loads all it will use when it begins.
 * What draws charts is large, and most of those who may draw one do not. Of pricing everybody needs the kernel, and `keel price` alone
 * the rest; the thread of a simulation needs of hedging the bands of its rule, if any. With these two lists it starts in 0.4 of the
 * processor time. The keeper starts both servers with a few files of their adapters, and whoever waits for it needs few more.
 */
const ON_FIRST_USE = {
  keel: true,
  charts: true,
  config: true,
  simulation: ['@evenkeel/charts', '@evenkeel/hedging'],
  pricing: partsOf('pricing', ['cases', 'exotic', 'realised', 'smile', 'surface']),
  'adapter-audit': partsOf('adapter-audit'),
  'adapter-nats': [...partsOf('adapter-nats'), '@evenkeel/contracts', '@evenkeel/engine', 'node-forge'],
  'adapter-postgres': [
    ...partsOf('adapter-postgres'),
    ...['audit', 'contracts', 'engine', 'reconstruction'].map((name) => `@evenkeel/${name}`),
  ],
  host: partsOf('host'),
};

/** What the index of a library takes its names from, as it writes it: all of it, or what lies in `folders`. */
function partsOf(library, folders) {
  const index = readFileSync(join(root, 'libs', library, 'src', 'index.ts'), 'utf8');
  const parts = [...index.matchAll(/ from '(\.\/(?:([^/']+)\/)?[^']+)'/g)];
  const wanted = parts.filter(([, , folder]) => folders === undefined || folders.includes(folder));
  return [...new Set(wanted.map(([, part]) => part))];
}

function walk(dir, out = []) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) walk(path, out);
    else if (/\.ts$/.test(entry.name) && !/\.(spec|d)\.ts$/.test(entry.name)) out.push(path);
  }
  return out;
}

function projects() {
  return ['libs', 'services'].flatMap((kind) =>
    readdirSync(join(root, kind))
      .map((name) => join(root, kind, name))
      .filter((path) => existsSync(join(path, 'package.json')) && existsSync(join(path, 'src'))),
  );
}

/** Builds everything that is out of date; returns how many files were compiled. */
export async function build() {
  let compiled = 0;
  const stamps = [];
  for (const project of projects()) {
    const own = join(project, 'build.mjs');
    if (existsSync(own)) await (await import(pathToFileURL(own).href)).default();
    const src = join(project, 'src');
    const dist = join(project, 'dist');
    const stampFile = join(dist, '.stamp.json');
    const before = existsSync(stampFile) ? JSON.parse(readFileSync(stampFile, 'utf8')) : {};
    const after = {};
    const lazy = ON_FIRST_USE[basename(project)] ?? false;
    const options = { ...shared, module: { ...shared.module, lazy } };
    const optionsHash = sha256(JSON.stringify(options));
    for (const file of walk(src)) {
      const name = relative(src, file);
      const hash = sha256(`${hashOfFile(file)} ${optionsHash}`);
      after[name] = hash;
      const target = join(dist, name.replace(/\.ts$/, '.js'));
      if (before[name] === hash && existsSync(target)) continue;
      const text = readFileSync(file, 'utf8');
      replaceFile(target, require('@swc/core').transformSync(text, { ...options, filename: file }).code);
      compiled += 1;
    }
    for (const name of Object.keys(before)) {
      if (!(name in after)) rmSync(join(dist, name.replace(/\.ts$/, '.js')), { force: true });
    }
    if (Object.keys(after).length > 0) {
      const stamp = JSON.stringify(after);
      if (stamp !== JSON.stringify(before)) replaceFile(stampFile, stamp);
      stamps.push(stamp);
    }
  }
  keepHashes();
  await bundle(stamps);
  return compiled;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const started = Date.now();
  const compiled = await build();
  process.stderr.write(`build: ${compiled} files compiled in ${Date.now() - started} ms\n`);
}
