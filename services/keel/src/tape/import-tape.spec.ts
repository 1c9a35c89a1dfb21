import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateRawSync, gunzipSync, gzipSync } from 'node:zlib';
import {
  Float64,
  makeData,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  Table,
  TimestampMicrosecond,
  TimestampMillisecond,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import { REPOSITORY } from '../stack/home';

const FIXTURES = join(__dirname, 'fixtures');
const FOREIGN = join(REPOSITORY, 'samples', 'foreign');
const KLINES = readFileSync(join(FOREIGN, 'BTCUSDT-15m-2026-01.csv'));
const COLUMNS = [
  ...['open_time', 'open', 'high', 'low', 'close', 'volume', 'close_time'],
  ...['quote_volume', 'count', 'taker_buy_volume', 'taker_buy_quote_volume', 'ignore'],
];

/** One frame of one block that is stored as it is: what a compressor writes where nothing can be saved. */
function zstdOf(bytes: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32LE(bytes.length);
  const block = Buffer.alloc(4);
  block.writeUInt32LE(1 | (bytes.length << 3));
  return Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0xa0]), size, block.subarray(0, 3), bytes]);
}

function zipOf(name: string, bytes: Buffer): Buffer {
  const packed = deflateRawSync(bytes);
  const common = Buffer.alloc(26);
  common.writeUInt16LE(20, 0);
  common.writeUInt16LE(8, 4);
  common.writeUInt32LE(crc32(bytes), 10);
  common.writeUInt32LE(packed.length, 14);
  common.writeUInt32LE(bytes.length, 18);
  common.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, Buffer.from(name), packed]);
  const version = Buffer.from([20, 0]);
  const central = Buffer.concat([
    Buffer.from('PK\x01\x02'),
    version,
    common,
    Buffer.alloc(14),
    Buffer.from(name),
  ]);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(1, 8);
  end.writeUInt16LE(1, 10);
  end.writeUInt32LE(central.length, 12);
  end.writeUInt32LE(local.length, 16);
  return Buffer.concat([local, central, end]);
}

const PARQUET = `
const [path, columns, rows, decimal] = JSON.parse(require('node:fs').readFileSync(0, 'utf8'));
const units = (cell) => {
  const [whole, fraction = ''] = cell.split('.');
  return BigInt(whole + fraction.padEnd(8, '0'));
};
const element = (name) => ({
  name,
  repetition_type: 'REQUIRED',
  ...(name.endsWith('_time') ? { type: 'INT64', converted_type: 'TIMESTAMP_MILLIS' } : { ...decimal, converted_type: 'DECIMAL', precision: 18, scale: 8 }),
});
import('hyparquet-writer').then(({ parquetWriteBuffer }) => {
  if (decimal) {
    const columnData = columns.map((name, place) => ({
      name,
      data: rows.map((row) => (name.endsWith('_time') ? new Date(Number(row[place])) : units(row[place]))),
    }));
    const schema = [{ name: 'root', num_children: columns.length }, ...columns.map(element)];
    require('node:fs').writeFileSync(path, new Uint8Array(parquetWriteBuffer({ columnData, schema })));
    return;
  }
  const columnData = columns.map((name, place) => {
    const cells = rows.map((row) => row[place]);
    const isTime = name.endsWith('_time');
    return { name, data: isTime ? cells.map((cell) => new Date(Number(cell))) : cells.map(Number), type: isTime ? 'TIMESTAMP' : 'DOUBLE' };
  });
  require('node:fs').writeFileSync(path, new Uint8Array(parquetWriteBuffer({ columnData })));
});
`;

const PER_MILLI = { ms: 1n, us: 1000n };
const TIME = {
  ms: new TimestampMillisecond('UTC'),
  us: new TimestampMicrosecond(),
};

