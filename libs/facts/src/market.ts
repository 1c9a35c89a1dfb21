/**
 * What price-ingest tells the others about the market. Prices are decimal strings in the instrument's quote unit
 * (coin for coin-quoted options), times ISO 8601 UTC, volatilities per 1.00.
 */

/** OK: hedge on it. DEGRADED: usable, wider and slower. HALTED: no hedging on it. */
export type MarkStatus = 'OK' | 'DEGRADED' | 'HALTED';

export type MarkKind =
  /** The close of a bar that has ended, or a trade-like price of one instrument on one venue. */
  | 'price'
  /** A quote of one option with the venue's mark volatility and forward. */
  | 'option'
  /** Our own composite of several sources for one underlying, in USD; instrument `BTC@composite`. */
  | 'composite';

/**
 * Whoever makes marks names every field, absent ones as undefined: all marks are then one kind of object, and reading a field of one is
 * reading a place in memory.
 */
export interface Mark {
  readonly instrument: string;
  readonly kind: MarkKind;
  readonly price: string;
  readonly bid?: string | undefined;
  readonly ask?: string | undefined;
  /** Contracts (spot: units) traded since the mark before; absent where the source does not say. */
  readonly volume?: string | undefined;
  /** Options: the venue's mark volatility, per 1.00 per √year. */
  readonly volatility?: number | undefined;
  /** Options: the forward of the option's own expiry, in USD. */
  readonly forward?: string | undefined;
  /** Options: the venue's index at the quote, in USD. */
  readonly index?: string | undefined;
  /** When the source says it was so. For a bar: its close. */
  readonly eventTime: string;
  /** When we could first have known it. */
  readonly receivedTime: string;
  readonly source: string;
  readonly status: MarkStatus;
  /** Why it is not OK: `STALE`, `DEVIATES`, `OUT_OF_BOUNDS`, `QUORUM`, `CROSSED`, `NO_DATA` …; empty when OK. */
  readonly reasons: readonly string[];
}

/** A perpetual's funding rate falling due: a long pays rate × notional to a short when positive. */
export interface FundingRate {
  readonly instrument: string;
  /** Fraction of notional for this one payment. */
  readonly rate: string;
  readonly at: string;
  readonly source: string;
}

/** The price that expiring contracts of an underlying settle to. */
export interface DeliveryPrice {
  readonly underlying: string;
  readonly venue: string;
  readonly expiry: string;
  /** USD per unit of the underlying. */
  readonly price: string;
  readonly source: string;
}

/**
 * One step of event time: everything that became known at `eventTime`. The market's instants are numbered from 1 and
 * strictly increase in time. A wake instant carries no market data, only the names of those who asked to be woken in a
 * partition, and the number of the market's instant that it follows there.
 */
export interface MarketInstant {
  readonly number: number;
  readonly eventTime: string;
  readonly marks: readonly Mark[];
  readonly fundings: readonly FundingRate[];
  readonly deliveries: readonly DeliveryPrice[];
  /** Services whose asked-for wake-up time this is, e.g. `execution`. */
  readonly wakes: readonly string[];
}
