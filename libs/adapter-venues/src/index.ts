export { BINANCE_COIN_M, BINANCE_OPTIONS, BINANCE_SPOT, BINANCE_USD_M, parseBinance } from './binance/parse';
export type { BinanceContext, BinanceFeed } from './binance/parse';
export { createSequencedBook } from './book/sequenced-book';
export type { BookFact, BookStatus, SequencedBook, SequencedBookOptions } from './book/sequenced-book';
export { BYBIT_INVERSE, BYBIT_LINEAR, BYBIT_OPTION, BYBIT_SPOT, parseBybit } from './bybit/parse';
export type { BybitFeed } from './bybit/parse';
export {
  correctedLatency,
  estimateClockOffset,
  initialClockOffset,
  observeLatency,
} from './clock/clock-offset';
export type { ClockOffsetEstimate, ClockOffsetOptions, ClockOffsetState } from './clock/clock-offset';
export { DEFAULT_BACKOFF, backoffDelay } from './connector/backoff';
export type { BackoffRule } from './connector/backoff';
export { createVenueConnection } from './connector/connection';
export type { VenueConnection, VenueConnectionOptions } from './connector/connection';
export { ConnectionCore } from './connector/connection-core';
export type { ConnectionOptions, ConnectionPhase } from './connector/connection-core';
export type { ConnectionEffect, ConnectionFact, ConnectionInput } from './connector/connection-messages';
export { Credentials, readCredentials } from './connector/credentials';
export { createDeribitTrading } from './connector/deribit-trading';
export type { DeribitTrading, DeribitTradingOptions } from './connector/deribit-trading';
export type { Channel, Subscription, VenueProtocol } from './connector/protocol';
export {
  BINANCE_COIN_M_PROTOCOL,
  BINANCE_SPOT_PROTOCOL,
  BINANCE_USD_M_PROTOCOL,
} from './connector/protocols/binance';
export {
  BYBIT_INVERSE_PROTOCOL,
  BYBIT_LINEAR_PROTOCOL,
  BYBIT_OPTION_PROTOCOL,
  BYBIT_SPOT_PROTOCOL,
} from './connector/protocols/bybit';
export { fetchListings } from './connector/listings';
export type { ListingsOptions } from './connector/listings';
export { probeVenue } from './connector/venue-probe';
export type { ProbeOptions, VenueProbe } from './connector/venue-probe';
export { VENUE_PROTOCOLS } from './connector/venue-protocols';
export { ConnectionNotes, connectionNote } from './live/connection-notes';
export { planFeeds, placeOf } from './live/feed-plan';
export type { FeedPlan, FeedPlanOptions, PlannedFeed } from './live/feed-plan';
export { LiveFeed } from './live/live-feed';
export type { LiveFeedOptions } from './live/live-feed';
export { LiveMarket } from './live/live-market';
export { VenueInbox } from './live/venue-inbox';
export type { WaitingReport } from './live/venue-inbox';
export { createPaperVenue } from './paper/paper-venue';
export type { Liquidity, PaperVenue, PaperVenueOptions } from './paper/paper-venue';
export { DERIBIT_PROTOCOL } from './connector/protocols/deribit';
export { HYPERLIQUID_PROTOCOL } from './connector/protocols/hyperliquid';
export { hyperliquidAddress, hyperliquidSignature } from './connector/hyperliquid-signing';
export type { HyperliquidAction, HyperliquidSignature } from './connector/hyperliquid-signing';
export { OKX_PROTOCOL } from './connector/protocols/okx';
export {
  binanceSignedQuery,
  bybitAuthMessage,
  bybitHeaders,
  deribitAuth,
  okxHeaders,
  okxLoginMessage,
} from './connector/signing';
export { blockBucket, fullBucket, takeTokens } from './connector/token-bucket';
export type { TokenBucket, TokenBucketRule, TokenGrant } from './connector/token-bucket';
export { parseDeribit } from './deribit/parse';
export type { DeribitOrder, DeribitPosition } from './deribit/private-messages';
export { DEFAULT_FLOW } from './deribit-sim/generated-flow';
export type { FlowOptions } from './deribit-sim/generated-flow';
export { MatchingBook } from './deribit-sim/matching-book';
export { SimExchange } from './deribit-sim/sim-exchange';
export type { SimFaults } from './deribit-sim/sim-exchange';
export { SIM_PERPETUAL } from './deribit-sim/sim-instrument';
export type { SimInstrument } from './deribit-sim/sim-instrument';
export type { SimOrder, SimTrade } from './deribit-sim/sim-orders';
export { markOption, simOption } from './deribit-sim/option-model';
export { runSimScript } from './deribit-sim/sim-script';
export type { SimAccident } from './deribit-sim/sim-script';
export { openDeribitSim } from './deribit-sim/sim-server';
export type { ConnectionFaults, DeribitSim, DeribitSimOptions } from './deribit-sim/sim-server';
export type { SimClient } from './deribit-sim/sim-session';
export { parseHyperliquid } from './hyperliquid/parse';
export { instrumentIdOf, splitInstrumentId } from './normalised/instrument-id';
export { MESSAGE_CHARACTERS_MAX, parseFeed } from './normalised/parse-feed';
export { mergeTicker } from './normalised/ticker-merge';
export type {
  BestPrice,
  BookDeltaEvent,
  BookSequence,
  BookSnapshotEvent,
  CandleEvent,
  ControlEvent,
  Feed,
  IndexEvent,
  InstrumentEvent,
  InstrumentKind,
  ItemFailureEvent,
  Level,
  LiquidationEvent,
  Market,
  MarketEvent,
  QuoteEvent,
  TickerEvent,
  TickerFields,
  TradeEvent,
  VenueEvent,
  VenueGreeks,
  VenueName,
} from './normalised/venue-event';
export { parseOkx } from './okx/parse';
export type { OkxContext } from './okx/parse';
export { parseCoinbase } from './spot-sources/coinbase';
export { parseDydx } from './spot-sources/dydx';
export { parseKraken } from './spot-sources/kraken';
export {
  compareDecimalText,
  decimalTextOfNumber,
  decimalTextOfString,
  shiftDecimal,
} from './wire/decimal-text';
export type { DecimalText } from './wire/decimal-text';
