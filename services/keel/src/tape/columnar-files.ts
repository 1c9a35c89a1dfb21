import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { decompress } from 'fzstd';
import type { AsyncBuffer, Compressors, FileMetaData, SchemaElement } from 'hyparquet';
import { packingOf } from '@evenkeel/config';
import { Decimal, formatInstant, InvalidInputError } from '@evenkeel/kernel';
import { arrowRows } from './arrow-rows';
import type { ColumnarRows } from './columnar-rows';

/** Rows of a file of Parquet or Arrow as text: its times in ISO 8601, for their unit is that of their type, its decimals to the digit. */
export async function columnarRows(path: string): Promise<ColumnarRows> {
  try {
    const read = packingOf(path) === 'parquet' ? parquetRows : arrowRows;
    const { rows, ...table } = await read(path);
    return { ...table, rows: unbroken(path, rows) };
  } catch (error) {
    throw broken(path, error);
  }
}

async function* unbroken(
  path: string,
  rows: AsyncIterable<readonly string[]>,
): AsyncGenerator<readonly string[]> {
  const each = rows[Symbol.asyncIterator]();
  try {
    for (;;) {
      const row = await each.next().catch((error: unknown) => {
        throw broken(path, error);
      });
      if (row.done === true) return;
      yield row.value;
    }
  } finally {
    await each.return?.();
  }
}

function broken(path: string, error: unknown): InvalidInputError {
  if (error instanceof InvalidInputError) return error;
  const message = `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  return new InvalidInputError(path, [{ path, message }]);
}

const ROWS_AT_ONCE = 20_000;

const COMPRESSORS: Compressors = {
  ZSTD: (input) => decompress(input),
  GZIP: (input) => gunzipSync(input),
  BROTLI: (input) => brotliDecompressSync(input),
};

const text = (nanoseconds: bigint): string => formatInstant(nanoseconds);

/** By themselves hyparquet 1.31 and 1.33 make a `Date` of a time: milliseconds, whatever the file has. */
const PARSERS = {
  timestampFromMilliseconds: (millis: bigint) => text(millis * 1_000_000n),
  timestampFromMicroseconds: (micros: bigint) => text(micros * 1000n),
  timestampFromNanoseconds: (nanos: bigint) => text(nanos),
  dateFromDays: (days: number) => text(BigInt(days) * 86_400_000_000_000n).slice(0, 10),
};

async function parquetRows(path: string): Promise<ColumnarRows> {
  const { parquetMetadataAsync } = await import('hyparquet');
  const file = bufferOf(path);
  const metadata = await parquetMetadataAsync(file);
  const columns = metadata.schema.slice(1).map((element) => columnOf(path, element));
  const schema = metadata.schema.map(withoutDecimals);
  return {
    name: path,
    columns: columns.map(({ name }) => name),
    rows: rowsOf(file, { ...metadata, schema }, columns),
  };
}

interface Column {
  readonly name: string;
  /** Digits after the point, where the column is of decimals. */
  readonly scale?: number;
}

function isDecimal({ converted_type, logical_type }: SchemaElement): boolean {
  return converted_type === 'DECIMAL' || logical_type?.type === 'DECIMAL';
}

function columnOf(path: string, element: SchemaElement): Column {
  const { name, type, scale, logical_type } = element;
  if (!isDecimal(element)) return { name };
  if (type === 'BYTE_ARRAY') {
    const message =
      'is of decimals of no fixed length: write them as DECIMAL of at most 38 digits, or as text';
    throw new InvalidInputError(path, [{ path: name, message }]);
  }
  return { name, scale: logical_type?.type === 'DECIMAL' ? logical_type.scale : (scale ?? 0) };
}

/**
 * Decimals are asked for as the whole numbers that the file holds. Of decimals hyparquet makes doubles: 1.31 by multiplying
 * (a third of prices with one digit is off in the last place, 0.30000000000000004), 1.33 by dividing, and both beyond
 * 15 digits (findings/parquet-prices-and-times.sh).
 */
function withoutDecimals(element: SchemaElement): SchemaElement {
  if (!isDecimal(element)) return element;
  const { converted_type: _converted, logical_type: _logical, ...whole } = element;
  return whole;
}

/** Reads the stretches of a file that are asked for. */
function bufferOf(path: string): AsyncBuffer {
  const slice = (start: number, end = statSync(path).size): ArrayBuffer => {
    const bytes = new Uint8Array(end - start);
    const file = openSync(path, 'r');
    try {
      readSync(file, bytes, 0, bytes.length, start);
    } finally {
      closeSync(file);
    }
    return bytes.buffer;
  };
  return { byteLength: statSync(path).size, slice };
}

async function* rowsOf(
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: readonly Column[],
): AsyncGenerator<readonly string[]> {
  const { parquetReadObjects } = await import('hyparquet');
  const total = Number(metadata.num_rows);
  for (let rowStart = 0; rowStart < total; rowStart += ROWS_AT_ONCE) {
    const rowEnd = Math.min(total, rowStart + ROWS_AT_ONCE);
    const rows = await parquetReadObjects({
      file,
      metadata,
      rowStart,
      rowEnd,
      compressors: COMPRESSORS,
      parsers: PARSERS,
    });
    for (const row of rows) yield columns.map(({ name, scale }) => cellOf(row[name], scale));
  }
}

function cellOf(value: unknown, scale: number | undefined): string {
  if (value === undefined || value === null) return '';
  if (scale !== undefined) return Decimal.ofUnits(wholeOf(value), scale).toString();
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}

/** A whole number of a file: 32 bits, 64, or bytes of two's complement with the highest first. */
function wholeOf(value: unknown): bigint {
  if (!(value instanceof Uint8Array)) return BigInt(value as number | bigint);
  const units = value.reduce((sum, byte) => sum * 256n + BigInt(byte), 0n);
  return BigInt.asIntN(value.length * 8, units);
}
