import type { LegValuation, MarkUsed, RiskSnapshotTaken } from '@evenkeel/facts';
import { required, sha256 } from '@evenkeel/kernel';
import { ROW_NUMBERS, legNumbersOf, sheetOf } from '@evenkeel/risk';
import type { OptionOnRecord } from '@evenkeel/risk';
import { marketOf, ownValuer, valuesLikeUs } from './packed';
import { scaleOfNumbers, scaleOfTexts, unitsOfNumber, unitsOfText } from './scaled';
import type { Scale } from './scaled';
import { aroundStrike, quotesPartOf, termsPartOf, timeUnitOf } from './table-rows';
import type { QuotesPart, TableRows } from './table-rows';
import { Times } from './times';

/** A leg that the table can hold, and its mark where the table can hold that too. */
interface WrittenRow {
  readonly leg: LegValuation & OptionOnRecord;
  /** Place in the snapshot's legs. */
  readonly place: number;
  /** Before the snapshot, nanoseconds. */
  readonly age: number;
  mark?: { readonly mark: MarkUsed; readonly place: number; readonly age: number };
}

/** The rows of a snapshot whose legs stand written out: those whose numbers follow from their inputs, to the last bit. */
export function writtenRowsOf(snapshot: RiskSnapshotTaken): TableRows | undefined {
  const times = Times.before(snapshot.at);
  if (times === undefined || !valuesLikeUs(snapshot)) return undefined;
  const found = snapshot.legs.flatMap((leg, place) => rowOf(leg, place, times) ?? []);
  const quantity = scaleOfTexts(found.map(({ leg }) => leg.quantity));
  const fitting = found.filter(({ leg }) => unitsOfText(leg.quantity, quantity) !== undefined);
  const strike = scaleOfNumbers(fitting.map(({ leg }) => leg.strike));
  // The name is put together from the strike, so it has to be exact.
  const named = fitting.filter(({ leg }) => unitsOfNumber(leg.strike, strike) !== undefined);
  const rows = thatFollow(snapshot, named);
  return rows.length === 0 ? undefined : tableRowsOf(snapshot, rows, quantity, times);
}

function rowOf(leg: LegValuation, place: number, times: Times): WrittenRow | undefined {
  if (leg.kind !== 'option' || leg.perContract === undefined || !hasInputs(leg)) return undefined;
  if (!(leg.expiryYears > 0 && leg.inputs.contractSize > 0 && leg.inputs.quotedSpot > 0)) return undefined;
  const age = times.ageOf(leg.volatilityTime);
  if (aroundStrike(leg.instrument, leg.strike) === undefined || age === undefined) return undefined;
  return { leg, place, age };
}

function hasInputs(leg: LegValuation): leg is LegValuation & OptionOnRecord {
  return leg.inputs !== undefined;
}

function thatFollow(snapshot: RiskSnapshotTaken, rows: readonly WrittenRow[]): readonly WrittenRow[] {
  const market = marketOf(snapshot, new Set(rows.map(({ leg }) => leg.underlying)));
  if (market === undefined || rows.length === 0) return [];
  const legs = rows.map(({ leg }) => leg);
  const written = bitsOf(numbersOf(legs));
  const valuer = ownValuer();
  valuer.value(sheetOf(legs, market));
  const again = bitsOf(valuer.numbers);
  return rows.filter((_, row) => {
    const end = 2 * ROW_NUMBERS * (row + 1);
    for (let at = end - 2 * ROW_NUMBERS; at < end; at += 1) if (written[at] !== again[at]) return false;
    return true;
  });
}

function numbersOf(legs: readonly LegValuation[]): Float64Array {
  return Float64Array.from(legs.flatMap((leg) => legNumbersOf(leg).map((number = Number.NaN) => number)));
}

function bitsOf(numbers: Float64Array): Uint32Array {
  return new Uint32Array(numbers.buffer);
}

function tableRowsOf(
  snapshot: RiskSnapshotTaken,
  rows: readonly WrittenRow[],
  quantity: Scale,
  times: Times,
): TableRows {
  joinMarks(snapshot, rows, times);
  const legs = rows.map(({ leg }) => leg);
  const market = required(
    marketOf(
      snapshot,
      legs.map(({ underlying }) => underlying),
    ),
    'a market',
  );
  const { terms, quotes, years } = sheetOf(legs, market);
  const ofTerms = termsPartOf(terms, quantity);
  const ofQuotes = quotesPartOf(
    quotes,
    rows.map(({ mark }) => mark?.mark),
    ofTerms.within,
  );
  const numbers = numbersOf(legs);
  const legsInTable = new Set(rows.map(({ place }) => place));
  const marksInTable = new Set(
    rows.map(({ mark }, row) => (ofQuotes.hasMark[row] === 1 ? mark?.place : undefined)),
  );
  const legPlaces = placesOf(snapshot.legs, legsInTable);
  const markPlaces = placesOf(snapshot.marks, marksInTable);
  return {
    terms,
    ofTerms,
    ofQuotes,
    years,
    ...agesOf(rows, ofQuotes),
    numbers,
    numbersHash: sha256(new Uint8Array(numbers.buffer)),
    legs: legPlaces.map((place) => required(snapshot.legs[place], 'a leg at its place')),
    legPlaces,
    marks: markPlaces.map((place) => required(snapshot.marks[place], 'a mark at its place')),
    markPlaces,
  };
}

function agesOf(
  rows: readonly WrittenRow[],
  { hasMark }: QuotesPart,
): Pick<TableRows, 'timeUnit' | 'ages' | 'markAges'> {
  const marked = (row: number, age: number): number =>
    hasMark[row] === 1 ? (rows[row]?.mark?.age ?? 0) : age;
  const timeUnit = timeUnitOf(rows.flatMap(({ age }, row) => [age, marked(row, age)]));
  return {
    timeUnit,
    ages: Float64Array.from(rows, ({ age }) => age / timeUnit),
    markAges: Float64Array.from(rows, ({ age }, row) => (marked(row, age) - age) / timeUnit),
  };
}

function placesOf(list: readonly unknown[], inTable: ReadonlySet<number | undefined>): number[] {
  return list.flatMap((_, place) => (inTable.has(place) ? [] : [place]));
}

/** Joins marks to the rows of their instruments, as long as they stand in the same order. */
function joinMarks(snapshot: RiskSnapshotTaken, rows: readonly WrittenRow[], times: Times): void {
  const byInstrument = new Map(rows.map((row, index) => [row.leg.instrument, index]));
  let last = -1;
  snapshot.marks.forEach((mark, place) => {
    const index = byInstrument.get(mark.instrument) ?? -1;
    const row = rows[index];
    const age = times.ageOf(mark.eventTime);
    if (row === undefined || index <= last || age === undefined) return;
    if (!Object.is(mark.ageSeconds, times.secondsAt(age))) return;
    last = index;
    row.mark = { mark, place, age };
  });
}
