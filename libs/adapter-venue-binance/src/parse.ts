import type { Instant, Result } from '@evenkeel/kernel';

import {
  ABSENT,
  ROOT,
  TextMemo,
  bestPrice,
  choiceField,
  decimalField,
  defined,
  field,
  identifierField,
  isObject,
  millisField,
  namedBy,
  objectField,
  optionalDecimal,
  optionalInteger,
  optionalMillis,
  positiveField,
  quoteEvent,
  readScan,
  sizeField,
  textField,
  unsupported,
  wireKeys,
} from '@evenkeel/venue-wire';
import type {
  BookSequence,
  Feed,
  WireScan,
  Market,
  Named,
  Slot,
  TickerEvent,
  VenueEvent,
  WireObject,
} from '@evenkeel/venue-wire';
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

/** The fields that are read off the scan. */
const K = wireKeys(
  'stream',
  'e',
  'T',
  'E',
  'U',
  'u',
  'pu',
  'b',
  'a',
  'symbol',
  'bids',
  'asks',
  'lastUpdateId',
  'X',
  'p',
  'q',
  'm',
  'data',
  's',
  'B',
  'A',
  'openInterest',
  't',
);

/**
 * One message of a Binance stream (combined or raw) or REST answer. Sizes are base coin on spot and USD-M, contracts on
 * COIN-M. The feed says which market the connection is, because symbols and some messages are the same on two of them.
 */
export function parseBinance(
  text: string,
  feed: BinanceFeed,
  context: BinanceContext = {},
): Result<VenueEvent[]> {
  return readScan(text, (scan) => {
    const message = scan.objectAt(ROOT, 'message');
    const stream = STREAMS.optional(scan, message, K.stream);
    if (stream === undefined) return readBare(scan, message, feed, context);
    const data = scan.field(message, K.data);
    if (!scan.isArray(data)) return readEvent(scan, scan.objectAt(data, 'data'), feed, stream, context);
    return scan.eachObject(data, 'data', (item) => readEvent(scan, item, feed, stream, context)).flat();
  });
}

function readBare(scan: WireScan, root: Slot, feed: BinanceFeed, context: BinanceContext): VenueEvent[] {
  if (scan.has(root, K.e) || scan.has(root, K.lastUpdateId) || scan.has(root, K.u))
    return readEvent(scan, root, feed, undefined, context);
  return readAnswer(scan.plainObject(root, 'message'), feed);
}

function readAnswer(message: WireObject, feed: BinanceFeed): VenueEvent[] {
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
  scan: WireScan,
  data: Slot,
  feed: BinanceFeed,
  stream: Stream | undefined,
  context: BinanceContext,
): VenueEvent[] {
  const type = TYPES.optional(scan, data, K.e);
  if (feed.market === 'option' && type !== undefined && !OPTIONS_BEFORE.has(type))
    return readOptionEvent(scan.plainObject(data, 'data'), type);
  switch (type) {
    case 'depthUpdate':
      return [readDepth(scan, data, feed, stream)];
    case 'bookTicker':
      return [readBookTicker(scan, data, feed)];
    case 'trade':
    case 'aggTrade':
      return [readTrade(scan, data, feed, type)];
    case undefined:
      break;
    default:
      return readSeldom(scan.plainObject(data, 'data'), feed, type);
  }
  if (scan.has(data, K.lastUpdateId)) return [readRestBook(scan, data, feed, stream, context)];
  // Spot book tickers carry no event type.
  if (scan.has(data, K.u) && scan.has(data, K.B)) return [readBookTicker(scan, data, feed)];
  if (scan.has(data, K.openInterest)) return [readOpenInterest(scan.plainObject(data, 'data'), feed)];
  return unsupported(`Binance stream ${stream?.name ?? '(none)'}`);
}

