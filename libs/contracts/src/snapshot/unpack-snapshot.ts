import { lazySnapshot } from '@evenkeel/facts';
import type { LegValuation, MarkUsed, RiskSnapshotTaken, SnapshotLists } from '@evenkeel/facts';
import { IntegrityFault, sameBytes, sha256 } from '@evenkeel/kernel';
import { ROW_NUMBERS, legsOf } from '@evenkeel/risk';
import type { OptionSheet } from '@evenkeel/risk';
import { fromZigzag, readColumn, undecodable } from './column';
import type { OptionKind, OptionTable, PackedSnapshot, ScaledColumn } from './packed';
import { foretoldPrice, marketOf, ownKernel, ownValuer, valuesLikeUs } from './packed';
import { numberOfUnits, numbersOf, tens, textOfUnits } from './scaled';
import { Times } from './times';

/** What a table may hold: a few bytes could claim any number of rows. */
const ROWS_MAX = 200_000;

/**
 * The snapshot that was packed. Its legs are valued, and held against the hash of the numbers they were written with, when
 * somebody first reads legs or marks: nine in ten readers ask for exposures alone. Throws `CONTRACTS.OTHER_KERNEL` where this
 * build's kernel does not price like the one it was valued with; reading a list throws `CONTRACTS.SNAPSHOT_DIFFERS` where the
 * inputs do not give the numbers they did, and `CONTRACTS.UNDECODABLE` for anything malformed.
 */
export function unpackSnapshot(packed: PackedSnapshot): RiskSnapshotTaken {
  const { snapshot, options } = packed;
  if (options === undefined) return snapshot;
  if (options.rows > ROWS_MAX) throw undecodable(`a table has at most ${ROWS_MAX} rows`);
  if (!valuesLikeUs(snapshot))
    throw new IntegrityFault({
      code: 'CONTRACTS.OTHER_KERNEL',
      message: `snapshot ${snapshot.snapshotId} was valued by ${snapshot.model} of kernel ${snapshot.kernelHash}, this build has ${ownKernel().kernelHash}`,
    });
  return lazySnapshot(snapshot, new ReadLists(packed, options));
}

class ReadLists implements SnapshotLists {
  private read: { readonly legs: readonly LegValuation[]; readonly marks: readonly MarkUsed[] } | undefined;

  constructor(
    private readonly packed: PackedSnapshot,
    private readonly options: OptionTable,
  ) {}

  legs(): readonly LegValuation[] {
    return this.both().legs;
  }

  marks(): readonly MarkUsed[] {
    return this.both().marks;
  }

  mark(instrument: string): MarkUsed | undefined {
    const list = this.mayBeInTable(instrument) ? this.marks() : this.packed.snapshot.marks;
    return list.find((mark) => mark.instrument === instrument);
  }

  leg(instrument: string): LegValuation | undefined {
    const list = this.mayBeInTable(instrument) ? this.legs() : this.packed.snapshot.legs;
    return list.find((leg) => leg.instrument === instrument);
  }

  /** Composites and perpetuals stand written out, or not at all; everything in the table begins with an expiry of it. */
  private mayBeInTable(instrument: string): boolean {
    return this.options.expiries.some((expiry) => instrument.startsWith(expiry));
  }

  check(): void {
    this.both();
  }

  private both(): { readonly legs: readonly LegValuation[]; readonly marks: readonly MarkUsed[] } {
    return (this.read ??= readLists(this.packed, this.options));
  }
}

function readLists(
  { snapshot, legPlaces, markPlaces }: PackedSnapshot,
  options: OptionTable,
): { readonly legs: readonly LegValuation[]; readonly marks: readonly MarkUsed[] } {
  const keys = keysOf(options, snapshot.at);
  const sheet = sheetIn(snapshot, options, keys);
  const valuer = ownValuer();
  if (!sameBytes(sha256(valuer.bytes(sheet)), options.numbersHash))
    throw new IntegrityFault({
      code: 'CONTRACTS.SNAPSHOT_DIFFERS',
      message: `the inputs of snapshot ${snapshot.snapshotId} do not give the numbers that it was taken with`,
    });
  const { numbers } = valuer;
  const legs = legsOf(sheet, numbers, (row) => keys.times.textAt(keys.ages[row] ?? 0));
  return {
    marks: merged(snapshot.marks, markPlaces, marksIn(options, sheet, numbers, keys)),
    legs: merged(snapshot.legs, legPlaces, legs),
  };
}

