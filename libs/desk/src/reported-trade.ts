import type { DomainEvent } from '@evenkeel/facts';
import { Decimal, sha256, toHex, utf8 } from '@evenkeel/kernel';
import { parseTrade } from '@evenkeel/market';
import type { InstrumentsFile } from '@evenkeel/market';
import { bookOnRecord, bookTrades, correctTrade, idOf, refuse } from './book-desk';
import type { Asked, Asking } from './book-desk';
import type { DeskJournal } from './ports';

/** What somebody else's session tells of a trade: that it was made, that it was another one, that it was none. */
export interface ReportedTrade {
  readonly kind: 'trade' | 'correction' | 'cancellation';
  /** With `execId` it names the report, however often it is told. */
  readonly session: string;
  readonly execId: string;
  /** The report that a correction or cancellation is about: the trade's own, or that of the last correction. */
  readonly refersTo?: string;
  readonly instrument: string;
  /** Signed contracts, bought positive; 0 of a cancellation. */
  readonly quantity: string;
  /** In the instrument's quote unit. Absent of a cancellation. */
  readonly price?: string;
  /** When it was made, ISO 8601. */
  readonly at: string;
  readonly evidence: string;
}

export interface BookedReport extends Asked {
  readonly tradeId: string;
  /** It was on record before. */
  readonly known: boolean;
}

type Said = Extract<DomainEvent, { readonly type: 'TradeBooked' | 'TradeCorrected' }>['payload'];

/**
 * Puts on record what a report tells, once, as `bookTrades` and `correctTrade` do. Throws `INPUT.INVALID` where it can't be booked, or
 * contradicts what the same report said before.
 */
export async function bookReported(
  journal: DeskJournal,
  book: string,
  report: ReportedTrade,
  who: Asking,
  instruments?: InstrumentsFile,
): Promise<BookedReport> {
  const asking = { ...who, key: keyOf(report.session, report.execId) };
  const said = await saidOf(journal, book);
  const before = said.find((one) => isOfKey(one, book, asking));
  if (before !== undefined) {
    const isSame =
      sameNumber(before.quantity, report.quantity) &&
      (report.price === undefined || sameNumber(before.price, report.price)) &&
      (!('instrument' in before) || before.instrument === report.instrument);
    if (!isSame)
      refuse([{ path: report.execId, message: `was told before with other figures: ${before.tradeId}` }]);
    return { book, requestIds: [before.requestId], tradeId: before.tradeId, known: true };
  }
  if (report.kind === 'trade') {
    const { instrument, quantity, price, at, evidence } = report;
    const tradeId = tradeIdOf(report.session, report.execId);
    const trade = parseTrade({ trade: tradeId, instrument, quantity, price, at }, report.execId);
    const terms = instruments === undefined ? {} : { instruments };
    const asked = await bookTrades(
      journal,
      { book, trades: [trade], evidence, source: report.execId, ...terms },
      asking,
    );
    return { ...asked, tradeId, known: false };
  }
  const tradeId = rootOf(said, book, report, who);
  const trade = (await bookOnRecord(journal, book))?.trades[tradeId];
  if (trade !== undefined) requireSameTrade(report, trade);
  const { quantity, price = trade?.price ?? '0' } = report;
  return {
    ...(await correctTrade(journal, { book, tradeId, quantity, price }, asking)),
    tradeId,
    known: false,
  };
}

function requireSameTrade(report: ReportedTrade, trade: { instrument: string; quantity: string }): void {
  const { execId, refersTo, instrument } = report;
  if (trade.instrument !== instrument)
    refuse([{ path: execId, message: `is of ${instrument}, and ${refersTo} was in ${trade.instrument}` }]);
}

/** The trade that a correction is about, over the corrections before it. */
function rootOf(said: readonly Said[], book: string, report: ReportedTrade, who: Asking): string {
  const { session, refersTo = '' } = report;
  const found = said.find((one) => isOfKey(one, book, { ...who, key: keyOf(session, refersTo) }));
  return found?.tradeId ?? tradeIdOf(session, refersTo);
}

/** Trades and corrections that are on record for a book. */
async function saidOf(journal: DeskJournal, book: string): Promise<readonly Said[]> {
  return (await journal.peoplesCommits())
    .filter((commit) => commit.book === book)
    .flatMap(({ events }) =>
      events.flatMap(({ event }) =>
        event.type === 'TradeBooked' || event.type === 'TradeCorrected' ? [event.payload] : [],
      ),
    );
}

const isOfKey = ({ requestId, tradeId, ...said }: Said, book: string, asking: Asking): boolean =>
  requestId === idOf(`${'instrument' in said ? 'trade' : 'correct'}|${tradeId}`, book, asking);

const keyOf = (session: string, execId: string): string => JSON.stringify([session, execId]);

const sameNumber = (one: string, other: string): boolean => Decimal.parse(one).equals(Decimal.parse(other));

const ID_MAX = 64;

/** The report's own name where it fits one of ours; else a hash of it, and the evidence has the name. */
function tradeIdOf(session: string, execId: string): string {
  const plain = `${session}:${execId}`;
  if (plain.length <= ID_MAX && /^[A-Za-z0-9._-]+$/.test(execId)) return plain;
  return `${session}:sha256:${toHex(sha256(utf8(execId))).slice(0, 32)}`;
}
