import type { Actor, CommitDraft, DomainEvent, EventPayloads } from '@evenkeel/facts';
import { parseContract } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { adopted, settlementOf } from './book-events';
import { contractIn } from './open-book';
import { NOT_HELD } from './position';
import { payoffInNumeraire } from './profit-and-loss';
import type { BookState, DeskRequest, RiskState } from './state';
import { tradeProblem } from './trade-judgement';

/** What follows from a request: facts of the book, or the reasons why there are none. */
type Answer = readonly DomainEvent[] | string | Refusal;

/** Why not, with what it is about. */
interface Refusal {
  readonly reasons: readonly string[];
}

/** What the oldest request of the desk leads to: in one commit, under the name of who asked. */
export function nextAnswer(state: RiskState, now: Instant): CommitDraft | undefined {
  const [request] = state.requests;
  if (request === undefined) return undefined;
  const { book, requestId } = request.payload;
  const answer = answerTo(state, request, now);
  const refused = (reasons: readonly string[]): DomainEvent => ({
    type: 'RequestRefused',
    payload: { book, requestId, at: state.now, asked: request.type, reasons },
  });
  return {
    aggregate: { context: 'risk', type: 'book', id: book },
    book,
    eventTime: state.now,
    actor: askedBy(request),
    events:
      typeof answer === 'string'
        ? [refused([answer])]
        : 'reasons' in answer
          ? [refused(answer.reasons)]
          : answer,
  };
}

function answerTo(state: RiskState, request: DeskRequest, now: Instant): Answer {
  if (request.refused !== undefined) return request.refused;
  const book = state.books[request.payload.book];
  if (request.type === 'BookRequested') {
    if (book !== undefined) return 'BOOK_EXISTS';
    return [{ type: 'BookOpened', payload: { ...request.payload.opened, at: state.now } }];
  }
  if (book === undefined) return 'NO_SUCH_BOOK';
  if (book.closed) return 'BOOK_CLOSED';
  switch (request.type) {
    case 'TradeBooked':
      return booked(state, book, request.payload, now);
    case 'TradeCorrected':
      return corrected(state, book, request.payload, now);
    case 'ExpiryRecorded':
      return expired(state, book, request.payload, now);
    case 'BookCloseRequested':
      return closed(state, book, request.payload);
  }
}

function booked(
  state: RiskState,
  book: BookState,
  trade: EventPayloads['TradeBooked'],
  now: Instant,
): Answer {
  const { requestId, tradeId, instrument, quantity, price, specification } = trade;
  if (book.trades[tradeId] !== undefined) return 'TRADE_EXISTS';
  const known = book.specifications[instrument];
  if (known !== undefined && known !== specification) return 'OTHER_TERMS';
  const contract = parseContract(specification);
  if (isOver(contract, now)) return 'EXPIRED';
  const held = Decimal.parse((book.positions[instrument] ?? NOT_HELD).quantity);
  const problem = tradeProblem(state, contract, trade, held, now);
  if (problem !== undefined) return problem;
  const after = held.plus(Decimal.parse(quantity));
  const payload = { ...adopted(book, contract, { quantity, price }, after, state.now), index: 0 };
  const terms = known === undefined ? { specification } : {};
  return [{ type: 'PositionAdopted', payload: { ...payload, requestId, tradeId, ...terms } }];
}

/** The trade as it was said is taken back, and what it was takes its place. */
function corrected(
  state: RiskState,
  book: BookState,
  correction: EventPayloads['TradeCorrected'],
  now: Instant,
): Answer {
  const { requestId, tradeId, quantity, price } = correction;
  const said = book.trades[tradeId];
  if (said === undefined) return 'NO_SUCH_TRADE';
  const contract = contractIn(book, said.instrument);
  if (isOver(contract, now)) return 'EXPIRED';
  const held = Decimal.parse((book.positions[said.instrument] ?? NOT_HELD).quantity);
  const undoing = { quantity: Decimal.parse(said.quantity).negated().toString(), price: said.price };
  const without = held.plus(Decimal.parse(undoing.quantity));
  const was = Decimal.parse(quantity);
  const problem = was.isZero() ? undefined : tradeProblem(state, contract, correction, without, now);
  if (problem !== undefined) return problem;
  const ids = { index: 0, requestId, tradeId };
  const event = (trade: typeof undoing, after: Decimal): DomainEvent => ({
    type: 'PositionAdopted',
    payload: { ...adopted(book, contract, trade, after, state.now), ...ids },
  });
  const taken = event(undoing, without);
  return was.isZero() ? [taken] : [taken, event({ quantity, price }, without.plus(was))];
}

function expired(
  state: RiskState,
  book: BookState,
  { requestId, instrument, deliveryPrice }: EventPayloads['ExpiryRecorded'],
  now: Instant,
): Answer {
  if (book.positions[instrument] === undefined) return 'NOT_HELD';
  const contract = contractIn(book, instrument);
  if (!isOver(contract, now)) return 'NOT_EXPIRED';
  const payload = settlementOf(book, contract, deliveryPrice, state.now);
  const cash = Decimal.parse(payload.cash.amount);
  if (payoffInNumeraire(state, book, contract, cash, Decimal.parse(deliveryPrice)) === undefined)
    return 'NO_PRICE_OF_SETTLEMENT_CURRENCY';
  return [{ type: 'OptionSettled', payload: { ...payload, requestId } }];
}

function closed(
  state: RiskState,
  book: BookState,
  { requestId, requestedBy, reason }: EventPayloads['BookCloseRequested'],
): Answer {
  if (Object.keys(book.positions).length > 0) return 'POSITIONS_OPEN';
  if (book.adopted < book.planned.length) return 'POSITIONS_PLANNED';
  const payload = { book: book.book, requestId, at: state.now, closedBy: requestedBy, reason };
  return [{ type: 'BookClosed', payload }];
}

function isOver({ expiry }: Contract, now: Instant): boolean {
  return expiry !== undefined && now >= expiry;
}

function askedBy(request: DeskRequest): Actor {
  switch (request.type) {
    case 'BookRequested':
      return { kind: 'human', id: request.payload.approval?.approvedBy ?? request.payload.requestedBy };
    case 'TradeBooked':
      return { kind: 'human', id: request.payload.bookedBy };
    case 'TradeCorrected':
      return { kind: 'human', id: request.payload.correctedBy };
    case 'ExpiryRecorded':
      return { kind: 'human', id: request.payload.recordedBy };
    case 'BookCloseRequested':
      return { kind: 'human', id: request.payload.requestedBy };
  }
}
