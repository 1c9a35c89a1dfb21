import { copyFileSync, existsSync, readdirSync, renameSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';

const LOOK_EVERY_MS = 30_000;
const LOG_MAX_BYTES = 64 * 1024 * 1024;
const KEPT = 3;

/**
 * Keeps the logs of a home small: a file above 64 MiB becomes `<name>.1`, and three of these are kept. Programs go on
 * writing to the same file, because they append; lines written while it is copied may be lost.
 */
export function rotateLogs(folders: readonly string[], lookEveryMs = LOOK_EVERY_MS): () => void {
  const timer = setInterval(() => {
    for (const folder of folders) rotateFolder(folder);
  }, lookEveryMs);
  timer.unref();
  return () => clearInterval(timer);
}

/** One look at the `*.log` files of a folder. */
export function rotateFolder(folder: string, maxBytes = LOG_MAX_BYTES): void {
  if (!existsSync(folder)) return;
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    if (name.endsWith('.log') && statSync(path).size > maxBytes) rotate(path);
  }
}

function rotate(path: string): void {
  for (let older = KEPT - 1; older >= 1; older -= 1)
    if (existsSync(`${path}.${older}`)) renameSync(`${path}.${older}`, `${path}.${older + 1}`);
  copyFileSync(path, `${path}.1`);
  truncateSync(path);
}
