import type { LegValuation, Mark, MarkUsed, RiskSnapshotTaken, UnpricedLeg } from '@evenkeel/facts';
import { isDollar } from '@evenkeel/instruments';
import { marked } from './book-watch';
import { parseInstant } from '@evenkeel/kernel';
import { compositeOf, foldComposite, millisecondsOf } from './market-view';
import type { InstrumentMark, RiskState } from './state';

/**
 * Puts back the market as a snapshot on record says it was: the prices of its marks, what its option legs followed from, and what kept
 * a leg from being priced. What the market itself published is on no journal, so the mark that a price came from is taken as it stands.
 */
export function recallMarket(state: RiskState, snapshot: RiskSnapshotTaken): void {
  const legs = new Map(snapshot.legs.map((leg) => [leg.instrument, leg]));
  for (const mark of snapshot.marks) {
    const read = markOf(mark, legs.get(mark.instrument));
    if (foldComposite(state, read.mark) || isKnown(state.marks[mark.instrument], read)) continue;
    setMark(state, mark.instrument, withBelieved(state, read));
  }
  recallBalances(state, snapshot);
  for (const leg of snapshot.unpriced) recallUnpriced(state, snapshot, leg);
}

/** Puts back how late it was: when risk hears a commit it has taken instants in of which nothing followed. */
export function recallTime(state: RiskState, at: string): void {
  if (state.now === '' || parseInstant(at) > parseInstant(state.now)) state.now = at;
}

/** The price at which a funding was paid is the last that was believed. */
export function recallBelieved(state: RiskState, instrument: string, price: string): void {
  const known = state.marks[instrument] ?? blank(instrument, '');
  setMark(state, instrument, { ...known, believed: price });
}

function setMark(state: RiskState, instrument: string, mark: InstrumentMark): void {
  state.marks[instrument] = mark;
  marked(state, instrument);
}

function markOf(used: MarkUsed, leg: LegValuation | undefined): InstrumentMark {
  const { instrument, price, bid, ask, status, reasons, source, eventTime } = used;
  const isComposite = instrument.endsWith(compositeOf(''));
  const mark: Mark = {
    instrument,
    // As one of an option a mark is shown as it stands; a price without quotes would be given some.
    kind: isComposite ? 'composite' : 'option',
    price,
    ...(bid === undefined ? {} : { bid }),
    ...(ask === undefined ? {} : { ask }),
    ...(leg?.inputs === undefined ? {} : { volatility: leg.volatility }),
    eventTime,
    receivedTime: eventTime,
    source,
    status,
    reasons,
  };
  return {
    mark,
    price: Number(price),
    believed: '',
    timeMs: millisecondsOf(eventTime),
    forward: leg?.inputs?.quotedForward ?? 0,
    spotThen: leg?.inputs?.quotedSpot ?? 0,
    bases: [],
  };
}

function withBelieved({ marks }: RiskState, read: InstrumentMark): InstrumentMark {
  const { mark } = read;
  const believed = mark.status === 'HALTED' ? (marks[mark.instrument]?.believed ?? '') : mark.price;
  return { ...read, believed };
}

/** A leg is valued again only where its mark says something else. */
function isKnown(known: InstrumentMark | undefined, { mark, forward, spotThen }: InstrumentMark): boolean {
  return (
    known !== undefined &&
    known.mark.eventTime === mark.eventTime &&
    known.mark.price === mark.price &&
    known.mark.volatility === mark.volatility &&
    known.mark.bid === mark.bid &&
    known.mark.ask === mark.ask &&
    known.mark.source === mark.source &&
    known.forward === forward &&
    known.spotThen === spotThen &&
    known.mark.status === mark.status &&
    known.mark.reasons.join() === mark.reasons.join()
  );
}

/** A coin of which nothing is held has a worth only where it has a price. */
function recallBalances(state: RiskState, { balances, marks }: RiskSnapshotTaken): void {
  const priced = new Set(marks.map(({ instrument }) => instrument));
  for (const { currency } of balances) {
    if (isDollar(currency) || priced.has(compositeOf(currency)) || state.spots[currency] !== undefined)
      continue;
    const { mark } = blank(compositeOf(currency), '1');
    state.spots[currency] = { mark, price: 1, timeMs: 0 };
  }
}

function recallUnpriced(state: RiskState, { at }: RiskSnapshotTaken, leg: UnpricedLeg): void {
  const { instrument, code, message } = leg;
  const told = (change: Partial<InstrumentMark>, mark: Partial<Mark> = {}): void => {
    const known = blank(instrument, at);
    const shown = state.marks[instrument];
    setMark(state, instrument, {
      ...known,
      believed: shown?.believed ?? '',
      ...change,
      mark: { ...known.mark, ...shown?.mark, ...mark },
    });
  };
  switch (code) {
    case 'RISK.NO_SPOT':
      delete state.spots[state.followed[instrument] ?? instrument];
      return;
    case 'RISK.NO_MARK':
      delete state.marks[instrument];
      return marked(state, instrument);
    case 'RISK.STALE_MARK':
    case 'RISK.STALE_VOLATILITY': {
      const eventTime = message.slice(message.lastIndexOf(' ') + 1);
      return told({ timeMs: millisecondsOf(eventTime) }, { eventTime });
    }
    case 'RISK.HALTED_MARK':
      return told({}, { status: 'HALTED', reasons: haltReasons(message) });
    case 'RISK.NO_VOLATILITY':
      return told({}, {});
    case 'RISK.NO_FORWARD':
      return told({ forward: 0 }, { volatility: 1 });
    default:
      return;
  }
}

const HALTED = ' is halted: ';

function haltReasons(message: string): readonly string[] {
  const told = message.slice(message.indexOf(HALTED) + HALTED.length);
  return told === '' ? [] : told.split(', ');
}

function blank(instrument: string, eventTime: string): InstrumentMark {
  return {
    mark: {
      instrument,
      kind: 'option',
      price: '0',
      eventTime,
      receivedTime: eventTime,
      source: '',
      status: 'OK',
      reasons: [],
    },
    price: 0,
    believed: '',
    timeMs: eventTime === '' ? 0 : millisecondsOf(eventTime),
    forward: 0,
    spotThen: 0,
    bases: [],
  };
}
