import { unknownField } from '@evenkeel/kernel';
import { invalidInput } from '../errors';
import { caseFileError } from './case-file';

/** One row of a chain, from JSON or a table: one option of one snapshot. */
export type ChainRow = Readonly<Record<string, unknown>>;

/** What a fit reads of a row, and the names that the recorded sets and other tables have for it. */
const COLUMNS = {
  expiry: ['expiry_datetime'],
  years: ['T', 'timeToExpiry'],
  timestamp: [],
  strike: ['K'],
  type: ['option_type'],
  bid: ['bid_price'],
  ask: ['ask_price'],
  forward: ['underlying', 'F'],
  id: ['instrument_name'],
  weight: [],
  unit: [],
} as const satisfies Readonly<Record<string, readonly string[]>>;

export type ChainColumn = keyof typeof COLUMNS;

/** What recorded chains carry beside, and a fit to bid and ask has no use for. Reports name those that were there. */
const WITHOUT_USE = new Set([
  'underlying_name',
  'mark_price',
  'implied_volatility',
  'mark_iv',
  'bid_iv',
  'ask_iv',
  'delta',
  'gamma',
  'vega',
  'theta',
  'rho',
  'open_interest',
  'volume',
  'volume_usd',
  'currency',
  'index_price',
  'last_price',
  'bid_size',
  'ask_size',
  'bid_amount',
  'ask_amount',
  'note',
]);

const NAMES = Object.entries(COLUMNS).flatMap(([name, others]) => [name, ...others]);

/**
 * Throws `PRICING.CASE_FILE` for a column that nothing reads: a fit without it would be of other quotes. Answers with the columns
 * that are there and of no use.
 */
export function unusedColumns(rows: readonly ChainRow[]): string[] {
  const unused = new Set<string>();
  rows.forEach((row, index) => {
    for (const name of Object.keys(row)) {
      if (NAMES.includes(name)) continue;
      if (WITHOUT_USE.has(name)) unused.add(name);
      else
        throw caseFileError(
          name,
          `of row ${index + 1} ${unknownField(name, NAMES, 'is not a column of a chain')}`,
        );
    }
  });
  return [...unused];
}

/** What the row says under any of the column's names; undefined where it is empty. Throws where two names say it. */
export function cellOf(row: ChainRow, column: ChainColumn): unknown {
  const said = [column, ...COLUMNS[column]].filter((name) => {
    const value = row[name];
    return value !== undefined && value !== null && value !== '';
  });
  const [first, second] = said;
  if (second !== undefined)
    throw invalidInput(second, `and ${String(first)} are one column: keep the one that is meant`);
  return first === undefined ? undefined : row[first];
}
