import { Decimal, createRandom, formatInstant } from '@evenkeel/kernel';
import type { Pool } from 'pg';
import { LedgerCluster } from '../sample/ledger-cluster.test-support';
import { BinaryCopy } from './copy-binary';
import { flight } from './flight';

const SEED = process.env['EK_SEED'] ?? 'copy';

let cluster: LedgerCluster;
let pool: Pool;
beforeAll(async () => {
  cluster = await LedgerCluster.start();
  pool = (await cluster.database()).pool();
});
afterAll(() => cluster.stop());

/** What the server makes of values that we write for COPY, and of the same values as text. */
async function bothWays(
  type: string,
  values: readonly string[],
  write: (copy: BinaryCopy, value: string) => void,
): Promise<readonly (readonly [copied: string, parsed: string])[]> {
  const copy = new BinaryCopy();
  for (const [index, value] of values.entries()) {
    copy.row(2);
    copy.int4(index);
    write(copy, value);
  }
  copy.end();
  const client = await pool.connect();
  try {
    const [, , rows] = await flight(client, [
      { sql: `CREATE TEMP TABLE copied (at integer, value ${type})` },
      { sql: 'COPY copied FROM STDIN (FORMAT binary)', rows: [copy.take()] },
      {
        sql: `SELECT c.value::text, v.value::${type}::text FROM copied c
               JOIN unnest($1::text[]) WITH ORDINALITY v (value, at) ON v.at = c.at + 1 ORDER BY c.at`,
        values: [
          `{${values.map((value) => `"${value.replace(/["\\]/g, (mark) => `\\${mark}`)}"`).join(',')}}`,
        ],
      },
    ]);
    expect(rows).toHaveLength(values.length);
    return (rows ?? []).map(([copied, parsed]) => [copied ?? '', parsed ?? ''] as const);
  } finally {
    client.release(true);
  }
}

const DECIMALS = [
  ...[
    '0',
    '-0',
    '0.00',
    '1',
    '-1',
    '+7',
    '10',
    '9999',
    '10000',
    '10001',
    '99999999',
    '100000000',
    '.5',
    '5.',
  ],
  ...['0.5', '0.05', '0.0001', '0.00001', '-0.00010000', '1.10', '12345678.000100020003', '1e-7', '-2.5E+3'],
  ...['1e21', '123456789012345678901234567890.123456789012345678901234567890', '5e-324'],
];

describe('what is written for a binary COPY', () => {
  it(`is what the server makes of the text: decimals (seed ${SEED})`, async () => {
    const random = createRandom(SEED);
    const drawn = Array.from({ length: 2_000 }, () =>
      Decimal.ofUnits(
        BigInt(Math.round((random.next() - 0.5) * 10 ** (1 + random.integer(15)))),
        random.integer(12),
      ).toString(),
    );
    const doubles = Array.from({ length: 500 }, () =>
      String((random.next() - 0.5) * 10 ** (random.integer(40) - 20)),
    );
    for (const [copied, parsed] of await bothWays(
      'numeric',
      [...DECIMALS, ...drawn, ...doubles],
      (copy, value) => copy.numeric(value),
    ))
      expect(copied).toBe(parsed);
  });

  it(`is what the server makes of the text: times (seed ${SEED})`, async () => {
    const random = createRandom(SEED);
    const drawn = Array.from({ length: 2_000 }, (_, index) => {
      const at = BigInt(Math.round((random.next() - 0.3) * 4e9)) * 1_000_000_000n;
      return formatInstant(at + BigInt(random.integer(1e9)) * BigInt(index % 2));
    });
    const edges = ['1999-12-31T23:59:59.999999499Z', '2000-01-01T00:00:00Z', '2024-02-29T00:00:00.0000005Z'];
    const people = ['2026-01-05T08:00:00+02:00'];
    for (const [copied, parsed] of await bothWays(
      'timestamptz',
      [...edges, ...people, ...drawn],
      (copy, value) => copy.timestamptz(value),
    ))
      expect(copied).toBe(parsed);
  });

  it('is what the server makes of the text: doubles, texts, lists, JSON', async () => {
    const doubles = ['0', '-0', '1e-320', '-1.5', '0.1', '1.7976931348623157e308'];
    for (const [copied, parsed] of await bothWays('double precision', doubles, (copy, value) =>
      copy.float8(Number(value)),
    ))
      expect(copied).toBe(parsed === '-0' ? '0' : parsed);
    const texts = ['', 'short', 'ünïcödé', 'x'.repeat(41), `${'é'.repeat(300)}`, 'a"b\\c\td\n{}', '漢'];
    for (const [copied, parsed] of await bothWays('text', texts, (copy, value) => copy.text(value)))
      expect(copied).toBe(parsed);
    const lists = ['{}', '{"a"}', '{"a","b c",""}', '{"ü","{}"}'];
    for (const [copied, parsed] of await bothWays('text[]', lists, (copy, value) =>
      copy.textArray(JSON.parse(`[${value.slice(1, -1)}]`) as string[]),
    ))
      expect(copied).toBe(parsed);
    const json = ['{"b":1,"a":[1.50,null]}', '"ü"', '[]'];
    for (const [copied, parsed] of await bothWays('jsonb', json, (copy, value) => copy.jsonb(value)))
      expect(copied).toBe(parsed);
    const wholes = ['0', '-1', '9007199254740991', '-9007199254740991', '4294967296'];
    for (const [copied, parsed] of await bothWays('bigint', wholes, (copy, value) =>
      copy.int8(Number(value)),
    ))
      expect(copied).toBe(parsed);
  });

  it.each([
    ['numeric', ['', '-', '.', '1,5', 'x', '1.2.3', 'NaN', '1e', '--1', '0x10']],
    ['timestamptz', ['', 'yesterday', '2026-02-30T00:00:00Z', '2026-01-01T25:00:00Z', '5 January']],
  ] as const)('refuses what is no %s', (type, values) => {
    for (const value of values) expect(() => new BinaryCopy()[type](value)).toThrow();
  });
});

describe('statements that are sent without waiting', () => {
  it('answer in order, and end at the first that fails with nothing of them done', async () => {
    const client = await pool.connect();
    try {
      const statements = [
        { sql: 'SELECT $1::int + 1, NULL', values: ['41'] },
        { sql: 'SELECT x FROM generate_series(1, 3) x' },
      ];
      const expected = [[['42', null]], [['1'], ['2'], ['3']]];
      expect(await flight(client, statements)).toEqual(expected);
      const copy = new BinaryCopy();
      await expect(
        flight(client, [
          { sql: 'BEGIN' },
          { sql: 'CREATE TEMP TABLE gone (x int)' },
          { sql: 'SELECT 1 / $1::int', values: ['0'] },
          { sql: 'COPY gone FROM STDIN (FORMAT binary)', rows: [copy.take()] },
        ]),
      ).rejects.toMatchObject({ code: '22012' });
      await client.query('ROLLBACK');
      expect(await flight(client, statements)).toEqual(expected);
      await expect(flight(client, [{ sql: 'TABLE gone' }])).rejects.toMatchObject({ code: '42P01' });
      expect((await client.query('SELECT 7 AS x')).rows).toEqual([{ x: 7 }]);
    } finally {
      client.release(true);
    }
  });
});
