import { closeSync, openSync, writeSync } from 'node:fs';
import type { ExportColumn, ExportRow } from '@evenkeel/adapter-postgres';

/** A file that rows are added to, a batch at a time. */
export interface TableFile {
  add(rows: readonly ExportRow[]): void;
  finish(): void;
}

/** RFC 4180 with lines that end in \n; no value is an empty cell. Decimals stand as they are on record. */
export function csvFile(path: string, columns: readonly ExportColumn[]): TableFile {
  const file = openSync(path, 'w');
  const lines = (rows: readonly ExportRow[]): string =>
    rows.map((row) => `${row.map((value) => cellOf(value)).join(',')}\n`).join('');
  writeSync(file, lines([columns.map(({ name }) => name)]));
  return {
    add: (rows) => void writeSync(file, lines(rows)),
    finish: () => closeSync(file),
  };
}

function cellOf(value: string | null): string {
  if (value === null) return '';
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}
