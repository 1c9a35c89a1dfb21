import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InvalidInputError } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import { createTape, parseTapeManifest } from '@evenkeel/market';
import type { Tape } from '@evenkeel/market';
import {
  UNPACKED_MAX_BYTES,
  UnreadablePacking,
  codeOf,
  gunzipWithin,
  reasonOf,
  staysInside,
  unreadable,
  unzstdWithin,
} from './bounded-files';

/** Throws `InvalidInputError` naming the file. */
function readNamedFile(path: string): Buffer {
  try {
    const wrong = unreadable(path);
    if (wrong === undefined) return readFileSync(path);
    throw new InvalidInputError(path, [{ path: 'file', message: wrong }]);
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    throw new InvalidInputError(path, [{ path: 'file', message: reasonOf(error) }]);
  }
}

/** The text of a file a person named, gzip by its name or not, without a byte order mark. Throws `InvalidInputError` naming the file. */
export function readNamedText(path: string): string {
  const bytes = readNamedFile(path);
  try {
    return textOf(bytes, path);
  } catch (error) {
    throw new InvalidInputError(path, [{ path: 'file', message: unpackingProblem(error) ?? String(error) }]);
  }
}

/** A tape from its manifest and the files it names, gzip or not. Throws `InvalidInputError` with every problem. */
export function loadTape(manifestPath: string): Tape {
  const manifest = parseTapeManifest(readNamedText(manifestPath), manifestPath);
  const texts = new Map<string, string>();
  const problems: InputProblem[] = [];
  manifest.sources.forEach(({ file }, index) => {
    if (texts.has(file)) return;
    const problem = (message: string): void => {
      problems.push({ path: `sources[${index}].file`, message: `${file} ${message}` });
    };
    if (!staysInside(file)) return problem('leads out of the folder of the tape');
    try {
      const path = join(dirname(manifestPath), file);
      const wrong = unreadable(path);
      if (wrong !== undefined) return problem(wrong);
      texts.set(file, textOf(readFileSync(path), file));
    } catch (error) {
      problem(unpackingProblem(error) ?? reasonOf(error));
    }
  });
  if (problems.length > 0) throw new InvalidInputError(manifestPath, problems);
  return createTape(manifest, texts);
}

function unpackingProblem(error: unknown): string | undefined {
  const code = codeOf(error) ?? '';
  if (code === 'ERR_BUFFER_TOO_LARGE') return `unpacks to more than ${UNPACKED_MAX_BYTES} bytes`;
  if (error instanceof UnreadablePacking) return error.message;
  return code.startsWith('Z_') ? 'is not intact gzip' : undefined;
}

function textOf(bytes: Buffer, file: string): string {
  if (file.endsWith('.zst')) return decodedText(unzstdWithin(bytes));
  if (/\.(?:zip|parquet|arrows?|feather)$/.test(file))
    throw new UnreadablePacking('is unpacked first, or read by keel tape import');
  return decodedText(file.endsWith('.gz') ? gunzipWithin(bytes) : bytes);
}

/** UTF-8, or what its byte order mark says (UTF-16, as Windows programs write it). The mark is no part of the text. Throws `UnreadablePacking`. */
export function decodedText(bytes: Uint8Array): string {
  const [first, second] = bytes;
  const wide = first === 0xff && second === 0xfe ? 'utf-16le' : undefined;
  const swapped = first === 0xfe && second === 0xff ? 'utf-16be' : undefined;
  const encoding = wide ?? swapped ?? 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new UnreadablePacking(`is not ${encoding.toUpperCase()}`);
  }
}
