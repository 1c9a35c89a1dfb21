import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { REPOSITORY } from '../stack/home';

const dir = mkdtempSync(join(tmpdir(), 'evenkeel-input-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const file = (name: string, content: string | Buffer): string => {
  const path = join(dir, name);
  writeFileSync(path, content);
  return path;
};

const bars =
  'date,open,high,low,close,volume\n2026-01-01T00:00:00Z,90000,90010,89990,90005,12\n2026-01-01T00:05:00Z,90005,90020,90000,90010,8\n';
const tapeOf = (name: string, bytes: Buffer): string => {
  file(`${name}.csv.gz`, bytes);
  return file(
    `${name}.json`,
    JSON.stringify({
      tape: name,
      from: '2026-01-01T00:00:00Z',
      to: '2026-01-01T01:00:00Z',
      sources: [
        { file: `${name}.csv.gz`, format: 'ohlcv', instrument: 'BTCUSDT-PERP@binance', interval: '5m' },
      ],
    }),
  );
};
const tape = tapeOf('good', gzipSync(bars));

const position = {
  instrument: 'BTCUSDT-PERP@binance',
  quantity: '1',
  price: '90000',
  at: '2026-01-01T00:06:00Z',
};
const book = (changes: object = {}, positions: object[] = [position]) => ({
  book: 'b',
  numeraire: 'USD',
  positions,
  hedge: { instruments: ['BTCUSDT-PERP@binance'], policy: { kind: 'delta-band', band: '0.05' } },
  ...changes,
});
const bookFile = (name: string, value: unknown): string => file(`${name}.book.json`, JSON.stringify(value));

function keel(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): { status: number | null; stderr: string } {
  const home = join(dir, 'home');
  const result = spawnSync(
    process.execPath,
    [join(REPOSITORY, 'services', 'keel', 'bin', 'keel.js'), ...args],
    { encoding: 'utf8', env: { ...process.env, EK_HOME: home, ...environment } },
  );
  // Nothing half-done: no server was started, no folder made, no report written.
  expect(existsSync(home) ? readdirSync(home) : []).toEqual([]);
  return { status: result.status, stderr: result.stderr };
}

describe('bad input gives one clear message with its place, exit code 2, and nothing half-written', () => {
  const cases: readonly (readonly [string, () => string[], RegExp])[] = [
    [
      'an unknown field',
      () => ['--tape', tape, '--book', bookFile('unknown', book({ colour: 'red' }))],
      /colour/,
    ],
    [
      'a missing book file',
      () => ['--tape', tape, '--book', join(dir, 'nowhere.json')],
      /nowhere\.json[\s\S]*does not exist/,
    ],
    [
      'a missing tape',
      () => ['--tape', join(dir, 'no-tape.json'), '--book', bookFile('fine', book())],
      /no-tape\.json[\s\S]*does not exist/,
    ],
    [
      'an instrument the tape never prices',
      () => [
        '--tape',
        tape,
        '--book',
        bookFile('unpriced', book({}, [{ ...position, instrument: 'ETHUSDT-PERP@binance' }])),
      ],
      /positions\[0\]\.instrument: ETHUSDT-PERP@binance is never priced/,
    ],
    [
      'a negative strike',
      () => [
        '--tape',
        tape,
        '--book',
        bookFile('strike', book({}, [{ ...position, instrument: 'BTC-23JAN26--5-C@deribit' }])),
      ],
      /positions\[0\]\.instrument/,
    ],
    [
      'two books with one name',
      () => ['--tape', tape, '--book', bookFile('one', book()), '--book', bookFile('two', book())],
      /"b" is already taken/,
    ],
    [
      'corrupt gzip',
      () => [
        '--tape',
        tapeOf('corrupt', Buffer.concat([gzipSync(bars).subarray(0, 30), Buffer.from('garbage')])),
        '--book',
        bookFile('fine2', book()),
      ],
      /sources\[0\]\.file: corrupt\.csv\.gz is not intact gzip/,
    ],
    [
      'a policy nobody knows',
      () => [
        '--tape',
        tape,
        '--book',
        bookFile(
          'policy',
          book({ hedge: { instruments: ['BTCUSDT-PERP@binance'], policy: { kind: 'astrology' } } }),
        ),
      ],
      /hedge\.policy[\s\S]*astrology/,
    ],
    [
      'text that is not JSON',
      () => ['--tape', tape, '--book', file('broken.json', '{ "book": ')],
      /broken\.json/,
    ],
  ];
  it.each(cases)('%s', (_, args, message) => {
    const report = join(dir, 'report.json');
    const { status, stderr } = keel(['run', ...args(), '--report', report]);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/\n\s+at /); // no stack trace
    expect(status).toBe(2);
    expect(existsSync(report)).toBe(false);
  });

  it('a book file of an import that is there already', () => {
    const held = file('held.csv', 'instrument,quantity,price\nBTCUSDT-PERP@binance,1,90000\n');
    const policy = file('policy.json', JSON.stringify(book().hedge.policy));
    const out = file('kept.json', 'mine');
    const { status, stderr } = keel([
      ...['book', 'import', held, '--book', 'b', '--at', '2026-01-05T06:00:00Z', '--policy', policy],
      ...['--hedge', 'BTCUSDT-PERP@binance', '--out', out],
    ]);
    expect(status).toBe(2);
    expect(stderr).toMatch(/kept\.json[\s\S]*is there already, and is never overwritten/);
    expect(readFileSync(out, 'utf8')).toBe('mine');
  });

  it('an unknown command or option', () => {
    expect(keel(['runn']).status).toBe(2);
    expect(keel(['run', '--nonsense']).status).toBe(2);
    expect(keel(['kill', 'everything', '--reason', 'x']).status).toBe(2);
  });

  it.each([
    [
      { EK_GOVERNANCE: 'optionnal', EK_SIGNATURES: 'no' },
      /EK_GOVERNANCE: must be optional or required\n.*EK_SIGNATURES: must be required or optional/,
    ],
    [{ EK_HTTP_PORT: '14222' }, /EK_HTTP_PORT: is one port/],
    [
      { NATS_URL: 'nats://a:1', DATABASE_URL: 'postgres://a:1/x', EK_DURABILITY: 'maybe' },
      /EK_DURABILITY: must be synced/,
    ],
  ])('an environment of a run: %p', (environment, message) => {
    const { status, stderr } = keel(['run', '--days', '1'], environment);
    expect(stderr).toMatch(message);
    expect(status).toBe(2);
  });
});
