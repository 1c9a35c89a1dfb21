import type { RiskSnapshotTaken } from '@evenkeel/facts';
import { required } from '@evenkeel/kernel';
import { ColumnWriter, zigzag } from './column';
import { optionRowsOf } from './option-rows';
import type { OptionRow, OptionRows } from './option-rows';
import type { MarkOrigin, OptionSeries, OptionTable, PackedSnapshot, ScaledColumn } from './packed';
import { LegNumbers, foretoldPrice } from './packed';
import { doublesOf, scaleOfNumbers, tens, unitsOfNumber, unitsOfText } from './scaled';
import type { Scale } from './scaled';

/** A snapshot as it is written: options as inputs, everything else as it is. `unpackSnapshot` gives the same snapshot back. */
export function packSnapshot(snapshot: RiskSnapshotTaken): PackedSnapshot {
  const found = optionRowsOf(snapshot);
  const { rows } = found;
  if (rows.length === 0) return { snapshot, legPlaces: all(snapshot.legs), markPlaces: all(snapshot.marks) };
  const legsInTable = new Set(rows.map(({ place }) => place));
  const marksInTable = new Set(rows.flatMap(({ mark }) => (mark === undefined ? [] : [mark.place])));
  const legPlaces = all(snapshot.legs).filter((place) => !legsInTable.has(place));
  const markPlaces = all(snapshot.marks).filter((place) => !marksInTable.has(place));
  const legs = legPlaces.map((place) => required(snapshot.legs[place], 'a leg at its place'));
  const marks = markPlaces.map((place) => required(snapshot.marks[place], 'a mark at its place'));
  return { snapshot: { ...snapshot, legs, marks }, legPlaces, markPlaces, options: tableOf(found) };
}

const all = (list: readonly unknown[]): number[] => list.map((_, place) => place);

/** Distinct values in the order in which they were met, and the place of each row's. */
function distinct<Value>(values: readonly Value[], keyOf: (value: Value) => unknown = (value) => value) {
  const places = new Map<unknown, number>();
  const list: Value[] = [];
  const place = values.map((value) => {
    const key = keyOf(value);
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, list.length);
    return list.push(value) - 1;
  });
  return { list, place };
}

function tableOf({ rows, quantity, price }: OptionRows): OptionTable {
  const legs = rows.map(({ leg }) => leg);
  const series = distinct(rows.map(seriesOf), keyOfSeries);
  const within = columnsWithin(series.place);
  const years = distinct(legs.map((leg) => leg.expiryYears));
  const quotedSpots = distinct(legs.map(({ inputs }) => inputs.quotedSpot));
  const timeUnit = timeUnitOf(rows);
  const ageOf = ({ volatilityAgeNs }: OptionRow): number => volatilityAgeNs / timeUnit;
  return {
    rows: rows.length,
    series: series.list,
    years: years.list,
    quotedSpots: quotedSpots.list,
    seriesColumn: inOrder(series.place),
    strike: numberColumn(
      legs.map((leg) => leg.strike),
      inOrder,
    ),
    quantity: {
      ...quantity,
      values: within(
        legs.map((leg) => required(unitsOfText(leg.quantity, quantity), 'a quantity that fits its scale')),
      ),
      doubles: NO_BYTES,
    },
    volatility: numberColumn(
      legs.map((leg) => leg.volatility),
      within,
    ),
    quotedForward: numberColumn(
      legs.map(({ inputs }) => inputs.quotedForward),
      within,
    ),
    yearsColumn: within(years.place),
    quotedSpotColumn: within(quotedSpots.place),
    timeUnit,
    volatilityAge: within(rows.map(ageOf)),
    ...marksOf(rows, price, within, (row) =>
      row.mark === undefined ? 0 : row.mark.ageNs / timeUnit - ageOf(row),
    ),
    numbersHash: new LegNumbers(legs).hash(),
  };
}

