import { closeSync, createReadStream, fstatSync, openSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { decompress } from 'fzstd';
import type * as ArrowLibrary from 'apache-arrow';
import type { Data, DataType, RecordBatch, Schema } from 'apache-arrow';
import { Decimal, formatInstant, InvalidInputError } from '@evenkeel/kernel';
import type { ColumnarRows } from './columnar-rows';
import { unlz4 } from './lz4-frame';

type Arrow = typeof ArrowLibrary;

/** The text of a cell that is not null. */
type CellText = (row: number) => string;
type TextOf = (data: Data) => CellText;

/** Rows of an Arrow file (Feather version 2) or of an Arrow stream that was kept as a file, one batch in memory. */
export async function arrowRows(path: string): Promise<ColumnarRows> {
  const kind = kindOf(path);
  const arrow = await import('apache-arrow');
  // What zstd gives may begin at any byte; numbers of 64 bits must not.
  arrow.compressionRegistry.set(arrow.CompressionType.ZSTD, { decode: (bytes) => decompress(bytes).slice() });
  arrow.compressionRegistry.set(arrow.CompressionType.LZ4_FRAME, { decode: unlz4 });
  const batches = (): AsyncGenerator<RecordBatch, void, undefined> =>
    kind === 'file' ? fileBatches(arrow, path) : streamBatches(arrow, path);
  const { fields } = await schemaOf(arrow, path, kind);
  const texts = fields.map(({ name, type }) => textOf(arrow, path, name, type));
  return { name: path, columns: fields.map(({ name }) => name), rows: rowsOf(batches(), texts) };
}

const FILE_MARK = Buffer.from('ARROW1');
const FEATHER_1_MARK = Buffer.from('FEA1');
const STREAM_END = Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);

/** A file ends as it begins; a stream may end anywhere by the format, but where its end is not marked nobody sees that it was cut off. */
function kindOf(path: string): 'file' | 'stream' {
  const head = Buffer.alloc(8);
  const tail = Buffer.alloc(8);
  const file = openSync(path, 'r');
  try {
    readSync(file, head, 0, head.length, 0);
    readSync(file, tail, 0, tail.length, Math.max(0, fstatSync(file).size - tail.length));
  } finally {
    closeSync(file);
  }
  if (head.subarray(0, 4).equals(FEATHER_1_MARK))
    throw refused(path, 'is Feather version 1: write it anew as Feather version 2, Parquet or CSV');
  const isFile = head.subarray(0, 6).equals(FILE_MARK);
  if (isFile ? !tail.subarray(2).equals(FILE_MARK) : !tail.equals(STREAM_END))
    throw refused(
      path,
      `cannot be read: the end of an Arrow ${isFile ? 'file' : 'stream'} is missing, it was cut off`,
    );
  return isFile ? 'file' : 'stream';
}

function refused(path: string, message: string): InvalidInputError {
  return new InvalidInputError(path, [{ path, message }]);
}

async function schemaOf(arrow: Arrow, path: string, kind: 'file' | 'stream'): Promise<Schema> {
  if (kind === 'file') {
    const file = await open(path);
    try {
      return (await (await arrow.RecordBatchReader.from(file)).open()).schema;
    } finally {
      await file.close();
    }
  }
  const stream = createReadStream(path);
  try {
    return (await (await arrow.RecordBatchReader.from(stream)).open()).schema;
  } finally {
    stream.destroy();
  }
}

async function* fileBatches(arrow: Arrow, path: string): AsyncGenerator<RecordBatch, void, undefined> {
  const file = await open(path);
  try {
    const reader = await (await arrow.RecordBatchReader.from(file)).open();
    if (!reader.isFile()) throw new Error('it is not the Arrow file that it was');
    let read = 0;
    for await (const batch of reader) {
      read += 1;
      yield batch;
    }
    // The reader ends in silence at a batch that is not where the footer says.
    if (read !== reader.numRecordBatches)
      throw new Error(`holds ${read} of the ${reader.numRecordBatches} batches that it says it has`);
  } finally {
    await file.close();
  }
}

async function* streamBatches(arrow: Arrow, path: string): AsyncGenerator<RecordBatch, void, undefined> {
  const stream = createReadStream(path);
  try {
    yield* await (await arrow.RecordBatchReader.from(stream)).open();
  } finally {
    stream.destroy();
  }
}

