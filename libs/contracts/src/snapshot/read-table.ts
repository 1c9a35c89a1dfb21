import type { LegValuation, MarkUsed, RiskSnapshotTaken } from '@evenkeel/facts';
import { IntegrityFault, sameBytes, sha256 } from '@evenkeel/kernel';
import { ROW_NUMBERS, legOf } from '@evenkeel/risk';
import type { OptionSheet } from '@evenkeel/risk';
import { fromZigzag, readColumn, undecodable } from './column';
import { foretoldPrice, marketOf, ownValuer } from './packed';
import type { OptionTable, ScaledColumn } from './packed';
import { tens, textOfUnits } from './scaled';
import { TableQuotes, TableTerms, itemAt } from './table-columns';
import { Times } from './times';

/**
 * A table that was read, valued and held to its hash, as columns. A leg or a mark is made from them when somebody asks for it: as
 * objects, a hundred of each took nine tenths of the time in which a commit is read whole.
 */
export class ReadTable {
  readonly terms: TableTerms;
  readonly quotes: TableQuotes;
  private readonly sheet: OptionSheet;
  private readonly times: Times;
  /** Of the volatilities before the snapshot, nanoseconds. */
  private readonly ages: Float64Array;
  /** Of the marks, where one of them differs. */
  private readonly markAges: Float64Array | undefined;
  /** Prices of marks in units, as they are or as what they are more than foretold. */
  private readonly prices: { readonly integers: Float64Array; readonly plain: boolean };

  constructor(
    snapshot: RiskSnapshotTaken,
    private readonly table: OptionTable,
  ) {
    const times = Times.before(snapshot.at);
    if (times === undefined) throw undecodable('a table is of a moment');
    this.times = times;
    const { terms, quotes } = standingColumns(snapshot.book, table);
    this.terms = terms;
    this.quotes = quotes;
    const { timeUnit, volatilityAge, markAge, price } = table;
    this.ages = inUnits(terms.within(volatilityAge), timeUnit);
    this.markAges = markAge.length === 0 ? undefined : inUnits(terms.within(markAge), timeUnit);
    this.prices = readColumn(price.values, terms.count);
    tens(price.scale);
    this.sheet = sheetOf(snapshot, table, terms, quotes);
    if (!sameBytes(sha256(ownValuer().bytes(this.sheet)), table.numbersHash))
      throw new IntegrityFault({
        code: 'CONTRACTS.SNAPSHOT_DIFFERS',
        message: `the inputs of snapshot ${snapshot.snapshotId} do not give the numbers that it was taken with`,
      });
  }

  leg(row: number): LegValuation {
    return legOf(this.sheet, this.numbers(), row, this.times.textAt(this.ages[row] ?? 0));
  }

  /** Undefined where the mark of a row does not stand in the table. */
  mark(row: number): MarkUsed | undefined {
    const { terms, quotes, times, prices } = this;
    const { origins, price } = this.table;
    const origin = quotes.origins[row] ?? 0;
    if (origin === 0) return undefined;
    const { status, reasons, source } = itemAt(origins, origin - 1, 'the origin');
    const unitValue = this.numbers()[row * ROW_NUMBERS + 1] ?? Number.NaN;
    const foretold = prices.plain ? 0 : foretoldPrice(unitValue, terms.size[row] ?? 1, tens(price.scale));
    const units = foretold + (prices.integers[row] ?? 0);
    const age = (this.ages[row] ?? 0) + (this.markAges?.[row] ?? 0);
    const quote = (code: number, sign: 1 | -1): string =>
      textOfUnits(units + sign * fromZigzag(code - 1), price);
    const [bid, ask] = [quotes.bids[row] ?? 0, quotes.asks[row] ?? 0];
    return {
      instrument: terms.instruments[row] ?? '',
      price: textOfUnits(units, price),
      ...(bid === 0 ? {} : { bid: quote(bid, -1) }),
      ...(ask === 0 ? {} : { ask: quote(ask, 1) }),
      status,
      reasons,
      source,
      eventTime: times.textAt(age),
      ageSeconds: times.secondsAt(age),
    };
  }

  private numbers(): Float64Array {
    const valuer = ownValuer();
    valuer.value(this.sheet);
    return valuer.numbers;
  }
}

function inUnits(ages: Float64Array, unit: number): Float64Array {
  for (let row = 0; row < ages.length; row += 1) ages[row] = (ages[row] ?? 0) * unit;
  return ages;
}

function sheetOf(
  snapshot: RiskSnapshotTaken,
  table: OptionTable,
  terms: TableTerms,
  quotes: TableQuotes,
): OptionSheet {
  const market = marketOf(snapshot, terms.underlyings);
  if (market === undefined)
    throw undecodable('the price of every underlying in the table is among the marks');
  if (terms.count > 0) itemAt(table.years, terms.lastExpiry, 'the time to expiry');
  const { numeraire, numeraireUsd, rate, spotUsd } = market;
  const years = new Float64Array(table.years);
  const spots = Float64Array.from(terms.underlyings, spotUsd);
  return { terms, quotes, years, spots, numeraire, numeraireUsd, rate };
}

interface StandingColumns {
  readonly terms: TableTerms;
  readonly quotes: TableQuotes;
}

/** So many rows are remembered: some ten megabytes. */
const ROWS_KEPT = 100_000;
const standing = new Map<string, StandingColumns>();
let kept = 0;

/** With bytes of its own: those that were read are a part of a page of thousands of commits, which must not be kept for them. */
function detached(table: OptionTable): OptionTable {
  const { strike, quantity, volatility, quotedForward } = table;
  return {
    ...table,
    expiryColumn: own(table.expiryColumn),
    kindColumn: own(table.kindColumn),
    yearsColumn: own(table.yearsColumn),
    quotedSpotColumn: own(table.quotedSpotColumn),
    originColumn: own(table.originColumn),
    bidColumn: own(table.bidColumn),
    askColumn: own(table.askColumn),
    strike: ownColumn(strike),
    quantity: ownColumn(quantity),
    volatility: ownColumn(volatility),
    quotedForward: ownColumn(quotedForward),
    // Read once and of no use afterwards.
    volatilityAge: NONE,
    markAge: NONE,
    price: { ...table.price, values: NONE, oddNumbers: NONE },
    numbersHash: NONE,
  };
}

const NONE = new Uint8Array(0);

/** Not `slice`, which of a Buffer copies nothing. */
function own(bytes: Uint8Array): Uint8Array {
  return new Uint8Array(bytes);
}

function ownColumn(column: ScaledColumn): ScaledColumn {
  return { ...column, values: own(column.values), oddNumbers: own(column.oddNumbers) };
}

/**
 * Terms and quotes of a table, those of the book's table before where they are written in the same bytes: from one move of the
 * spot to the next they are, and reading them was a third of reading the table.
 */
function standingColumns(book: string, table: OptionTable): StandingColumns {
  const known = standing.get(book);
  const isOfTerms = known?.terms.areOf(table) === true;
  if (isOfTerms && known.quotes.areOf(table)) return known;
  const copy = detached(table);
  const terms = isOfTerms ? known.terms : new TableTerms(copy);
  const read = { terms, quotes: new TableQuotes(copy, terms) };
  if (known !== undefined) kept -= known.terms.count;
  standing.delete(book);
  standing.set(book, read);
  kept += terms.count;
  for (const [oldest, { terms: theirs }] of standing) {
    if (kept <= ROWS_KEPT) break;
    standing.delete(oldest);
    kept -= theirs.count;
  }
  return read;
}
