// SHA-256 of the files of the checkout. One that the file system says nobody has touched is not read again: a build that has
// nothing to do takes a fifth of the time that way.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { root } from './root.mjs';

const memory = join(root, 'services', 'keel', 'dist', '.hashes.json');
/** A file that was changed so shortly before could be changed again within the same tick of the file system's clock. */
const SETTLED_MS = 2_000;

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

/** Whole or not at all: another keel that starts meanwhile reads the same file. */
export function replaceFile(path, contents) {
  const next = `${path}.${process.pid}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(next, contents);
  renameSync(next, path);
}

let known;
let changed = false;

/** Of a file; `undefined` where there is none. */
export function hashOfFile(path) {
  known ??= existsSync(memory) ? JSON.parse(readFileSync(memory, 'utf8')) : {};
  const name = relative(root, path);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  // Whatever changes a file changes when it was changed, and nobody can set that back.
  const seen = [stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs].join(' ');
  const [before, hash] = known[name] ?? [];
  if (before === seen) return hash;
  const now = sha256(readFileSync(path));
  if (Date.now() - stat.ctimeMs > SETTLED_MS) {
    known[name] = [seen, now];
    changed = true;
  }
  return now;
}

/** Keeps what was learnt; where nothing was, nothing is written. */
export function keepHashes() {
  if (changed) replaceFile(memory, JSON.stringify(known));
  changed = false;
}
