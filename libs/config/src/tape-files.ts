import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { InvalidInputError } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import { createTape, parseTapeManifest } from '@evenkeel/market';
import type { Tape, TapeManifest } from '@evenkeel/market';
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
import type { TapeCache } from './tape-cache';

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

/**
 * A tape from its manifest and the files it names, gzip or not; from `cache` where it was read from the same bytes before. Throws
 * `InvalidInputError` with every problem.
 */
export function loadTape(manifestPath: string, cache?: TapeCache): Tape {
  const written = readNamedText(manifestPath);
  const manifest = parseTapeManifest(written, manifestPath);
  const files = new TapeFiles(manifest, manifestPath);
  const read = (): Tape => createTape(manifest, files.texts());
  if (cache === undefined || files.problems.length > 0) return read();
  return cache.tape([['manifest', Buffer.from(written)], ...files.packed], read);
}

/** The files that a manifest names. */
class TapeFiles {
  /** As they lie there, by their names. */
  readonly packed = new Map<string, Buffer>();
  readonly problems: InputProblem[] = [];

  constructor(
    private readonly manifest: TapeManifest,
    private readonly manifestPath: string,
  ) {
    for (const { file } of manifest.sources) if (!this.packed.has(file)) this.read(file);
  }

  private read(file: string): void {
    if (!staysInside(file)) return this.problem(file, 'leads out of the folder of the tape');
    try {
      const path = join(dirname(this.manifestPath), file);
      const wrong = unreadable(path);
      if (wrong !== undefined) return this.problem(file, wrong);
      this.packed.set(file, readFileSync(path));
    } catch (error) {
      this.problem(file, reasonOf(error));
    }
  }

  /** Throws `InvalidInputError` with every problem, in the order that the manifest names the files. */
  texts(): ReadonlyMap<string, string> {
    const texts = new Map<string, string>();
    for (const [file, bytes] of this.packed)
      try {
        texts.set(file, textOf(bytes, file));
      } catch (error) {
        this.problem(file, unpackingProblem(error) ?? reasonOf(error));
      }
    const place = ({ path }: InputProblem): number => Number(/\d+/.exec(path)?.[0]);
    const sorted = this.problems.sort((one, other) => place(one) - place(other));
    if (sorted.length > 0) throw new InvalidInputError(this.manifestPath, sorted);
    return texts;
  }

  private problem(file: string, message: string): void {
    const index = this.manifest.sources.findIndex((source) => source.file === file);
    this.problems.push({ path: `sources[${index}].file`, message: `${file} ${message}` });
  }
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
