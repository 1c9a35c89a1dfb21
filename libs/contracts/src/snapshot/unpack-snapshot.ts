import type { LegValuation, MarkUsed, RiskSnapshotTaken } from '@evenkeel/facts';
import { IntegrityFault, sameBytes } from '@evenkeel/kernel';
import { revalueOptions } from '@evenkeel/risk';
import type { OptionOnRecord } from '@evenkeel/risk';
import { fromZigzag, readColumn, undecodable } from './column';
import type { OptionTable, PackedSnapshot, ScaledColumn } from './packed';
import { LegNumbers, foretoldPrice, marketOf, ownKernel } from './packed';
import { numberOfUnits, numbersOf, tens, textOfUnits } from './scaled';
import { Times } from './times';

/** What a table may hold: a few bytes could claim any number of rows. */
const ROWS_MAX = 200_000;

/**
 * The snapshot that was packed. Throws `CONTRACTS.OTHER_KERNEL` where this build's kernel does not price like the one it was valued with,
 * `CONTRACTS.SNAPSHOT_DIFFERS` where the inputs do not give the numbers they did, `CONTRACTS.UNDECODABLE` for anything malformed.
 */
export function unpackSnapshot({
  snapshot,
  legPlaces,
  markPlaces,
  options,
}: PackedSnapshot): RiskSnapshotTaken {
  if (options === undefined) return snapshot;
  if (options.rows > ROWS_MAX) throw undecodable(`a table has at most ${ROWS_MAX} rows`);
  const kernel = ownKernel();
  if (!kernel.pricesLike(snapshot.kernelHash) || snapshot.model !== kernel.model)
    throw new IntegrityFault({
      code: 'CONTRACTS.OTHER_KERNEL',
      message: `snapshot ${snapshot.snapshotId} was valued by ${snapshot.model} of kernel ${snapshot.kernelHash}, this build has ${kernel.kernelHash}`,
    });
  const keys = keysOf(options, snapshot.at);
  const rows = rowsOf(options, keys);
  const market = marketOf(snapshot, new Set(rows.map(({ underlying }) => underlying)));
  if (market === undefined)
    throw undecodable('the price of every underlying in the table is among the marks');
  const fromTable = revalueOptions(rows, market, kernel);
  if (!sameBytes(new LegNumbers(fromTable).hash(), options.numbersHash))
    throw new IntegrityFault({
      code: 'CONTRACTS.SNAPSHOT_DIFFERS',
      message: `the inputs of snapshot ${snapshot.snapshotId} do not give the numbers that it was taken with`,
    });
  return {
    ...snapshot,
    marks: merged(snapshot.marks, markPlaces, marksIn(options, fromTable, keys)),
    legs: merged(snapshot.legs, legPlaces, fromTable),
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

type Read = (bytes: Uint8Array) => readonly number[];

function inOrder(bytes: Uint8Array, rows: number): readonly number[] {
  const { integers, plain } = readColumn(bytes, rows);
  let last = 0;
  return plain ? integers : integers.map((difference) => (last += difference));
}

function columnsWithin(expiries: readonly number[]): Read {
  return (bytes) => {
    const { integers, plain } = readColumn(bytes, expiries.length);
    if (plain) return integers;
    const last: number[] = [];
    let before = 0;
    return integers.map((difference, row) => {
      const expiry = expiries[row] ?? 0;
      before = (last[expiry] ?? before) + difference;
      last[expiry] = before;
      return before;
    });
  };
}

/** The integers of a column, its step taken in. */
function unitsIn({ values, step }: ScaledColumn, read: Read): readonly number[] {
  const units = read(values);
  return step > 1 ? units.map((value) => value * step) : units;
}

function numbersIn(column: ScaledColumn, read: Read): readonly number[] {
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
  readonly expiries: readonly number[];
  /** Of the volatilities, nanoseconds. */
  readonly ages: readonly number[];
  readonly times: Times;
  readonly read: Read;
}

function keysOf({ rows, expiryColumn, volatilityAge, timeUnit }: OptionTable, takenAt: string): RowKeys {
  const times = Times.before(takenAt);
  if (times === undefined) throw undecodable('a table is of a moment');
  const expiries = inOrder(expiryColumn, rows);
  const read = columnsWithin(expiries);
  return { expiries, ages: read(volatilityAge).map((age) => age * timeUnit), times, read };
}

function rowsOf(table: OptionTable, { expiries, ages, times, read }: RowKeys): OptionOnRecord[] {
  const { rows, quantity, strike } = table;
  const kinds = inOrder(table.kindColumn, rows);
  const strikes = unitsIn(strike, (bytes) => inOrder(bytes, rows));
  const quantities = unitsIn(quantity, read);
  const volatilities = numbersIn(table.volatility, read);
  const forwards = numbersIn(table.quotedForward, read);
  const years = read(table.yearsColumn);
  const spots = read(table.quotedSpotColumn);
  return expiries.map((expiry, row) => {
    const kind = at(table.kinds, kinds[row], 'the kind');
    const { behind, underlying, optionType, contractSize, coinSettled } = kind;
    return {
      instrument: at(table.expiries, expiry, 'the expiry') + textOfUnits(strikes[row] ?? 0, strike) + behind,
      quantity: textOfUnits(quantities[row] ?? 0, quantity),
      underlying,
      strike: numberOfUnits(strikes[row] ?? 0, strike.scale),
      volatility: volatilities[row] ?? 0,
      volatilityTime: times.textAt(ages[row] ?? 0),
      expiryYears: at(table.years, years[row], 'the time to expiry'),
      inputs: {
        optionType,
        contractSize,
        coinSettled,
        quotedForward: forwards[row] ?? 0,
        quotedSpot: at(table.quotedSpots, spots[row], 'the price at the quote'),
      },
    };
  });
}

function marksIn(
  table: OptionTable,
  legs: readonly LegValuation[],
  { ages, times, read }: RowKeys,
): MarkUsed[] {
  const { rows, price, timeUnit } = table;
  const origins = inOrder(table.originColumn, rows);
  const written = readColumn(price.values, rows);
  const [bids, asks, markAges] = [read(table.bidColumn), read(table.askColumn), read(table.markAge)];
  const marks: MarkUsed[] = [];
  legs.forEach((leg, row) => {
    const origin = origins[row] ?? 0;
    if (origin === 0) return;
    const { status, reasons, source } = at(table.origins, origin - 1, 'the origin');
    const foretold = written.plain ? 0 : foretoldPrice(leg, tens(price.scale));
    const units = foretold + (written.integers[row] ?? 0);
    const age = (ages[row] ?? 0) + (markAges[row] ?? 0) * timeUnit;
    const quote = (code: number, sign: 1 | -1): string =>
      textOfUnits(units + sign * fromZigzag(code - 1), price);
    const [bid, ask] = [bids[row] ?? 0, asks[row] ?? 0];
    marks.push({
      instrument: leg.instrument,
      price: textOfUnits(units, price),
      ...(bid === 0 ? {} : { bid: quote(bid, -1) }),
      ...(ask === 0 ? {} : { ask: quote(ask, 1) }),
      status,
      reasons,
      source,
      eventTime: times.textAt(age),
      ageSeconds: times.secondsAt(age),
    });
  });
  return marks;
}
