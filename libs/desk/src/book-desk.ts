import { bootDrafts } from '@evenkeel/engine';
import type { BookUnderManagement } from '@evenkeel/engine';
import { partitionOfBook, viewOf } from '@evenkeel/eventing';
import { TRADE_RULES } from '@evenkeel/facts';
import type { AggregateRef, Approval, CommitDraft, DomainEvent, EventPayloads } from '@evenkeel/facts';
import { isOfWholeLots, parseContract, parseInstrument } from '@evenkeel/instruments';
import {
  Decimal,
  InvalidInputError,
  canonicalJson,
  parseInstant,
  required,
  unknownName,
  uuidV5,
} from '@evenkeel/kernel';
import type { InputProblem, Json } from '@evenkeel/kernel';
import { overridesOf, premiumProblemOf, specificationsFor } from '@evenkeel/market';
import type { InstrumentsFile, TradeEntry } from '@evenkeel/market';
import { createRiskCore } from '@evenkeel/risk';
import type { BookState } from '@evenkeel/risk';
import type { DeskJournal } from './ports';

/** Who asks, why, and when by their own clock. */
export interface Asking {
  readonly by: string;
  readonly reason: string;
  /** ISO 8601. */
  readonly at: string;
  /** What names the request wherever it is told again; else it is who asks, and when. */
  readonly key?: string;
}

/** What was put on record; the services answer it with facts of their own, or with `RequestRefused`. */
export interface Asked {
  readonly book: string;
  readonly requestIds: readonly string[];
}

/** A book as risk has it on record; `undefined` where no book of that name was opened. */
export async function bookOnRecord(journal: DeskJournal, book: string): Promise<BookState | undefined> {
  const core = createRiskCore();
  let state = core.initial();
  for (const commit of await journal.bookCommits(book)) state = core.evolve(state, viewOf(commit));
  return state.books[book];
}

const deskOf = (book: string): AggregateRef => ({ context: 'governance', type: 'desk', id: book });

export function refuse(problems: readonly InputProblem[]): void {
  if (problems.length > 0) throw new InvalidInputError('the command', problems);
}

/** A book in the words of its request: the first facts that risk, strategy and execution are to put on record. */
export function bookRequest(
  managed: BookUnderManagement,
  asking: Asking,
  approval?: Approval,
  adapt: (draft: CommitDraft) => CommitDraft = (draft) => draft,
): EventPayloads['BookRequested'] {
  const { book } = managed.file;
  const requestId = idOf('open', book, asking);
  const asked = { ...managed, lineage: requestId };
  const events = bootDrafts(asked, asking.at).flatMap((draft) => adapt(draft).events);
  const opened = events.find((event) => event.type === 'BookOpened');
  const policy = events.find((event) => event.type === 'PolicySet');
  return {
    requestId,
    book,
    at: asking.at,
    requestedBy: asking.by,
    reason: asking.reason,
    opened: required(opened, `the opening among the first facts of ${book}`).payload,
    policy: required(policy, `the policy among the first facts of ${book}`).payload,
    accounts: events.flatMap((event) => (event.type === 'VenueAccountOpened' ? [event.payload] : [])),
    ...(approval === undefined ? {} : { approval }),
  };
}

/** Throws `INPUT.INVALID` where a book can't be opened now: to be asked before an approval is used up for it. */
export async function requireOpenable(journal: DeskJournal, book: string): Promise<void> {
  if ((await bookOnRecord(journal, book)) !== undefined)
    refuse([{ path: 'book', message: `${book} is open in this epoch already` }]);
  await requireServed(journal, book);
}

/** No request is put on record that would stay without an answer. */
async function requireServed(journal: DeskJournal, book: string): Promise<void> {
  const silent = await journal.silentServices(book);
  if (silent.length === 0) return;
  const where = `partition ${partitionOfBook(book)}, which is where ${book} belongs`;
  const message = `no process of ${silent.join(', ')} serves ${where}: start one, or name a book of a partition that is served`;
  refuse([{ path: 'book', message }]);
}

/** Puts a book under management while services run. Throws `INPUT.INVALID` where it can't be opened. */
export async function openBook(
  journal: DeskJournal,
  request: EventPayloads['BookRequested'],
): Promise<Asked> {
  const { book } = request;
  await requireOpenable(journal, book);
  return record(journal, request.requestedBy, book, [{ type: 'BookRequested', payload: request }]);
}

export interface TradesToBook {
  readonly book: string;
  readonly trades: readonly TradeEntry[];
  readonly instruments?: InstrumentsFile;
  /** What shows them; empty for the person's word alone. */
  readonly evidence: string;
  /** What the trades are called in messages: a file, the command. */
  readonly source: string;
  /** The prices are meant, however far from the market they are. */
  readonly priceMeant?: boolean;
}

