import type { LegValuation, MarkUsed, RiskSnapshotTaken } from '@evenkeel/facts';
import { IntegrityFault, sameBytes } from '@evenkeel/kernel';
import { revalueOptions } from '@evenkeel/risk';
import type { OptionOnRecord } from '@evenkeel/risk';
import { ColumnReader, fromZigzag, undecodable } from './column';
import type { OptionTable, PackedSnapshot, ScaledColumn } from './packed';
import { LegNumbers, foretoldPrice, marketOf, ownKernel } from './packed';
import { numberOfUnits, numbersOf, tens, textOfUnits } from './scaled';
import { Times } from './times';

/** What a table may hold: a few bytes could claim any number of rows. */
const ROWS_MAX = 200_000;

/**
 * The snapshot that was packed. Throws `CONTRACTS.OTHER_KERNEL` where this build's kernel is not the one it was valued with,
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
  if (snapshot.kernelHash !== kernel.kernelHash || snapshot.model !== kernel.model)
    throw new IntegrityFault({
      code: 'CONTRACTS.OTHER_KERNEL',
      message: `snapshot ${snapshot.snapshotId} was valued by ${snapshot.model} of kernel ${snapshot.kernelHash}, this build has ${kernel.kernelHash}`,
    });
  const times = Times.before(snapshot.at);
  if (times === undefined) throw undecodable('a table is of a moment');
  const seriesPlaces = inOrder(options.seriesColumn, options.rows);
  const ages = within(options.volatilityAge, seriesPlaces).map((age) => age * options.timeUnit);
  const rows = rowsOf(options, seriesPlaces, ages, times);
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
    marks: merged(snapshot.marks, markPlaces, marksIn(options, fromTable, { seriesPlaces, ages, times })),
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

function readColumn(bytes: Uint8Array, rows: number): number[] {
  const column = new ColumnReader(bytes);
  const values = Array.from({ length: rows }, () => column.next());
  column.finish();
  return values;
}

function inOrder(bytes: Uint8Array, rows: number): number[] {
  let last = 0;
  return readColumn(bytes, rows).map((difference) => (last += difference));
}

function within(bytes: Uint8Array, series: readonly number[]): number[] {
  const before: number[] = [];
  return readColumn(bytes, series.length).map((difference, row) => {
    const which = series[row] ?? 0;
    const value = (before[which] ?? 0) + difference;
    before[which] = value;
    return value;
  });
}

function numbersIn(
  { scale, doubles, values }: ScaledColumn,
  rows: number,
  read: (bytes: Uint8Array) => number[],
) {
  if (doubles.length === 0) return read(values).map((units) => numberOfUnits(units, scale));
  if (doubles.length !== 8 * rows || values.length > 0)
    throw undecodable('a column of doubles has one for each row');
  return numbersOf(doubles);
}

function at<Value>(list: readonly Value[], place: number | undefined, what: string): Value {
  const value = place === undefined ? undefined : list[place];
  if (value === undefined) throw undecodable(`${what} of a row is one of those listed`);
  return value;
}

function rowsOf(
  table: OptionTable,
  seriesPlaces: readonly number[],
  ages: readonly number[],
  times: Times,
): OptionOnRecord[] {
  const { rows, quantity, strike } = table;
  const series = seriesPlaces.map((place) => at(table.series, place, 'the series'));
  const read = (bytes: Uint8Array): number[] => within(bytes, seriesPlaces);
  const strikes = inOrder(strike.values, rows);
  const quantities = read(quantity.values);
  const volatilities = numbersIn(table.volatility, rows, read);
  const forwards = numbersIn(table.quotedForward, rows, read);
  const years = read(table.yearsColumn);
  const spots = read(table.quotedSpotColumn);
  return series.map(({ before, behind, underlying, optionType, contractSize, coinSettled }, row) => ({
    instrument: before + textOfUnits(strikes[row] ?? 0, strike) + behind,
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
  }));
}

interface RowTimes {
  readonly seriesPlaces: readonly number[];
  /** Of the volatilities, nanoseconds. */
  readonly ages: readonly number[];
  readonly times: Times;
}

function marksIn(
  table: OptionTable,
  legs: readonly LegValuation[],
  { seriesPlaces, ages, times }: RowTimes,
): MarkUsed[] {
  const { rows, price, timeUnit } = table;
  const origins = inOrder(table.originColumn, rows);
  const marked = origins.filter((origin) => origin !== 0).length;
  const differences = readColumn(price.values, marked);
  const bids = within(table.bidColumn, seriesPlaces);
  const asks = within(table.askColumn, seriesPlaces);
  const markAges = within(table.markAge, seriesPlaces);
  const marks: MarkUsed[] = [];
  legs.forEach((leg, row) => {
    const origin = origins[row] ?? 0;
    if (origin === 0) return;
    const { status, reasons, source } = at(table.origins, origin - 1, 'the origin');
    const units = foretoldPrice(leg, tens(price.scale)) + (differences[marks.length] ?? 0);
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