/** Those written out at their places, the others around them in order. */
function merged<Item>(written: readonly Item[], places: readonly number[], others: readonly Item[]): Item[] {
  if (written.length !== places.length) throw undecodable('everything that is written out has a place');
  const list: Item[] = [];
  let other = 0;
  const fill = (until: number): void => {
    for (; list.length < until; other += 1) {
      const next = others[other];
      if (next === undefined) throw undecodable('a place lies in its list');
      list.push(next);
    }
  };
  written.forEach((item, index) => {
    const place = places[index] ?? 0;
    if (place < list.length) throw undecodable('places rise');
    fill(place);
    list.push(item);
  });
  fill(written.length + others.length);
  return list;
}

/** Reads a column of the table. */
type Read = (bytes: Uint8Array) => Float64Array;

function inOrder(rows: number): Read {
  return (bytes) => {
    const { integers, plain } = readColumn(bytes, rows);
    let before = 0;
    if (!plain) for (let row = 0; row < rows; row += 1) integers[row] = before += integers[row] ?? 0;
    return integers;
  };
}

function within(expiries: Float64Array): Read {
  return (bytes) => {
    const { integers, plain } = readColumn(bytes, expiries.length);
    if (plain) return integers;
    const last: number[] = [];
    let before = 0;
    for (let row = 0; row < integers.length; row += 1) {
      const expiry = expiries[row] ?? 0;
      before = (last[expiry] ?? before) + (integers[row] ?? 0);
      last[expiry] = before;
      integers[row] = before;
    }
    return integers;
  };
}

/** The integers of a column, its step taken in. */
function unitsIn({ values, step }: ScaledColumn, read: Read): Float64Array {
  const units = read(values);
  return step > 1 ? units.map((value) => value * step) : units;
}

function numbersIn(column: ScaledColumn, read: Read): Float64Array {
  const { scale, oddRows, oddNumbers } = column;
  const numbers = unitsIn(column, read).map((units) => numberOfUnits(units, scale));
  if (oddNumbers.length !== 8 * oddRows.length) throw undecodable('every odd row has its number');
  numbersOf(oddNumbers).forEach((value, index) => {
    const row = oddRows[index] ?? 0;
    if (row >= numbers.length) throw undecodable('an odd row is one of the table');
    numbers[row] = value;
  });
  return numbers;
}

function at<Value>(list: readonly Value[], place: number | undefined, what: string): Value {
  const value = place === undefined ? undefined : list[place];
  if (value === undefined) throw undecodable(`${what} of a row is one of those listed`);
  return value;
}

/** Which rows there are, and when they were quoted: what all other columns are read by. */
interface RowKeys {
  readonly expiries: Float64Array;
  /** Of the volatilities, nanoseconds. */
  readonly ages: Float64Array;
  readonly times: Times;
  readonly inOrder: Read;
  readonly within: Read;
}

function keysOf({ rows, expiryColumn, volatilityAge, timeUnit }: OptionTable, takenAt: string): RowKeys {
  const times = Times.before(takenAt);
  if (times === undefined) throw undecodable('a table is of a moment');
  const ordered = inOrder(rows);
  const expiries = ordered(expiryColumn);
  const read = within(expiries);
  const ages = read(volatilityAge).map((age) => age * timeUnit);
  return { expiries, ages, times, inOrder: ordered, within: read };
}

