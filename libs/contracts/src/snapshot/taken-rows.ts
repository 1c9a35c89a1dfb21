import type { RiskSnapshotTaken } from '@evenkeel/facts';
import { sha256 } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { Places, dollarsPerIn, takenListsOf } from '@evenkeel/risk';
import type { OptionTerms, TakenLists } from '@evenkeel/risk';
import { UNITS_MAX } from './column';
import type { TableRows } from './pack-snapshot';
import { valuesLikeUs } from './packed';
import { scaleOfTexts } from './scaled';
import { areWritable, instantWritten, quotesPartOf, termsPartOf } from './table-rows';
import type { QuotesPart, RowMark, TermsPart } from './table-rows';

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
  const joined = joinedIn(lists);
  const quotes = quotesPart(lists, joined, ofTerms);
  const ages = quotes && agesOf(quotes, at);
  if (quotes === undefined || ages === undefined) return undefined;
  const { part } = quotes;
  const numbers = lists.numbers();
  return {
    terms,
    ofTerms,
    ofQuotes: part,
    years,
    ages,
    markAges: undefined,
    numbers,
    numbersHash: sha256(lists.bytes()),
    ...leftOut(lists, joined, part),
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

interface QuotesOnRecord {
  readonly joined: Int32Array;
  readonly terms: OptionTerms;
  readonly part: QuotesPart;
  /** Of the quotes; of each row a place in them. */
  readonly times: readonly Instant[];
  readonly timePlaces: Int32Array;
}

const quotesParts = new WeakMap<object, QuotesOnRecord>();

function quotesPart(lists: TakenLists, joined: Int32Array, ofTerms: TermsPart): QuotesOnRecord | undefined {
  const { quotes, sheet, used } = lists;
  const known = quotesParts.get(quotes);
  if (known?.terms === sheet.terms && joined.every((place, row) => place === known.joined[row])) return known;
  const marks = Array.from(joined, (place): RowMark | undefined => (place < 0 ? undefined : used.at(place)));
  const texts = new Places<string>();
  const timePlaces = Int32Array.from(quotes.marks, ({ mark }) => texts.of(mark.eventTime));
  const times = texts.list.flatMap((text) => instantWritten(text) ?? []);
  if (times.length < texts.list.length) return undefined;
  const part = quotesPartOf(quotes, marks, ofTerms.within);
  const made = { joined, terms: sheet.terms, part, times, timePlaces };
  quotesParts.set(quotes, made);
  return made;
}

/** Before the snapshot, nanoseconds; undefined where one is too long ago, or too far ahead, for the table. */
function agesOf({ times, timePlaces }: QuotesOnRecord, at: Instant): Float64Array | undefined {
  const ages = times.map((time) => Number(at - time));
  if (!ages.every((age) => Math.abs(age) <= UNITS_MAX)) return undefined;
  return Float64Array.from(timePlaces, (place) => ages[place] ?? 0);
}

function leftOut(
  { linear, rowOf, used }: TakenLists,
  joined: Int32Array,
  { hasMark }: QuotesPart,
): Pick<TableRows, 'legs' | 'legPlaces' | 'marks' | 'markPlaces'> {
  const legPlaces: number[] = [];
  if (linear.length > 0)
    rowOf.forEach((row, place) => {
      if (row < 0) legPlaces.push(place);
    });
  const markPlaces: number[] = [];
  for (let place = 0; place < used.count; place += 1) {
    const row = used.rowAt(place);
    if (row < 0 || joined[row] !== place || hasMark[row] !== 1) markPlaces.push(place);
  }
  const marks = markPlaces.flatMap((place) => used.at(place) ?? []);
  return { legs: linear, legPlaces, marks, markPlaces };
}
