import type { Instant, Result } from '@evenkeel/kernel';

import {
  asObject,
  bestPrice,
  booleanField,
  choiceField,
  decimalField,
  defined,
  field,
  identifierField,
  integerField,
  isObject,
  millisField,
  objectField,
  optionalDecimal,
  optionalInteger,
  optionalMillis,
  optionalText,
  pairLevels,
  positiveField,
  quoteLevel,
  readMessage,
  sizeField,
  textField,
  unsupported,
} from '@evenkeel/venue-wire';
import type { BookSequence, Feed, TickerEvent, VenueEvent, WireObject } from '@evenkeel/venue-wire';
import { instrumentIdOf } from './instrument-id';
import { readBinanceOptions, readOptionEvent, readOptionListings } from './options';
import { readExchangeInfo } from './instruments';

export type BinanceFeed = Feed & { readonly venue: 'binance' };

export const BINANCE_SPOT: BinanceFeed = { venue: 'binance', market: 'spot' };
export const BINANCE_USD_M: BinanceFeed = { venue: 'binance', market: 'linear' };
export const BINANCE_COIN_M: BinanceFeed = { venue: 'binance', market: 'inverse' };
export const BINANCE_OPTIONS: BinanceFeed = { venue: 'binance', market: 'option' };

const FORCE_SIDE = { BUY: 'buy', SELL: 'sell' } as const;
/** Fills of a trade stream that are not between two market orders. */
const SPECIAL_TRADES = new Set(['INSURANCE_FUND', 'ADL', 'NA']);

/** Of the options API's first version. */
const OPTIONS_BEFORE = new Set(['trade_all', 'ticker_all']);

/** What a REST answer leaves out: which symbol was asked for. */
export interface BinanceContext {
  readonly symbol?: string;
}

/**
 * One message of a Binance stream (combined or raw) or REST answer. Sizes are base coin on spot and USD-M, contracts on
 * COIN-M. The feed says which market the connection is, because symbols and some messages are the same on two of them.
 */
export function parseBinance(
  text: string,
  feed: BinanceFeed,
  context: BinanceContext = {},
): Result<VenueEvent[]> {
  return readMessage(text, (root) => {
    const message = asObject(root, 'message');
    const stream = optionalText(message, 'stream');
    if (stream === undefined) return readBare(message, feed, context);
    const data = field(message, 'data');
    if (!Array.isArray(data)) return readEvent(asObject(data, 'data'), feed, stream, context);
    return data.flatMap((item) => readEvent(asObject(item, 'data'), feed, stream, context));
  });
}

function readBare(message: WireObject, feed: BinanceFeed, context: BinanceContext): VenueEvent[] {
  if (
    field(message, 'e') !== undefined ||
    field(message, 'lastUpdateId') !== undefined ||
    field(message, 'u') !== undefined
  ) {
    return readEvent(message, feed, undefined, context);
  }
  if (field(message, 'openInterest') !== undefined) return [readOpenInterest(message, feed)];
  if (field(message, 'optionSymbols') !== undefined) return readOptionListings(message);
  if (field(message, 'symbols') !== undefined) return readExchangeInfo(message, feed);
  const error = field(message, 'error');
  const code = isObject(error) ? optionalInteger(error, 'code') : optionalInteger(message, 'code');
  if (code !== undefined) {
    const detail = isObject(error) ? textField(error, 'msg') : textField(message, 'msg');
    return [
      {
        kind: 'control',
        venue: 'binance',
        what: 'error',
        ...requestIdOf(message),
        code: String(code),
        detail,
      },
    ];
  }
  if (field(message, 'result') !== undefined) {
    return [{ kind: 'control', venue: 'binance', what: 'answer', ...requestIdOf(message) }];
  }
  return unsupported('a Binance message without stream, event or answer');
}

function requestIdOf(message: WireObject): { requestId?: string } {
  const id = field(message, 'id');
  return id === undefined || id === null ? {} : { requestId: identifierField(message, 'id') };
}