function seriesOf({ leg, before, behind }: OptionRow): OptionSeries {
  const { optionType, contractSize, coinSettled } = leg.inputs;
  return { before, behind, underlying: leg.underlying, optionType, contractSize, coinSettled };
}

function keyOfSeries({
  before,
  behind,
  underlying,
  optionType,
  contractSize,
  coinSettled,
}: OptionSeries): string {
  return `${before}\n${behind}\n${underlying}\n${optionType}\n${contractSize}\n${coinSettled}`;
}

type Column = (values: readonly number[]) => Uint8Array;
const NO_BYTES = new Uint8Array(0);

/** Each value as its difference from the row before. */
function inOrder(values: readonly number[]): Uint8Array {
  const column = new ColumnWriter();
  values.forEach((value, row) => column.add(value - (values[row - 1] ?? 0)));
  return column.finish();
}

/** Each value as its difference from the row before of the same series. */
function columnsWithin(series: readonly number[]): Column {
  return (values) => {
    const column = new ColumnWriter();
    const before: number[] = [];
    values.forEach((value, row) => {
      const which = required(series[row], 'the series of a row');
      column.add(value - (before[which] ?? 0));
      before[which] = value;
    });
    return column.finish();
  };
}

function numberColumn(values: readonly number[], column: Column): ScaledColumn {
  const scale = scaleOfNumbers(values);
  if (scale === undefined) return { scale: 0, padded: false, values: NO_BYTES, doubles: doublesOf(values) };
  const units = values.map((value) => required(unitsOfNumber(value, scale), 'a number that fits its scale'));
  return { scale, padded: false, values: column(units), doubles: NO_BYTES };
}

const UNITS_OF_TIME = [1_000_000_000, 1_000_000, 1_000] as const;

function timeUnitOf(rows: readonly OptionRow[]): number {
  const ages = rows.flatMap(({ volatilityAgeNs, mark }) =>
    mark === undefined ? [volatilityAgeNs] : [volatilityAgeNs, mark.ageNs],
  );
  return UNITS_OF_TIME.find((unit) => ages.every((age) => age % unit === 0)) ?? 1;
}

function marksOf(
  rows: readonly OptionRow[],
  price: Scale,
  within: Column,
  ageOf: (row: OptionRow) => number,
): Pick<OptionTable, 'origins' | 'originColumn' | 'markAge' | 'price' | 'bidColumn' | 'askColumn'> {
  const marks = rows.flatMap(({ mark }) => (mark === undefined ? [] : [mark.mark]));
  const origins = distinct(
    marks.map(({ status, reasons, source }): MarkOrigin => ({ status, reasons, source })),
    ({ status, reasons, source }) => [status, source, ...reasons].join('\n'),
  );
  const originOf = new Map(marks.map((mark, index) => [mark, (origins.place[index] ?? 0) + 1]));
  const unitsOf = (text: string): number => required(unitsOfText(text, price), 'a price that fits its scale');
  const quoted = (text: string | undefined, mark: number, sign: 1 | -1): number =>
    text === undefined ? 0 : zigzag(sign * (unitsOf(text) - mark)) + 1;
  const prices = new ColumnWriter();
  const bids: number[] = [];
  const asks: number[] = [];
  for (const { leg, mark } of rows) {
    const units = mark === undefined ? 0 : unitsOf(mark.mark.price);
    if (mark !== undefined) prices.add(units - foretoldPrice(leg, tens(price.scale)));
    bids.push(quoted(mark?.mark.bid, units, -1));
    asks.push(quoted(mark?.mark.ask, units, 1));
  }
  return {
    origins: origins.list,
    originColumn: inOrder(rows.map(({ mark }) => (mark === undefined ? 0 : (originOf.get(mark.mark) ?? 0)))),
    markAge: within(rows.map(ageOf)),
    price: { ...price, values: prices.finish(), doubles: NO_BYTES },
    bidColumn: within(bids),
    askColumn: within(asks),
  };
}
