import { statSync } from 'node:fs';
import { isAbsolute, normalize } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Decompress } from 'fzstd';
import { InvalidInputError } from '@evenkeel/kernel';

/** A file from somewhere else, as it lies on the disk, is no larger. */
export const FILE_MAX_BYTES = 256 * 1024 * 1024;
/** Nor is what it holds, once unpacked. */
export const UNPACKED_MAX_BYTES = 256 * 1024 * 1024;

const PIECE_BYTES = 1024 * 1024;

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

/** Throws `InvalidInputError` where a path a person named is no ordinary file, of whatever length. */
export function requireOrdinaryFile(path: string): void {
  let wrong: string | undefined;
  try {
    wrong = unreadable(path, Infinity);
  } catch (error) {
    wrong = reasonOf(error);
  }
  if (wrong !== undefined) throw new InvalidInputError(path, [{ path: 'file', message: wrong }]);
}

/** By its code: what the system throws is not always an `Error` of this realm. */
export function codeOf(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
}

export function reasonOf(error: unknown): string {
  const code = codeOf(error);
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EISDIR') return 'is a folder, not a file';
  if (code === 'EACCES') return 'may not be read';
  return `cannot be read (${code ?? String(error)})`;
}

/** Unpacks gzip, up to a limit. Throws a `RangeError` beyond it, and what zlib says of bytes that are none. */
export function gunzipWithin(bytes: Uint8Array, maxBytes = UNPACKED_MAX_BYTES): Buffer {
  return gunzipSync(bytes, { maxOutputLength: maxBytes });
}

/** A file whose packing cannot be undone; the message says why, of the file. */
export class UnreadablePacking extends Error {}

/** Unpacks zstd, up to a limit. Throws `UnreadablePacking`. */
export function unzstdWithin(bytes: Uint8Array, maxBytes = UNPACKED_MAX_BYTES): Buffer {
  const pieces: Uint8Array[] = [];
  let length = 0;
  const decompress = new Decompress((piece) => {
    length += piece.length;
    if (length > maxBytes) throw new UnreadablePacking(`unpacks to more than ${maxBytes} bytes`);
    pieces.push(piece);
  });
  try {
    for (let at = 0; at < bytes.length; at += PIECE_BYTES)
      decompress.push(bytes.subarray(at, at + PIECE_BYTES), at + PIECE_BYTES >= bytes.length);
  } catch (error) {
    if (error instanceof UnreadablePacking) throw error;
    throw new UnreadablePacking('is not intact zstd');
  }
  return Buffer.concat(pieces);
}
