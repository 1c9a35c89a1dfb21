import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';

/**
 * The folder of recorded markets, books and published tables, which is not part of the repository:
 * `EK_SHARED`, or `shared` beside the checkout. `undefined` where it is absent; tests then skip with a visible line.
 */
export function sharedDir(): string | undefined {
  const candidate = process.env['EK_SHARED'] ?? resolve(__dirname, '..', '..', '..', '..', 'shared');
  return existsSync(join(candidate, 'data')) ? candidate : undefined;
}

/** `it` where the recorded data is present, otherwise `it.skip` after saying so. */
export function itWithSharedData(relative = ''): jest.It {
  const dir = sharedDir();
  if (dir !== undefined && existsSync(join(dir, relative))) return it;
  process.stderr.write(
    `SKIPPED: recorded data not found (${relative || 'shared/'}); set EK_SHARED to run these tests\n`,
  );
  return it.skip;
}
