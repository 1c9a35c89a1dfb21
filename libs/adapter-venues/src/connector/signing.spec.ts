import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { Credentials, readCredentials } from './credentials';
import {
  binanceSignedQuery,
  bybitAuthMessage,
  bybitHeaders,
  deribitAuth,
  okxHeaders,
  okxLoginMessage,
} from './signing';

describe('signatures', () => {
  it('agree with the example in Binance’s documentation', () => {
    const credentials = new Credentials(
      'vmPUZE6mv9SD5VNHk4HlWFsOr6aKE2zvsw0MuIgwCIPy6utIco14y7Ju91duEh8A',
      'NhqPtmdSJYdKjVHjA7PZj4Mge3R5YNiP1e3UZjInClVN65XAbvqqM6A7H5fATj0j',
    );
    const query =
      'symbol=LTCBTC&side=BUY&type=LIMIT&timeInForce=GTC&quantity=1&price=0.1&recvWindow=5000&timestamp=1499827319559';
    expect(binanceSignedQuery(credentials, query)).toBe(
      `${query}&signature=c8db56825ae71d6d79447849e617115f4a920fa2acdcab2b053c4b2838bd6b71`,
    );
  });

  it('agree with the example in Deribit’s documentation', () => {
    const auth = deribitAuth(new Credentials('AMANDA', 'AMANDASECRECT'), 1576074319000, '1iqt2wls');
    expect(auth['signature']).toBe('56590594f97921b09b18f166befe0d1319b198bbcdad7ca73382de2f88fe9aa1');
  });

  it('are of what each venue signs, and change with it', () => {
    const credentials = new Credentials('key', 'secret', 'phrase');
    const login = JSON.parse(okxLoginMessage(credentials, 1538054050)) as {
      args: { sign: string; passphrase: string }[];
    }; // as just written
    expect(login.args[0]?.passphrase).toBe('phrase');
    expect(login.args[0]?.sign).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(okxHeaders(credentials, 't', 'GET', '/p')['OK-ACCESS-SIGN']).not.toBe(
      okxHeaders(credentials, 't', 'GET', '/q')['OK-ACCESS-SIGN'],
    );
    expect(bybitHeaders(credentials, 1, 5000, 'a')['X-BAPI-SIGN']).not.toBe(
      bybitHeaders(credentials, 2, 5000, 'a')['X-BAPI-SIGN'],
    );
    expect(JSON.parse(bybitAuthMessage(credentials, 7, 'x'))).toMatchObject({
      op: 'auth',
      args: ['key', 7, expect.stringMatching(/^[0-9a-f]{64}$/)],
    });
  });
});

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
