import type { MoneyAmount } from './money';
import type { Check, NamedNumber } from './strategy-events';

/** execution context: aggregate `hedge-order` (id = clientOrderId) and `venue-account` (id = `<venue>/<book>`). */

export interface VenueAccountOpened {
  readonly book: string;
  readonly venue: string;
  readonly at: string;
  /** Canonical JSON of the InstrumentSpecs tradable here. */
  readonly specifications: readonly string[];
  readonly limits: OrderLimits;
  readonly limitsVersion: string;
  /** Canonical JSON of the book's execution instructions; absent: every trade is one immediate or resting order. */
  readonly execution?: string;
}

/** Pre-trade limits of a book. Decimal strings; absent means the default named in docs. */
export interface OrderLimits {
  readonly maxOrderQuantity: readonly InstrumentLimit[];
  /** Gross notional of hedge positions and open orders after the trade, USD. */
  readonly maxGrossNotionalUsd: string;
  /** Largest distance of an order's limit price from the reference price, basis points. */
  readonly priceCollarBps: string;
  /** Orders per minute of event time. */
  readonly maxOrdersPerMinute: number;
}

export interface InstrumentLimit {
  readonly instrument: string;
  readonly maxQuantity: string;
}

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
  /** `peg`, `twap`, `vwap`, `pov`, `almgren-chriss`, `iceberg`. */
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

export interface KillEngaged {
  readonly scope: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

export interface KillReleased {
  readonly scope: string;
  readonly by: string;
  readonly reason: string;
  readonly at: string;
}

/** What a venue says about one order; the words of every venue adapter. Quantities positive, fees paid negative. */
export type VenueReport =
  | { readonly kind: 'acknowledged'; readonly clientOrderId: string; readonly venueOrderId: string }
  | {
      readonly kind: 'filled';
      readonly clientOrderId: string;
      readonly fillId: string;
      readonly quantity: string;
      readonly price: string;
      readonly fee: MoneyAmount;
      readonly liquidity: 'maker' | 'taker';
    }
  | { readonly kind: 'rejected'; readonly clientOrderId: string; readonly reason: string }
  | { readonly kind: 'cancelled'; readonly clientOrderId: string; readonly reason: string }
  | { readonly kind: 'expired'; readonly clientOrderId: string }
  /** The venue has never heard of this id. */
  | { readonly kind: 'not-found'; readonly clientOrderId: string }
  /** The call failed in a way that leaves the outcome open. */
  | { readonly kind: 'no-answer'; readonly clientOrderId: string; readonly reason: string };
