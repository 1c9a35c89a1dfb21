import type { AggregateRef, KillEngaged, MarkStatus, OrderLimits, VenueAccountOpened } from '@evenkeel/facts';
import type { ProposedChange } from '@evenkeel/governance';
import type { Contract } from '@evenkeel/instruments';
import type { Decimal, Instant } from '@evenkeel/kernel';
import { initialControls } from './controls/book-controls';
import type { BookControls } from './controls/book-controls';
import type { Deadlines } from './deadlines';
import type { HedgeOrder } from './hedge-order/state';
import type { ExecutionInstructions } from './algorithms/instructions';
import type { ParentOrder } from './algorithms/parent-order';
import { initialRiskView } from './risk-view';
import type { RiskView } from './risk-view';
import type { Pending } from './pending';
import type { ReadLimits } from './pre-trade/limits';
import type { AccountWatch } from './venue-account/account-watch';
import type { LimitsDue } from './venue-account/limits-due';

/** What a book may do at one venue. */
export interface VenueAccount {
  readonly venue: string;
  readonly limits: OrderLimits;
  readonly limitsVersion: string;
  /** The limits with their numbers read once. */
  readonly read: ReadLimits;
  readonly contracts: ReadonlyMap<string, Contract>;
  /** How trades are carried out here; undefined: at once. */
  readonly instructions: ExecutionInstructions | undefined;
  /** What the venue is known to say of this account. */
  readonly watch: AccountWatch;
}

export interface BookExecution {
  readonly accounts: Map<string, VenueAccount>;
  /** Signed contracts from own fills, by instrument. */
  readonly positions: Map<string, Decimal>;
  /** Of `ExecutionState.open` and `unknown`, those of this book. */
  readonly open: Map<string, HedgeOrder>;
  readonly unknown: Map<string, HedgeOrder>;
  /** What they could still trade, by instrument. */
  readonly pending: Map<string, Pending>;
  /** Event times of the intents and amendments of the last minute, oldest first. */
  readonly intents: Instant[];
  /** Orders of the last minute, or of the duplicate window where that is longer. */
  recent: HedgeOrder[];
  readonly controls: BookControls;
  /** Limits asked for and not yet judged, by proposal. */
  readonly limitProposals: Map<string, ProposedChange>;
  readonly risk: RiskView;
}

/** The last price seen of an instrument, read into a decimal only when an order asks. */
export interface ObservedPrice {
  readonly price: string;
  readonly bid?: string | undefined;
  readonly ask?: string | undefined;
  readonly index?: string | undefined;
  readonly status: MarkStatus;
}

/** What execution knows: a fold of its own commits, and of the marks it saw. */
export interface ExecutionState {
  readonly books: Map<string, BookExecution>;
  readonly orders: Map<string, HedgeOrder>;
  /** Orders that could still be filled and whose outcome is waited for, in order of intent. */
  readonly open: Map<string, HedgeOrder>;
  /** Orders that were given up without an answer, until the venue says what became of them: any of them may still be filled. */
  readonly unknown: Map<string, HedgeOrder>;
  /** How often an order has come among either. */
  ranks: number;
  /** When the patience with the open ones ends. */
  readonly deadlines: Deadlines;
  /** Living orders that somebody wants back, or that the venue leaves standing. */
  readonly toCancel: Map<string, HedgeOrder>;
  /** Orders that are over, by the full hour of event time at or after their end. */
  readonly ended: Map<bigint, HedgeOrder[]>;
  /** Orders that their venue filled beyond what they wanted. */
  readonly overfilled: Map<string, HedgeOrder>;
  readonly prices: Map<string, ObservedPrice>;
  readonly latches: Map<string, readonly KillEngaged[]>;
  /** Newest event time seen. */
  now: Instant;
  /** Newest event time at which the market said something. */
  marketAt: Instant | undefined;
  /** What the approval of limits that is the input at hand leads to; undefined for any other input. */
  limitsDue: LimitsDue | undefined;
  /** Accounts of books that people open while services run, to be opened with the next words. */
  accountsDue: AccountDue[];
  readonly parents: Map<string, ParentOrder>;
  /** Parents that are not completed, in the order of their start. */
  readonly working: Map<string, ParentOrder>;
  /** What was over at this time or before is forgotten. */
  forgottenUpTo: Instant;
  /** What the newest observed input let go of. */
  retired: AggregateRef[];
}

/** An account that a person asked for. */
export interface AccountDue {
  readonly account: VenueAccountOpened;
  readonly by: string;
}

export function initialExecution(): ExecutionState {
  return {
    books: new Map(),
    orders: new Map(),
    open: new Map(),
    unknown: new Map(),
    ranks: 0,
    deadlines: [],
    toCancel: new Map(),
    ended: new Map(),
    overfilled: new Map(),
    prices: new Map(),
    latches: new Map(),
    now: 0n,
    marketAt: undefined,
    limitsDue: undefined,
    accountsDue: [],
    parents: new Map(),
    working: new Map(),
    forgottenUpTo: 0n,
    retired: [],
  };
}

/** Every order that could still be filled, waited for or given up. */
export function livingOrders({ open, unknown }: Pick<ExecutionState, 'open' | 'unknown'>): HedgeOrder[] {
  return unknown.size === 0 ? [...open.values()] : [...open.values(), ...unknown.values()];
}

export function bookOf(state: ExecutionState, book: string): BookExecution {
  let found = state.books.get(book);
  if (found === undefined) {
    found = {
      accounts: new Map(),
      positions: new Map(),
      open: new Map(),
      unknown: new Map(),
      pending: new Map(),
      intents: [],
      recent: [],
      controls: initialControls(),
      limitProposals: new Map(),
      risk: initialRiskView(),
    };
    state.books.set(book, found);
  }
  return found;
}

/** A contract that any of a book's accounts trades. */
export function contractIn(book: BookExecution, instrument: string): Contract | undefined {
  for (const account of book.accounts.values()) {
    const contract = account.contracts.get(instrument);
    if (contract !== undefined) return contract;
  }
  return undefined;
}
