import { statSync } from 'node:fs';
import { isAbsolute, normalize } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** A file from somewhere else, as it lies on the disk, is no larger. */
export const FILE_MAX_BYTES = 256 * 1024 * 1024;
/** Nor is what it holds, once unpacked. */
export const UNPACKED_MAX_BYTES = 256 * 1024 * 1024;

/** Whether a path that somebody else wrote stays inside the folder it is relative to. */
export function staysInside(path: string): boolean {
  return !isAbsolute(path) && !/^\.\.(?:[/\\]|$)/.test(normalize(path));
}

/** What is wrong with a file before any of it is read; `undefined` where nothing is. Throws what the system says. */
export function unreadable(path: string, maxBytes = FILE_MAX_BYTES): string | undefined {
  const found = statSync(path);
  if (!found.isFile()) return found.isDirectory() ? 'is a folder, not a file' : 'is not an ordinary file';
  return found.size > maxBytes ? `has ${found.size} bytes; ${maxBytes} are read at most` : undefined;
}

/** Unpacks gzip, up to a limit. Throws a `RangeError` beyond it, and what zlib says of bytes that are none. */
export function gunzipWithin(bytes: Uint8Array, maxBytes = UNPACKED_MAX_BYTES): Buffer {
  return gunzipSync(bytes, { maxOutputLength: maxBytes });
}
