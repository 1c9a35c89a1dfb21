import type { DeliveryPrice, FundingRate, Mark } from '@evenkeel/facts';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';

/** A trade-like price of one instrument on one venue: the close of a bar that has ended, or a ticker. */
export interface RawPrice {
  readonly source: string;
  readonly instrument: string;
  readonly price: string;
  readonly bid?: string;
  readonly ask?: string;
  /** Contracts (spot: units) traded since the price before; absent where the source does not say. */
  readonly volume?: string;
  /** False where nothing traded since the last price: a bar without volume. */
  readonly traded: boolean;
  readonly eventTime: string;
}

/** Everything that became known at one moment of event time, as the sources gave it. */
export interface RawInstant {
  readonly at: Instant;
  readonly eventTime: string;
  readonly prices: readonly RawPrice[];
  /** Quotes of options, judged for their own consistency. */
  readonly quotes: readonly Mark[];
  readonly fundings: readonly FundingRate[];
  readonly deliveries: readonly DeliveryPrice[];
  /** What stablecoins are worth in dollars, where the market says it. */
  readonly pegs?: readonly RawPeg[];
}

/** The dollar price of a stablecoin. */
export interface RawPeg {
  readonly currency: string;
  readonly price: string;
  readonly eventTime: string;
}

/** What a source delivers, and how often; the price core judges its silence by it. */
export interface SourceDescription {
  readonly source: string;
  readonly kind: 'price' | 'option';
  /** The instrument; for option chains `<currency>@<venue>`. */
  readonly instrument: string;
  readonly underlying: string;
  /** Expected time between prices; absent where the source has no rhythm. */
  readonly interval?: Nanoseconds;
  /** Who runs it; the source itself where absent. */
  readonly operator?: string;
  /** A stablecoin whose own price its quotes are converted at; dollars, or a dollar at par, where absent. */
  readonly quote?: string;
}
