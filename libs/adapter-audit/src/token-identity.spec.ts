import { execFileSync } from 'node:child_process';
import { createSign, generateKeyPairSync, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readProviderToken } from '@evenkeel/audit';
import { statementHash } from '@evenkeel/governance';
import type { TokenTrust } from './token-identity';

const NOW = 1_767_600_000;
const ed = generateKeyPairSync('ed25519');
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const stranger = generateKeyPairSync('ed25519');

const trust: TokenTrust = {
  issuer: 'https://id.example',
  audience: 'evenkeel',
  keys: {
    keys: [
      { ...ed.publicKey.export({ format: 'jwk' }), kid: 'ed', alg: 'EdDSA' },
      { ...ec.publicKey.export({ format: 'jwk' }), kid: 'ec', alg: 'ES256' },
      { ...rsa.publicKey.export({ format: 'jwk' }), kid: 'rsa', alg: 'RS256' },
    ].map((key) => ({ ...key, kty: key.kty ?? '' })),
  },
};
const hash = statementHash({
  verb: 'approve',
  kind: 'policy',
  scope: 'book-1',
  contentHash: 'ab'.repeat(32),
  proposalId: 'p',
  by: 'rita',
  at: '2026-01-05T08:00:00Z',
});
const claims = {
  iss: 'https://id.example',
  aud: 'evenkeel',
  sub: 'rita',
  iat: NOW - 10,
  exp: NOW + 300,
  nonce: hash,
};

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** A token written by hand, so that these tests do not check a library with itself. */
function tokenOf(
  alg: string,
  kid: string,
  key: KeyObject,
  payload: Readonly<Record<string, unknown>> = claims,
): string {
  const head = `${part({ alg, kid, typ: 'JWT' })}.${part(payload)}`;
  const bytes = Buffer.from(head);
  const signature =
    alg === 'EdDSA'
      ? sign(null, bytes, key)
      : createSign('sha256')
          .update(bytes)
          .sign(alg === 'ES256' ? { key, dsaEncoding: 'ieee-p1363' } : key);
  return `${head}.${signature.toString('base64url')}`;
}

/**
 * jose is an ES module, which Jest cannot load on this Node; the code runs as it ships, in a Node of its own, and gets
 * its cases over standard input.
 */
const HARNESS = `
import { readFileSync } from 'node:fs';
import { evidenceFromToken, verifyToken } from './token-identity';
const { cases, trust, now } = JSON.parse(readFileSync(0, 'utf8'));
const answer = async (ask, token, override) => {
  try {
    return await ask(token, { ...trust, ...override }, now);
  } catch (error) {
    return { thrown: error.code };
  }
};
const run = async () => {
  const answers = [];
  for (const { token, override } of cases) {
    answers.push({
      identity: await answer(verifyToken, token, override),
      evidence: await answer(evidenceFromToken, token, override),
    });
  }
  process.stdout.write(JSON.stringify(answers));
};
void run();
`;

interface Answer {
  readonly identity: Readonly<Record<string, unknown>>;
  readonly evidence: Readonly<Record<string, unknown>>;
}

function ask(cases: readonly { token: string; override?: Partial<TokenTrust> }[]): readonly Answer[] {
  const root = join(__dirname, '../../..');
  const folder = join(__dirname, '../generated');
  const bundle = join(folder, 'token-harness.cjs');
  mkdirSync(folder, { recursive: true });
  const options = [
    '--bundle',
    '--platform=node',
    '--format=cjs',
    '--external:jose',
    '--loader=ts',
    '--log-level=error',
  ];
  execFileSync(
    join(root, 'node_modules/esbuild/bin/esbuild'),
    [...options, `--outfile=${bundle}`, '--sourcefile=src/harness.ts'],
    {
      input: HARNESS,
      cwd: __dirname,
    },
  );
  const answers = execFileSync(process.execPath, [bundle], {
    input: JSON.stringify({ cases, trust, now: NOW }),
    encoding: 'utf8',
  });
  return JSON.parse(answers) as Answer[]; // written by the harness above
}

