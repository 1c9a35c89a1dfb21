import { parseInstrument, premiumProblem, specificationOf } from '@evenkeel/instruments';
import type { InstrumentSpec } from '@evenkeel/instruments';
import { Decimal, InvalidInputError, formatInstant, parseInstant, unknownField } from '@evenkeel/kernel';
import type { InputProblem } from '@evenkeel/kernel';
import { checkNumeraire, parseBookFile } from '../../files/book-file';
import type { BookFile } from '../../files/book-file';
import { OWN_TABLE, accountFormatOf } from './account-formats';
import type { AccountFormat } from './account-formats';
import { accountRows } from './account-documents';
import { RowProblem } from './account-row';
import { heldAt } from './transaction-logs';
import type { LogFormat } from './transaction-logs';
import type { AccountRow, HeldPosition } from './account-row';

/** What an account's export does not say of a book. */
export interface BookImportOptions {
  readonly book: string;
  readonly numeraire: string;
  /** When the positions enter the book, at their average entry prices. */
  readonly at: string;
  readonly hedge: { readonly instruments: readonly string[]; readonly policy: object };
  /** Instruments that are left out on purpose. */
  readonly leaveOut: readonly string[];
  /** Terms that override the built-in ones. */
  readonly overrides?: Parameters<typeof specificationOf>[1];
}

export interface ImportedAccount {
  readonly file: string;
  readonly format: string;
  readonly rows: number;
  readonly read: number;
  readonly dropped: readonly DroppedPosition[];
}

export interface DroppedPosition {
  readonly place: string;
  readonly instrument: string;
  readonly reason: string;
}

/** What a book import ends with. */
export interface BookImport {
  readonly book: BookFile;
  readonly accounts: readonly ImportedAccount[];
  /** What is to be known: options named to be left out that were not there. */
  readonly remarks: readonly string[];
}

/**
 * Makes a book of what accounts hold. Sizes become contracts by each contract's own terms, through the one grammar of symbols. Left
 * out are only positions that are flat, have expired, or are named in `leaveOut`; whatever else cannot be read refuses the import,
 * for a book without one of its positions would be hedged as another. Throws `InvalidInputError` with every place.
 */
export function importBook(
  files: readonly { readonly file: string; readonly text: string }[],
  options: BookImportOptions,
): BookImport {
  const problems: InputProblem[] = [];
  const seen = new Map<string, string>();
  const positions: BookFile['positions'] = [];
  const leftOut = new Set<string>();
  refuseTwice(files, problems);
  const remarks: string[] = [];
  const accounts = files.flatMap(({ file, text }): ImportedAccount[] => {
    const rows = attempt(file, problems, () => accountRows(file, text));
    if (rows === undefined) return [];
    const names = new Set(rows.flatMap(({ fields }) => Object.keys(fields)));
    const format = attempt(file, problems, () => {
      if (rows.length === 0) throw new RowProblem('holds no position');
      return accountFormatOf(names);
    });
    if (format === undefined) return [];
    const dropped: DroppedPosition[] = [];
    let read = 0;
    const enter = (place: string, held: HeldPosition): void => {
      const drop = (reason: string): void => {
        dropped.push({ place, instrument: held.instrument, reason });
      };
      if (options.leaveOut.includes(held.instrument)) {
        leftOut.add(held.instrument);
        return drop('named to be left out');
      }
      if (held.size.isZero()) return drop('nothing is held');
      if (held.problem !== undefined) throw new RowProblem(`${held.instrument} ${held.problem}`);
      const entered = enteredOf(held, options);
      if (entered === undefined) return drop(`expired before ${options.at}`);
      const key = `${file} ${keyOf(held, format.name)}`;
      const earlier = seen.get(key);
      if (earlier !== undefined) throw new RowProblem(`${held.instrument} stands in ${earlier} already`);
      seen.set(key, place);
      positions.push(entered);
      read += 1;
    };
    const { positions: found, later } = heldIn(file, format, rows, options.at, problems);
    if (later[0] !== undefined)
      remarks.push(`${rowsText(later.length)} after ${options.at} left out, the first in ${later[0].place}`);
    for (const { place, held } of found) attempt(place, problems, () => enter(place, held));
    return [{ file, format: format.name, rows: rows.length, read, dropped }];
  });
  for (const id of options.hedge.instruments) {
    const terms = specificationOf(id, options.overrides);
    if (!terms.ok) problems.push({ path: 'hedge.instruments', message: terms.failure.message });
  }
  if (problems.length === 0 && positions.length === 0)
    problems.push({
      path: files.map(({ file }) => file).join(', '),
      message: nothingBecause(accounts),
    });
  if (problems.length > 0) throw new InvalidInputError('the import', problems);
  const book = parseBookFile(
    { book: options.book, numeraire: options.numeraire, positions, hedge: options.hedge },
    'the book made of it',
  );
  checkNumeraire(book, 'the book made of it');
  const unmet = options.leaveOut.filter((id) => !leftOut.has(id));
  remarks.push(...unmet.map((id) => `${id} was to be left out, and is not there`));
  return { book, accounts, remarks };
}

/** Why no position is left of any account. */
function nothingBecause(accounts: readonly ImportedAccount[]): string {
  const counts = new Map<string, number>();
  for (const { reason } of accounts.flatMap(({ dropped }) => dropped))
    counts.set(reason, (counts.get(reason) ?? 0) + 1);
  const reasons = [...counts].map(([reason, count]) => `${count} ${reason}`);
  return ['holds no position that a book could have', ...reasons].join('; ');
}

const rowsText = (count: number): string => (count === 1 ? '1 row' : `${count} rows`);

