import type {
  CommitView,
  DomainEvent,
  EventOf,
  LimitsSet,
  ForeignTradeSeen,
  ParentOrderCompleted,
  ParentOrderStarted,
  VenueAccountOpened,
} from '@evenkeel/facts';
import { foreignTradeKey, isReadBy } from '@evenkeel/facts';
import { bookFill, parseContracts, unbookFill } from '@evenkeel/instruments';
import { Decimal, IntegrityFault, NANOS_PER_MINUTE, parseInstant, required } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { parseInstructions } from './algorithms/instructions';
import type { ExecutionInstructions } from './algorithms/instructions';
import { noteChild, startedParent } from './algorithms/parent-order';
import { foldAccountCarried, foldControlsCarried } from './carry';
import { foldControl, noteExecution } from './controls/book-controls';
import { bookOf } from './execution-state';
import type { BookExecution, ExecutionState, VenueAccount } from './execution-state';
import { orderCarriedIn } from './hedge-order/carry';
import { isHedgeOrderEvent } from './hedge-order/events';
import type { HedgeOrderEvent } from './hedge-order/events';
import { evolveOrder } from './hedge-order/evolve';
import type { HedgeOrder } from './hedge-order/state';
import { withKill } from './kill-switch';
import { livingOf, lookAtAll, lookAtBook, place } from './living-orders';
import { readLimits } from './pre-trade/limits';
import { forgetTimes, noteTime } from './recent-times';
import { foldAccount, newWatch, noteMovement } from './venue-account/account-watch';
import { foldLimitsSaid } from './venue-account/governed-limits';

/** Folds one commit of execution's own into what it knows. */
export function evolve(state: ExecutionState, commit: CommitView): ExecutionState {
  advance(state, parseInstant(commit.eventTime));
  for (const event of commit.events) if (isReadBy('execution', event)) foldOwn(state, event, commit);
  return state;
}

export function advance(state: ExecutionState, at: Instant): void {
  if (at > state.now) state.now = at;
}

export function foldLatch(state: ExecutionState, event: DomainEvent): void {
  if (event.type === 'KillEngaged') {
    const { scope } = event.payload;
    state.latches.set(scope, withKill(state.latches.get(scope) ?? [], event.payload));
    lookAtAll(state);
  } else if (event.type === 'KillReleased') {
    state.latches.delete(event.payload.scope);
    lookAtAll(state);
  }
}

function foldOwn(state: ExecutionState, event: DomainEvent, commit: CommitView): void {
  if (isHedgeOrderEvent(event)) return foldOrder(state, event, commit);
  switch (event.type) {
    case 'VenueAccountOpened':
      return openAccount(state, event.payload);
    case 'LimitsSet':
      setLimits(state, event.payload);
      return foldLimitsSaid(state, event);
    case 'LimitsRefused':
      return foldLimitsSaid(state, event);
    case 'ParentOrderStarted':
      return startWork(state, event.payload, commit);
    case 'ParentOrderCompleted':
      return completeWork(state, event.payload);
    case 'ForeignTradeSeen':
      return noteForeignTrade(bookOf(state, event.payload.book), event.payload);
    case 'OrderCarried':
      return carryOrder(state, orderCarriedIn(event.payload));
    case 'ControlsCarried':
      return foldControlsCarried(bookOf(state, event.payload.book), event.payload);
    case 'AccountCarried': {
      const account = bookOf(state, event.payload.book).accounts.get(event.payload.venue);
      return foldAccountCarried(required(account, 'the account that is carried'), event.payload);
    }
    case 'ReconciliationRequested':
    case 'VenueReconciled':
    case 'ReconciliationDiffered':
    case 'VenueHalted':
    case 'VenueResumed': {
      const book = bookOf(state, event.payload.book);
      const account = book.accounts.get(event.payload.venue);
      if (account !== undefined) foldAccount(account.watch, event, isQuiet(book, event.payload.venue));
      if (event.type === 'VenueResumed') askAgain(book, event.payload.venue);
      if (event.type === 'VenueResumed' || event.type === 'VenueHalted') lookAtBook(state, book);
      return;
    }
    default:
      if (!foldControl(bookOf(state, commit.book).controls, event)) foldLatch(state, event);
  }
}

/** Whoever resumes a venue lets its unheeded cancels begin anew. */
function askAgain({ open }: BookExecution, at: string): void {
  for (const order of open.values())
    if (order.venue === at && order.cancel?.unheeded === true) order.cancel = { ...order.cancel, attempt: 0 };
}

/** No order of this account could move it. */
function isQuiet(book: BookExecution, at: string): boolean {
  return !livingOf(book).some(({ venue }) => venue === at);
}

function openAccount(state: ExecutionState, payload: VenueAccountOpened): void {
  const { limits, limitsVersion, venue } = payload;
  const account: VenueAccount = {
    venue,
    limits,
    limitsVersion,
    read: readLimits(limits, venue),
    contracts: parseContracts(payload.specifications),
    instructions: payload.execution === undefined ? undefined : instructionsIn(payload.execution),
    watch: newWatch(),
  };
  const book = bookOf(state, payload.book);
  book.accounts.set(venue, account);
  lookAtBook(state, book);
  state.accountsDue = state.accountsDue.filter(
    ({ account: due }) => due.venue !== venue || due.book !== payload.book,
  );
}

