import { foreignTradeKey } from '@evenkeel/facts';
import type {
  BookOpened,
  EventOf,
  EventTypeReadBy,
  EventPayloads,
  SnapshotTrigger,
  VenueTradeAdopted,
} from '@evenkeel/facts';
import { parseContract } from '@evenkeel/instruments';
import { Decimal, assert, assertNever, parseInstant, required } from '@evenkeel/kernel';
import { cashAtExpiry } from './book-events';
import { foldCarried, lineagePrefix } from './carry';
import { addCash, maybeHedge } from './cash-flow';
import { contractIn } from './open-book';
import { NOT_HELD, tradeOn } from './position';
import { payoffInNumeraire } from './profit-and-loss';
import { millisecondsOf } from './market-view';
import { conditionText } from './snapshot';
import type { BookState, DeskRequest, Position, RiskState } from './state';

/** Folds one event of a book of ours. */
export function foldEvent(state: RiskState, bookId: string, event: EventOf<EventTypeReadBy<'risk'>>): void {
  if (event.type === 'BookOpened') {
    const book = openBook(event.payload);
    state.books[book.book] = book;
    for (const text of Object.values(book.specifications)) follow(state, text);
    answered(state, (request) => request.type === 'BookRequested' && request.payload.book === book.book);
    return;
  }
  const requestId = 'requestId' in event.payload ? event.payload.requestId : undefined;
  if (requestId !== undefined) answered(state, ({ payload }) => payload.requestId === requestId);
  const book = state.books[bookId];
  if (book === undefined) return;
  switch (event.type) {
    case 'PositionAdopted':
      if (event.payload.venueTrade !== undefined)
        return foldVenueTrade(book, event.payload, event.payload.venueTrade);
      return event.payload.requestId === undefined
        ? foldAdoption(book, event.payload)
        : foldBookedTrade(state, book, event.payload);
    case 'BookCarried':
      return foldCarried(book, event.payload);
    case 'BookClosed':
      book.closed = true;
      return undefined;
    case 'FillApplied':
      return foldFill(book, event.payload);
    case 'FundingAccrued':
      return foldFunding(book, event.payload);
    case 'OptionSettled':
      return foldSettlement(state, book, event.payload);
    case 'RiskSnapshotTaken':
      return foldSnapshot(state, book, event.payload);
    // Execution's: taken in as they are observed, and folded as the fills applied for them.
    case 'OrderFilled':
    case 'FillBusted':
    case 'ForeignTradeSeen':
    // People's: remembered as they are observed; what answers them was dealt with above.
    case 'BookRequested':
    case 'TradeBooked':
    case 'TradeCorrected':
    case 'ExpiryRecorded':
    case 'BookCloseRequested':
    case 'RequestRefused':
      return undefined;
    default:
      return assertNever(event, 'an event that risk folds');
  }
}

function follow(state: RiskState, specification: string): void {
  const { id, underlying } = parseContract(specification);
  state.followed[id] = underlying;
}

/** The first request of which this is true has its answer. */
function answered(state: RiskState, is: (request: DeskRequest) => boolean): void {
  const at = state.requests.findIndex(is);
  if (at >= 0) state.requests.splice(at, 1);
}

function openBook(opened: BookOpened): BookState {
  const specifications: Record<string, string> = {};
  for (const text of opened.specifications) specifications[parseContract(text).id] = text;
  const book: BookState = {
    book: opened.book,
    numeraire: opened.numeraire,
    planned: opened.planned,
    specifications,
    hedgeInstruments: opened.hedgeInstruments,
    rules: opened.evaluation,
    adoptionOrder: adoptionOrderOf(opened),
    adopted: 0,
    nextAdoptionMs: Number.MAX_VALUE,
    changes: 0,
    positions: {},
    own: {},
    positionsVersion: 0,
    cash: { options: {}, settlement: {}, hedge: {}, fees: {}, funding: {} },
    settled: '0',
    dueFills: [],
    appliedFills: {},
    dueForeignTrades: [],
    adoptedTrades: {},
    dueFundings: [],
    deliveries: {},
    trades: {},
    closed: false,
    snapshots: 0,
    lineage: lineagePrefix(opened.lineage),
    owed: '',
    last: null,
  };
  book.nextAdoptionMs = nextAdoptionOf(book);
  return book;
}

function adoptionOrderOf(opened: BookOpened): number[] {
  const times = opened.planned.map(({ at }) => parseInstant(at));
  const before = (a: number, b: number): number => {
    const [first, second] = [times[a] ?? 0n, times[b] ?? 0n];
    return first < second ? -1 : first > second ? 1 : a - b;
  };
  return opened.planned.map((_, index) => index).sort(before);
}

function nextAdoptionOf(book: BookState): number {
  const planned = book.planned[book.adoptionOrder[book.adopted] ?? -1];
  return planned === undefined ? Number.MAX_VALUE : millisecondsOf(planned.at);
}

/** What a change of several kinds is called: the one that says most comes first. */
const RANK: readonly SnapshotTrigger[] = ['settlement', 'fill', 'position', 'funding'];

/** The book changed: a snapshot is owed. */
function owe(book: BookState, trigger: SnapshotTrigger): void {
  book.changes += 1;
  if (book.owed === '' || RANK.indexOf(trigger) < RANK.indexOf(book.owed)) book.owed = trigger;
}

type TradeTerms = Pick<EventPayloads['FillApplied'], 'instrument' | 'quantity' | 'price'>;

