import { accessSync, constants, existsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { InvalidInputError } from '@evenkeel/kernel';
import { makeFolder } from './folders';

/** Writes a file a person named, and the folders it lies in. Throws `InvalidInputError` naming the file. */
export function writeNamedFile(path: string, content: string | Uint8Array, flag: 'w' | 'wx' = 'w'): void {
  try {
    makeFolder(dirname(resolve(path)));
    writeFileSync(resolve(path), content, { flag });
  } catch (error) {
    if (flag === 'wx') requireNewFile(path);
    throw new InvalidInputError(path, [{ path: 'file', message: reasonOf(error) }]);
  }
}

/** For what is never overwritten. Throws `InvalidInputError` where something of that name is there. */
export function requireNewFile(path: string): void {
  if (!existsSync(resolve(path))) return;
  const message = 'is there already, and is never overwritten: name another, or take it away';
  throw new InvalidInputError(path, [{ path: 'file', message }]);
}

/**
 * Throws what `writeNamedFile` would at `path` later, so that no work is lost to a slip of the pen; of a `folder`, what writing
 * into it would. Nothing is made.
 */
export function requireWritable(path: string, kind: 'file' | 'folder' = 'file'): void {
  const target = resolve(path);
  try {
    let nearest = target;
    while (!existsSync(nearest)) nearest = dirname(nearest);
    const isFolder = statSync(nearest).isDirectory();
    const wantsFolder = nearest !== target || kind === 'folder';
    if (isFolder !== wantsFolder) throw problem(isFolder ? 'EISDIR' : 'ENOTDIR');
    accessSync(nearest, constants.W_OK);
  } catch (error) {
    throw new InvalidInputError(path, [{ path: kind, message: reasonOf(error) }]);
  }
}

function problem(code: string): Error {
  return Object.assign(new Error(code), { code });
}

/** By its code: what the system throws is not always an `Error` of this realm. */
function reasonOf(error: unknown): string {
  const code =
    typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : String(error);
  if (code === 'EISDIR') return 'is a folder, not a file';
  if (code === 'EACCES' || code === 'EROFS') return 'may not be written';
  if (code === 'ENOTDIR' || code === 'EEXIST') return 'lies below something that is no folder';
  return `cannot be written (${code})`;
}
