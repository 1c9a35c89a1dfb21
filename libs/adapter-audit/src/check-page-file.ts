import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OperationalError } from '@evenkeel/kernel';

/** Where the build puts the page: beside `src` and `dist`. */
const PAGE = join(__dirname, '..', 'generated', 'check.html');

/** The self-contained page on which a bundle is dropped and checked offline. Throws `AUDIT.PAGE_NOT_BUILT`. */
export function checkPage(): Uint8Array {
  if (existsSync(PAGE)) return readFileSync(PAGE);
  throw new OperationalError({
    code: 'AUDIT.PAGE_NOT_BUILT',
    message: 'the checking page is not built: run `npm run build`, which needs the development packages',
  });
}
