import type { Check, NamedNumber } from './strategy-events';
import type { MoneyAmount } from './money';

/** execution context, aggregate `hedge-order` (id = clientOrderId), and parents of such. */

export type Side = 'buy' | 'sell';

/** Durable before the venue is called. */
export interface OrderIntended {
  readonly clientOrderId: string;
  readonly decisionId: string;
  readonly book: string;
  readonly venue: string;
  readonly instrument: string;
  readonly side: Side;
  /** Positive contracts. */
  readonly quantity: string;
  /** `limit`; an aggressive limit at the collar stands in for a market order. */
  readonly orderType: string;
  /** `IOC`, `GTC`, `POST_ONLY`. */
  readonly timeInForce: string;
  readonly limitPrice: string;
  readonly referencePrice: string;
  readonly at: string;
  /** When silence becomes an unknown outcome. */
  readonly timeoutAt: string;
  readonly checks: readonly Check[];
  /** The parent order whose budget this child spends; absent for orders that carry out a trade whole. */
  readonly parentId?: string;
  /** Kind of the policy that decided: the kill scope `strategy:<kind>`. */
  readonly strategy?: string;
  /** When a resting order is taken back at the latest, where its decision said so. */
  readonly restUntil?: string;
}

/** A pre-trade check said no; nothing left the house. */
export interface OrderRefused {
  readonly clientOrderId: string;
  readonly decisionId: string;
  readonly book: string;
  readonly instrument: string;
  readonly side: Side;
  readonly quantity: string;
  readonly at: string;
  readonly checks: readonly Check[];
  readonly reasons: readonly string[];
  /** The parent order that wanted this child. */
  readonly parentId?: string;
}

export interface OrderAcknowledged {
  readonly clientOrderId: string;
  readonly venueOrderId: string;
  readonly at: string;
}

export interface OrderFilled {
  readonly clientOrderId: string;
  readonly book: string;
  readonly instrument: string;
  readonly fillId: string;
  /** Signed, from the book's side: a buy is positive. */
  readonly quantity: string;
  readonly price: string;
  /** Paid is negative. */
  readonly fee: MoneyAmount;
  readonly liquidity: string;
  readonly at: string;
  /** Positive contracts still open after this fill. */
  readonly remaining: string;
  /** True when this fill came after the order had been given up for dead. */
  readonly late: boolean;
  /** Positive contracts of this fill beyond what the order still wanted; absent where it wanted all of it. */
  readonly excess?: string;
}

/** One step of a parent order's schedule. */
export interface ScheduleSlice {
  readonly at: string;
  /** Positive contracts that should have traded or be working from then on. */
  readonly cumulative: string;
}

/**
 * A trade of a decision that is carried out over time (aggregate `parent-order`, id = parentId). Its children's fills and
 * working quantity together never exceed `quantity` when a child is sent.
 */
export interface ParentOrderStarted {
  readonly parentId: string;
  readonly decisionId: string;
  readonly book: string;
  readonly venue: string;
  readonly instrument: string;
  readonly side: Side;
  /** Positive contracts, as approved. */
  readonly quantity: string;
  /** The price that arrival slippage is measured against, quote unit. */
  readonly referencePrice: string;
  readonly at: string;
  /** When what is left is taken or given up. */
  readonly endsAt: string;
  /** `peg`, `twap`, `vwap`, `pov`, `almgren-chriss`, `avellaneda-stoikov`, `iceberg`. */
  readonly algorithm: string;
  /** Canonical JSON of the parameters in force, defaults and urgency worked in. */
  readonly parameters: string;
  /** 0 (no hurry) to 1 (now). */
  readonly urgency: number;
  /** What the urgency was made of. */
  readonly ingredients: readonly NamedNumber[];
  /** Empty where the algorithm follows the market instead. */
  readonly schedule: readonly ScheduleSlice[];
  /** Why this algorithm with these parameters, in a sentence. */
  readonly explanation: string;
  /** The pre-trade checks of the whole quantity; each child is checked again when it goes. */
  readonly checks: readonly Check[];
  /** Kind of the policy that decided. */
  readonly strategy: string;
}

