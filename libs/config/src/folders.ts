import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/**
 * Makes a folder and those it lies in, level by level: Node's recursive `mkdirSync` never returns where the system answers ENOENT
 * below a folder that is there, as /proc does. Throws what the system says, at the level where it says it.
 */
export function makeFolder(dir: string, mode?: number): void {
  const folder = resolve(dir);
  const missing: string[] = [];
  for (let at = folder; !existsSync(at) && dirname(at) !== at; at = dirname(at)) missing.unshift(at);
  for (const level of missing) makeLevel(level, mode);
  // The system says what else it is.
  if (!statSync(folder).isDirectory()) mkdirSync(folder);
}

function makeLevel(dir: string, mode: number | undefined): void {
  try {
    mkdirSync(dir, { mode });
  } catch (error) {
    // Somebody else was quicker.
    if (codeOf(error) !== 'EEXIST') throw error;
  }
}

/** What the system throws is not always an `Error` of this realm. */
function codeOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
}
