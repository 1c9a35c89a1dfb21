import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXPORTS } from '@evenkeel/adapter-postgres';
import { REPOSITORY } from '../stack/home';

const COLUMNS = [
  { name: 'epoch', type: 'text', meaning: '' },
  { name: 'seq', type: 'integer', meaning: '' },
  { name: 'money', type: 'decimal', meaning: '' },
  { name: 'delta', type: 'double', meaning: '' },
  { name: 'at', type: 'timestamp', meaning: '' },
  { name: 'late', type: 'boolean', meaning: '' },
] as const;
const ROWS = [
  [
    '1',
    '9007199254740993',
    '-957.741462800000000000000000000001',
    '0.1',
    '2026-01-05T01:00:07.500001Z',
    'true',
  ],
  [
    'a "quoted", é\nline',
    '-1',
    '12345678901234567890.5',
    '-1.5e-300',
    '1969-12-31T23:59:59.999999Z',
    'false',
  ],
  [null, null, null, null, null, null],
] as const;
/** More than a row group holds. */
const MANY = 120_001;

/** Writes with what was built, in Node itself, and reads back with another reader. */
const PROGRAM = `
const [dir, columns, rows, many] = JSON.parse(process.argv[1]);
const { csvFile } = require('./services/keel/dist/export/csv-file.js');
const { parquetFile } = require('./services/keel/dist/export/parquet-file.js');
const fill = (file, add) => { add(file); file.finish(); };
(async () => {
  fill(csvFile(dir + '/a.csv', columns), (file) => file.add(rows));
  for (const name of ['a', 'b']) fill(await parquetFile(dir + '/' + name + '.parquet', columns), (file) => file.add(rows));
  fill(await parquetFile(dir + '/none.parquet', columns), () => undefined);
  fill(await parquetFile(dir + '/many.parquet', columns), (file) => {
    for (let n = 0; n < many; n += 1) file.add([['1', String(n), String(n) + '.5', '1', rows[0][4], 'true']]);
  });
  const { asyncBufferFromFile, parquetReadObjects, parquetMetadataAsync } = await import('hyparquet');
  const read = async (name, options) => parquetReadObjects({ file: await asyncBufferFromFile(dir + '/' + name), ...options });
  const plain = (_, value) =>
    typeof value === 'bigint' ? String(value) : value;
  const kinds = (await parquetMetadataAsync(await asyncBufferFromFile(dir + '/a.parquet'))).schema.slice(1)
    .map(({ name, type, logical_type }) => [name, type, logical_type?.type, logical_type?.isAdjustedToUTC, logical_type?.unit]);
  const all = await read('many.parquet', { columns: ['seq', 'money'] });
  const parsers = { timestampFromMicroseconds: (micros) => String(micros) };
  console.log(JSON.stringify({
    rows: await read('a.parquet', { parsers }),
    none: await read('none.parquet'),
    kinds,
    many: all.length,
    last: all[all.length - 1],
  }, plain));
})();
`;

describe('exported files', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-export-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('keep every digit, and are the same bytes for the same rows', () => {
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['--no-warnings', '--eval', PROGRAM, JSON.stringify([dir, COLUMNS, ROWS, MANY])],
      { cwd: REPOSITORY, encoding: 'utf8' },
    );
    expect(stderr).toBe('');
    const read = JSON.parse(stdout) as Record<string, unknown>;
    expect(read['rows']).toEqual([
      {
        epoch: '1',
        seq: '9007199254740993',
        money: '-957.741462800000000000000000000001',
        delta: 0.1,
        at: '1767574807500001',
        late: true,
      },
      {
        epoch: 'a "quoted", é\nline',
        seq: '-1',
        money: '12345678901234567890.5',
        delta: -1.5e-300,
        at: '-1',
        late: false,
      },
      { epoch: null, seq: null, money: null, delta: null, at: null, late: null },
    ]);
    expect(read['none']).toEqual([]);
    expect([read['many'], read['last']]).toEqual([MANY, { seq: String(MANY - 1), money: `${MANY - 1}.5` }]);
    expect(read['kinds']).toEqual([
      ['epoch', 'BYTE_ARRAY', 'STRING', null, null],
      ['seq', 'INT64', null, null, null],
      ['money', 'BYTE_ARRAY', 'STRING', null, null],
      ['delta', 'DOUBLE', null, null, null],
      ['at', 'INT64', 'TIMESTAMP', true, 'MICROS'],
      ['late', 'BOOLEAN', null, null, null],
    ]);
    const bytes = (name: string): Buffer => readFileSync(join(dir, name));
    expect(bytes('a.parquet').equals(bytes('b.parquet'))).toBe(true);
    expect(bytes('a.csv').toString('utf8')).toBe(
      'epoch,seq,money,delta,at,late\n' +
        `${ROWS[0].join(',')}\n` +
        '"a ""quoted"", é\nline",-1,12345678901234567890.5,-1.5e-300,1969-12-31T23:59:59.999999Z,false\n' +
        ',,,,,\n',
    );
  });

  it('have every column on their page', () => {
    const page = readFileSync(join(REPOSITORY, 'docs', 'export.md'), 'utf8');
    const [, listed = ''] = page.split('## Columns\n');
    const tables = Object.entries(EXPORTS).map(([what, { columns }]) => {
      const rows = columns.map(({ name, type, meaning }) => `| \`${name}\` | ${type} | ${meaning} |\n`);
      return `\n### ${what}\n\n| column | type | is |\n|---|---|---|\n${rows.join('')}`;
    });
    expect(listed).toBe(tables.join(''));
  });
});