/** Nothing of the parent is working any more and no child will follow. */
export interface ParentOrderCompleted {
  readonly parentId: string;
  readonly decisionId: string;
  readonly book: string;
  readonly instrument: string;
  readonly at: string;
  /** Positive contracts. */
  readonly filled: string;
  /** Positive contracts given up; the program is re-armed for them. */
  readonly unfilled: string;
  /** Volume-weighted, quote unit, rounded half to even to 12 digits; absent without fills. */
  readonly averagePrice?: string;
  readonly children: number;
  /** `FILLED`, `HORIZON_OVER`, `CHILD_REFUSED`, `KILL_ENGAGED`, `CHILDREN_FAILED`. */
  readonly reason: string;
}

/**
 * The venue is asked to take an order back, and this is on record before it is asked. An order that still stands afterwards is
 * asked for again, each time with an intent of its own.
 */
export interface CancelIntended {
  readonly clientOrderId: string;
  readonly book: string;
  readonly instrument: string;
  /**
   * `KILL_ENGAGED`, `WITHDRAWN` (by a later decision), `REST_OVER` (its time is over); of a child what its parent wants:
   * `REPRICE`, `SLICE_OVER`, `HORIZON_OVER`, `PARENT_BUDGET`, `STOPPED`.
   */
  readonly reason: string;
  readonly at: string;
  /** How often the venue has been asked, this time included. */
  readonly attempt: number;
}

/** The venue took a fill back: the trade never was. Whoever counted it undoes it. */
export interface FillBusted {
  readonly clientOrderId: string;
  readonly book: string;
  readonly instrument: string;
  readonly fillId: string;
  /** Signed, as the fill was; `0` when the bust came before its fill, which will then not count. */
  readonly quantity: string;
  readonly price: string;
  /** As it was charged with the fill; it comes back. */
  readonly fee: MoneyAmount;
  readonly reason: string;
  readonly at: string;
}

/** A change of a resting order, durable before the venue is asked for it. Quantities are totals, filled part included. */
export interface AmendIntended {
  readonly clientOrderId: string;
  readonly book: string;
  readonly instrument: string;
  readonly quantity: string;
  readonly limitPrice: string;
  readonly at: string;
  readonly checks: readonly Check[];
}

/** A pre-trade check said no to a change; the order stays as it is. */
export interface AmendRefused {
  readonly clientOrderId: string;
  readonly book: string;
  readonly instrument: string;
  readonly quantity: string;
  readonly limitPrice: string;
  readonly at: string;
  readonly checks: readonly Check[];
  readonly reasons: readonly string[];
}

/** The venue confirmed new terms. */
export interface OrderAmended {
  readonly clientOrderId: string;
  readonly book: string;
  readonly instrument: string;
  /** Positive contracts in total, filled part included. */
  readonly quantity: string;
  readonly limitPrice: string;
  readonly at: string;
  /** Positive contracts still open. */
  readonly remaining: string;
}

/** The venue would not change the order; it stays as it was. */
export interface AmendRejected {
  readonly clientOrderId: string;
  readonly book: string;
  readonly instrument: string;
  readonly reason: string;
  readonly at: string;
}

/** The order ended without (further) fills. */
export interface OrderClosed {
  readonly clientOrderId: string;
  readonly book: string;
  readonly instrument: string;
  readonly at: string;
  /** Positive contracts never filled. */
  readonly unfilled: string;
  readonly reason: string;
}

/** The venue did not answer: the outcome is unknown until the venue is asked for this id. */
export interface OrderUnresolved {
  readonly clientOrderId: string;
  readonly book: string;
  readonly instrument: string;
  readonly at: string;
  readonly attempt: number;
}
