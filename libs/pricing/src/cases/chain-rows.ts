import { columnsAgainstName, premiumProblem } from '@evenkeel/instruments';
import { Decimal, parseInstant, tryParseInstant, yearsBetween } from '@evenkeel/kernel';
import { PricingError, invalidInput } from '../errors';
import { medianOf } from '../surface/fit-quality';
import type { OptionChain, OptionQuote, QuoteUnit } from '../surface/option-quotes';
import { isRecord } from './case-file';
import { cellOf, unusedColumns } from './chain-columns';
import type { ChainColumn, ChainRow } from './chain-columns';
import { optionByName, unitOfChain } from './chain-unit';
import type { ChainUnit } from './chain-unit';

/** What holds for a whole chain unless a row says otherwise. */
export interface ChainDefaults {
  readonly unit?: QuoteUnit;
  readonly discount?: number;
  /** Instant of the quotes, ISO 8601, where rows have no `timestamp` and no `years`. */
  readonly at?: string;
}

/** Rows that could not be read, with their place in the input, counted from 0. */
export interface RowProblem {
  readonly row: number;
  readonly code: string;
  readonly message: string;
  readonly input?: string;
  readonly expiry?: string;
}

export interface ReadChains {
  readonly chains: readonly OptionChain[];
  readonly unit: ChainUnit;
  readonly problems: readonly RowProblem[];
  /** Columns that a fit has no use for. */
  readonly unused: readonly string[];
  /** How many rows each expiry has, read or not. */
  readonly rowsOf: ReadonlyMap<string, number>;
}

interface Group {
  readonly years: number;
  readonly rows: {
    readonly row: number;
    readonly forward: number | undefined;
    readonly quote: OptionQuote;
  }[];
}

/**
 * Groups rows into one chain an expiry: all rows must be of one instant. A row that contradicts itself or the rest (a bid above its ask,
 * a price that no volatility gives, another forward, an option told twice) is a problem, and the rest are read. Throws
 * `PRICING.CASE_FILE` for a column that nothing reads, `PRICING.INVALID_INPUT` where two rows are in different units.
 */
export function chainsOfRows(rows: readonly unknown[], defaults: ChainDefaults): ReadChains {
  const records = rows.filter(isRecord);
  const unused = unusedColumns(records);
  const unit = unitOfChain(records, defaults.unit);
  const problems: RowProblem[] = [];
  const rowsOf = new Map<string, number>();
  const groups = new Map<string, Group>();
  const told = new Map<string, number>();
  const attempt = (row: number, expiry: string | undefined, work: () => void): void => {
    try {
      work();
    } catch (error) {
      if (!(error instanceof PricingError)) throw error;
      const { code, message, path } = error;
      problems.push({
        row,
        code,
        message,
        ...(path === undefined ? {} : { input: path }),
        ...(expiry === undefined ? {} : { expiry }),
      });
    }
  };
  rows.forEach((value, index) =>
    attempt(index, expiryIn(value), () => {
      const row = readRow(value, defaults);
      rowsOf.set(row.expiry, (rowsOf.get(row.expiry) ?? 0) + 1);
      const group = groups.get(row.expiry) ?? { years: row.years, rows: [] };
      groups.set(row.expiry, group);
      if (Math.abs(group.years - row.years) > 1e-6) {
        throw invalidInput(
          'timestamp',
          `puts ${row.expiry} ${row.years} years ahead, other rows ${group.years}: one snapshot at a time`,
        );
      }
      const key = `${row.expiry} ${row.quote.strike} ${row.quote.type}`;
      const earlier = told.get(key);
      if (earlier !== undefined)
        throw invalidInput('strike', `and type are those of row ${earlier + 1} of ${row.expiry} too`);
      told.set(key, index);
      group.rows.push({ row: index, forward: row.forward, quote: row.quote });
    }),
  );
  const chains = [...groups].map(([expiry, group]): OptionChain => {
    const forwards = group.rows.flatMap(({ forward }) => forward ?? []);
    const forward = forwards.length === 0 ? undefined : medianOf(forwards);
    const market = { unit: unit.unit, forward, discount: defaults.discount ?? 1 };
    const quotes: OptionQuote[] = [];
    for (const { row, forward: own, quote } of group.rows)
      attempt(row, expiry, () => {
        assertForward(own, forward);
        assertPrices(quote, market);
        quotes.push(quote);
      });
    return {
      expiry,
      years: group.years,
      unit: unit.unit,
      quotes,
      ...(defaults.discount === undefined ? {} : { discount: defaults.discount }),
      ...(forward === undefined ? {} : { forward }),
    };
  });
  problems.sort((left, right) => left.row - right.row);
  return { chains, unit, problems, unused, rowsOf };
}

/** Forwards of one expiry at one instant differ by no more than quotes that are a moment apart do. */
const FORWARD_SPREAD = 0.1;

function assertForward(own: number | undefined, middle: number | undefined): void {
  if (own === undefined || middle === undefined || Math.abs(own / middle - 1) <= FORWARD_SPREAD) return;
  throw invalidInput('forward', `is ${own}, and that of the other rows of the expiry about ${middle}`);
}

interface PriceMarket {
  readonly unit: QuoteUnit;
  readonly forward: number | undefined;
  readonly discount: number;
}