/** The inputs of the table as columns. */
function sheetIn(snapshot: RiskSnapshotTaken, table: OptionTable, keys: RowKeys): OptionSheet {
  const { rows, quantity, strike } = table;
  const kinds = Array.from(keys.inOrder(table.kindColumn), (place) =>
    checked(at(table.kinds, place, 'the kind')),
  );
  const strikes = unitsIn(strike, keys.inOrder);
  const quantities = Array.from(unitsIn(quantity, keys.within), (units) => textOfUnits(units, quantity));
  const underlyings = [...new Set(kinds.map(({ underlying }) => underlying))];
  const market = marketOf(snapshot, underlyings);
  if (market === undefined)
    throw undecodable('the price of every underlying in the table is among the marks');
  const years = keys.within(table.yearsColumn);
  for (const place of years) at(table.years, place, 'the time to expiry');
  const spots = keys.within(table.quotedSpotColumn);
  const { numeraire, numeraireUsd, rate, spotUsd } = market;
  return {
    terms: {
      count: rows,
      instruments: kinds.map(
        ({ behind }, row) =>
          at(table.expiries, keys.expiries[row], 'the expiry') +
          textOfUnits(strikes[row] ?? 0, strike) +
          behind,
      ),
      quantities,
      side: Float64Array.from(kinds, ({ optionType }) => (optionType === 'call' ? 1 : -1)),
      strike: strikes.map((units) => numberOfUnits(units, strike.scale)),
      size: Float64Array.from(kinds, ({ contractSize }) => contractSize),
      contracts: Float64Array.from(quantities, Number),
      coinSettled: Uint8Array.from(kinds, ({ coinSettled }) => (coinSettled ? 1 : 0)),
      underlyings,
      underlying: Int32Array.from(kinds, ({ underlying }) => underlyings.indexOf(underlying)),
      expiry: Int32Array.from(years),
    },
    quotes: {
      volatility: numbersIn(table.volatility, keys.within),
      forward: numbersIn(table.quotedForward, keys.within),
      spot: spots.map((place) => at(table.quotedSpots, place, 'the price at the quote')),
    },
    years: Float64Array.from(table.years),
    spots: Float64Array.from(underlyings, spotUsd),
    numeraire,
    numeraireUsd,
    rate,
  };
}

function checked(kind: OptionKind): OptionKind {
  const { optionType } = kind;
  if (optionType !== 'call' && optionType !== 'put') throw undecodable('an option is a call or a put');
  return kind;
}

function marksIn(
  table: OptionTable,
  { terms }: OptionSheet,
  numbers: Float64Array,
  { ages, times, inOrder: ordered, within: read }: RowKeys,
): MarkUsed[] {
  const { rows, price, timeUnit } = table;
  const origins = ordered(table.originColumn);
  const written = readColumn(price.values, rows);
  const [bids, asks, markAges] = [read(table.bidColumn), read(table.askColumn), read(table.markAge)];
  const marks: MarkUsed[] = [];
  for (let row = 0; row < rows; row += 1) {
    const origin = origins[row] ?? 0;
    if (origin === 0) continue;
    const { status, reasons, source } = at(table.origins, origin - 1, 'the origin');
    const unitValue = numbers[row * ROW_NUMBERS + 1] ?? Number.NaN;
    const foretold = written.plain ? 0 : foretoldPrice(unitValue, terms.size[row] ?? 1, tens(price.scale));
    const units = foretold + (written.integers[row] ?? 0);
    const age = (ages[row] ?? 0) + (markAges[row] ?? 0) * timeUnit;
    const quote = (code: number, sign: 1 | -1): string =>
      textOfUnits(units + sign * fromZigzag(code - 1), price);
    const [bid, ask] = [bids[row] ?? 0, asks[row] ?? 0];
    marks.push({
      instrument: terms.instruments[row] ?? '',
      price: textOfUnits(units, price),
      ...(bid === 0 ? {} : { bid: quote(bid, -1) }),
      ...(ask === 0 ? {} : { ask: quote(ask, 1) }),
      status,
      reasons,
      source,
      eventTime: times.textAt(age),
      ageSeconds: times.secondsAt(age),
    });
  }
  return marks;
}
