import { sameBytes } from '@evenkeel/kernel';
import type { OptionQuotes, OptionTerms } from '@evenkeel/risk';
import { readColumn, undecodable } from './column';
import type { OptionKind, OptionTable, ScaledColumn } from './packed';
import { numbersOf, tens, textOfUnits } from './scaled';

/** The terms of a table's rows; names and quantities become texts when somebody reads them. */
export class TableTerms implements OptionTerms {
  readonly count: number;
  readonly side: Float64Array;
  readonly strike: Float64Array;
  readonly size: Float64Array;
  readonly contracts: Float64Array;
  readonly coinSettled: Uint8Array;
  readonly underlyings: readonly string[];
  readonly underlying: Int32Array;
  readonly expiry: Int32Array;
  /** The greatest of those places. */
  readonly lastExpiry: number;
  /** The last row before of the same expiry, of any where there is none; −1 for the first. */
  private readonly foretoldBy: Int32Array;
  private readonly expiryNames: Float64Array;
  private readonly kinds: readonly OptionKind[];
  private texts:
    | {
        readonly instruments: readonly string[];
        readonly quantities: readonly string[];
        readonly rowOf: ReadonlyMap<string, number>;
      }
    | undefined;

  constructor(private readonly table: OptionTable) {
    const { rows, expiries, strike, quantity } = table;
    this.count = rows;
    this.expiryNames = inOrder(table.expiryColumn, rows);
    placesBelow(this.expiryNames, expiries.length, 'the expiry');
    this.foretoldBy = foretoldByOf(this.expiryNames);
    this.kinds = Array.from(inOrder(table.kindColumn, rows), (place) =>
      checked(itemAt(table.kinds, place, 'the kind')),
    );
    this.strike = scaled(unitsIn(strike, inOrder(strike.values, rows)), strike.scale);
    // As its text says it: both are the double nearest to the same quotient.
    this.contracts = scaled(unitsIn(quantity, this.within(quantity.values)), quantity.scale);
    this.underlyings = [...new Set(this.kinds.map(({ underlying }) => underlying))];
    this.side = Float64Array.from(this.kinds, ({ optionType }) => (optionType === 'call' ? 1 : -1));
    this.size = Float64Array.from(this.kinds, ({ contractSize }) => contractSize);
    this.coinSettled = Uint8Array.from(this.kinds, ({ coinSettled }) => (coinSettled ? 1 : 0));
    this.underlying = Int32Array.from(this.kinds, ({ underlying }) => this.underlyings.indexOf(underlying));
    const years = this.within(table.yearsColumn);
    this.lastExpiry = placesBelow(years, Infinity, 'the time to expiry');
    this.expiry = Int32Array.from(years);
  }

  get instruments(): readonly string[] {
    return this.asTexts().instruments;
  }

  get quantities(): readonly string[] {
    return this.asTexts().quantities;
  }

  /** First rows by the names of their instruments. */
  get rowOf(): ReadonlyMap<string, number> {
    return this.asTexts().rowOf;
  }

  /** Whether a table says the same terms in the same bytes. */
  areOf(table: OptionTable): boolean {
    const own = this.table;
    return (
      table.rows === own.rows &&
      sameItems(table.expiries, own.expiries, (a, b) => a === b) &&
      sameItems(table.kinds, own.kinds, sameKind) &&
      sameBytes(table.expiryColumn, own.expiryColumn) &&
      sameBytes(table.kindColumn, own.kindColumn) &&
      sameBytes(table.yearsColumn, own.yearsColumn) &&
      sameColumn(table.strike, own.strike) &&
      sameColumn(table.quantity, own.quantity)
    );
  }

  /** Reads a column of which each row is foretold by the last of the same expiry. */
  within(bytes: Uint8Array): Float64Array {
    const { integers, plain } = readColumn(bytes, this.count);
    if (plain || bytes.length === 0) return integers;
    const { foretoldBy } = this;
    for (let row = 1; row < integers.length; row += 1)
      integers[row] = (integers[row] ?? 0) + (integers[foretoldBy[row] ?? 0] ?? 0);
    return integers;
  }

  private asTexts(): NonNullable<typeof this.texts> {
    if (this.texts !== undefined) return this.texts;
    const { strike, quantity, expiries, rows } = this.table;
    const strikes = unitsIn(strike, inOrder(strike.values, rows));
    const instruments = this.kinds.map(
      ({ behind }, row) =>
        itemAt(expiries, this.expiryNames[row], 'the expiry') +
        textOfUnits(strikes[row] ?? 0, strike) +
        behind,
    );
    const units = unitsIn(quantity, this.within(quantity.values));
    const quantities = Array.from(units, (unit) => textOfUnits(unit, quantity));
    const rowOf = new Map<string, number>();
    instruments.forEach((instrument, row) => {
      if (!rowOf.has(instrument)) rowOf.set(instrument, row);
    });
    return (this.texts = { instruments, quantities, rowOf });
  }
}

/** What the rows of a table were quoted at, and what is written of their marks beside time and price. */
export class TableQuotes implements OptionQuotes {
  readonly volatility: Float64Array;
  readonly forward: Float64Array;
  readonly spot: Float64Array;
  /** One more than places among the origins; 0 where a row has no mark. */
  readonly origins: Float64Array;
  /** How many rows have one. */
  readonly marked: number;
  readonly bids: Float64Array;
  readonly asks: Float64Array;

