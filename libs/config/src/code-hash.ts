import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const REQUIRED = /require\("([^".][^"]*)"\)/g;

/**
 * SHA-256 (hex) of the code that runs when a package's core folds: every compiled file of the package and of the house's
 * own packages that it requires, however far down, with the versions of the outside packages among them. Any change of it
 * may change what a state looks like, so it names the build that a state snapshot belongs to.
 */
export function codeHashOf(packageName: string, from: string): string {
  const files = new Map<string, string>();
  collect(packageName, createRequire(from), files);
  const hash = createHash('sha256');
  for (const [name, content] of [...files].sort(([a], [b]) => (a < b ? -1 : 1)))
    hash.update(`${name}\0${content}\0`);
  return hash.digest('hex');
}

function collect(packageName: string, require: NodeJS.Require, files: Map<string, string>): void {
  if (files.has(packageName)) return;
  const folder = folderOf(packageName, require);
  const manifest = readFileSync(join(folder, 'package.json'), 'utf8');
  const { name, version } = JSON.parse(manifest) as { name: string; version: string }; // a package's own manifest
  files.set(packageName, version);
  if (!name.startsWith('@evenkeel/')) return;
  const inside = createRequire(join(folder, 'package.json'));
  for (const file of compiledIn(join(folder, 'dist'))) {
    const text = readFileSync(file);
    files.set(`${name}${file.slice(folder.length)}`, createHash('sha256').update(text).digest('hex'));
    if (!file.endsWith('.js')) continue;
    for (const [, wanted = ''] of text.toString('utf8').matchAll(REQUIRED))
      if (!wanted.startsWith('node:')) collect(packageOf(wanted), inside, files);
  }
}

/** `@scope/name/deep/path` is of `@scope/name`. */
function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

/** Found by walking up from what it exports: manifests are not always exported themselves. */
function folderOf(packageName: string, require: NodeJS.Require): string {
  for (const base of require.resolve.paths(packageName) ?? []) {
    const folder = join(base, packageName);
    if (existsSync(join(folder, 'package.json'))) return folder;
  }
  return dirname(require.resolve(`${packageName}/package.json`));
}

function compiledIn(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return compiledIn(path);
    return /\.(js|wasm)$/.test(entry.name) ? [path] : [];
  });
}