/** What a quote cannot be: crossed, or bid at more than the option is worth at any volatility. An ask may be anything. */
function assertPrices(
  { type, strike, bid, ask }: OptionQuote,
  { unit, forward, discount }: PriceMarket,
): void {
  if (bid === undefined || !(bid > 0)) return;
  if (ask !== undefined && ask > 0 && bid > ask) throw invalidInput('bid', `${bid} is above ask ${ask}`);
  if (unit === 'coin') {
    const terms = { kind: 'option', underlying: 'coin', quote: 'coin', optionType: type } as const;
    const written = Decimal.tryParse(String(strike));
    const problem = premiumProblem(
      { ...terms, ...(written === undefined ? {} : { strike: written }) },
      bid,
      forward,
    );
    if (problem !== undefined)
      throw invalidInput('bid', `${problem}; prices above 1 coin: is the unit quote?`);
    return;
  }
  if (forward === undefined) return;
  const bound = (type === 'call' ? forward : strike) * discount;
  if (bid >= bound)
    throw invalidInput(
      'bid',
      `${bid} is not below ${bound}, and no ${type} is worth more: is the unit coin, or the forward ${forward} wrong?`,
    );
}

interface ReadRow {
  readonly expiry: string;
  readonly years: number;
  readonly forward: number | undefined;
  readonly quote: OptionQuote;
}

function expiryIn(value: unknown): string | undefined {
  const expiry = isRecord(value) ? (value['expiry'] ?? value['expiry_datetime']) : undefined;
  return typeof expiry === 'string' ? expiry : undefined;
}

function readRow(value: unknown, defaults: ChainDefaults): ReadRow {
  if (!isRecord(value)) throw invalidInput('row', 'must be an object');
  const expiry = textOf(value, 'expiry');
  const type = textOf(value, 'type').toLowerCase();
  if (type !== 'call' && type !== 'put')
    throw invalidInput('type', `must be call or put, not ${JSON.stringify(type)}`);
  const strike = numberOf(value, 'strike');
  if (strike === undefined) throw missing('strike');
  const id = cellOf(value, 'id');
  if (!(strike > 0)) throw invalidInput('strike', `must be positive, not ${strike}`);
  const terms = typeof id === 'string' ? optionByName(id) : undefined;
  const [against] = terms === undefined ? [] : columnsAgainstName(terms, { type, strike, expiry });
  if (against !== undefined)
    throw invalidInput(against, `${{ type, strike, expiry }[against]} is not that of ${String(id)}`);
  const [weight, bid, ask] = (['weight', 'bid', 'ask'] as const).map((name) => {
    const number = numberOf(value, name);
    if (number !== undefined && number < 0) throw invalidInput(name, `must not be negative, not ${number}`);
    return number;
  });
  return {
    expiry,
    years: yearsOf(value, expiry, defaults),
    forward: numberOf(value, 'forward'),
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

/** Day counts differ by less than this, and a stated time to expiry is rounded to days. */
const YEARS_SHARE = 0.02;
const YEARS_SLACK = 2 / 365;

/** `years` as stated, or between the instants; both where both are there, and then they agree. */
function yearsOf(row: ChainRow, expiry: string, defaults: ChainDefaults): number {
  const stated = numberOf(row, 'years');
  const own = cellOf(row, 'timestamp');
  const at = own ?? defaults.at;
  if (stated !== undefined && (own === undefined || !isInstant(own) || !isInstant(expiry))) return stated;
  if (typeof at !== 'string') throw missing('years', 'years, or timestamp with expiry, is missing');
  if (!isInstant(at) || !isInstant(expiry)) {
    throw invalidInput(
      'expiry',
      `and timestamp are instants in ISO 8601, not ${JSON.stringify(expiry)} and ${JSON.stringify(at)}`,
    );
  }
  const between = yearsBetween(parseInstant(at), parseInstant(expiry));
  if (stated !== undefined && Math.abs(stated - between) > YEARS_SHARE * between + YEARS_SLACK)
    throw invalidInput('years', `is ${stated}, and ${at} to ${expiry} are ${between}`);
  return stated ?? between;
}

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && tryParseInstant(value) !== undefined;
}

function textOf(row: ChainRow, column: ChainColumn): string {
  const value = cellOf(row, column);
  if (typeof value === 'string') return value;
  throw missing(column);
}

function numberOf(row: ChainRow, column: ChainColumn): number | undefined {
  return numberIn(cellOf(row, column), column);
}

function missing(column: string, message = `${column} is missing`): PricingError {
  return new PricingError({ code: 'PRICING.MISSING_INPUT', message, path: column });
}

/** The first of the names that holds a number; `PRICING.MISSING_INPUT` names the first when none does. */
export function requiredNumber(row: ChainRow, ...names: readonly [string, ...string[]]): number {
  const value = optionalNumberOf(row, ...names);
  if (value === undefined) throw missing(names[0]);
  return value;
}

/** The first of the names that holds a number or the text of one; an empty field is none. */
export function optionalNumberOf(
  row: ChainRow,
  ...names: readonly [string, ...string[]]
): number | undefined {
  for (const name of names) {
    const number = numberIn(row[name], names[0]);
    if (number !== undefined) return number;
  }
  return undefined;
}

function numberIn(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const number = typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : Number.NaN;
  if (!Number.isFinite(number))
    throw invalidInput(name, `must be a finite number, not ${JSON.stringify(value)}`);
  return number;
}