  constructor(
    private readonly table: OptionTable,
    terms: TableTerms,
  ) {
    this.volatility = numbersIn(table.volatility, terms);
    this.forward = numbersIn(table.quotedForward, terms);
    const spots = terms.within(table.quotedSpotColumn);
    placesBelow(spots, table.quotedSpots.length, 'the price at the quote');
    this.spot = spots.map((place) => table.quotedSpots[place] ?? Number.NaN);
    this.origins = inOrder(table.originColumn, terms.count);
    placesBelow(this.origins, table.origins.length + 1, 'the origin');
    this.marked = this.origins.reduce((sum, origin) => sum + (origin === 0 ? 0 : 1), 0);
    this.bids = terms.within(table.bidColumn);
    this.asks = terms.within(table.askColumn);
  }

  /** Whether a table of the same terms says the same in the same bytes; its list of origins is its own. */
  areOf(table: OptionTable): boolean {
    const own = this.table;
    return (
      table.origins.length === own.origins.length &&
      sameItems(table.quotedSpots, own.quotedSpots, Object.is) &&
      sameBytes(table.quotedSpotColumn, own.quotedSpotColumn) &&
      sameBytes(table.originColumn, own.originColumn) &&
      sameBytes(table.bidColumn, own.bidColumn) &&
      sameBytes(table.askColumn, own.askColumn) &&
      sameColumn(table.volatility, own.volatility) &&
      sameColumn(table.quotedForward, own.quotedForward)
    );
  }
}

export function itemAt<Item>(list: readonly Item[], place: number | undefined, what: string): Item {
  const item = place === undefined ? undefined : list[place];
  if (item === undefined) throw undecodable(`${what} of a row is one of those listed`);
  return item;
}

/** Holds places to a list of some length, and gives the greatest. */
function placesBelow(places: Float64Array, length: number, what: string): number {
  let greatest = -1;
  for (let row = 0; row < places.length; row += 1) {
    const place = places[row] ?? 0;
    if (!(place >= 0 && place < length)) throw undecodable(`${what} of a row is one of those listed`);
    if (place > greatest) greatest = place;
  }
  return greatest;
}

function checked(kind: OptionKind): OptionKind {
  const { optionType } = kind;
  if (optionType !== 'call' && optionType !== 'put') throw undecodable('an option is a call or a put');
  return kind;
}

/** Reads a column of which each row is foretold by the row before. */
function inOrder(bytes: Uint8Array, rows: number): Float64Array {
  const { integers, plain } = readColumn(bytes, rows);
  if (plain || bytes.length === 0) return integers;
  let before = 0;
  for (let row = 0; row < rows; row += 1) integers[row] = before += integers[row] ?? 0;
  return integers;
}

function foretoldByOf(expiries: Float64Array): Int32Array {
  const foretoldBy = new Int32Array(expiries.length);
  const last: number[] = [];
  for (let row = 0; row < expiries.length; row += 1) {
    const expiry = expiries[row] ?? 0;
    foretoldBy[row] = last[expiry] ?? row - 1;
    last[expiry] = row;
  }
  return foretoldBy;
}

/** The integers of a column with its step taken in. */
function unitsIn({ step }: ScaledColumn, integers: Float64Array): Float64Array {
  if (step > 1)
    for (let row = 0; row < integers.length; row += 1) integers[row] = (integers[row] ?? 0) * step;
  return integers;
}

function scaled(units: Float64Array, scale: number): Float64Array {
  const divisor = tens(scale);
  for (let row = 0; row < units.length; row += 1) units[row] = (units[row] ?? 0) / divisor;
  return units;
}

function numbersIn(column: ScaledColumn, terms: TableTerms): Float64Array {
  const { values, scale, oddRows, oddNumbers } = column;
  const numbers = scaled(unitsIn(column, terms.within(values)), scale);
  if (oddNumbers.length !== 8 * oddRows.length) throw undecodable('every odd row has its number');
  numbersOf(oddNumbers).forEach((value, index) => {
    const row = oddRows[index] ?? 0;
    if (row >= numbers.length) throw undecodable('an odd row is one of the table');
    numbers[row] = value;
  });
  return numbers;
}

function sameItems<Item>(
  a: readonly Item[],
  b: readonly Item[],
  same: (one: Item, other: Item) => boolean,
): boolean {
  if (a.length !== b.length) return false;
  for (let place = 0; place < a.length; place += 1) {
    const [one, other] = [a[place], b[place]];
    if (one === undefined || other === undefined || !same(one, other)) return false;
  }
  return true;
}

function sameKind(a: OptionKind, b: OptionKind): boolean {
  return (
    a.behind === b.behind &&
    a.underlying === b.underlying &&
    a.optionType === b.optionType &&
    a.contractSize === b.contractSize &&
    a.coinSettled === b.coinSettled
  );
}

function sameColumn(a: ScaledColumn, b: ScaledColumn): boolean {
  return (
    a.scale === b.scale &&
    a.padded === b.padded &&
    a.step === b.step &&
    sameItems(a.oddRows, b.oddRows, (one, other) => one === other) &&
    sameBytes(a.values, b.values) &&
    sameBytes(a.oddNumbers, b.oddNumbers)
  );
}
