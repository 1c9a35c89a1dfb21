import type {
  CommitDraft,
  DeliveryPrice,
  DomainEvent,
  EventOf,
  EventPayloads,
  FundingRate,
  LegValuation,
  Mark,
  MarketInstant,
  MarkUsed,
  RiskSnapshotTaken,
} from '@evenkeel/facts';
import type { Commit } from '@evenkeel/eventing';
import { parseContract } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { formatInstant, parseInstant } from '@evenkeel/kernel';
import type { BootedBook } from '@evenkeel/engine';
import type { PolicyChange } from '../in-process-run';
import type { RecordedMarket } from '../market-source';

/** What a journal says of one book: how it began, the market that its valuations used, and the policies set later. */
export interface RecordedBook {
  readonly booted: BootedBook;
  readonly market: RecordedMarket;
  /** Policies that were set after the book was opened. */
  readonly changes: readonly PolicyChange[];
  /** Payments of funding on record. Where the record holds none, the rate is not known: no hedge was held that paid it. */
  readonly fundings: number;
}

interface Reading {
  readonly first: CommitDraft[];
  readonly changes: PolicyChange[];
  readonly instants: Map<string, InstantParts>;
  readonly quotes: Map<string, string>;
  readonly contracts: Map<string, Contract>;
  /** Requests of the desk that were turned down. */
  readonly refused: Set<string>;
  fundings: number;
}

interface InstantParts {
  marks: readonly Mark[];
  readonly fundings: FundingRate[];
  readonly deliveries: DeliveryPrice[];
}

/**
 * Reads one book back from its journal. The market is what the valuations carry: composites, contract prices, and per
 * option the quote’s volatility with the forward it implied, each published when it was first used. Undefined when the
 * journal opens no such book.
 */
export function readRecordedBook(commits: Iterable<Commit>, book: string): RecordedBook | undefined {
  const reading: Reading = {
    first: [],
    changes: [],
    instants: new Map(),
    quotes: new Map(),
    contracts: new Map(),
    refused: new Set(),
    fundings: 0,
  };
  for (const commit of commits) if (commit.book === book) readCommit(reading, commit);
  const times = [...reading.instants.keys()].sort(byTime);
  const [from, to] = [times[0], times[times.length - 1]];
  if (reading.first.length === 0 || from === undefined || to === undefined) return undefined;
  const recorded = times.map((eventTime, index): MarketInstant => {
    const parts = reading.instants.get(eventTime) ?? emptyParts();
    return { number: index + 1, eventTime, ...parts, wakes: [] };
  });
  return {
    booted: { book, drafts: reading.first },
    market: { name: `the journal of ${book}`, from: parseInstant(from), to: parseInstant(to), recorded },
    changes: reading.changes.filter((change) => !isRefused(reading, change)),
    fundings: reading.fundings,
  };
}

const byTime = (a: string, b: string): number => (parseInstant(a) < parseInstant(b) ? -1 : 1);

const emptyParts = (): InstantParts => ({ marks: [], fundings: [], deliveries: [] });

function readCommit(reading: Reading, commit: Commit): void {
  const at = formatInstant(commit.clock.eventTime);
  for (const { event } of commit.events) {
    const draft: CommitDraft = {
      aggregate: commit.aggregate,
      book: commit.book,
      eventTime: at,
      actor: commit.actor,
      events: [event],
    };
    switch (event.type) {
      case 'BookOpened':
        for (const text of event.payload.specifications) {
          const contract = parseContract(text);
          reading.contracts.set(contract.id, contract);
        }
        reading.first.push(valuedAsRecorded(draft, event.payload));
        break;
      case 'VenueAccountOpened':
        reading.first.push(draft);
        break;
      case 'PolicySet':
        if (reading.first.some(isPolicy)) reading.changes.push({ at: commit.clock.eventTime, draft });
        else reading.first.push(draft);
        break;
      case 'TradeBooked':
      case 'TradeCorrected':
        reading.changes.push({ at: commit.clock.eventTime, draft: takenAsRecorded(draft, event) });
        break;
      case 'RequestRefused':
        reading.refused.add(event.payload.requestId);
        break;
      case 'ExpiryRecorded':
        reading.changes.push({ at: commit.clock.eventTime, draft });
        break;
      default:
        readMarket(reading, at, event);
    }
  }
}

