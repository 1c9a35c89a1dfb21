export { BINANCE_COIN_M, BINANCE_OPTIONS, BINANCE_SPOT, BINANCE_USD_M, parseBinance } from './binance/parse';
export type { BinanceContext, BinanceFeed } from './binance/parse';
export { createSequencedBook } from './book/sequenced-book';
export type { BookFact, BookStatus, SequencedBook, SequencedBookOptions } from './book/sequenced-book';
export { BYBIT_INVERSE, BYBIT_LINEAR, BYBIT_OPTION, BYBIT_SPOT, parseBybit } from './bybit/parse';
export type { BybitFeed } from './bybit/parse';
export { parseDeribit } from './deribit/parse';
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