async function* rowsOf(
  batches: AsyncIterable<RecordBatch>,
  texts: readonly TextOf[],
): AsyncGenerator<readonly string[]> {
  for await (const batch of batches) {
    const cells = batch.data.children.map((data, column) => cellsOf(data, texts[column]));
    for (let row = 0; row < batch.numRows; row++) yield cells.map((text) => text(row));
  }
}

function cellsOf(data: Data, textOf: TextOf | undefined): CellText {
  if (textOf === undefined) throw new Error('a batch has more columns than the file');
  const { nullCount, nullBitmap, length } = data;
  const text = textOf(data);
  if (nullCount === 0) return text;
  if (nullBitmap !== undefined && nullBitmap.length * 8 < length) throw new Error('a batch is cut off');
  return (row) => (data.getValid(row) ? text(row) : '');
}

/** How cells of a column are written: numbers and decimals as the file holds them, times in ISO 8601, for their unit is that of their type. */
function textOf(arrow: Arrow, path: string, name: string, type: DataType): TextOf {
  const { DataType } = arrow;
  if (DataType.isNull(type)) return () => () => '';
  if (DataType.isTimestamp(type)) return wholes(timeText(NANOS_OF_UNIT[type.unit]));
  if (DataType.isDate(type))
    return wholes((value) => timeText(type.unit === 0 ? NANOS_OF_DAY : 1_000_000n)(value).slice(0, 10));
  if (DataType.isDecimal(type)) return decimals(type.bitWidth / 32, type.scale);
  if (DataType.isInt(type)) return wholes(String);
  const valueType: DataType = DataType.isDictionary(type) ? type.dictionary : type;
  const isText =
    DataType.isUtf8(valueType) || DataType.isLargeUtf8(valueType) || DataType.isUtf8View(valueType);
  if (isText || DataType.isFloat(type) || DataType.isBool(type)) return values(arrow);
  const message = `is of type ${String(type)}, which is not read: write it as text, as a number or as a timestamp`;
  throw new InvalidInputError(path, [{ path: name, message }]);
}

const NANOS_OF_DAY = 86_400_000_000_000n;
/** By the number that the format gives a unit: seconds, milliseconds, microseconds, nanoseconds. */
const NANOS_OF_UNIT: readonly bigint[] = [1_000_000_000n, 1_000_000n, 1000n, 1n];

function timeText(nanos: bigint | undefined): (value: number | bigint) => string {
  if (nanos === undefined) throw new Error('has times of no known unit');
  return (value) => formatInstant(BigInt(value) * nanos);
}

/** From the buffer itself: the library makes doubles of milliseconds of times, whatever the file has. */
function wholes(textOf: (value: number | bigint) => string): TextOf {
  return ({ values, length }) => {
    requireLength(values, length);
    // One number a row in a column of whole numbers or times; its length was looked at.
    return (row) => textOf(values[row] as number | bigint);
  };
}

/** Whole numbers of two's complement in words of 32 bits, the lowest first. */
function decimals(words: number, scale: number): TextOf {
  if (scale < 0) throw new Error(`has decimals of scale ${scale}`);
  return ({ values, length }) => {
    requireLength(values, length * words);
    return (row) => {
      let units = 0n;
      for (let word = words - 1; word >= 0; word--)
        units = (units << 32n) | BigInt((values[row * words + word] as number) >>> 0);
      return Decimal.ofUnits(BigInt.asIntN(words * 32, units), scale).toString();
    };
  };
}

function values(arrow: Arrow): TextOf {
  return (data) => {
    const { DataType } = arrow;
    if (DataType.isUtf8(data.type) || DataType.isLargeUtf8(data.type))
      requireLength(data.valueOffsets, data.length + 1);
    else if (DataType.isBool(data.type)) requireLength(data.values, Math.ceil(data.length / 8));
    else if (!DataType.isUtf8View(data.type)) requireLength(data.values, data.length);
    const vector = new arrow.Vector([data]);
    return (row) => {
      const value: unknown = vector.get(row);
      return value === null ? '' : String(value);
    };
  };
}

function requireLength(values: { readonly length: number } | undefined, length: number): void {
  if ((values?.length ?? 0) < length) throw new Error('a batch is cut off');
}
