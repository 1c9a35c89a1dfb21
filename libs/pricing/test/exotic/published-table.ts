import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';

/** One row of a published table. */
export interface PublishedCase {
  readonly id: string;
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly expected: Readonly<Record<string, number>>;
  readonly tolerance: number;
  readonly row: Readonly<Record<string, unknown>>;
}

/** The rows of `validation/<name>.json`; empty where the recorded data is absent. */
export function publishedCases(name: string): readonly PublishedCase[] {
  const shared = sharedDir();
  if (shared === undefined) return [];
  // The tables are part of the recorded data, their shape is described in its README.
  const table = JSON.parse(readFileSync(join(shared, 'validation', `${name}.json`), 'utf8')) as {
    cases: {
      id: string;
      inputs: Record<string, unknown>;
      expected: Record<string, number>;
      tolerance: number | { absolute: number };
    }[];
  };
  return table.cases.map((row) => ({
    id: row.id,
    inputs: row.inputs,
    expected: row.expected,
    tolerance: typeof row.tolerance === 'number' ? row.tolerance : row.tolerance.absolute,
    row: row as unknown as Record<string, unknown>,
  }));
}

/** `it`, or a visible skip where the tables are absent. */
export const itWithTables = itWithSharedData('validation');

export interface TableCheck {
  readonly compute: (row: PublishedCase) => number;
  readonly expected?: (row: PublishedCase) => number;
  /** Case id to the reason why the printed number is off; such a row must indeed miss, so the list can't rot. */
  readonly known?: Readonly<Record<string, string>>;
}

/** Every row within its own tolerance; all misses are listed at once. */
export function expectTable(
  name: string,
  check: TableCheck,
  filter: (row: PublishedCase) => boolean = () => true,
): void {
  const rows = publishedCases(name).filter(filter);
  expect(rows.length).toBeGreaterThan(0);
  const misses: string[] = [];
  for (const row of rows) {
    const expected = check.expected?.(row) ?? (row.expected['value'] as number);
    const actual = check.compute(row);
    const within = Math.abs(actual - expected) <= row.tolerance;
    const reason = check.known?.[row.id];
    if (within === (reason !== undefined)) {
      misses.push(
        `${row.id}: ${actual} against ${expected}, tolerance ${row.tolerance}${reason ? ` (listed as off: ${reason})` : ''}`,
      );
    }
  }
  expect(misses).toEqual([]);
}
