import type { BookOpened, DomainEvent, EventPayloads, SnapshotTrigger } from '@evenkeel/facts';
import { Decimal, assert, parseInstant } from '@evenkeel/kernel';
import { addCash, bucketOf, tradeCash } from './cash-flow';
import { termsIn } from './book-events';
import type { ContractTerms } from './contract-terms';
import { isDollar } from './contract-terms';
import { FLAT, applyTrade } from './position';
import { conversionInto } from './profit-and-loss';
import { instantOf, millisecondsOf } from './market-view';
import { conditionText } from './snapshot';
import type { BookState, RiskState } from './state';

/** Folds one event of a book of ours. */
export function foldEvent(state: RiskState, bookId: string, event: DomainEvent): void {
  if (event.type === 'BookOpened') {
    state.books[event.payload.book] = openBook(event.payload);
    return;
  }
  const book = state.books[bookId];
  if (book === undefined) return;
  switch (event.type) {
    case 'PositionAdopted':
      return foldAdoption(book, event.payload);
    case 'FillApplied':
      return foldFill(book, event.payload);
    case 'FundingAccrued':
      return foldFunding(book, event.payload);
    case 'OptionSettled':
      return foldSettlement(state, book, event.payload);
    case 'RiskSnapshotTaken':
      return foldSnapshot(state, book, event.payload);
    default:
      return undefined;
  }
}

function openBook(opened: BookOpened): BookState {
  const specifications: Record<string, string> = {};
  for (const text of opened.specifications) {
    const id: unknown = (JSON.parse(text) as { id?: unknown }).id;
    assert(typeof id === 'string', 'every specification of an opened book has an id');
    specifications[id] = text;
  }
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
    positionsVersion: 0,
    cash: { options: {}, settlement: {}, hedge: {}, fees: {}, funding: {} },
    settled: '0',
    dueFills: [],
    appliedFills: {},
    dueFundings: [],
    deliveries: {},
    snapshots: 0,
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

function trade(book: BookState, terms: ContractTerms, quantity: Decimal, price: Decimal): Decimal {
  const change = applyTrade(terms, book.positions[terms.id] ?? FLAT, quantity, price);
  if (change.position.contracts === 0) delete book.positions[terms.id];
  else book.positions[terms.id] = change.position;
  book.positionsVersion += 1;
  return change.realised;
}

function bookTrade(book: BookState, instrument: string, quantityText: string, priceText: string): void {
  const terms = termsIn(book, instrument);
  const quantity = Decimal.parse(quantityText);
  const price = Decimal.parse(priceText);
  const realised = trade(book, terms, quantity, price);
  const carries = terms.kind === 'perpetual' || terms.kind === 'future';
  addCash(
    book.cash,
    bucketOf(book, terms),
    terms.settlement,
    carries ? realised : tradeCash(terms, quantity, price),
  );
}

function foldAdoption(book: BookState, payload: EventPayloads['PositionAdopted']): void {
  assert(
    book.adoptionOrder[book.adopted] === payload.index,
    `planned positions of ${book.book} are adopted once each, in order of time`,
  );
  book.adopted += 1;
  book.nextAdoptionMs = nextAdoptionOf(book);
  bookTrade(book, payload.instrument, payload.quantity, payload.price);
  owe(book, 'position');
}

function foldFill(book: BookState, payload: EventPayloads['FillApplied']): void {
  assert(book.appliedFills[payload.fillId] === undefined, `fill ${payload.fillId} is applied once`);
  book.appliedFills[payload.fillId] = true;
  book.dueFills = book.dueFills.filter((due) => due.fillId !== payload.fillId);
  bookTrade(book, payload.instrument, payload.quantity, payload.price);
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
  const terms = termsIn(book, payload.instrument);
  const cash = Decimal.parse(payload.cash.amount);
  delete book.positions[payload.instrument];
  book.positionsVersion += 1;
  if (bucketOf(book, terms) === 'hedge') {
    addCash(book.cash, 'hedge', payload.cash.currency, cash);
  } else {
    addCash(book.cash, 'settlement', payload.cash.currency, cash);
    book.settled = Decimal.parse(book.settled)
      .plus(inNumeraireAtDelivery(state, book, payload, terms))
      .toString();
  }
  owe(book, 'settlement');
}

/** A payoff in the numeraire, at the delivery price where that is what converts it. */
function inNumeraireAtDelivery(
  state: RiskState,
  book: BookState,
  payload: EventPayloads['OptionSettled'],
  terms: ContractTerms,
): Decimal {
  const cash = Decimal.parse(payload.cash.amount);
  const { currency } = payload.cash;
  const delivery = Decimal.parse(payload.deliveryPrice);
  const digits = 8;
  if (currency === book.numeraire) return cash;
  if (currency === terms.underlying && isDollar(book.numeraire))
    return cash.times(delivery).round(digits, 'half-even');
  if (isDollar(currency) && book.numeraire === terms.underlying) return cash.dividedBy(delivery, digits);
  const converted = conversionInto(state, book.numeraire)(currency, cash) ?? Decimal.ZERO;
  return converted.round(digits, 'half-even');
}

function foldSnapshot(state: RiskState, book: BookState, payload: EventPayloads['RiskSnapshotTaken']): void {
  const spots: Record<string, number> = {};
  for (const { underlying } of payload.exposures) {
    const spot = state.spots[underlying];
    if (spot !== undefined) spots[underlying] = spot.price;
  }
  book.snapshots += 1;
  book.owed = '';
  book.last = { at: payload.at, spots, condition: conditionText(state, book, instantOf(payload.at)) };
}