function readEvent(
  data: WireObject,
  feed: BinanceFeed,
  stream: string | undefined,
  context: BinanceContext,
): VenueEvent[] {
  const type = optionalText(data, 'e');
  if (feed.market === 'option' && type !== undefined && !OPTIONS_BEFORE.has(type))
    return readOptionEvent(data, type);
  switch (type) {
    case 'depthUpdate':
      return [readDepth(data, feed, stream)];
    case 'bookTicker':
      return [readBookTicker(data, feed)];
    case 'trade':
    case 'aggTrade':
      return [readTrade(data, feed, type)];
    case '24hrTicker':
      return [read24hTicker(data, feed)];
    case 'markPriceUpdate':
      return [readMarkPrice(data, feed)];
    case 'indexPriceUpdate':
      return [readIndexPrice(data, feed)];
    case 'forceOrder':
      return [readForceOrder(objectField(data, 'o'), feed)];
    case 'kline':
      return [readKline(data, feed)];
    case 'trade_all':
    case 'ticker_all':
      return readBinanceOptions(data, type);
    case undefined:
      break;
    default:
      return unsupported(`Binance event ${type}`);
  }
  if (field(data, 'lastUpdateId') !== undefined) return [readRestBook(data, feed, stream, context)];
  // Spot book tickers carry no event type.
  if (field(data, 'u') !== undefined && field(data, 'B') !== undefined) return [readBookTicker(data, feed)];
  if (field(data, 'openInterest') !== undefined) return [readOpenInterest(data, feed)];
  return unsupported(`Binance stream ${stream ?? '(none)'}`);
}

function head(
  symbol: string,
  feed: BinanceFeed,
  eventTime: Instant | null,
): {
  venue: 'binance';
  instrument: string;
  symbol: string;
  eventTime: Instant | null;
} {
  return { venue: 'binance', instrument: instrumentIdOf(feed, symbol), symbol, eventTime };
}

/** Derivatives state the time of the match (`T`) besides the time of sending (`E`); spot only the latter. */
function eventTimeOf(data: WireObject): Instant {
  return optionalMillis(data, 'T') ?? millisField(data, 'E');
}

function readDepth(data: WireObject, feed: BinanceFeed, stream: string | undefined): VenueEvent {
  const first = integerField(data, 'U');
  const last = integerField(data, 'u');
  const previous = optionalInteger(data, 'pu');
  const sequence: BookSequence =
    previous === undefined
      ? { rule: 'range', first, last }
      : // −1: a partial book that follows on nothing.
        previous < 0
        ? { rule: 'step', last }
        : { rule: 'previous', first, last, previous };
  const bids = pairLevels(field(data, 'b'), 'b');
  const asks = pairLevels(field(data, 'a'), 'a');
  const event = { ...head(textField(data, 's'), feed, eventTimeOf(data)), bids, asks, sequence };
  // Partial-depth streams of the derivatives repeat the best levels in the shape of a diff.
  return isPartialDepth(stream)
    ? { kind: 'book-snapshot', ...event, depth: 'top' }
    : { kind: 'book-delta', ...event, depth: 'full' };
}

function isPartialDepth(stream: string | undefined): boolean {
  return stream !== undefined && /@depth(?:5|10|20)(?:@|$)/.test(stream);
}

function readRestBook(
  data: WireObject,
  feed: BinanceFeed,
  stream: string | undefined,
  context: BinanceContext,
): VenueEvent {
  const symbol = optionalText(data, 'symbol') ?? stream?.split('@')[0]?.toUpperCase() ?? context.symbol;
  if (symbol === undefined)
    return unsupported('a Binance REST book whose symbol is not known: pass the one asked for');
  const eventTime = optionalMillis(data, 'T') ?? optionalMillis(data, 'E') ?? null;
  return {
    kind: 'book-snapshot',
    ...head(symbol, feed, eventTime),
    bids: pairLevels(field(data, 'bids'), 'bids'),
    asks: pairLevels(field(data, 'asks'), 'asks'),
    sequence: { rule: 'step', last: integerField(data, 'lastUpdateId') },
    depth: isPartialDepth(stream) ? 'top' : 'full',
  };
}

