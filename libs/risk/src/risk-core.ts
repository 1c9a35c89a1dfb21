import type {
  Actor,
  CommitDraft,
  CommitView,
  Core,
  CoreInput,
  DomainEvent,
  EventOf,
  MarketInstant,
  SnapshotTrigger,
  Step,
} from '@evenkeel/facts';
import { foreignTradeKey, isReadBy, NOTHING, refusalIn } from '@evenkeel/facts';
import { Decimal, parseInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import {
  adoptions,
  deliveryKey,
  fillApplied,
  foreignTradeAdopted,
  fundingAccrued,
  settlements,
  undoing,
} from './book-events';
import { marked } from './book-watch';
import { nextAnswer } from './desk-requests';
import { foldEvent } from './evolve';
import { createKernelLegPricer } from './kernel-leg-pricer';
import type { LegPricer } from './leg-pricer';
import { foldComposite, foldMark, isComposite, limitsOf, millisecondsOf } from './market-view';
import { keptBy, retire } from './retirement';
import type { SnapshotOptions } from './snapshot';
import { conditionText, takeSnapshot } from './snapshot';
import type { BookState, DeskRequest, RiskState } from './state';
import { initialRiskState } from './state';

export interface RiskCoreOptions {
  /** The WebAssembly kernel unless told. */
  readonly pricer?: LegPricer;
  /** Continuous discount rate per year; 0, as venues mark coin-settled options, unless told. */
  readonly rate?: number;
}

const ACTOR: Actor = { kind: 'algo', id: 'risk' };

/**
 * The book core: adopts planned positions, applies fills, funding and settlements, and values the whole account. One
 * instance serves every book of a partition.
 */
export function createRiskCore(options: RiskCoreOptions = {}): Core<RiskState, never> {
  const snapshotOptions: SnapshotOptions = {
    pricer: options.pricer ?? createKernelLegPricer(),
    rate: options.rate ?? 0,
  };
  return {
    context: 'risk',
    initial: initialRiskState,
    observe(state, input) {
      if (input.kind === 'instant') observeInstant(state, input.instant);
      else if (input.kind === 'commit') observeCommit(state, input.commit);
      if (state.now !== '') retire(state);
      return state;
    },
    decide: (state, input) => decide(state, input, snapshotOptions),
    evolve(state, commit) {
      for (const event of commit.events) if (isReadBy('risk', event)) foldEvent(state, commit.book, event);
      return state;
    },
    kept: keptBy,
    // Risk acts on market instants and on fills; nothing it does waits for a time without either.
    nextWake: () => undefined,
  };
}

function observeInstant(state: RiskState, instant: MarketInstant): void {
  advance(state, instant.eventTime);
  // A mark is quoted against the composite of its own instant, wherever that stands among the marks.
  for (const mark of instant.marks) foldComposite(state, mark);
  for (const mark of instant.marks) {
    if (isComposite(mark)) continue;
    const underlying = state.followed[mark.instrument];
    if (underlying === undefined) continue;
    foldMark(state, mark, underlying);
    marked(state, mark.instrument);
  }
  if (instant.fundings.length === 0 && instant.deliveries.length === 0) return;
  for (const book of Object.values(state.books)) {
    for (const funding of instant.fundings) {
      const position = book.positions[funding.instrument];
      if (position === undefined) continue;
      book.dueFundings.push({
        instrument: funding.instrument,
        rate: funding.rate,
        position: position.quantity,
        at: funding.at,
      });
    }
    for (const delivery of instant.deliveries) {
      book.deliveries[deliveryKey(delivery.venue, delivery.underlying, parseInstant(delivery.expiry))] ??=
        delivery.price;
    }
  }
}

function observeCommit(state: RiskState, commit: CommitView): void {
  for (const event of commit.events) {
    if (isRequest(event)) {
      advance(state, commit.eventTime);
      state.requests.push(event.type === 'BookRequested' ? withRefusal(event, commit) : event);
      continue;
    }
    if (event.type === 'ForeignTradeSeen') {
      const book = state.books[event.payload.book];
      if (book === undefined || book.adoptedTrades[foreignTradeKey(event.payload)] !== undefined) continue;
      advance(state, commit.eventTime);
      book.dueForeignTrades.push(event.payload);
      continue;
    }
    if (event.type !== 'OrderFilled' && event.type !== 'FillBusted') continue;
    const due = event.type === 'OrderFilled' ? event.payload : undoing(event.payload);
    const book = state.books[due.book];
    if (book === undefined || book.appliedFills[due.fillId] !== undefined) continue;
    // A bust that came before its fill undoes nothing yet; the one that follows the fill will.
    if (Decimal.parse(due.quantity).isZero()) continue;
    advance(state, commit.eventTime);
    book.dueFills.push(due);
  }
}

/** With what the record holds against its approval, or against its having none. */
function withRefusal(request: EventOf<'BookRequested'>, commit: CommitView): DeskRequest {
  const refused = refusalIn(commit, request.payload.approval?.proposalId);
  return refused === undefined ? request : { ...request, refused };
}

function isRequest(event: DomainEvent): event is DeskRequest {
  switch (event.type) {
    case 'BookRequested':
    case 'TradeBooked':
    case 'TradeCorrected':
    case 'ExpiryRecorded':
    case 'BookCloseRequested':
      return true;
    default:
      return false;
  }
}

/** Event time never runs backwards, whatever order inputs of one moment come in. */
function advance(state: RiskState, at: string): void {
  if (state.now === '' || millisecondsOf(at) > millisecondsOf(state.now)) state.now = at;
}

/** Others act on their own wake instants; risk acts when something became known, or when plain time passes. */
function mayAct(instant: MarketInstant): boolean {
  const knows = instant.marks.length > 0 || instant.fundings.length > 0 || instant.deliveries.length > 0;
  return knows || instant.wakes.length === 0;
}

function decide(state: RiskState, input: CoreInput, options: SnapshotOptions): Step<never> {
  if (input.kind === 'venue') return NOTHING;
  if (input.kind === 'instant' && !mayAct(input.instant)) return NOTHING;
  if (state.now === '') return NOTHING;
  const now = parseInstant(state.now);
  const answer = nextAnswer(state, now);
  if (answer !== undefined) return { commits: [answer], effects: [] };
  const commits: CommitDraft[] = [];
  for (const book of Object.values(state.books)) {
    // Only an instant moves a book that owes nothing.
    if (input.kind !== 'instant' && book.owed === '' && !hasDue(book)) continue;
    if (book.closed && !hasDue(book) && Object.keys(book.positions).length === 0) continue;
    const due = nextDue(state, book);
    const changes = due.length === 0 && input.kind === 'instant' ? marketChanges(state, book, now) : due;
    const events = changes.length > 0 ? changes : snapshots(state, book, now, input, options);
    for (const event of events) commits.push(draft(book, state.now, event));
  }
  return commits.length === 0 ? NOTHING : { commits, effects: [] };
}

function hasDue(book: BookState): boolean {
  return book.dueFills.length > 0 || book.dueForeignTrades.length > 0;
}

/** The oldest of what execution said traded, as it enters the book. */
function nextDue(state: RiskState, book: BookState): DomainEvent[] {
  const [fill] = book.dueFills;
  if (fill !== undefined) return [fillApplied(book, fill)];
  const [seen] = book.dueForeignTrades;
  return seen === undefined ? [] : [foreignTradeAdopted(book, seen, state.now)];
}

function marketChanges(state: RiskState, book: BookState, now: Instant): DomainEvent[] {
  const adopted = adoptions(book, now, state.now);
  // A position must be in the books before funding or settlement can count it, so each kind waits for the one before.
  if (adopted.length > 0) return adopted;
  const fundings = book.dueFundings.flatMap(
    (due) => fundingAccrued(book, due, state.marks[due.instrument]) ?? [],
  );
  return [...fundings, ...settlements(state, book, now)];
}

function snapshots(
  state: RiskState,
  book: BookState,
  now: Instant,
  input: CoreInput,
  options: SnapshotOptions,
): DomainEvent[] {
  const trigger =
    book.owed !== '' ? book.owed : input.kind === 'instant' ? marketTrigger(state, book, now) : undefined;
  if (trigger === undefined) return [];
  const payload = takeSnapshot(state, book, now, trigger, options);
  return payload === undefined ? [] : [{ type: 'RiskSnapshotTaken', payload }];
}

function marketTrigger(state: RiskState, book: BookState, now: Instant): SnapshotTrigger | undefined {
  const { last } = book;
  if (last === null) return undefined;
  const limits = limitsOf(book.rules);
  for (const underlying of Object.keys(last.spots)) {
    const before = last.spots[underlying] ?? 0;
    const after = state.spots[underlying]?.price ?? before;
    if (before > 0 && Math.abs(after / before - 1) >= limits.priceMove) return 'price-move';
  }
  if (conditionText(state, book, now) !== last.condition) return 'status';
  return Number(now) / 1e6 - millisecondsOf(last.at) >= limits.maxIntervalMs ? 'interval' : undefined;
}

function draft(book: BookState, at: string, event: DomainEvent): CommitDraft {
  return {
    aggregate: { context: 'risk', type: 'book', id: book.book },
    book: book.book,
    eventTime: at,
    actor: ACTOR,
    events: [event],
  };
}
