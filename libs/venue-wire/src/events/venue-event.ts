import type { Failure, Instant } from '@evenkeel/kernel';

import type { DecimalText } from '../wire/decimal-text';

/** As in instrument ids. */
export type VenueName = string;

/** What a feed of a venue trades: decides instrument ids and the unit of sizes. */
export type Market = 'spot' | 'linear' | 'inverse' | 'option' | 'mixed';

/** Where a message comes from. One feed is one connection's worth of meaning: symbols are unique inside it. */
export interface Feed {
  readonly venue: VenueName;
  readonly market: Market;
}

interface EventBase {
  readonly venue: VenueName;
  /** Our id, `<symbol>@<venue>`; for `index` events the index's own name at the venue. */
  readonly instrument: string;
  /** The name on the wire. */
  readonly symbol: string;
  /** Nanoseconds; the exchange's own time of the event, or `null` where the message says none. */
  readonly eventTime: Instant | null;
}

/** Price in the quote unit, size in the unit of the venue (base coin, USD for Deribit inverse, contracts for OKX and COIN-M). */
export interface Level {
  readonly price: DecimalText;
  readonly size: DecimalText;
}

/** Top of book. A side that is empty is absent, never zero. */
export interface QuoteEvent extends EventBase {
  readonly kind: 'quote';
  readonly bid?: Level;
  readonly ask?: Level;
  readonly sequence?: number;
}

/**
 * How a book message connects to the one before. `range`: covers updates first…last (Binance spot). `previous`: names the
 * update it follows. `step`: last = previous + 1. `none`: the venue gives nothing to check.
 */
export type BookSequence =
  | { readonly rule: 'range'; readonly first: number; readonly last: number }
  | { readonly rule: 'previous'; readonly first?: number; readonly last: number; readonly previous: number }
  | { readonly rule: 'step'; readonly last: number }
  | { readonly rule: 'none' };

/** The whole visible book (`full`), or only its best levels (`top`), which is a book of its own. */
export interface BookSnapshotEvent extends EventBase {
  readonly kind: 'book-snapshot';
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly sequence: BookSequence;
  readonly depth: 'full' | 'top';
  /** The venue's checksum of its best levels, where it sends one. */
  readonly checksum?: number;
}

/** Levels that changed; size 0 removes the level. */
export interface BookDeltaEvent extends EventBase {
  readonly kind: 'book-delta';
  readonly depth: 'full' | 'top';
  readonly bids: readonly Level[];
  readonly asks: readonly Level[];
  readonly sequence: BookSequence;
  readonly checksum?: number;
}

export interface TradeEvent extends EventBase {
  readonly kind: 'trade';
  readonly id: string | null;
  readonly price: DecimalText;
  readonly size: DecimalText;
  /** The taker's side; `null` where the venue does not say. */
  readonly side: 'buy' | 'sell' | null;
  /** Why it is no trade of the open book: `BLOCK`, `COMBO` (a leg of one), a fill of an insurance fund, deleveraging. */
  readonly special?: string;
}

export interface LiquidationEvent extends EventBase {
  readonly kind: 'liquidation';
  readonly id: string | null;
  readonly price: DecimalText;
  readonly size: DecimalText;
  /** The side of the order that closes the position: `sell` closes a long. */
  readonly side: 'buy' | 'sell';
}

/** As the venue states them: see the README for the units of each. */
export interface VenueGreeks {
  readonly delta?: DecimalText;
  readonly gamma?: DecimalText;
  readonly vega?: DecimalText;
  readonly theta?: DecimalText;
  readonly rho?: DecimalText;
}

/** A best price whose size some venues leave out of their tickers. */
export interface BestPrice {
  readonly price: DecimalText;
  readonly size?: DecimalText;
}

export interface TickerFields {
  /** `null`: the side is empty. */
  readonly bid?: BestPrice | null;
  readonly ask?: BestPrice | null;
  readonly last?: DecimalText;
  readonly mark?: DecimalText;
  readonly index?: DecimalText;
  /** The forward an option's volatility refers to, in the quote unit of the strike. */
  readonly underlyingPrice?: DecimalText;
  readonly underlyingName?: string;
  /** In the venue's size unit. */
  readonly openInterest?: DecimalText;
  /** Fraction per funding interval (Deribit: accrued over 8 h at the present rate; Hyperliquid: per hour). */
  readonly fundingRate?: DecimalText;
  readonly predictedFundingRate?: DecimalText;
  readonly fundingTime?: Instant;
  /** Volatilities as fractions: 0.65 is 65 %. */
  readonly markIv?: DecimalText;
  readonly bidIv?: DecimalText;
  readonly askIv?: DecimalText;
  readonly greeks?: VenueGreeks;
  readonly deliveryPrice?: DecimalText;
  readonly state?: string;
}

/** What a message says about an instrument; what it does not say is absent and unchanged. */
export interface TickerEvent extends EventBase, TickerFields {
  readonly kind: 'ticker';
}

/** A price index of an underlying, which is not an instrument. */
export interface IndexEvent extends EventBase {
  readonly kind: 'index';
  readonly price: DecimalText;
}

export interface CandleEvent extends EventBase {
  readonly kind: 'candle';
  readonly period: string;
  readonly openTime: Instant;
  readonly open: DecimalText;
  readonly high: DecimalText;
  readonly low: DecimalText;
  readonly close: DecimalText;
  readonly volume: DecimalText;
  readonly quoteVolume?: DecimalText;
}

export type InstrumentKind = 'spot' | 'perpetual' | 'future' | 'option' | 'combo';

/** Prices above `above` move in steps of `tick`. */
export interface TickStep {
  readonly above: DecimalText;
  readonly tick: DecimalText;
}

/** A listing as the venue states it. */
export interface InstrumentEvent extends EventBase {
  readonly kind: 'instrument';
  readonly type: InstrumentKind;
  readonly payoff: 'linear' | 'inverse';
  readonly base: string;
  readonly quote: string;
  readonly settlement: string;
  /** Smallest price step; of the lowest prices where `tickSteps` says more. */
  readonly tickSize: DecimalText;
  /** Coarser steps of higher prices, from the lowest up. */
  readonly tickSteps?: readonly TickStep[];
  readonly lotSize: DecimalText;
  readonly minimumSize: DecimalText;
  /** Units of the base (linear) or of the quote (inverse) in one contract. */
  readonly contractSize: DecimalText;
  readonly makerFee?: DecimalText;
  readonly takerFee?: DecimalText;
  readonly expiry?: Instant;
  readonly strike?: DecimalText;
  readonly optionType?: 'call' | 'put';
  readonly active: boolean;
}

/** Answers, acknowledgements, pings and errors: what keeps a connection alive and tells what went wrong. */
export interface ControlEvent {
  readonly kind: 'control';
  readonly venue: VenueName;
  readonly what:
    | 'subscribed'
    | 'unsubscribed'
    | 'pong'
    | 'ping'
    | 'test-request'
    | 'authenticated'
    | 'answer'
    | 'error'
    | 'notice';
  readonly requestId?: string;
  readonly detail?: string;
  readonly code?: string;
}

/** One item of a message that could not be read although the message could. */
export interface ItemFailureEvent {
  readonly kind: 'item-failure';
  readonly venue: VenueName;
  readonly failure: Failure;
}

export type MarketEvent =
  | QuoteEvent
  | BookSnapshotEvent
  | BookDeltaEvent
  | TradeEvent
  | LiquidationEvent
  | TickerEvent
  | IndexEvent
  | CandleEvent
  | InstrumentEvent;

export type VenueEvent = MarketEvent | ControlEvent | ItemFailureEvent;