/** The marks of a record carry the forwards that it was valued on: they are no quotes whose basis is yet to be found. */
function valuedAsRecorded(draft: CommitDraft, opened: EventPayloads['BookOpened']): CommitDraft {
  const { basisQuotes: _found, ...evaluation } = opened.evaluation;
  return { ...draft, events: [{ type: 'BookOpened', payload: { ...opened, evaluation } }] };
}

/** Whether a trade could be was judged on the whole market of its time, of which a record holds a part. */
function takenAsRecorded(
  draft: CommitDraft,
  event: EventOf<'TradeBooked'> | EventOf<'TradeCorrected'>,
): CommitDraft {
  const { type, payload } = event;
  const { tradeRules: _judged, ...said } = payload;
  return { ...draft, events: [{ type, payload: said } as DomainEvent] }; // the payload of the type, without what is optional
}

const isRefused = ({ refused }: Reading, { draft }: PolicyChange): boolean =>
  draft.events.every(({ payload }) => 'requestId' in payload && refused.has(payload.requestId ?? ''));

export const isPolicy = ({ events }: CommitDraft): boolean => events.some(({ type }) => type === 'PolicySet');

function readMarket(reading: Reading, at: string, event: DomainEvent): void {
  if (event.type === 'RiskSnapshotTaken') {
    // Valuations after a fill use the marks of the instant before; they are of the orders, not of the market.
    if (event.payload.trigger !== 'fill') partsAt(reading, at).marks = marksOf(reading, event.payload);
  } else if (event.type === 'FundingAccrued') {
    const { instrument, rate, at: due } = event.payload;
    reading.fundings += 1;
    partsAt(reading, at).fundings.push({ instrument, rate, at: due, source: 'journal' });
  } else if (event.type === 'OptionSettled') {
    const delivery = deliveryOf(reading, event.payload);
    if (delivery !== undefined) partsAt(reading, at).deliveries.push(delivery);
  }
}

function partsAt(reading: Reading, at: string): InstantParts {
  const known = reading.instants.get(at);
  if (known !== undefined) return known;
  const parts = emptyParts();
  reading.instants.set(at, parts);
  return parts;
}

function deliveryOf(
  { contracts }: Reading,
  settled: EventPayloads['OptionSettled'],
): DeliveryPrice | undefined {
  const contract = contracts.get(settled.instrument);
  if (contract?.expiry === undefined) return undefined;
  const { underlying, venue } = contract;
  const expiry = formatInstant(contract.expiry);
  return { underlying, venue, expiry, price: settled.deliveryPrice, source: 'journal' };
}

function marksOf(reading: Reading, snapshot: RiskSnapshotTaken): Mark[] {
  const legs = new Map(snapshot.legs.map((leg) => [leg.instrument, leg]));
  return snapshot.marks.flatMap((used) => {
    const kind = reading.contracts.get(used.instrument)?.kind;
    if (kind !== 'option') return [priceMark(used)];
    const leg = legs.get(used.instrument);
    const isNew = reading.quotes.get(used.instrument) !== used.eventTime;
    reading.quotes.set(used.instrument, used.eventTime);
    return leg === undefined || !isNew ? [] : [optionMark(used, leg)];
  });
}

function priceMark(used: MarkUsed): Mark {
  return { ...commonOf(used), kind: used.instrument.endsWith('@composite') ? 'composite' : 'price' };
}

function optionMark(used: MarkUsed, leg: LegValuation): Mark {
  return {
    ...commonOf(used),
    kind: 'option',
    volatility: leg.volatility,
    // As it stood against the spot of this valuation, which is the spot it is published beside.
    forward: leg.forward.toString(),
  };
}

function commonOf(used: MarkUsed): Omit<Mark, 'kind'> {
  const { instrument, price, bid, ask, status, reasons, source, eventTime } = used;
  return {
    instrument,
    price,
    status,
    reasons,
    source,
    eventTime,
    receivedTime: eventTime,
    ...(bid === undefined ? {} : { bid }),
    ...(ask === undefined ? {} : { ask }),
  };
}