/** A trade enters the account; the P&L line that it belongs to is that of who made it. */
function bookTrade(book: BookState, trade: TradeTerms, origin: 'own' | 'hedge'): void {
  const contract = contractIn(book, trade.instrument);
  const quantity = Decimal.parse(trade.quantity);
  const price = Decimal.parse(trade.price);
  const tradedIn = (positions: Record<string, Position>): Decimal => {
    const { position, cash } = tradeOn(contract, positions[contract.id] ?? NOT_HELD, quantity, price);
    if (position.contracts === 0) delete positions[contract.id];
    else positions[contract.id] = position;
    return cash;
  };
  const cash = tradedIn(book.positions);
  book.positionsVersion += 1;
  if (!maybeHedge(book, contract)) return addCash(book.cash, 'options', contract.settlement, cash);
  const own = origin === 'own' ? tradedIn(book.own) : Decimal.ZERO;
  if (!own.isZero()) addCash(book.cash, 'options', contract.settlement, own);
  addCash(book.cash, 'hedge', contract.settlement, cash.minus(own));
}

function foldAdoption(book: BookState, payload: EventPayloads['PositionAdopted']): void {
  assert(
    book.adoptionOrder[book.adopted] === payload.index,
    `planned positions of ${book.book} are adopted once each, in order of time`,
  );
  book.adopted += 1;
  book.nextAdoptionMs = nextAdoptionOf(book);
  bookTrade(book, payload, 'own');
  owe(book, 'position');
}

/** A trade of the desk, or the taking back of one. */
function foldBookedTrade(state: RiskState, book: BookState, payload: EventPayloads['PositionAdopted']): void {
  const { instrument, quantity, price, specification, tradeId } = payload;
  if (specification !== undefined) {
    book.specifications[instrument] = specification;
    follow(state, specification);
  }
  bookTrade(book, payload, 'own');
  owe(book, 'position');
  if (tradeId === undefined) return;
  if (book.trades[tradeId] === undefined) book.trades[tradeId] = { instrument, quantity, price };
  else delete book.trades[tradeId];
}

/** A trade that somebody else made at the venue: no hedge of ours, so the book's own. */
function foldVenueTrade(
  book: BookState,
  payload: EventPayloads['PositionAdopted'],
  venueTrade: VenueTradeAdopted,
): void {
  const key = foreignTradeKey(venueTrade);
  assert(book.adoptedTrades[key] === undefined, `trade ${key} is adopted once`);
  book.adoptedTrades[key] = payload.at;
  book.dueForeignTrades = book.dueForeignTrades.filter((due) => foreignTradeKey(due) !== key);
  bookTrade(book, payload, 'own');
  addCash(book.cash, 'fees', venueTrade.fee.currency, Decimal.parse(venueTrade.fee.amount));
  owe(book, 'position');
}

function foldFill(book: BookState, payload: EventPayloads['FillApplied']): void {
  assert(book.appliedFills[payload.fillId] === undefined, `fill ${payload.fillId} is applied once`);
  book.appliedFills[payload.fillId] = payload.at;
  book.dueFills = book.dueFills.filter((due) => due.fillId !== payload.fillId);
  bookTrade(book, payload, 'hedge');
  addCash(book.cash, 'fees', payload.fee.currency, Decimal.parse(payload.fee.amount));
  owe(book, 'fill');
}

function foldFunding(book: BookState, payload: EventPayloads['FundingAccrued']): void {
  book.dueFundings = book.dueFundings.filter(
    (due) => due.instrument !== payload.instrument || due.at !== payload.at,
  );
  addCash(book.cash, 'funding', payload.cash.currency, Decimal.parse(payload.cash.amount));
  owe(book, 'funding');
}

function foldSettlement(state: RiskState, book: BookState, payload: EventPayloads['OptionSettled']): void {
  const contract = contractIn(book, payload.instrument);
  const cash = Decimal.parse(payload.cash.amount);
  const delivery = Decimal.parse(payload.deliveryPrice);
  const own = maybeHedge(book, contract)
    ? cashAtExpiry(contract, book.own[payload.instrument] ?? NOT_HELD, delivery)
    : cash;
  delete book.positions[payload.instrument];
  delete book.own[payload.instrument];
  book.positionsVersion += 1;
  const { currency } = payload.cash;
  if (!cash.equals(own)) addCash(book.cash, 'hedge', currency, cash.minus(own));
  if (contract.kind === 'option') {
    addCash(book.cash, 'settlement', currency, own);
    const worth = payoffInNumeraire(state, book, contract, own, delivery);
    book.settled = Decimal.parse(book.settled)
      .plus(required(worth, `the price of ${contract.settlement} in ${book.numeraire} at a settlement`))
      .toString();
  } else if (!own.isZero()) addCash(book.cash, 'options', currency, own);
  const { fee } = payload;
  if (fee !== undefined) addCash(book.cash, 'fees', fee.currency, Decimal.parse(fee.amount));
  owe(book, 'settlement');
}

function foldSnapshot(state: RiskState, book: BookState, payload: EventPayloads['RiskSnapshotTaken']): void {
  const spots: Record<string, number> = {};
  for (const { underlying } of payload.exposures) {
    const spot = state.spots[underlying];
    if (spot !== undefined) spots[underlying] = spot.price;
  }
  book.snapshots += 1;
  book.owed = '';
  book.last = { at: payload.at, spots, condition: conditionText(state, book, parseInstant(payload.at)) };
}