function setLimits(state: ExecutionState, { book, venue, limits, limitsVersion }: LimitsSet): void {
  const { accounts } = bookOf(state, book);
  const account = accounts.get(venue);
  if (account === undefined) return;
  accounts.set(venue, { ...account, limits, limitsVersion, read: readLimits(limits, venue) });
}

function instructionsIn(text: string): ExecutionInstructions {
  const parsed = parseInstructions(text);
  if (parsed.ok) return parsed.value;
  const { code, message } = parsed.failure;
  throw new IntegrityFault({ code, message: `an account was opened with ${message}` });
}

function startWork(state: ExecutionState, payload: ParentOrderStarted, commit: CommitView): void {
  const parent = startedParent(payload, commit.correlationId);
  state.parents.set(parent.parentId, parent);
  state.working.set(parent.parentId, parent);
}

function completeWork(state: ExecutionState, { parentId, at }: ParentOrderCompleted): void {
  state.working.delete(parentId);
  const parent = state.parents.get(parentId);
  if (parent !== undefined) parent.completedAt = parseInstant(at);
}

function foldOrder(state: ExecutionState, event: HedgeOrderEvent, commit: CommitView): void {
  const { clientOrderId } = event.payload;
  const order = evolveOrder(state.orders.get(clientOrderId), event, commit.correlationId);
  state.orders.set(clientOrderId, order);
  place(state, order);
  const parent = order.parentId === undefined ? undefined : state.parents.get(order.parentId);
  if (parent !== undefined) noteChild(parent, order, parseInstant(event.payload.at));
  const book = bookOf(state, order.book);
  switch (event.type) {
    case 'OrderIntended':
      return noteIntent(book, order);
    case 'AmendIntended':
      noteTime(book.intents, parseInstant(event.payload.at));
      return;
    case 'OrderFilled':
    case 'FillBusted':
      return noteFill(book, order, event);
    default:
      return;
  }
}

/** An order of another epoch: what it traded is counted already, what it may trade is on its way. */
function carryOrder(state: ExecutionState, order: HedgeOrder): void {
  state.orders.set(order.clientOrderId, order);
  place(state, order);
  noteIntent(bookOf(state, order.book), order);
}

function noteIntent(book: BookExecution, order: HedgeOrder): void {
  const read = book.accounts.get(order.venue)?.read;
  forgetTimes(book.intents, order.intendedAt - NANOS_PER_MINUTE);
  noteTime(book.intents, order.intendedAt);
  const twinsFrom = order.intendedAt - (read?.duplicateWindow ?? 0n);
  book.recent = book.recent.filter(({ intendedAt }) => intendedAt > twinsFrom);
  book.recent.push(order);
  const { instrument, decisionId, intendedAt } = order;
  if (read !== undefined)
    noteExecution(book.controls, instrument, decisionId, intendedAt, read.throttleWindow);
}

/** A fill, or the undoing of one, in positions, in the account's own books and in what risk has still to count. */
function noteFill(
  book: BookExecution,
  order: HedgeOrder,
  event: EventOf<'OrderFilled'> | EventOf<'FillBusted'>,
): void {
  const { payload } = event;
  const told = Decimal.parse(payload.quantity);
  const undone = event.type === 'FillBusted';
  const quantity = undone ? told.negated() : told;
  const position = book.positions.get(order.instrument) ?? Decimal.ZERO;
  book.positions.set(order.instrument, position.plus(quantity));
  if (quantity.isZero()) return;
  book.risk.uncounted.set(undone ? `${payload.fillId}/bust` : payload.fillId, {
    instrument: order.instrument,
    quantity,
  });
  const account = book.accounts.get(order.venue);
  const contract = account?.contracts.get(order.instrument);
  if (account === undefined || contract === undefined) return;
  const { fillId, fee } = payload;
  const at = parseInstant(payload.at);
  const fill = { contract, quantity: told, price: Decimal.parse(payload.price), fee, at };
  if (undone) unbookFill(account.watch.ledger, fillId, fill);
  else bookFill(account.watch.ledger, fillId, fill);
  noteMovement(account.watch, order.instrument, quantity);
}

/** A trade of somebody else that the book adopts: counted as a fill is, though no order of ours brought it about. */
function noteForeignTrade(book: BookExecution, trade: ForeignTradeSeen): void {
  const { venue, instrument, tradeId, fee } = trade;
  const quantity = Decimal.parse(trade.quantity);
  const price = Decimal.parse(trade.price);
  book.positions.set(instrument, (book.positions.get(instrument) ?? Decimal.ZERO).plus(quantity));
  book.risk.uncounted.set(foreignTradeKey(trade), { instrument, quantity });
  const account = book.accounts.get(venue);
  if (account === undefined) return;
  account.watch.foreignTrades.set(tradeId, parseInstant(trade.tradedAt));
  const contract = account.contracts.get(instrument);
  if (contract !== undefined)
    bookFill(account.watch.ledger, foreignTradeKey(trade), {
      contract,
      quantity,
      price,
      fee,
      at: parseInstant(trade.at),
    });
  noteMovement(account.watch, instrument, quantity);
}
