import type { BookCarried, BookOpened, DomainEvent, EventPayloads } from '@evenkeel/facts';
import { required } from '@evenkeel/kernel';
import { positionWith } from './position';
import type { BookState, CashBucket, DueFill, RiskState } from './state';

const LINES: readonly CashBucket[] = ['options', 'settlement', 'hedge', 'fees', 'funding'];

export interface CarryBook {
  readonly book: string;
  readonly at: string;
  readonly fromEpoch: string;
  readonly lineage: string;
  /** What the book was opened with. */
  readonly opened: BookOpened;
  /** Fills that a venue may yet speak of; others are told apart by execution. */
  readonly tells: (fillId: string) => boolean;
}

/** A book as the first facts of another epoch say it: its terms with what is still planned, and what it has come to. */
export function carriedBook(state: RiskState, options: CarryBook): DomainEvent[] {
  const { at, fromEpoch, lineage, opened, tells } = options;
  const book = required(state.books[options.book], `book ${options.book}`);
  const planned = book.adoptionOrder
    .slice(book.adopted)
    .map((index) => required(book.planned[index], `planned position ${index}`));
  const specifications = Object.values(book.specifications);
  const payload: BookCarried = {
    book: book.book,
    at,
    fromEpoch,
    lineage,
    positions: carriedPositions(book.positions),
    own: carriedPositions(book.own),
    positionsVersion: book.positionsVersion,
    cash: LINES.flatMap((line) =>
      Object.entries(book.cash[line]).map(([currency, amount]) => ({ line, currency, amount })),
    ),
    settled: book.settled,
    snapshots: book.snapshots,
    appliedFills: Object.keys(book.appliedFills).filter(tells),
    adoptedTrades: Object.keys(book.adoptedTrades),
    dueFills: book.dueFills.map(plainFill),
    dueTrades: book.dueForeignTrades.map((due) => ({ ...due })),
    trades: Object.entries(book.trades).map(([tradeId, trade]) => ({ tradeId, ...trade })),
    closed: book.closed,
  };
  return [
    { type: 'BookOpened', payload: { ...opened, planned, specifications } },
    { type: 'BookCarried', payload },
  ];
}

function carriedPositions(positions: BookState['positions']): BookCarried['positions'] {
  return Object.entries(positions).map(([instrument, { quantity, basis }]) => ({
    instrument,
    quantity,
    basis,
  }));
}

/** What execution said carries more than risk keeps. */
function plainFill({
  book,
  instrument,
  clientOrderId,
  fillId,
  quantity,
  price,
  fee,
  at,
  busts,
}: DueFill): BookCarried['dueFills'][number] {
  const told = { book, instrument, clientOrderId, fillId, quantity, price, fee, at };
  return busts === undefined ? told : { ...told, busts };
}

/** Folds it: the book goes on as if it had never stopped, and owes a snapshot as soon as there is a market. */
export function foldCarried(book: BookState, payload: EventPayloads['BookCarried']): void {
  book.lineage = lineagePrefix(payload.lineage);
  for (const { instrument, quantity, basis } of payload.positions)
    book.positions[instrument] = positionWith(quantity, basis);
  for (const { instrument, quantity, basis } of payload.own)
    book.own[instrument] = positionWith(quantity, basis);
  book.positionsVersion = payload.positionsVersion;
  for (const { line, currency, amount } of payload.cash) {
    const bucket = LINES.find((one) => one === line);
    book.cash[required(bucket, `the line of cash ${line}`)][currency] = amount;
  }
  book.settled = payload.settled;
  book.snapshots = payload.snapshots;
  for (const fillId of payload.appliedFills) book.appliedFills[fillId] = payload.at;
  for (const key of payload.adoptedTrades) book.adoptedTrades[key] = payload.at;
  book.dueFills = [...payload.dueFills];
  book.dueForeignTrades = [...payload.dueTrades];
  for (const { tradeId, ...trade } of payload.trades) book.trades[tradeId] = trade;
  book.closed = payload.closed;
  book.changes += 1;
  book.owed = 'position';
}

/** What stands before the number of a snapshot where its id is made. */
export function lineagePrefix(lineage: string | undefined): string {
  return lineage === undefined ? '' : `${lineage}/`;
}
