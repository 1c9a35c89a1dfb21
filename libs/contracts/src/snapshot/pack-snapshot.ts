import type { RiskSnapshotTaken } from '@evenkeel/facts';
import { required } from '@evenkeel/kernel';
import { columnOf, zigzag } from './column';
import { optionRowsOf } from './option-rows';
import type { OptionRow, OptionRows } from './option-rows';
import type { MarkOrigin, OptionKind, OptionTable, PackedSnapshot, ScaledColumn } from './packed';
import { LegNumbers, foretoldPrice } from './packed';
import { doublesOf, nearestUnits, scaleOfNumbers, tens, unitsOfNumber, unitsOfText } from './scaled';
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
  const expiries = distinct(rows.map(({ before }) => before));
  const kinds = distinct(rows.map(kindOf), keyOfKind);
  const within = columnsWithin(expiries.place);
  const years = distinct(legs.map((leg) => leg.expiryYears));
  const quotedSpots = distinct(legs.map(({ inputs }) => inputs.quotedSpot));
  const timeUnit = timeUnitOf(rows);
  const ages = rows.map(({ volatilityAgeNs }) => volatilityAgeNs / timeUnit);
  return {
    rows: rows.length,
    expiries: expiries.list,
    kinds: kinds.list,
    years: years.list,
    quotedSpots: quotedSpots.list,
    expiryColumn: inOrder(expiries.place),
    kindColumn: inOrder(kinds.place),
    strike: numberColumn(
      legs.map(({ strike }) => strike),
      inOrder,
    ),
    quantity: scaledColumn(
      legs.map((leg) => required(unitsOfText(leg.quantity, quantity), 'a quantity that fits its scale')),
      quantity,
      within,
    ),
    volatility: numberColumn(
      legs.map(({ volatility }) => volatility),
      within,
    ),
    quotedForward: numberColumn(
      legs.map(({ inputs }) => inputs.quotedForward),
      within,
    ),
    yearsColumn: within(years.place),
    quotedSpotColumn: within(quotedSpots.place),
    timeUnit,
    volatilityAge: within(ages),
    markAge: within(
      rows.map(({ mark, volatilityAgeNs }) =>
        mark === undefined ? 0 : (mark.ageNs - volatilityAgeNs) / timeUnit,
      ),
    ),
    ...marksOf(rows, price, within),
    numbersHash: new LegNumbers(legs).hash(),
  };
}

function kindOf({ leg, behind }: OptionRow): OptionKind {
  const { optionType, contractSize, coinSettled } = leg.inputs;
  return { behind, underlying: leg.underlying, optionType, contractSize, coinSettled };
}

function keyOfKind({ behind, underlying, optionType, contractSize, coinSettled }: OptionKind): string {
  return `${behind}\n${underlying}\n${optionType}\n${contractSize}\n${coinSettled}`;
}

type Column = (values: readonly number[]) => Uint8Array;

/** Foretold: the row before. */
function inOrder(values: readonly number[]): Uint8Array {
  return columnOf(
    values,
    values.map((value, row) => value - (values[row - 1] ?? 0)),
  );
}

/** Foretold: the last row of the same expiry, of any where there is none. */
function columnsWithin(expiries: readonly number[]): Column {
  return (values) => {
    const last: number[] = [];
    const differences = values.map((value, row) => {
      const expiry = required(expiries[row], 'the expiry of a row');
      const foretold = last[expiry] ?? values[row - 1] ?? 0;
      last[expiry] = value;
      return value - foretold;
    });
    return columnOf(values, differences);
  };
}

function numberColumn(values: readonly number[], column: Column): ScaledColumn {
  const scale = scaleOfNumbers(values);
  const oddRows: number[] = [];
  const units = values.map((value, row) => {
    const exact = unitsOfNumber(value, scale);
    if (exact !== undefined) return exact;
    oddRows.push(row);
    return nearestUnits(value, scale);
  });
  const oddNumbers = doublesOf(oddRows.map((row) => values[row] ?? 0));
  return { ...scaledColumn(units, { scale, padded: false }, column), oddRows, oddNumbers };
}

function scaledColumn(units: readonly number[], scale: Scale, column: Column): ScaledColumn {
  const step = greatestStep(units);
  const steps = step > 1 ? units.map((value) => value / step) : units;
  return { ...scale, ...NO_ODDS, values: column(steps), step: step > 1 ? step : 0 };
}

const NO_ODDS = { oddRows: [], oddNumbers: new Uint8Array(0) };
const STEP_MAX = 2 ** 32 - 1;

/** The greatest number that all of them are multiples of. */
function greatestStep(units: readonly number[]): number {
  let step = 0;
  for (const value of units) {
    let [a, b] = [step, Math.abs(value)];
    while (b > 0) [a, b] = [b, a % b];
    step = a;
    if (step === 1) break;
  }
  return step > STEP_MAX ? 1 : step;
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
): Pick<OptionTable, 'origins' | 'originColumn' | 'price' | 'bidColumn' | 'askColumn'> {
  const marks = rows.flatMap(({ mark }) => (mark === undefined ? [] : [mark.mark]));
  const origins = distinct(
    marks.map(({ status, reasons, source }): MarkOrigin => ({ status, reasons, source })),
    ({ status, reasons, source }) => [status, source, ...reasons].join('\n'),
  );
  const originOf = new Map(marks.map((mark, index) => [mark, (origins.place[index] ?? 0) + 1]));
  const unitsOf = (text: string): number => required(unitsOfText(text, price), 'a price that fits its scale');
  const quoted = (text: string | undefined, mark: number, sign: 1 | -1): number =>
    text === undefined ? 0 : zigzag(sign * (unitsOf(text) - mark)) + 1;
  const [prices, differences]: [number[], number[]] = [[], []];
  const [bids, asks]: [number[], number[]] = [[], []];
  for (const { leg, mark } of rows) {
    const units = mark === undefined ? 0 : unitsOf(mark.mark.price);
    prices.push(units);
    differences.push(mark === undefined ? 0 : units - foretoldPrice(leg, tens(price.scale)));
    bids.push(quoted(mark?.mark.bid, units, -1));
    asks.push(quoted(mark?.mark.ask, units, 1));
  }
  return {
    origins: origins.list,
    originColumn: inOrder(rows.map(({ mark }) => (mark === undefined ? 0 : (originOf.get(mark.mark) ?? 0)))),
    price: { ...price, ...NO_ODDS, values: columnOf(prices, differences), step: 0 },
    bidColumn: within(bids),
    askColumn: within(asks),
  };
}
