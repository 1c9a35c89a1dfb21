import { PricingError, invalidInput } from '../errors';
import type { OptionChain, OptionQuote, QuoteUnit } from '../surface/option-quotes';
import { parseInstant, yearsBetween } from '@evenkeel/kernel';
import { caseFileError, isRecord } from './case-file';

/**
 * One row of a chain, from JSON or CSV, under the names of the recorded sets or our own: `expiry` (expiry_datetime),
 * `years` (T) or both instants, `strike` (K), `type` (option_type), `bid` (bid_price), `ask` (ask_price), `forward`
 * (underlying, F), `id` (instrument_name), `timestamp`.
 */
type Row = Readonly<Record<string, unknown>>;

/** What holds for a whole chain unless a row says otherwise. */
export interface ChainDefaults {
  readonly unit: QuoteUnit;
  readonly discount?: number;
  /** Instant of the quotes, ISO 8601, where rows have no `timestamp` and no `years`. */
  readonly at?: string;
}

/** Rows that could not be read, with their place in the input. */
export interface RowProblem {
  readonly row: number;
  readonly code: string;
  readonly message: string;
  readonly input?: string;
}

/** Splits CSV with a header into rows; fields hold no commas or quotes, as in the recorded sets. */
export function rowsOfCsv(text: string): Row[] {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '');
  const names = (lines[0] ?? '').split(',').map((name) => name.trim());
  if (names.length < 2) throw caseFileError('csv', 'has a header line with column names');
  return lines.slice(1).map((line) => {
    const fields = line.split(',');
    return Object.fromEntries(names.map((name, i) => [name, (fields[i] ?? '').trim()]));
  });
}

/** Groups rows into chains, one per timestamp and expiry would be two surfaces: all rows must be of one instant. */
export function chainsOfRows(
  rows: readonly unknown[],
  defaults: ChainDefaults,
): { chains: OptionChain[]; problems: RowProblem[] } {
  const problems: RowProblem[] = [];
  const groups = new Map<string, { years: number; forwards: number[]; quotes: OptionQuote[] }>();
  rows.forEach((value, index) => {
    try {
      const row = readRow(value, defaults);
      const group = groups.get(row.expiry) ?? { years: row.years, forwards: [], quotes: [] };
      groups.set(row.expiry, group);
      if (Math.abs(group.years - row.years) > 1e-6) {
        throw invalidInput(
          'timestamp',
          `puts ${row.expiry} ${row.years} years ahead, other rows ${group.years}: one snapshot at a time`,
        );
      }
      if (row.forward !== undefined) group.forwards.push(row.forward);
      group.quotes.push(row.quote);
    } catch (error) {
      if (!(error instanceof PricingError)) throw error;
      problems.push({
        row: index,
        code: error.code,
        message: error.message,
        ...(error.path === undefined ? {} : { input: error.path }),
      });
    }
  });
  const chains = [...groups].map(([expiry, group]): OptionChain => ({
    expiry,
    years: group.years,
    unit: defaults.unit,
    quotes: group.quotes,
    ...(defaults.discount === undefined ? {} : { discount: defaults.discount }),
    ...(group.forwards.length === 0 ? {} : { forward: middleOf(group.forwards) }),
  }));
  return { chains, problems };
}

interface ReadRow {
  readonly expiry: string;
  readonly years: number;
  readonly forward: number | undefined;
  readonly quote: OptionQuote;
}

function readRow(value: unknown, defaults: ChainDefaults): ReadRow {
  if (!isRecord(value)) throw invalidInput('row', 'must be an object');
  const expiry = textOf(value, 'expiry', 'expiry_datetime');
  const type = textOf(value, 'type', 'option_type').toLowerCase();
  if (type !== 'call' && type !== 'put')
    throw invalidInput('type', `must be call or put, not ${JSON.stringify(type)}`);
  const strike = requiredNumber(value, 'strike', 'K');
  const id = value['id'] ?? value['instrument_name'];
  const weight = optionalNumberOf(value, 'weight');
  const bid = optionalNumberOf(value, 'bid', 'bid_price');
  const ask = optionalNumberOf(value, 'ask', 'ask_price');
  return {
    expiry,
    years: optionalNumberOf(value, 'years', 'T') ?? yearsOf(value, expiry, defaults),
    forward: optionalNumberOf(value, 'forward', 'underlying', 'F'),
    quote: {
      type,
      strike,
      ...(typeof id === 'string' ? { id } : {}),
      ...(weight === undefined ? {} : { weight }),
      ...(bid === undefined ? {} : { bid }),
      ...(ask === undefined ? {} : { ask }),
    },
  };
}

function yearsOf(row: Row, expiry: string, defaults: ChainDefaults): number {
  const at = row['timestamp'] ?? defaults.at;
  if (typeof at !== 'string')
    throw new PricingError({
      code: 'PRICING.MISSING_INPUT',
      message: 'years, or timestamp with expiry, is missing',
      path: 'years',
    });
  try {
    return yearsBetween(parseInstant(at), parseInstant(expiry));
  } catch {
    throw invalidInput(
      'expiry',
      `and timestamp are instants in ISO 8601, not ${JSON.stringify(expiry)} and ${JSON.stringify(at)}`,
    );
  }
}

function textOf(row: Row, ...names: readonly [string, ...string[]]): string {
  for (const name of names) {
    const value = row[name];
    if (typeof value === 'string' && value !== '') return value;
  }
  throw new PricingError({
    code: 'PRICING.MISSING_INPUT',
    message: `${names[0]} is missing`,
    path: names[0],
  });
}

/** The first of the names that holds a number; `PRICING.MISSING_INPUT` names the first when none does. */
export function requiredNumber(row: Row, ...names: readonly [string, ...string[]]): number {
  const value = optionalNumberOf(row, ...names);
  if (value === undefined)
    throw new PricingError({
      code: 'PRICING.MISSING_INPUT',
      message: `${names[0]} is missing`,
      path: names[0],
    });
  return value;
}

/** The first of the names that holds a number or the text of one; an empty field is none. */
export function optionalNumberOf(row: Row, ...names: readonly [string, ...string[]]): number | undefined {
  for (const name of names) {
    const value = row[name];
    if (value === undefined || value === null || value === '') continue;
    const number = typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : Number.NaN;
    if (!Number.isFinite(number))
      throw invalidInput(names[0], `must be a finite number, not ${JSON.stringify(value)}`);
    return number;
  }
  return undefined;
}

function middleOf(values: readonly number[]): number {
  const ordered = [...values].sort((left, right) => left - right);
  return (
    ((ordered[Math.floor((ordered.length - 1) / 2)] as number) +
      (ordered[Math.ceil((ordered.length - 1) / 2)] as number)) /
    2
  ); // not empty
}