/** Once a second at most. */
function readSeldom(data: WireObject, feed: BinanceFeed, type: string): VenueEvent[] {
  switch (type) {
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
    default:
      return unsupported(`Binance event ${type}`);
  }
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

interface Stream {
  readonly name: string;
  readonly isPartialDepth: boolean;
}

const STREAMS = new TextMemo((name): Stream => ({
  name,
  isPartialDepth: /@depth(?:5|10|20)(?:@|$)/.test(name),
}));
const TYPES = new TextMemo((type) => type);
const NAMES: Readonly<Record<Market, TextMemo<Named>>> = {
  spot: namedBy((symbol) => instrumentIdOf(BINANCE_SPOT, symbol)),
  linear: namedBy((symbol) => instrumentIdOf(BINANCE_USD_M, symbol)),
  inverse: namedBy((symbol) => instrumentIdOf(BINANCE_COIN_M, symbol)),
  option: namedBy((symbol) => instrumentIdOf(BINANCE_OPTIONS, symbol)),
  mixed: namedBy((symbol) => instrumentIdOf({ venue: 'binance', market: 'mixed' }, symbol)),
};

/** Derivatives state the time of the match (`T`) besides the time of sending (`E`); spot only the latter. */
function eventTimeOf(scan: WireScan, data: Slot): Instant {
  return scan.optionalMillisField(data, K.T) ?? scan.millisField(data, K.E);
}

function optionalTimeOf(scan: WireScan, data: Slot): Instant | null {
  return scan.optionalMillisField(data, K.T) ?? scan.optionalMillisField(data, K.E) ?? null;
}

function readDepth(scan: WireScan, data: Slot, feed: BinanceFeed, stream: Stream | undefined): VenueEvent {
  const first = scan.integerField(data, K.U);
  const last = scan.integerField(data, K.u);
  const previous = scan.optionalIntegerField(data, K.pu);
  const sequence: BookSequence =
    previous === undefined
      ? { rule: 'range', first, last }
      : // −1: a partial book that follows on nothing.
        previous < 0
        ? { rule: 'step', last }
        : { rule: 'previous', first, last, previous };
  const bids = scan.pairLevelsField(data, K.b);
  const asks = scan.pairLevelsField(data, K.a);
  const { symbol, instrument } = NAMES[feed.market].of(scan, data, K.s);
  const eventTime = eventTimeOf(scan, data);
  const head = { venue: 'binance', instrument, symbol, eventTime, bids, asks, sequence } as const;
  // Partial-depth streams of the derivatives repeat the best levels in the shape of a diff.
  return stream?.isPartialDepth === true
    ? { kind: 'book-snapshot', ...head, depth: 'top' }
    : { kind: 'book-delta', ...head, depth: 'full' };
}

function readRestBook(
  scan: WireScan,
  data: Slot,
  feed: BinanceFeed,
  stream: Stream | undefined,
  context: BinanceContext,
): VenueEvent {
  const symbol =
    scan.optionalTextField(data, K.symbol) ?? stream?.name.split('@')[0]?.toUpperCase() ?? context.symbol;
  if (symbol === undefined)
    return unsupported('a Binance REST book whose symbol is not known: pass the one asked for');
  return {
    kind: 'book-snapshot',
    ...head(symbol, feed, optionalTimeOf(scan, data)),
    bids: scan.pairLevelsField(data, K.bids),
    asks: scan.pairLevelsField(data, K.asks),
    sequence: { rule: 'step', last: scan.integerField(data, K.lastUpdateId) },
    depth: stream?.isPartialDepth === true ? 'top' : 'full',
  };
}

function readBookTicker(scan: WireScan, data: Slot, feed: BinanceFeed): VenueEvent {
  const { symbol, instrument } = NAMES[feed.market].of(scan, data, K.s);
  const eventTime = optionalTimeOf(scan, data);
  const bid = scan.quoteLevelAt(data, K.b, K.B);
  const ask = scan.quoteLevelAt(data, K.a, K.A);
  const sequence = scan.integerField(data, K.u);
  return quoteEvent({ venue: 'binance', instrument, symbol, eventTime }, bid, ask, sequence);
}

function readTrade(scan: WireScan, data: Slot, feed: BinanceFeed, type: 'trade' | 'aggTrade'): VenueEvent {
  // `X` says what kind of fill it is, on derivatives; recorded streams of 2021 hold ADL fills with sizes in another unit.
  const fill = scan.optionalTextField(data, K.X);
  const idKey = type === 'trade' ? K.t : K.a;
  const id = scan.field(data, idKey);
  const { symbol, instrument } = NAMES[feed.market].of(scan, data, K.s);
  const trade = {
    kind: 'trade',
    venue: 'binance',
    instrument,
    symbol,
    eventTime: scan.millisField(data, K.T),
    id: id === ABSENT ? null : scan.identifierAt(id, idKey.name),
    price: scan.positiveField(data, K.p),
    size: scan.sizeField(data, K.q),
    // `m`: the buyer was the maker, so the taker sold.
    side: scan.booleanField(data, K.m) ? 'sell' : 'buy',
  } as const;
  return fill !== undefined && SPECIAL_TRADES.has(fill) ? { ...trade, special: fill } : trade;
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
