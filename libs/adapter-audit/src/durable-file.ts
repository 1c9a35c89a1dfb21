import { closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeFolder } from '@evenkeel/config';

/**
 * Replaces a file so that after a crash it holds the old bytes or the new ones, never a part: written beside, flushed,
 * renamed over, and the folder flushed. Returns once it would survive a power cut.
 */
export function writeDurably(path: string, bytes: Uint8Array | string): void {
  const folder = dirname(path);
  makeFolder(folder);
  const beside = `${path}.new`;
  const file = openSync(beside, 'w', 0o600);
  try {
    const content = typeof bytes === 'string' ? Buffer.from(bytes, 'utf8') : bytes;
    for (let at = 0; at < content.length;) at += writeSync(file, content, at);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
  renameSync(beside, path);
  const directory = openSync(folder, 'r');
  try {
    fsyncSync(directory);
  } finally {
    closeSync(directory);
  }
}

/** The bytes of a file, or `undefined` when there is none; any other trouble is thrown. */
export function readIfPresent(path: string): Buffer | undefined {
  return existsSync(path) ? readFileSync(path) : undefined;
}

/** The whole lines of a file, and what follows the last of them: a line that is being written, or that a crash cut short. */
export function linesOf(path: string): { readonly lines: readonly string[]; readonly torn: string } {
  const lines = (readIfPresent(path)?.toString('utf8') ?? '').split('\n');
  const torn = lines.pop() ?? '';
  return { lines, torn };
}
