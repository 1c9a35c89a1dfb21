import { closeSync, openSync, writeSync } from 'node:fs';
import type { SchemaElement } from 'hyparquet';
import type { ExportColumn, ExportRow } from '@evenkeel/adapter-postgres';
import type { TableFile } from './csv-file';

type Value = string | number | bigint | boolean | null;

/** How each type stands in the file. Decimals are text: they have no bound on digits, and every fixed one would round or refuse some. */
const KINDS: Readonly<
  Record<
    ExportColumn['type'],
    { readonly element: Omit<SchemaElement, 'name'>; readonly read: (text: string) => Value }
  >
> = {
  text: {
    element: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
    read: (text) => text,
  },
  decimal: {
    element: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
    read: (text) => text,
  },
  integer: { element: { type: 'INT64' }, read: BigInt },
  double: { element: { type: 'DOUBLE' }, read: Number },
  boolean: { element: { type: 'BOOLEAN' }, read: (text) => text === 'true' },
  timestamp: {
    element: {
      type: 'INT64',
      converted_type: 'TIMESTAMP_MICROS',
      logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
    },
    read: microseconds,
  },
};

/** `2026-01-05T01:00:07.500000Z` in microseconds since 1970. */
function microseconds(text: string): bigint {
  const seconds = BigInt(Date.parse(`${text.slice(0, 19)}Z`)) / 1000n;
  return seconds * 1_000_000n + BigInt(text.slice(20, 26));
}

const GROUP_ROWS = 50_000;

/** Apache Parquet, a row group for every 50,000 rows, compressed with Snappy. The same rows give the same bytes. */
export async function parquetFile(path: string, columns: readonly ExportColumn[]): Promise<TableFile> {
  const { ByteWriter, ParquetWriter } = await import('hyparquet-writer');
  const file = openSync(path, 'w');
  const bytes = new ByteWriter();
  const toDisk = (): void => {
    writeSync(file, bytes.getBytes());
    bytes.index = 0; // its offset goes on
  };
  const schema: SchemaElement[] = [
    { name: 'root', num_children: columns.length },
    ...columns.map(({ name, type }): SchemaElement => ({
      name,
      repetition_type: 'OPTIONAL',
      ...KINDS[type].element,
    })),
  ];
  const writer = new ParquetWriter({ writer: bytes, schema, createdBy: 'evenkeel' });
  let waiting: ExportRow[] = [];
  const flush = (): void => {
    const columnData = columns.map(({ name, type }, index) => ({
      name,
      data: waiting.map((row): Value => {
        const text = row[index] ?? null;
        return text === null ? null : KINDS[type].read(text);
      }),
    }));
    void writer.write({ columnData, rowGroupSize: GROUP_ROWS });
    toDisk();
    waiting = [];
  };
  return {
    add: (rows) => {
      waiting.push(...rows);
      if (waiting.length >= GROUP_ROWS) flush();
    },
    finish: () => {
      if (waiting.length > 0) flush();
      void writer.finish();
      toDisk();
      closeSync(file);
    },
  };
}