/** Batches of a hundred rows. */
function arrowOf(
  rows: readonly (readonly string[])[],
  unit: keyof typeof TIME,
  Writer: typeof RecordBatchFileWriter | typeof RecordBatchStreamWriter,
): Buffer {
  const columns = COLUMNS.map((name, place) => {
    const cells = rows.map((row) => row[place] ?? '');
    if (!name.endsWith('_time')) return [name, vectorFromArray(cells.map(Number), new Float64())] as const;
    const data = BigInt64Array.from(cells, (cell) => BigInt(cell) * PER_MILLI[unit]);
    return [name, new Vector([makeData({ type: TIME[unit], data })])] as const;
  });
  const table = new Table(Object.fromEntries<Vector>(columns));
  const parts = [table.slice(0, 100), table.slice(100, 200), table.slice(200)];
  const writer = new Writer();
  for (const batch of parts.flatMap(({ batches }) => batches)) writer.write(batch);
  writer.finish();
  return Buffer.from(writer.toUint8Array(true));
}

describe('keel tape import', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-import-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const keel = (
    ...args: string[]
  ): { readonly code: number | null; readonly out: string; readonly err: string } => {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(REPOSITORY, 'services', 'keel', 'bin', 'keel.js'), 'tape', 'import', ...args],
      { cwd: dir, encoding: 'utf8' },
    );
    return { code: status, out: stdout, err: stderr };
  };
  const bars = (folder: string): string =>
    gunzipSync(readFileSync(join(dir, folder, 'bars-BTCUSDT-PERP@binance.csv.gz'))).toString('utf8');
  const written = (name: string, bytes: Buffer): string => {
    writeFileSync(join(dir, name), bytes);
    return name;
  };
  const perpetual = ['--instrument', 'BTCUSDT-PERP@binance'];

  const rows = KLINES.toString('utf8')
    .trim()
    .split('\n')
    .map((line) => line.split(','));
  const numbers = (text: string): unknown =>
    text.split('\n').map((line) => line.split(',').map((cell, place) => (place === 0 ? cell : Number(cell))));

  it('reads the same of a file however it is packed', () => {
    const parquet = (name: string, decimal?: object): string => {
      const input = JSON.stringify([join(dir, name), COLUMNS, rows, decimal]);
      spawnSync(process.execPath, ['--eval', PARQUET], { cwd: REPOSITORY, input });
      return name;
    };
    const files = [
      written('k.csv', KLINES),
      written('k.csv.gz', gzipSync(KLINES)),
      written('k.csv.zst', zstdOf(KLINES)),
      written('k.zip', zipOf('BTCUSDT-15m-2026-01.csv', KLINES)),
      written('wide.csv', Buffer.from(`\ufeff${KLINES.toString('utf8')}`, 'utf16le')),
      parquet('k.parquet'),
      parquet('decimals.parquet', { type: 'INT64' }),
      parquet('wide-decimals.parquet', { type: 'FIXED_LEN_BYTE_ARRAY', type_length: 16 }),
    ];
    for (const [index, file] of files.entries()) {
      const { code, err } = keel(file, ...perpetual, '--out', `packed-${index}`);
      expect([file, code, err]).toEqual([file, 0, '']);
    }
    const [plain = '', ...others] = files.map((_, index) => bars(`packed-${index}`));
    expect(plain.split('\n')).toHaveLength(288);
    for (const other of others) expect(numbers(other)).toEqual(numbers(plain));
  }, 60_000);

  it('reads the same of Arrow: a file, a stream, and decimals, a dictionary and compressed buffers of pyarrow', () => {
    const files = [
      written('k.csv', KLINES),
      written('k.arrow', arrowOf(rows, 'ms', RecordBatchFileWriter)),
      written('k.arrows', arrowOf(rows, 'us', RecordBatchStreamWriter)),
      written('zstd.feather', readFileSync(join(FIXTURES, 'klines-zstd.feather'))),
      written('lz4.feather', readFileSync(join(FIXTURES, 'klines-lz4.feather'))),
    ];
    for (const [index, file] of files.entries()) {
      const { code, err } = keel(file, ...perpetual, '--out', `arrow-${index}`);
      expect([file, code, err]).toEqual([file, 0, '']);
    }
    const [plain = '', ...others] = files.map((_, index) => numbers(bars(`arrow-${index}`)));
    for (const other of others) expect(other).toEqual(plain);
  }, 60_000);

  it('leaves a folder that is whole: manifest, files, report and picture', () => {
    const { out } = keel('k.csv', ...perpetual, '--out', 'whole', '--json');
    const report = JSON.parse(out) as {
      readonly files: readonly object[];
      readonly written: readonly object[];
    };
    expect(report.files).toMatchObject([
      { file: 'k.csv', format: 'binance-klines', rows: 286, read: 286, dropped: [] },
    ]);
    expect(report.written).toMatchObject([{ rows: 286, gaps: { count: 1, missing: 2 } }]);
    expect(readdirSync(join(dir, 'whole')).sort()).toEqual([
      'bars-BTCUSDT-PERP@binance.csv.gz',
      'report.html',
      'report.json',
      'report.txt',
      'tape.json',
    ]);
    expect(readFileSync(join(dir, 'whole', 'report.html'), 'utf8')).toContain('<svg');
    expect(readFileSync(join(dir, 'whole', 'report.txt'), 'utf8')).toContain(
      'gap 2026-01-06T16:45:00Z to 2026-01-06T17:30:00Z: 2 rows',
    );
  });

  it.each([
    [
      'gzip that was cut off',
      'torn.csv.gz',
      gzipSync(KLINES).subarray(0, 3_000),
      /torn\.csv\.gz: cannot be unpacked, or was cut off/,
    ],
    [
      'zstd that was cut off',
      'torn.csv.zst',
      zstdOf(KLINES).subarray(0, 3_000),
      /torn\.csv\.zst: cannot be unpacked, or was cut off/,
    ],
    [
      'a zip with a flipped byte',
      'bad.zip',
      flipped(zipOf('a.csv', KLINES)),
      /bad\.zip\/a\.csv: cannot be unpacked, or was cut off/,
    ],
    [
      'a zip that is none',
      'no.zip',
      Buffer.from('PK\x03\x04 and nothing more'),
      /no\.zip: is not an intact zip/,
    ],
    [
      'a Parquet file that is none',
      'no.parquet',
      Buffer.from('PAR1 and nothing more'),
      /no\.parquet: cannot be read/,
    ],
    [
      'an Arrow file that was cut off',
      'torn.feather',
      readFileSync(join(FIXTURES, 'klines-lz4.feather')).subarray(0, 9_000),
      /torn\.feather: cannot be read: the end of an Arrow file is missing/,
    ],
    [
      'bytes that are no text',
      'latin.csv',
      Buffer.concat([KLINES, Buffer.from([0xe9, 0x0a])]),
      /latin\.csv: is not UTF-8/,
    ],
    [
      'a row in the middle that is wrong',
      'wrong.csv',
      Buffer.from(
        KLINES.toString('utf8').replace(/\n(\d+),/g, (found, at: string) =>
          at.endsWith('5600000') ? `\n${at},-` : found,
        ),
      ),
      /wrong\.csv:\d+: open "-\d/,
    ],
  ])('leaves nothing behind where it meets %s', (_, name, bytes, message) => {
    const { code, out, err } = keel(written(name, bytes), ...perpetual, '--out', 'nothing');
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(message);
    expect(readdirSync(dir).filter((entry) => entry.startsWith('nothing'))).toEqual([]);
  });

  it('writes nothing over, and nothing for a command that says nonsense', () => {
    expect(keel('k.csv', ...perpetual, '--out', 'whole').err).toMatch(
      /whole is there already, and nothing is written over/,
    );
    expect(keel('k.csv', ...perpetual, '--out', 'x', '--every', '7m').err).toMatch(
      /--every: must part a day into equal stretches/,
    );
    expect(keel('none.csv', '--out', 'x').err).toMatch(/none\.csv is not valid:\n.*does not exist/);
    expect(existsSync(join(dir, 'x'))).toBe(false);
  });
});

/** In the middle of what is packed. */
function flipped(bytes: Buffer): Buffer {
  const at = Math.floor(bytes.length / 2);
  bytes[at] = (bytes[at] ?? 0) ^ 0x10;
  return bytes;
}
