import { closeSync, openSync, readSync, statSync } from 'node:fs';
import { brotliDecompressSync, gunzipSync } from 'node:zlib';
import { decompress } from 'fzstd';
import type { AsyncBuffer, Compressors, FileMetaData } from 'hyparquet';
import { packingOf } from '@evenkeel/config';
import { formatInstant, InvalidInputError } from '@evenkeel/kernel';

/** A file that is a table by itself, a stretch of rows at a time. */
export interface ColumnarRows {
  readonly name: string;
  readonly columns: readonly string[];
  readonly rows: AsyncIterable<readonly string[]>;
}

/** Rows of a Parquet or Arrow file as text, its times in ISO 8601: their unit is that of their type. */
export async function columnarRows(path: string): Promise<ColumnarRows> {
  try {
    if (packingOf(path) === 'parquet') return await parquetRows(path);
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    throw broken(path, error);
  }
  throw new InvalidInputError(path, [{ path, message: 'is an Arrow file: write it as Parquet or CSV' }]);
}

function broken(path: string, error: unknown): InvalidInputError {
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
  const columns = metadata.schema.slice(1).map(({ name }) => name);
  return { name: path, columns, rows: rowsOf(path, file, metadata, columns) };
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
  path: string,
  file: AsyncBuffer,
  metadata: FileMetaData,
  columns: readonly string[],
): AsyncGenerator<readonly string[]> {
  const { parquetReadObjects } = await import('hyparquet');
  const total = Number(metadata.num_rows);
  for (let rowStart = 0; rowStart < total; rowStart += ROWS_AT_ONCE) {
    const rowEnd = Math.min(total, rowStart + ROWS_AT_ONCE);
    let rows: Record<string, unknown>[];
    try {
      rows = await parquetReadObjects({
        file,
        metadata,
        rowStart,
        rowEnd,
        compressors: COMPRESSORS,
        parsers: PARSERS,
      });
    } catch (error) {
      throw broken(path, error);
    }
    for (const row of rows) yield columns.map((column) => cellOf(row[column]));
  }
}

function cellOf(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'object') return JSON.stringify(value);
  return String(value);
}
