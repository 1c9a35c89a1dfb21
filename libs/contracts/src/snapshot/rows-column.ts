import { columnOf } from './column';
import type { Integers } from './column';
import type { ScaledColumn } from './packed';
import { doublesOf, nearestUnits, scaleOfNumbers, unitsOfNumber } from './scaled';
import type { Scale } from './scaled';

/** Writes a column of the table from its values. */
export type Column = (values: Integers) => Uint8Array;

/** Foretold: the row before. */
export const inOrder: Column = (values) => {
  const differences = new Float64Array(values.length);
  let before = 0;
  for (let row = 0; row < values.length; row += 1) {
    const value = values[row] ?? 0;
    differences[row] = value - before;
    before = value;
  }
  return columnOf(values, differences);
};

/** Foretold: the last row of the same expiry, of any where there is none. */
export function columnsWithin(expiries: Int32Array): Column {
  const foretoldBy = new Int32Array(expiries.length);
  const last: number[] = [];
  for (let row = 0; row < expiries.length; row += 1) {
    const expiry = expiries[row] ?? 0;
    foretoldBy[row] = last[expiry] ?? row - 1;
    last[expiry] = row;
  }
  const differences = new Float64Array(expiries.length);
  return (values) => {
    for (let row = 0; row < values.length; row += 1)
      differences[row] = (values[row] ?? 0) - (values[foretoldBy[row] ?? -1] ?? 0);
    return columnOf(values, differences);
  };
}

export function numberColumn(values: Float64Array, column: Column): ScaledColumn {
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

/** Spreads come last: an object that is spread first and then added to costs thirty times as much. */
export function scaledColumn(units: Float64Array, scale: Scale, column: Column): ScaledColumn {
  const step = greatestStep(units);
  const steps = step > 1 ? units.map((value) => value / step) : units;
  return { values: column(steps), step: step > 1 ? step : 0, ...NO_ODDS, ...scale };
}

export const NO_ODDS = { oddRows: [], oddNumbers: new Uint8Array(0) };
const STEP_MAX = 2 ** 32 - 1;

/** The greatest number that all of them are multiples of. */
function greatestStep(units: Float64Array): number {
  let step = 0;
  for (const value of units) {
    let a = step;
    let b = Math.abs(value);
    while (b > 0) {
      const rest = a % b;
      a = b;
      b = rest;
    }
    step = a;
    if (step === 1) break;
  }
  return step > STEP_MAX ? 1 : step;
}