describe('identity by token', () => {
  const good = tokenOf('EdDSA', 'ed', ed.privateKey);
  const altered = ((): string => {
    const [head, body = '', signature] = good.split('.');
    const payload = Buffer.from(body, 'base64url').toString('utf8').replace('rita', 'rota');
    return [head, Buffer.from(payload).toString('base64url'), signature].join('.');
  })();
  const sound = {
    EdDSA: good,
    ES256: tokenOf('ES256', 'ec', ec.privateKey),
    RS256: tokenOf('RS256', 'rsa', rsa.privateKey),
  };
  const edToken = (change: Readonly<Record<string, unknown>>): string =>
    tokenOf('EdDSA', 'ed', ed.privateKey, { ...claims, ...change });
  const refused = {
    'another signer': tokenOf('EdDSA', 'ed', stranger.privateKey),
    'altered claims': altered,
    'another issuer': edToken({ iss: 'https://elsewhere.example' }),
    'another audience': edToken({ aud: 'somebody' }),
    expired: edToken({ exp: NOW - 60 }),
    'from long ago': edToken({ iat: NOW - 3600 }),
    'from the future': edToken({ iat: NOW + 3600 }),
    'no subject': edToken({ sub: undefined }),
    'no expiry': edToken({ exp: undefined }),
    unsigned: `${part({ alg: 'none' })}.${part(claims)}.`,
    'another key under this algorithm': tokenOf('EdDSA', 'ec', ed.privateKey),
    'not a token': 'hello',
  };

  it('accepts sound tokens of three algorithms and binds the statement', () => {
    for (const { identity, evidence } of ask(Object.values(sound).map((token) => ({ token })))) {
      expect(identity).toMatchObject({ ok: true, value: { subject: 'rita', issuer: 'https://id.example' } });
      expect(evidence).toMatchObject({
        ok: true,
        value: { method: 'token', subject: 'rita', statementHash: hash },
      });
    }
  });

  it('refuses every unsound token', () => {
    const answers = ask(Object.values(refused).map((token) => ({ token })));
    const verdicts = Object.keys(refused).map((name, at) => [name, answers[at]?.identity]);
    for (const verdict of verdicts) {
      expect(verdict).toMatchObject([
        expect.any(String),
        { ok: false, failure: { code: 'AUDIT.TOKEN_INVALID' } },
      ]);
    }
    expect(verdicts).toHaveLength(12);
  });

  it('takes a token without a statement for an identity and not for evidence, and never a shared secret', () => {
    const [plain, secret, none] = ask([
      { token: edToken({ nonce: 'random' }) },
      { token: good, override: { algorithms: ['HS256'] } },
      { token: good, override: { algorithms: ['none'] } },
    ]);
    expect(plain?.identity).toMatchObject({ ok: true });
    expect(plain?.evidence).toMatchObject({ ok: false });
    expect(secret?.identity).toEqual({ thrown: 'AUDIT.TOKEN_ALGORITHM' });
    expect(none?.evidence).toEqual({ thrown: 'AUDIT.TOKEN_ALGORITHM' });
  });
});

describe('a token that is checked again, without anybody being asked', () => {
  const keys = trust.keys.keys.map((key) => JSON.stringify(key));

  it.each([
    ['EdDSA', 'ed', ed.privateKey],
    ['ES256', 'ec', ec.privateKey],
    ['RS256', 'rsa', rsa.privateKey],
  ] as const)('is read when the key it names signed it: %s', (alg, kid, key) => {
    const read = readProviderToken(tokenOf(alg, kid, key), keys);
    expect(read).toEqual({
      issuer: claims.iss,
      subject: 'rita',
      audience: ['evenkeel'],
      nonce: hash,
      issuedAt: claims.iat,
      expiresAt: claims.exp,
    });
    const [head, body, seal] = tokenOf(alg, kid, key).split('.');
    const other = part({ ...claims, sub: 'rob' });
    expect(readProviderToken(`${head}.${other}.${seal}`, keys)).toBeUndefined();
    expect(readProviderToken(`${head}.${body}.${seal?.slice(0, -4)}`, keys)).toBeUndefined();
    expect(readProviderToken(tokenOf(alg, kid, key), [])).toBeUndefined();
  });

  it('is not read when another key signed it, or the algorithm is another than the key is for', () => {
    expect(readProviderToken(tokenOf('EdDSA', 'ed', stranger.privateKey), keys)).toBeUndefined();
    expect(readProviderToken(tokenOf('EdDSA', 'rsa', ed.privateKey), keys)).toBeUndefined();
    const none = `${part({ alg: 'none', kid: 'ed' })}.${part(claims)}.`;
    expect(readProviderToken(none, keys)).toBeUndefined();
  });
});
