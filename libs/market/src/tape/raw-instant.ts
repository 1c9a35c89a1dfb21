import type { DeliveryPrice, FundingRate, Mark } from '@evenkeel/facts';
import { Decimal } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';

/** A trade-like price as it is told: the close of a bar that has ended, or a ticker. */
export interface ToldPrice {
  readonly source: string;
  readonly instrument: string;
  readonly price: string;
  readonly bid?: string | undefined;
  readonly ask?: string | undefined;
  /** Contracts (spot: units) traded since the price before; absent where the source does not say. */
  readonly volume?: string | undefined;
  /** Half-width of the source's own interval, in the price's unit, where it says one. */
  readonly confidence?: number | undefined;
  /** False where nothing traded since the last price: a bar without volume. */
  readonly traded: boolean;
  readonly at: Instant;
  /** `at` as marks say it. */
  readonly eventTime: string;
}

/** What is told, read once, in one shape whatever is absent: the price core reads no text and meets one kind of object. */
export interface RawPrice extends Required<ToldPrice> {
  /** The double of the price; 0 where the text is no number that a price can be. */
  readonly value: number;
  /** Its bid stood above its ask. */
  readonly crossed: boolean;
}

export function rawPrice(told: ToldPrice): RawPrice {
  const { source, instrument, price, bid, ask, volume, confidence, traded, at, eventTime } = told;
  const crossed = bid !== undefined && ask !== undefined && Number(bid) > Number(ask);
  const value = priceNumber(price);
  return { source, instrument, price, value, bid, ask, crossed, volume, confidence, traded, at, eventTime };
}

/** A decimal as a double; 0 for what is none, or is too large or small for one: nobody believes such a price. */
function priceNumber(text: string): number {
  const value = Decimal.tryParse(text) === undefined ? 0 : Number(text);
  return Number.isFinite(value) ? value : 0;
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
  readonly at: Instant;
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
