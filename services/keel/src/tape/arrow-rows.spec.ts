import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  DateDay,
  Decimal,
  Float64,
  Int64,
  List,
  Field,
  makeData,
  RecordBatchFileWriter,
  RecordBatchStreamWriter,
  Table,
  TimestampMicrosecond,
  TimestampMillisecond,
  TimestampNanosecond,
  TimestampSecond,
  Vector,
  vectorFromArray,
} from 'apache-arrow';
import type { DataType } from 'apache-arrow';
import { columnarRows } from './columnar-files';
import { unlz4 } from './lz4-frame';

const FIXTURES = join(__dirname, 'fixtures');
const NULL_IN_THE_MIDDLE = { length: 3, nullCount: 1, nullBitmap: Uint8Array.of(0b101) };

function wholes(type: DataType, values: readonly bigint[]): Vector {
  return new Vector([
    makeData({ ...NULL_IN_THE_MIDDLE, type: type as Int64, data: BigInt64Array.from(values) }),
  ]);
}

/** Two's complement in words of 32 bits, the lowest first. */
function decimals(bits: number, scale: number, units: readonly bigint[]): Vector {
  const words = units.flatMap((unit) =>
    Array.from({ length: bits / 32 }, (_, word) =>
      Number((BigInt.asUintN(bits, unit) >> BigInt(32 * word)) & 0xffff_ffffn),
    ),
  );
  const type = new Decimal(scale, 38, bits);
  return new Vector([makeData({ ...NULL_IN_THE_MIDDLE, type, data: Uint32Array.from(words) })]);
}

describe('rows of Arrow', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-arrow-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  const bytesOf = (columns: Record<string, Vector>, kind: 'file' | 'stream'): Uint8Array =>
    (kind === 'file' ? RecordBatchFileWriter : RecordBatchStreamWriter)
      .writeAll(new Table(columns))
      .toUint8Array(true);
  const read = async (bytes: Uint8Array): Promise<readonly (readonly string[])[]> => {
    const path = join(dir, 'table.arrow');
    writeFileSync(path, bytes);
    const rows: (readonly string[])[] = [];
    for await (const row of (await columnarRows(path)).rows) rows.push(row);
    return rows;
  };

  it.each(['file', 'stream'] as const)(
    'have their numbers and times to the digit, from a %s',
    async (kind) => {
      const nanos = 1_767_225_600_123_456_789n;
      const rows = await read(
        bytesOf(
          {
            s: wholes(new TimestampSecond(), [1_767_225_600n, 0n, -1n]),
            ms: wholes(new TimestampMillisecond('UTC'), [nanos / 1_000_000n, 0n, -1n]),
            us: wholes(new TimestampMicrosecond('Europe/Berlin'), [nanos / 1000n, 0n, -1n]),
            ns: wholes(new TimestampNanosecond(), [nanos, 0n, -1n]),
            day: new Vector([
              makeData({ ...NULL_IN_THE_MIDDLE, type: new DateDay(), data: Int32Array.of(20_454, 0, -1) }),
            ]),
            whole: wholes(new Int64(), [2n ** 62n + 1n, 0n, -5n]),
            narrow: decimals(64, 8, [30_000_000n, 0n, -1n]),
            wide: decimals(128, 8, [1_234_567_890_123_456_789_012_345_678n, 0n, -10n]),
            wider: decimals(256, 2, [-(10n ** 40n) - 1n, 0n, 131n]),
            double: vectorFromArray([0.1, null, 1e-9], new Float64()),
            text: vectorFromArray(['BTC', null, 'ä']),
            flag: vectorFromArray([true, null, false]),
          },
          kind,
        ),
      );
      expect(rows).toEqual([
        [
          ...['2026-01-01T00:00:00Z', '2026-01-01T00:00:00.123Z', '2026-01-01T00:00:00.123456Z'],
          ...['2026-01-01T00:00:00.123456789Z', '2026-01-01', '4611686018427387905', '0.3'],
          ...['12345678901234567890.12345678', '-100000000000000000000000000000000000000.01'],
          ...['0.1', 'BTC', 'true'],
        ],
        Array.from({ length: 12 }, () => ''),
        [
          ...['1969-12-31T23:59:59Z', '1969-12-31T23:59:59.999Z', '1969-12-31T23:59:59.999999Z'],
          ...['1969-12-31T23:59:59.999999999Z', '1969-12-31', '-5', '-0.00000001'],
          ...['-0.0000001', '1.31', '1e-9', 'ä', 'false'],
        ],
      ]);
    },
  );

  it('refuse a column that is no text, number or time, and Feather version 1, by name', async () => {
    const list = vectorFromArray([[1], [2]], new List(new Field('item', new Float64())));
    await expect(read(bytesOf({ bids: list }, 'file'))).rejects.toThrow(/bids: is of type List<Float64>/);
    await expect(read(Buffer.from('FEA1 and the rest'))).rejects.toThrow(/is Feather version 1/);
  });

  it.each([16, 40, 1_000, 9_000, 18_000])('refuse a file that was cut off at byte %d', async (length) => {
    const whole = readFileSync(join(FIXTURES, 'klines-lz4.feather'));
    await expect(read(whole.subarray(0, length))).rejects.toThrow(/the end of an Arrow file is missing/);
    // What was cut out of the middle leaves the end where it is.
    const holed = Buffer.concat([whole.subarray(0, length), whole.subarray(length + 64)]);
    await expect(read(holed)).rejects.toThrow(/cannot be read/);
  });

  it('refuse a stream that was cut off between two batches', async () => {
    const stream = bytesOf({ price: vectorFromArray([1, 2]) }, 'stream');
    await expect(read(stream.subarray(0, -8))).rejects.toThrow(/the end of an Arrow stream is missing/);
  });
});

describe('a frame of LZ4', () => {
  const HEAD = [0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82];
  const frame = (block: readonly number[], size = block.length): Uint8Array =>
    Uint8Array.from([...HEAD, size, 0, 0, 0, ...block, 0, 0, 0, 0]);

  it('repeats what overlaps itself', () => {
    expect(Buffer.from(unlz4(frame([0x2f, 65, 66, 2, 0, 1, 0x10, 67]))).toString()).toBe(
      `${'AB'.repeat(11)}C`,
    );
  });

  it.each([
    ['reaches back before its beginning', frame([0x10, 65, 9, 0, 0x10, 1])],
    ['reaches nowhere', frame([0x10, 65, 0, 0, 0x10, 1])],
    ['has fewer letters than it says', frame([0x50, 65])],
    ['ends within a match', frame([0x10, 65, 1])],
    ['is longer than what there is', frame([0x10, 65], 40)],
    ['has no end', frame([0x10, 65]).subarray(0, -4)],
    ['is none', Uint8Array.from(Array.from({ length: 20 }, () => 1))],
  ])('is refused where it %s', (_, bytes) => {
    expect(() => unlz4(bytes)).toThrow();
  });
});