function readBookTicker(data: WireObject, feed: BinanceFeed): VenueEvent {
  return {
    kind: 'quote',
    ...head(textField(data, 's'), feed, optionalMillis(data, 'T') ?? optionalMillis(data, 'E') ?? null),
    ...defined({ bid: quoteLevel(data, 'b', 'B'), ask: quoteLevel(data, 'a', 'A') }),
    sequence: integerField(data, 'u'),
  };
}

function readTrade(data: WireObject, feed: BinanceFeed, type: 'trade' | 'aggTrade'): VenueEvent {
  // `X` says what kind of fill it is, on derivatives; recorded streams of 2021 hold ADL fills with sizes in another unit.
  const fill = optionalText(data, 'X');
  const special = fill !== undefined && SPECIAL_TRADES.has(fill) ? fill : undefined;
  const id = field(data, type === 'trade' ? 't' : 'a');
  return {
    kind: 'trade',
    ...head(textField(data, 's'), feed, millisField(data, 'T')),
    id: id === undefined ? null : identifierField(data, type === 'trade' ? 't' : 'a'),
    price: positiveField(data, 'p'),
    size: sizeField(data, 'q'),
    // `m`: the buyer was the maker, so the taker sold.
    side: booleanField(data, 'm') ? 'sell' : 'buy',
    ...defined({ special }),
  };
}

function read24hTicker(data: WireObject, feed: BinanceFeed): TickerEvent {
  return {
    kind: 'ticker',
    ...head(textField(data, 's'), feed, millisField(data, 'E')),
    last: positiveField(data, 'c'),
    // Only spot tickers carry the best bid and ask.
    ...defined({ bid: bestPrice(data, 'b', 'B'), ask: bestPrice(data, 'a', 'A') }),
  };
}

function readMarkPrice(data: WireObject, feed: BinanceFeed): TickerEvent {
  const fundingTime = optionalMillis(data, 'T');
  return {
    kind: 'ticker',
    ...head(textField(data, 's'), feed, millisField(data, 'E')),
    mark: positiveField(data, 'p'),
    ...defined({
      index: optionalDecimal(data, 'i'),
      // A delivery contract writes a rate of zero and no time: it has no funding.
      fundingRate: fundingTime === undefined ? undefined : optionalDecimal(data, 'r'),
      fundingTime,
      // The estimated settlement price.
      deliveryPrice: optionalDecimal(data, 'P'),
    }),
  };
}

function readIndexPrice(data: WireObject, feed: BinanceFeed): VenueEvent {
  const symbol = textField(data, 'i');
  const eventTime = millisField(data, 'E');
  return {
    kind: 'index',
    ...head(symbol, feed, eventTime),
    instrument: `${symbol}@binance`,
    price: positiveField(data, 'p'),
  };
}

function readForceOrder(order: WireObject, feed: BinanceFeed): VenueEvent {
  return {
    kind: 'liquidation',
    ...head(textField(order, 's'), feed, millisField(order, 'T')),
    id: null,
    price: positiveField(order, 'p'),
    // What has been filled so far, not what was asked.
    size: sizeField(order, 'z'),
    side: choiceField(order, 'S', FORCE_SIDE),
  };
}

function readKline(data: WireObject, feed: BinanceFeed): VenueEvent {
  const kline = objectField(data, 'k');
  return {
    kind: 'candle',
    ...head(textField(data, 's'), feed, millisField(data, 'E')),
    period: textField(kline, 'i'),
    openTime: millisField(kline, 't'),
    open: decimalField(kline, 'o'),
    high: decimalField(kline, 'h'),
    low: decimalField(kline, 'l'),
    close: decimalField(kline, 'c'),
    volume: sizeField(kline, 'v'),
    quoteVolume: sizeField(kline, 'q'),
  };
}

function readOpenInterest(data: WireObject, feed: BinanceFeed): TickerEvent {
  return {
    kind: 'ticker',
    ...head(textField(data, 'symbol'), feed, optionalMillis(data, 'time') ?? null),
    openInterest: sizeField(data, 'openInterest'),
  };
}