interface PlacedPosition {
  readonly place: string;
  readonly held: HeldPosition;
}

/** What each row says, or what a log's rows come to. */
function heldIn(
  file: string,
  format: AccountFormat | LogFormat,
  rows: readonly AccountRow[],
  at: string,
  problems: InputProblem[],
): { readonly positions: readonly PlacedPosition[]; readonly later: readonly AccountRow[] } {
  if ('ordered' in format) {
    const refuse = (path: string, message: string): void => void problems.push({ path, message });
    return attempt(file, problems, () => heldAt(format, rows, at, refuse)) ?? { positions: [], later: [] };
  }
  const positions = rows.flatMap((row) => {
    const held = attempt(row.place, problems, () => {
      refuseStrangers(row, format);
      return format.read(row);
    });
    return held === undefined ? [] : [{ place: row.place, held }];
  });
  return { positions, later: [] };
}

/** A venue tells a contract, and each leg of it, once; lots of one's own are the same only where size and price are. */
function keyOf({ instrument, leg = '', size, price }: HeldPosition, format: string): string {
  return format === OWN_TABLE
    ? `${instrument} ${size.toString()} ${price.toString()}`
    : `${instrument} ${leg}`;
}

/** Two files are two accounts; one file twice is a slip. */
function refuseTwice(
  files: readonly { readonly file: string; readonly text: string }[],
  problems: InputProblem[],
): void {
  const first = new Map<string, string>();
  for (const { file, text } of files) {
    const earlier = first.get(text);
    if (earlier === undefined) first.set(text, file);
    else problems.push({ path: file, message: `holds the same as ${earlier}: give an export once` });
  }
}

function attempt<T>(place: string, problems: InputProblem[], work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof RowProblem) problems.push({ path: place, message: error.message });
    else if (error instanceof InvalidInputError) problems.push(...error.problems);
    else throw error;
    return undefined;
  }
}

/** Venues add fields as they like; a table that somebody made has no others than it names. */
function refuseStrangers({ fields }: AccountRow, format: AccountFormat): void {
  if (format.name !== OWN_TABLE) return;
  const stranger = Object.keys(fields).find((name) => !format.fields.includes(name));
  if (stranger !== undefined)
    throw new RowProblem(`${stranger} ${unknownField(stranger, format.fields, 'is not a column')}`);
}

/** The position as a book holds it; undefined for one that has expired. */
function enteredOf(
  held: HeldPosition,
  options: BookImportOptions,
): BookFile['positions'][number] | undefined {
  const parsed = parseInstrument(held.instrument);
  if (!parsed.ok) throw new RowProblem(parsed.failure.message);
  const { expiry } = parsed.value;
  if (expiry !== undefined && expiry <= parseInstant(options.at)) return undefined;
  const terms = specificationOf(held.instrument, options.overrides);
  if (!terms.ok) throw new RowProblem(terms.failure.message);
  const quantity = contractsOf(held, terms.value);
  refuseAnotherWorth(held, quantity, terms.value);
  if (held.price.isNegative() || (held.price.isZero() && parsed.value.kind !== 'option'))
    throw new RowProblem(`${held.instrument} has the entry price ${held.price.toString()}`);
  const premium = premiumProblem(parsed.value, held.price.toNumber());
  if (premium !== undefined) throw new RowProblem(premium);
  return {
    instrument: held.instrument,
    quantity: quantity.toString(),
    price: held.price.toString(),
    at: formatInstant(parseInstant(options.at)),
  };
}

/** Marks of a moment, rounded: what is further apart has another size or unit. */
const WORTH_APART_MAX = 0.05;

/** Where a row says what its position is worth, that must be its size at its price. */
function refuseAnotherWorth(
  { instrument, worth }: HeldPosition,
  quantity: Decimal,
  terms: InstrumentSpec,
): void {
  const prices = worth?.prices.map((price) => price.toNumber()).filter((price) => price > 0) ?? [];
  if (worth === undefined || prices.length === 0) return;
  const units = quantity.times(Decimal.parse(terms.contractSize)).abs().toNumber();
  const said = Math.abs(worth.value.toNumber());
  const worths = prices.map((price) =>
    terms.inverse && terms.kind !== 'option' ? units / price : units * price,
  );
  if (worths.some((is) => Math.abs(is - said) <= WORTH_APART_MAX * Math.max(is, said))) return;
  throw new RowProblem(
    `${instrument}: ${worth.name} ${worth.value.toString()} is not what ${quantity.toString()} contracts of ${terms.contractSize} at ${prices.join(' or ')} are worth, ${worths.map((is) => Number(is.toPrecision(8))).join(' or ')}: is the size in another unit?`,
  );
}

/** More digits than any size has. */
const QUOTIENT_DIGITS = 12;

/** Whole lots: another contract size than ours would leave a fraction of one. */
function contractsOf({ instrument, size, unit }: HeldPosition, terms: InstrumentSpec): Decimal {
  const contractSize = Decimal.parse(terms.contractSize);
  const quantity = unit === 'contracts' ? size : size.dividedBy(contractSize, QUOTIENT_DIGITS);
  const isWhole = quantity.abs().isMultipleOf(Decimal.parse(terms.lotSize));
  if (isWhole && (unit === 'contracts' || quantity.times(contractSize).equals(size))) return quantity;
  const of = unit === 'contracts' ? 'contracts' : terms.inverse ? terms.quote : terms.underlying;
  throw new RowProblem(
    `${instrument}: ${size.toString()} ${of} are ${quantity.toString()} contracts of ${terms.contractSize}, which is no multiple of the lot ${terms.lotSize}: is the size in another unit, or are the terms others?`,
  );
}
