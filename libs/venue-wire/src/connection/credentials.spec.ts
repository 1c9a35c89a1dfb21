import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { Credentials, readCredentials } from './credentials';

describe('credentials', () => {
  const SECRET = 'do-not-print-me';

  it('show nothing of the secret however they are printed', () => {
    const credentials = new Credentials('key', SECRET, SECRET);
    const shown = [
      JSON.stringify({ credentials }),
      `${String(credentials)}`,
      inspect({ credentials }, { depth: 9, showHidden: true }),
    ].join('\n');
    expect(shown).not.toContain(SECRET);
    expect(Object.values(credentials)).toEqual(['key']);
  });

  it('come from the environment or from files, and what is missing is named', () => {
    const folder = mkdtempSync(join(tmpdir(), 'keys-'));
    try {
      writeFileSync(join(folder, 'secret'), `${SECRET}\n`);
      const environment = { EK_DERIBIT_KEY: 'key', EK_DERIBIT_SECRET_FILE: join(folder, 'secret') };
      const read = readCredentials('deribit', environment);
      expect(read.ok && read.value.revealSecret()).toBe(SECRET);
      expect(readCredentials('deribit', { EK_DERIBIT_KEY: 'key' })).toMatchObject({
        ok: false,
        failure: { code: 'VENUES.CREDENTIALS_MISSING', path: 'EK_DERIBIT_SECRET' },
      });
      const unreadable = readCredentials('deribit', {
        ...environment,
        EK_DERIBIT_SECRET_FILE: join(folder, 'none'),
      });
      expect(unreadable).toMatchObject({ ok: false, failure: { code: 'VENUES.CREDENTIALS_MISSING' } });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
