// Lays out what a container runs: node tools/image.mjs DIRECTORY. Compiled code, schemas and data of a built checkout;
// no sources, tests, test support or tools. The Dockerfile installs the locked packages beside it.
import { cpSync, existsSync, mkdirSync, readdirSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from './root.mjs';

const FILES = ['package.json', 'package-lock.json', '.npmrc', 'LICENSE', 'infra/nats', 'infra/postgres'];
const LEFT_OUT = new Set([
  'src',
  'test',
  'bench',
  'golden',
  'page',
  'node_modules',
  'build.mjs',
  '.stamp.json',
  '.bundles',
  '.hashes.json',
  'packages.js.stamp',
]);
const isForTests = (name) => /\.(spec|test-support)\.js$/.test(name) || /\.(code|md|ts|map)$/.test(name);

/** Copies the files of an image into `target`, which must be empty or absent. */
export function layOut(target) {
  if (existsSync(target) && readdirSync(target).length > 0) throw new Error(`${target} is not empty`);
  mkdirSync(target, { recursive: true });
  for (const file of FILES) cpSync(join(root, file), join(target, file), { recursive: true });
  for (const kind of ['libs', 'services']) {
    for (const name of readdirSync(join(root, kind))) {
      const from = join(root, kind, name);
      if (!existsSync(join(from, 'package.json'))) continue;
      cpSync(from, join(target, kind, name), {
        recursive: true,
        filter: (path) => !LEFT_OUT.has(basename(path)) && !isForTests(basename(path)),
      });
    }
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const target = process.argv[2];
  if (target === undefined || target.startsWith('-')) {
    process.stderr.write('usage: node tools/image.mjs DIRECTORY\n');
    process.exit(2);
  }
  layOut(resolve(target));
}
