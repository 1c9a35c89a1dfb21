import type { MoneyAmount } from './money';
import type { Check } from './strategy-events';

/** execution context: aggregate `hedge-order` (id = clientOrderId) and `venue-account` (id = `<venue>/<book>`). */

export interface VenueAccountOpened {
  readonly book: string;
  readonly venue: string;
  readonly at: string;
  /** Canonical JSON of the InstrumentSpecs tradable here. */
  readonly specifications: readonly string[];
  readonly limits: OrderLimits;
  readonly limitsVersion: string;
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
