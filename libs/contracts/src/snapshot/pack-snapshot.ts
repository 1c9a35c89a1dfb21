import { writtenOut } from '@evenkeel/facts';
import type { RiskSnapshotTaken } from '@evenkeel/facts';
import { Places, ROW_NUMBERS } from '@evenkeel/risk';
import { columnOf } from './column';
import type { OptionTable, PackedSnapshot } from './packed';
import { foretoldPrice } from './packed';
import { NO_ODDS } from './rows-column';
import { tens } from './scaled';
import type { TableRows } from './table-rows';
import { takenRowsOf } from './taken-rows';
import { writtenRowsOf } from './written-rows';

/** A snapshot as it is written: options as inputs, everything else as it is. `unpackSnapshot` gives the same snapshot back. */
export function packSnapshot(snapshot: RiskSnapshotTaken): PackedSnapshot {
  const rows = takenRowsOf(snapshot) ?? writtenRowsOf(snapshot);
  if (rows === undefined) return { snapshot, legPlaces: all(snapshot.legs), markPlaces: all(snapshot.marks) };
  const { legs, marks, legPlaces, markPlaces } = rows;
  return { snapshot: writtenOut(snapshot, marks, legs), legPlaces, markPlaces, options: tableOf(rows) };
}

const all = (list: readonly unknown[]): number[] => list.map((_, place) => place);

function tableOf(rows: TableRows): OptionTable {
  const { terms, ofTerms, ofQuotes, timeUnit, ages, markAges, numbersHash } = rows;
  const { within } = ofTerms;
  const { list, column } = yearsOf(rows);
  return {
    rows: terms.count,
    expiries: ofTerms.expiries,
    kinds: ofTerms.kinds,
    years: list,
    quotedSpots: ofQuotes.quotedSpots,
    expiryColumn: ofTerms.expiryColumn,
    kindColumn: ofTerms.kindColumn,
    strike: ofTerms.strike,
    quantity: ofTerms.quantity,
    volatility: ofQuotes.volatility,
    quotedForward: ofQuotes.quotedForward,
    yearsColumn: column,
    quotedSpotColumn: ofQuotes.quotedSpotColumn,
    timeUnit,
    volatilityAge: within(ages),
    origins: ofQuotes.origins,
    originColumn: ofQuotes.originColumn,
    markAge: markAges === undefined ? NO_BYTES : within(markAges),
    price: { values: pricesOf(rows), step: 0, ...NO_ODDS, ...ofQuotes.price },
    bidColumn: ofQuotes.bidColumn,
    askColumn: ofQuotes.askColumn,
    numbersHash,
  };
}

const NO_BYTES = new Uint8Array(0);

/** Distinct times to expiry in the order of the rows. */
function yearsOf({ terms, ofTerms, years }: TableRows): {
  readonly list: readonly number[];
  readonly column: Uint8Array;
} {
  const distinct = new Places<number>();
  const placeOf = Array.from(years, () => -1);
  let asTheyAre = true;
  for (let row = 0; row < terms.count; row += 1) {
    const expiry = terms.expiry[row] ?? 0;
    if ((placeOf[expiry] ?? -1) >= 0) continue;
    const place = distinct.of(years[expiry] ?? Number.NaN);
    placeOf[expiry] = place;
    asTheyAre &&= place === expiry;
  }
  const { list } = distinct;
  if (asTheyAre) return { list, column: ofTerms.yearsColumn };
  return { list, column: ofTerms.within(terms.expiry.map((expiry) => placeOf[expiry] ?? 0)) };
}

function pricesOf({ terms, ofQuotes: { units, hasMark, price }, numbers }: TableRows): Uint8Array {
  const differences = new Float64Array(terms.count);
  const scale = tens(price.scale);
  for (let row = 0; row < terms.count; row += 1) {
    if (hasMark[row] !== 1) continue;
    const unitValue = numbers[row * ROW_NUMBERS + 1] ?? Number.NaN;
    differences[row] = (units[row] ?? 0) - foretoldPrice(unitValue, terms.size[row] ?? 1, scale);
  }
  return columnOf(units, differences);
}
