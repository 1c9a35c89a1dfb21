import type { RiskSnapshotTaken } from '@evenkeel/facts';
import { sha256 } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { Places, dollarsPerIn, takenListsOf } from '@evenkeel/risk';
import type { OptionTerms, TakenLists } from '@evenkeel/risk';
import { UNITS_MAX } from './column';
import { valuesLikeUs } from './packed';
import { scaleOfTexts } from './scaled';
import { areWritable, instantWritten, quotesPartOf, termsPartOf, timeUnitOf } from './table-rows';
import type { QuotesPart, RowMark, TableRows, TermsPart } from './table-rows';

/**
 * The rows of a snapshot that was taken in this process, from its columns: nothing is valued again, and what no price of the
 * moment changes is written once. Undefined where not every option fits the table; `writtenRowsOf` then finds those that do.
 */
export function takenRowsOf(snapshot: RiskSnapshotTaken): TableRows | undefined {
  const lists = takenListsOf(snapshot);
  const at = instantWritten(snapshot.at);
  if (lists === undefined || at === undefined || !lists.isInStep || !valuesLikeUs(snapshot)) return undefined;
  const { terms, years } = lists.sheet;
  const ofTerms = termsPart(terms);
  if (ofTerms === undefined || !hasMarket(snapshot, terms)) return undefined;
  for (let place = 0; place < years.length; place += 1) if (!((years[place] ?? 0) > 0)) return undefined;
  const quotes = quotesPart(lists, ofTerms);
  const ages = quotes && agesOf(quotes, at);
  if (quotes === undefined || ages === undefined) return undefined;
  const { part, legPlaces, markPlaces } = quotes;
  const numbers = lists.numbers();
  return {
    terms,
    ofTerms,
    ofQuotes: part,
    years,
    ...ages,
    markAges: undefined,
    numbers,
    numbersHash: sha256(lists.bytes()),
    legs: lists.linear,
    legPlaces,
    marks: markPlaces.flatMap((place) => lists.used.at(place) ?? []),
    markPlaces,
  };
}

const termsParts = new WeakMap<OptionTerms, TermsPart | 'not writable'>();

function termsPart(terms: OptionTerms): TermsPart | undefined {
  let part = termsParts.get(terms);
  if (part === undefined) {
    const isWritable = terms.count > 0 && areWritable(terms);
    part = isWritable ? termsPartOf(terms, scaleOfTexts(terms.quantities)) : 'not writable';
    termsParts.set(terms, part);
  }
  return part === 'not writable' ? undefined : part;
}

/** A reader takes the prices of the legs' underlyings from the marks. */
function hasMarket(snapshot: RiskSnapshotTaken, { underlyings }: OptionTerms): boolean {
  return [snapshot.numeraire, ...underlyings].every((one) => dollarsPerIn(snapshot, one) !== undefined);
}

/** Of each row the place of its mark among the marks, where they stand in the same order; −1 where it has none. */
function joinedIn({ used, sheet }: TakenLists): Int32Array {
  const places = new Int32Array(sheet.terms.count).fill(-1);
  let last = -1;
  for (let place = 0; place < used.count; place += 1) {
    const row = used.rowAt(place);
    if (row <= last) continue;
    last = row;
    places[row] = place;
  }
  return places;
}

/** What is written of options that are quoted as they were, beside the same marks. */
interface QuotesOnRecord {
  readonly rowOf: Int32Array;
  readonly further: readonly number[];
  readonly head: readonly string[];
  readonly part: QuotesPart;
  /** Of the quotes; of each row a place in them. */
  readonly times: readonly Instant[];
  readonly timePlaces: Int32Array;
  /** What stays out of the table. */
  readonly legPlaces: readonly number[];
  readonly markPlaces: readonly number[];
}

const quotesParts = new WeakMap<object, QuotesOnRecord>();

function quotesPart(lists: TakenLists, ofTerms: TermsPart): QuotesOnRecord | undefined {
  const { quotes, rowOf, used } = lists;
  const known = quotesParts.get(quotes);
  const isKnown =
    known?.rowOf === rowOf &&
    known.further === used.further &&
    known.head.length === used.head.length &&
    used.head.every(({ instrument }, place) => instrument === known.head[place]);
  if (isKnown) return known;
  const joined = joinedIn(lists);
  const marks = Array.from(joined, (place): RowMark | undefined => (place < 0 ? undefined : used.at(place)));
  const texts = new Places<string>();
  const timePlaces = Int32Array.from(quotes.marks, ({ mark }) => texts.of(mark.eventTime));
  const times = texts.list.flatMap((text) => instantWritten(text) ?? []);
  if (times.length < texts.list.length) return undefined;
  const part = quotesPartOf(quotes, marks, ofTerms.within);
  const head = used.head.map(({ instrument }) => instrument);
  const made = {
    rowOf,
    further: used.further,
    head,
    part,
    times,
    timePlaces,
    ...leftOut(lists, joined, part),
  };
  quotesParts.set(quotes, made);
  return made;
}

/** How long before the snapshot; undefined where one is too long ago, or too far ahead, for the table. */
function agesOf(
  { times, timePlaces }: QuotesOnRecord,
  at: Instant,
): Pick<TableRows, 'timeUnit' | 'ages'> | undefined {
  const distinct = times.map((time) => Number(at - time));
  if (!distinct.every((age) => Math.abs(age) <= UNITS_MAX)) return undefined;
  const timeUnit = timeUnitOf(distinct);
  const ages = new Float64Array(timePlaces.length);
  for (let row = 0; row < ages.length; row += 1) ages[row] = (distinct[timePlaces[row] ?? 0] ?? 0) / timeUnit;
  return { timeUnit, ages };
}

/** Places of legs and marks that the table does not hold. */
function leftOut(
  { rowOf, used }: TakenLists,
  joined: Int32Array,
  { hasMark }: QuotesPart,
): Pick<TableRows, 'legPlaces' | 'markPlaces'> {
  const legPlaces = Array.from(rowOf.keys()).filter((place) => (rowOf[place] ?? -1) < 0);
  const markPlaces: number[] = [];
  for (let place = 0; place < used.count; place += 1) {
    const row = used.rowAt(place);
    if (row < 0 || joined[row] !== place || hasMark[row] !== 1) markPlaces.push(place);
  }
  return { legPlaces, markPlaces };
}
