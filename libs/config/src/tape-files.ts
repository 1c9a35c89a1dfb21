import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { InvalidInputError } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import { createTape, parseTapeManifest } from '@evenkeel/market';
import type { Tape } from '@evenkeel/market';

/** Reads a file a person named. Throws `InvalidInputError` naming the file. */
export function readNamedFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new InvalidInputError(path, [{ path: 'file', message: reasonOf(error) }]);
  }
}

function reasonOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT') return 'does not exist';
  if (code === 'EISDIR') return 'is a folder, not a file';
  if (code === 'EACCES') return 'may not be read';
  return `cannot be read (${String(code)})`;
}

/** A tape from its manifest and the files it names, gzip or not. Throws `InvalidInputError` with every problem. */
export function loadTape(manifestPath: string): Tape {
  const manifest = parseTapeManifest(readNamedFile(manifestPath).toString('utf8'), manifestPath);
  const texts = new Map<string, string>();
  const problems: InputProblem[] = [];
  manifest.sources.forEach(({ file }, index) => {
    if (texts.has(file)) return;
    try {
      texts.set(file, textOf(readFileSync(join(dirname(manifestPath), file)), file));
    } catch (error) {
      const zlibCode = error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
      const message =
        zlibCode || error instanceof RangeError
          ? `${file} is not intact gzip: ${error.message}`
          : `${file} ${reasonOf(error)}`;
      problems.push({ path: `sources[${index}].file`, message });
    }
  });
  if (problems.length > 0) throw new InvalidInputError(manifestPath, problems);
  return createTape(manifest, texts);
}

function textOf(bytes: Buffer, file: string): string {
  return (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
}
