import type { LegValuation, MarkUsed } from '@evenkeel/facts';
import { formatInstant, required, tryParseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { Places } from '@evenkeel/risk';
import type { OptionQuotes, OptionTerms } from '@evenkeel/risk';
import { zigzag } from './column';
import type { Integers } from './column';
import type { MarkOrigin, OptionKind, OptionTable } from './packed';
import { columnsWithin, inOrder, numberColumn, scaledColumn } from './rows-column';
import type { Column } from './rows-column';
import { scaleOfNumbers, scaleOfTexts, unitsOfNumber, unitsOfText } from './scaled';
import type { Scale } from './scaled';

/** What the table writes of a mark beside its age. */
export type RowMark = Pick<MarkUsed, 'price' | 'bid' | 'ask' | 'status' | 'reasons' | 'source'>;

/** What of a table follows from the terms of its rows alone. */
export interface TermsPart extends Pick<
  OptionTable,
  'expiries' | 'kinds' | 'expiryColumn' | 'kindColumn' | 'strike' | 'quantity'
> {
  readonly within: Column;
  /** Of the places that the terms name. */
  readonly yearsColumn: Uint8Array;
}

/** What of a table follows from terms and quotes: everything that no price of the moment changes. */
export interface QuotesPart extends Pick<
  OptionTable,
  | 'quotedSpots'
  | 'volatility'
  | 'quotedForward'
  | 'quotedSpotColumn'
  | 'origins'
  | 'originColumn'
  | 'bidColumn'
  | 'askColumn'
> {
  readonly price: Scale;
  /** Of the marks, in units of `price`; 0 where a row has none. */
  readonly units: Float64Array;
  /** 1 where the mark of a row stands in the table. */
  readonly hasMark: Uint8Array;
}

/** The options of a snapshot that come out of the table bit for bit, and what stays out of it. */
export interface TableRows {
  readonly terms: OptionTerms;
  readonly ofTerms: TermsPart;
  readonly ofQuotes: QuotesPart;
  /** Times to expiry by the places that the terms name. */
  readonly years: Integers;
  /** What all times are multiples of, nanoseconds. */
  readonly timeUnit: number;
  /** Of the volatilities before the snapshot, in those. */
  readonly ages: Float64Array;
  /** How much longer ago the marks were, where one of them was. */
  readonly markAges: Float64Array | undefined;
  /** `ROW_NUMBERS` a row. */
  readonly numbers: Float64Array;
  /** Of those numbers as bytes. */
  readonly numbersHash: Uint8Array;
  /** Of all legs and marks, where the table does not hold them. */
  readonly legs: readonly LegValuation[];
  readonly legPlaces: readonly number[];
  readonly marks: readonly MarkUsed[];
  readonly markPlaces: readonly number[];
}

/** The name before and behind its strike. */
export function aroundStrike(
  instrument: string,
  strike: number,
): { readonly before: string; readonly behind: string } | undefined {
  const text = String(strike);
  const from = instrument.lastIndexOf(`-${text}-`);
  if (from < 0 || unitsOfText(text, scaleOfTexts([text])) === undefined) return undefined;
  return { before: instrument.slice(0, from + 1), behind: instrument.slice(from + 1 + text.length) };
}

/** Whether all rows can be written: their names from their strikes, their quantities at one scale. */
export function areWritable(terms: OptionTerms): boolean {
  const scale = scaleOfTexts(terms.quantities);
  const strikes = scaleOfNumbers(terms.strike);
  for (let row = 0; row < terms.count; row += 1) {
    const strike = terms.strike[row] ?? Number.NaN;
    if (
      !((terms.size[row] ?? 0) > 0) ||
      aroundStrike(terms.instruments[row] ?? '', strike) === undefined ||
      unitsOfText(terms.quantities[row] ?? '', scale) === undefined ||
      unitsOfNumber(strike, strikes) === undefined
    )
      return false;
  }
  return true;
}

const UNITS_OF_TIME = [1_000_000_000, 1_000_000, 1_000] as const;

/** The longest unit that all of these ages are multiples of. */
export function timeUnitOf(ages: readonly number[]): number {
  return UNITS_OF_TIME.find((unit) => ages.every((age) => age % unit === 0)) ?? 1;
}

/** The part of writable rows. `scale` is that of their quantities. */
export function termsPartOf(terms: OptionTerms, scale: Scale): TermsPart {
  const expiries = new Places<string>();
  const kindPlaces = new Places<string>();
  const kinds: OptionKind[] = [];
  const expiryPlaces = new Int32Array(terms.count);
  const kindColumn = new Float64Array(terms.count);
  const quantities = new Float64Array(terms.count);
  for (let row = 0; row < terms.count; row += 1) {
    const name = aroundStrike(terms.instruments[row] ?? '', terms.strike[row] ?? Number.NaN);
    const { before, behind } = required(name, 'a name with its strike');
    expiryPlaces[row] = expiries.of(before);
    const kind = kindOf(terms, row, behind);
    kindColumn[row] = kindPlaces.of(keyOfKind(kind));
    kinds[kindColumn[row] ?? 0] ??= kind;
    quantities[row] = required(
      unitsOfText(terms.quantities[row] ?? '', scale),
      'a quantity that fits its scale',
    );
  }
  const within = columnsWithin(expiryPlaces);
  return {
    expiries: expiries.list,
    kinds,
    expiryColumn: inOrder(expiryPlaces),
    kindColumn: inOrder(kindColumn),
    strike: numberColumn(terms.strike, inOrder),
    quantity: scaledColumn(quantities, scale, within),
    within,
    yearsColumn: within(terms.expiry),
  };
}

function kindOf(terms: OptionTerms, row: number, behind: string): OptionKind {
  return {
    behind,
    underlying: terms.underlyings[terms.underlying[row] ?? -1] ?? '',
    optionType: (terms.side[row] ?? 0) > 0 ? 'call' : 'put',
    contractSize: terms.size[row] ?? 0,
    coinSettled: terms.coinSettled[row] === 1,
  };
}

function keyOfKind({ behind, underlying, optionType, contractSize, coinSettled }: OptionKind): string {
  return `${behind}\n${underlying}\n${optionType}\n${contractSize}\n${coinSettled}`;
}

/** The part of rows with these marks, undefined where a row has none that could be joined to it. */
export function quotesPartOf(
  quotes: OptionQuotes,
  marks: readonly (RowMark | undefined)[],
  within: Column,
): QuotesPart {
  const price = scaleOfTexts(marks.flatMap((mark) => (mark === undefined ? [] : textsOf(mark))));
  const rows = quotes.volatility.length;
  const spots = new Places<number>();
  const spotColumn = Float64Array.from(quotes.spot, (spot) => spots.of(spot));
  const originPlaces = new Places<string>();
  const origins: MarkOrigin[] = [];
  const [units, bids, asks] = [new Float64Array(rows), new Float64Array(rows), new Float64Array(rows)];
  const [hasMark, originColumn] = [new Uint8Array(rows), new Float64Array(rows)];
  marks.forEach((mark, row) => {
    if (mark === undefined) return;
    const own = unitsOfText(mark.price, price);
    const bid = quoted(mark.bid, own, -1, price);
    const ask = quoted(mark.ask, own, 1, price);
    if (own === undefined || bid === undefined || ask === undefined) return;
    const { status, reasons, source } = mark;
    const place = originPlaces.of([status, source, ...reasons].join('\n'));
    origins[place] ??= { status, reasons, source };
    hasMark[row] = 1;
    originColumn[row] = place + 1;
    [units[row], bids[row], asks[row]] = [own, bid, ask];
  });
  return {
    price,
    units,
    hasMark,
    quotedSpots: spots.list,
    volatility: numberColumn(quotes.volatility, within),
    quotedForward: numberColumn(quotes.forward, within),
    quotedSpotColumn: within(spotColumn),
    origins,
    originColumn: inOrder(originColumn),
    bidColumn: within(bids),
    askColumn: within(asks),
  };
}

function textsOf({ price, bid, ask }: RowMark): string[] {
  const texts = [price];
  if (bid !== undefined) texts.push(bid);
  if (ask !== undefined) texts.push(ask);
  return texts;
}

/** How far a quote lies from the mark, one up so that nought says that there is none; undefined where it does not fit the scale. */
function quoted(
  text: string | undefined,
  mark: number | undefined,
  sign: 1 | -1,
  scale: Scale,
): number | undefined {
  if (text === undefined) return 0;
  const units = unitsOfText(text, scale);
  return units === undefined || mark === undefined ? undefined : zigzag(sign * (units - mark)) + 1;
}

/** The instant of a text that this build would write the same; undefined for every other. */
export function instantWritten(text: string): Instant | undefined {
  const instant = tryParseInstant(text);
  return instant !== undefined && formatInstant(instant) === text ? instant : undefined;
}