/** Lets trades that were made elsewhere enter a book: all of them, or none. Throws `INPUT.INVALID` with every problem. */
export async function bookTrades(
  journal: DeskJournal,
  { book, trades, instruments, evidence, source, priceMeant }: TradesToBook,
  asking: Asking,
): Promise<Asked> {
  const named = trades.map(({ instrument }, index) => ({ instrument, path: `trades[${index}].instrument` }));
  const terms = new Map(
    specificationsFor(named, source, overridesOf(instruments)).map((specification) => [
      specification.id,
      canonicalJson(specification as unknown as Json), // specifications are plain data
    ]),
  );
  const state = await openOnRecord(journal, book);
  const problems: InputProblem[] = [];
  const held = new Map<string, Decimal>();
  const events = trades.map((trade, index): DomainEvent => {
    const path = `trades[${index}]`;
    if (state.trades[trade.trade] !== undefined)
      problems.push({ path: `${path}.trade`, message: `${trade.trade} is in ${book} already` });
    const specification = state.specifications[trade.instrument] ?? terms.get(trade.instrument) ?? '';
    const { lot } = parseContract(specification);
    const quantity = Decimal.parse(trade.quantity);
    const before = held.get(trade.instrument) ?? positionIn(state, trade.instrument);
    held.set(trade.instrument, before.plus(quantity));
    if (!isOfWholeLots({ lot }, quantity, before)) {
      const message = `${trade.quantity} is no multiple of the lot of ${trade.instrument}, ${lot.toString()}`;
      problems.push({ path: `${path}.quantity`, message });
    }
    return {
      type: 'TradeBooked',
      payload: {
        requestId: idOf(`trade|${trade.trade}`, book, asking),
        book,
        at: asking.at,
        bookedBy: asking.by,
        reason: asking.reason,
        tradeId: trade.trade,
        instrument: trade.instrument,
        quantity: trade.quantity,
        price: trade.price,
        tradedAt: trade.at ?? asking.at,
        specification,
        evidence,
        ...judged(priceMeant),
      },
    };
  });
  if (problems.length > 0) throw new InvalidInputError(source, problems);
  return record(journal, asking.by, book, events);
}

const positionIn = (state: BookState, instrument: string): Decimal =>
  Decimal.parse(state.positions[instrument]?.quantity ?? '0');

const judged = (
  priceMeant: boolean | undefined,
): Pick<EventPayloads['TradeBooked'], 'tradeRules' | 'priceMeant'> => ({
  tradeRules: TRADE_RULES,
  ...(priceMeant === true ? { priceMeant } : {}),
});

/** Says what a booked trade really was; quantity 0 takes it out. Throws `INPUT.INVALID` for a trade nobody booked. */
export async function correctTrade(
  journal: DeskJournal,
  {
    priceMeant,
    ...correction
  }: Pick<EventPayloads['TradeCorrected'], 'book' | 'tradeId' | 'quantity' | 'price' | 'priceMeant'>,
  asking: Asking,
): Promise<Asked> {
  const { book, tradeId } = correction;
  const state = await openOnRecord(journal, book);
  if (state.trades[tradeId] === undefined)
    refuse([
      { path: 'trade', message: unknownName('trade', tradeId, `in ${book}`, Object.keys(state.trades)) },
    ]);
  const { instrument = '' } = state.trades[tradeId] ?? {};
  const premium = premiumProblemOf({ instrument, price: correction.price });
  if (premium !== undefined) refuse([{ path: '--price', message: premium }]);
  const payload = {
    ...correction,
    ...judged(priceMeant),
    requestId: idOf(`correct|${tradeId}`, book, asking),
    at: asking.at,
    correctedBy: asking.by,
    reason: asking.reason,
  };
  return record(journal, asking.by, book, [{ type: 'TradeCorrected', payload }]);
}

/** Names the price at which an expired position settles. Throws `INPUT.INVALID` for what is not held or has no expiry. */
export async function recordExpiry(
  journal: DeskJournal,
  expiry: Pick<EventPayloads['ExpiryRecorded'], 'book' | 'instrument' | 'deliveryPrice'>,
  asking: Asking,
): Promise<Asked> {
  const { book, instrument } = expiry;
  const state = await openOnRecord(journal, book);
  const parsed = parseInstrument(instrument);
  if (state.positions[instrument] === undefined)
    refuse([
      {
        path: 'instrument',
        message: unknownName('position', instrument, `in ${book}`, Object.keys(state.positions)),
      },
    ]);
  if (parsed.ok && parsed.value.expiry === undefined)
    refuse([{ path: 'instrument', message: `${instrument} never expires` }]);
  const payload = {
    ...expiry,
    requestId: idOf(`expire|${instrument}`, book, asking),
    at: asking.at,
    recordedBy: asking.by,
    reason: asking.reason,
  };
  return record(journal, asking.by, book, [{ type: 'ExpiryRecorded', payload }]);
}

/** Ends the management of a book that holds nothing. Throws `INPUT.INVALID` while it holds something. */
export async function closeBook(journal: DeskJournal, book: string, asking: Asking): Promise<Asked> {
  const state = await openOnRecord(journal, book);
  const held = Object.keys(state.positions);
  if (held.length > 0)
    refuse([{ path: 'book', message: `${book} still holds ${held.slice(0, 5).join(', ')}` }]);
  const payload = {
    requestId: idOf('close', book, asking),
    book,
    at: asking.at,
    requestedBy: asking.by,
    reason: asking.reason,
  };
  return record(journal, asking.by, book, [{ type: 'BookCloseRequested', payload }]);
}

async function openOnRecord(journal: DeskJournal, book: string): Promise<BookState> {
  const state = await bookOnRecord(journal, book);
  if (state === undefined)
    throw new InvalidInputError('the command', [
      { path: 'book', message: unknownName('book', book, 'in this epoch', await journal.books()) },
    ]);
  if (state.closed) refuse([{ path: 'book', message: `${book} is closed` }]);
  await requireServed(journal, book);
  return state;
}

async function record(
  journal: DeskJournal,
  by: string,
  book: string,
  events: readonly DomainEvent[],
): Promise<Asked> {
  await journal.record({ aggregate: deskOf(book), book, by, events });
  return {
    book,
    requestIds: events.flatMap(({ payload }) => ('requestId' in payload ? [payload.requestId ?? ''] : [])),
  };
}

/** The same words by the same person at the same moment, or of the same key, are the same request. */
export function idOf(what: string, book: string, { by, at, key }: Asking): string {
  return uuidV5(`desk|${what}|${book}|${key ?? `${by}|${parseInstant(at)}`}`);
}
