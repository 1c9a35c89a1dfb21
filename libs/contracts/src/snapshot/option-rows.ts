import type { LegValuation, MarkUsed, RiskSnapshotTaken } from '@evenkeel/facts';
import { revalueOptions } from '@evenkeel/risk';
import type { OptionOnRecord } from '@evenkeel/risk';
import { LegNumbers, marketOf, ownKernel } from './packed';
import { scaleOfNumbers, scaleOfTexts, unitsOfNumber, unitsOfText } from './scaled';
import type { Scale } from './scaled';
import { Times } from './times';

/** A leg that the table can hold, and its mark where the table can hold that too. */
export interface OptionRow {
  readonly leg: LegValuation & OptionOnRecord;
  /** Place in the snapshot's legs. */
  readonly place: number;
  /** Its name before and behind the strike. */
  readonly before: string;
  readonly behind: string;
  /** Before the snapshot, nanoseconds. */
  readonly volatilityAgeNs: number;
  mark?: RowMark;
}

export interface RowMark {
  readonly mark: MarkUsed;
  readonly place: number;
  /** Before the snapshot, nanoseconds. */
  readonly ageNs: number;
}

/** How the numbers of the rows' texts are scaled. */
export interface RowScales {
  readonly quantity: Scale;
  readonly price: Scale;
}

export interface OptionRows extends RowScales {
  readonly rows: readonly OptionRow[];
}

/** The options of a snapshot that come out of the table bit for bit; whatever does not stays out of it. */
export function optionRowsOf(snapshot: RiskSnapshotTaken): OptionRows {
  const kernel = ownKernel();
  const times = Times.before(snapshot.at);
  if (times === undefined || !kernel.pricesLike(snapshot.kernelHash) || snapshot.model !== kernel.model)
    return NO_ROWS;
  const found: OptionRow[] = [];
  snapshot.legs.forEach((leg, place) => {
    const row = rowOf(leg, place, times);
    if (row !== undefined) found.push(row);
  });
  const quantity = scaleOfTexts(found.map(({ leg }) => leg.quantity));
  const fitting = found.filter(({ leg }) => unitsOfText(leg.quantity, quantity) !== undefined);
  const strike = scaleOfNumbers(fitting.map(({ leg }) => leg.strike));
  // The name is put together from the strike, so it has to be exact.
  const named = fitting.filter(({ leg }) => unitsOfNumber(leg.strike, strike) !== undefined);
  const rows = thatFollow(snapshot, named);
  return { rows, quantity, price: joinMarks(snapshot, rows, times) };
}

const NO_SCALE: Scale = { scale: 0, padded: false };
const NO_ROWS: OptionRows = { rows: [], quantity: NO_SCALE, price: NO_SCALE };

function rowOf(leg: LegValuation, place: number, times: Times): OptionRow | undefined {
  if (leg.kind !== 'option' || leg.perContract === undefined || !hasInputs(leg)) return undefined;
  if (!(leg.expiryYears > 0 && leg.inputs.contractSize > 0 && leg.inputs.quotedSpot > 0)) return undefined;
  const name = aroundStrike(leg.instrument, leg.strike);
  const volatilityAgeNs = times.ageOf(leg.volatilityTime);
  if (name === undefined || volatilityAgeNs === undefined) return undefined;
  return { leg, place, ...name, volatilityAgeNs };
}

function hasInputs(leg: LegValuation): leg is LegValuation & OptionOnRecord {
  return leg.inputs !== undefined;
}

/** The name before and behind its strike. */
function aroundStrike(instrument: string, strike: number): Pick<OptionRow, 'before' | 'behind'> | undefined {
  const text = String(strike);
  const from = instrument.lastIndexOf(`-${text}-`);
  if (from < 0 || unitsOfText(text, scaleOfTexts([text])) === undefined) return undefined;
  return { before: instrument.slice(0, from + 1), behind: instrument.slice(from + 1 + text.length) };
}

/** Those whose numbers follow from their inputs, to the last bit. */
function thatFollow(snapshot: RiskSnapshotTaken, rows: readonly OptionRow[]): readonly OptionRow[] {
  const market = marketOf(snapshot, new Set(rows.map(({ leg }) => leg.underlying)));
  if (market === undefined || rows.length === 0) return [];
  const legs = rows.map(({ leg }) => leg);
  const written = new LegNumbers(legs);
  const again = new LegNumbers(revalueOptions(legs, market, ownKernel()));
  return rows.filter((_, index) => written.sameAt(index, again));
}

/** Joins marks to the rows of their instruments, as long as they stand in the same order; the scale of their prices. */
function joinMarks(snapshot: RiskSnapshotTaken, rows: readonly OptionRow[], times: Times): Scale {
  const byInstrument = new Map(rows.map((row, index) => [row.leg.instrument, index]));
  const joined: { readonly row: OptionRow; readonly mark: RowMark }[] = [];
  const texts: string[] = [];
  let last = -1;
  snapshot.marks.forEach((mark, place) => {
    const index = byInstrument.get(mark.instrument) ?? -1;
    const row = rows[index];
    const ageNs = times.ageOf(mark.eventTime);
    if (row === undefined || index <= last || ageNs === undefined) return;
    if (!Object.is(mark.ageSeconds, times.secondsAt(ageNs))) return;
    last = index;
    joined.push({ row, mark: { mark, place, ageNs } });
    texts.push(mark.price);
    if (mark.bid !== undefined) texts.push(mark.bid);
    if (mark.ask !== undefined) texts.push(mark.ask);
  });
  const scale = scaleOfTexts(texts);
  const fits = (text: string | undefined): boolean =>
    text === undefined || unitsOfText(text, scale) !== undefined;
  for (const { row, mark } of joined)
    if (fits(mark.mark.price) && fits(mark.mark.bid) && fits(mark.mark.ask)) row.mark = mark;
  return scale;
}
