import type { Instant, Result } from '@evenkeel/kernel';

import {
  asArray,
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
  optionalText,
  pairLevels,
  positiveField,
  readMessage,
  sizeField,
  textField,
  unsupported,
} from '@evenkeel/venue-wire';
import type {
  DecimalText,
  Feed,
  LiquidationEvent,
  TickerEvent,
  VenueEvent,
  WireObject,
} from '@evenkeel/venue-wire';
import { instrumentIdOf } from './instrument-id';
import { readBybitInstruments } from './instruments';
import { isBybitLegacyTopic, readBybitLegacy, readBybitLegacyAnswer } from './legacy';

export type BybitFeed = Feed & { readonly venue: 'bybit' };

export const BYBIT_SPOT: BybitFeed = { venue: 'bybit', market: 'spot' };
export const BYBIT_LINEAR: BybitFeed = { venue: 'bybit', market: 'linear' };
export const BYBIT_INVERSE: BybitFeed = { venue: 'bybit', market: 'inverse' };
export const BYBIT_OPTION: BybitFeed = { venue: 'bybit', market: 'option' };

const SIDE = { Buy: 'buy', Sell: 'sell' } as const;
/** Bybit names the position that is liquidated; the closing order is on the other side. */
const CLOSING_SIDE = { Buy: 'sell', Sell: 'buy' } as const;

/**
 * One message of Bybit's API v5 (WebSocket or REST), or of its v2 API of 2019–2022, which recorded tapes still hold.
 * Sizes are base coin, except on inverse contracts, where they are USD.
 */
export function parseBybit(text: string, feed: BybitFeed): Result<VenueEvent[]> {
  return readMessage(text, (root) => {
    const message = asObject(root, 'message');
    const topic = optionalText(message, 'topic');
    if (topic !== undefined) {
      return isBybitLegacyTopic(topic, message)
        ? readBybitLegacy(topic, message, feed)
        : readTopic(topic, message, feed);
    }
    if (field(message, 'ret_code') !== undefined) return readBybitLegacyAnswer(message, feed);
    if (field(message, 'retCode') !== undefined && field(message, 'op') === undefined)
      return readAnswer(message, feed);
    if (field(message, 'op') !== undefined || field(message, 'success') !== undefined)
      return [readControl(message)];
    return unsupported('a Bybit message without topic, op or return code');
  });
}

function readControl(message: WireObject): VenueEvent {
  const request = field(message, 'request');
  const op = optionalText(message, 'op') ?? (isObject(request) ? optionalText(request, 'op') : undefined);
  const succeeded = field(message, 'success') !== false && (optionalInteger(message, 'retCode') ?? 0) === 0;
  const what = !succeeded
    ? 'error'
    : op === 'pong' || op === 'ping'
      ? 'pong'
      : op === 'subscribe'
        ? 'subscribed'
        : op === 'unsubscribe'
          ? 'unsubscribed'
          : op === 'auth'
            ? 'authenticated'
            : 'answer';
  return {
    kind: 'control',
    venue: 'bybit',
    what,
    ...defined({
      requestId: optionalText(message, 'req_id') ?? optionalText(message, 'reqId'),
      detail: optionalText(message, 'ret_msg') ?? optionalText(message, 'retMsg'),
    }),
  };
}

function readTopic(topic: string, message: WireObject, feed: BybitFeed): VenueEvent[] {
  const parts = topic.split('.');
  switch (parts[0]) {
    case 'publicTrade':
      return asArray(field(message, 'data'), 'data').map((item) => readTrade(asObject(item, 'data'), feed));
    case 'orderbook':
      return [readBook(parts[1] ?? '', message, feed)];
    case 'tickers':
      return [readTicker(message, feed)];
    case 'liquidation':
      return [readLiquidation(objectField(message, 'data'), feed)];
    case 'allLiquidation':
      return asArray(field(message, 'data'), 'data').map((item) =>
        readAllLiquidation(asObject(item, 'data'), feed),
      );
    case 'kline':
      return asArray(field(message, 'data'), 'data').map((item) =>
        readKline(parts, asObject(item, 'data'), feed),
      );
    default:
      return unsupported(`Bybit topic ${topic}`);
  }
}

function head(
  symbol: string,
  feed: BybitFeed,
  eventTime: Instant | null,
): {
  venue: 'bybit';
  instrument: string;
  symbol: string;
  eventTime: Instant | null;
} {
  return { venue: 'bybit', instrument: instrumentIdOf(feed, symbol), symbol, eventTime };
}

function readTrade(item: WireObject, feed: BybitFeed): VenueEvent {
  return {
    kind: 'trade',
    ...head(textField(item, 's'), feed, millisField(item, 'T')),
    id: identifierField(item, 'i'),
    price: positiveField(item, 'p'),
    size: sizeField(item, 'v'),
    side: choiceField(item, 'S', SIDE),
    // A block trade is not a trade of the book.
    ...(field(item, 'BT') !== undefined && booleanField(item, 'BT') ? { special: 'BLOCK' } : {}),
  };
}

function readBook(depth: string, message: WireObject, feed: BybitFeed): VenueEvent {
  const data = objectField(message, 'data');
  const last = integerField(data, 'u');
  const book = {
    ...head(textField(data, 's'), feed, millisField(message, 'ts')),
    bids: pairLevels(field(data, 'b'), 'b'),
    asks: pairLevels(field(data, 'a'), 'a'),
    sequence: { rule: 'step', last } as const,
    depth: depth === '1' ? ('top' as const) : ('full' as const),
  };
  // A restarted service sends a whole book with u = 1, whatever its type says.
  return textField(message, 'type') === 'snapshot' || last === 1
    ? { kind: 'book-snapshot', ...book }
    : { kind: 'book-delta', ...book };
}

function nonZero(value: DecimalText | undefined): DecimalText | undefined {
  return value === '0' ? undefined : value;
}

/** Options name the best prices otherwise than the other markets. */
function best(data: WireObject, side: 'bid' | 'ask'): TickerEvent['bid'] {
  const prefix = field(data, `${side}1Price`) === undefined ? side : `${side}1`;
  return bestPrice(data, `${prefix}Price`, `${prefix}Size`);
}

function readTicker(message: WireObject, feed: BybitFeed): TickerEvent {
  const data = objectField(message, 'data');
  const fundingTime = optionalInteger(data, 'nextFundingTime');
  const greeks = defined({
    delta: optionalDecimal(data, 'delta'),
    gamma: optionalDecimal(data, 'gamma'),
    vega: optionalDecimal(data, 'vega'),
    theta: optionalDecimal(data, 'theta'),
  });
  return {
    kind: 'ticker',
    ...head(textField(data, 'symbol'), feed, millisField(message, 'ts')),
    ...defined({
      last: optionalDecimal(data, 'lastPrice'),
      mark: optionalDecimal(data, 'markPrice'),
      index: optionalDecimal(data, 'indexPrice'),
      underlyingPrice: optionalDecimal(data, 'underlyingPrice'),
      openInterest: optionalDecimal(data, 'openInterest'),
      fundingRate: optionalDecimal(data, 'fundingRate'),
      fundingTime:
        fundingTime === undefined || fundingTime === 0 ? undefined : millisField(data, 'nextFundingTime'),
      bid: best(data, 'bid'),
      ask: best(data, 'ask'),
      markIv: nonZero(optionalDecimal(data, 'markPriceIv')),
      bidIv: nonZero(optionalDecimal(data, 'bidIv')),
      askIv: nonZero(optionalDecimal(data, 'askIv')),
      greeks: Object.keys(greeks).length === 0 ? undefined : greeks,
      deliveryPrice: nonZero(optionalDecimal(data, 'predictedDeliveryPrice')),
    }),
  };
}

function readLiquidation(data: WireObject, feed: BybitFeed): LiquidationEvent {
  return {
    kind: 'liquidation',
    ...head(textField(data, 'symbol'), feed, millisField(data, 'updatedTime')),
    id: null,
    price: positiveField(data, 'price'),
    size: sizeField(data, 'size'),
    side: choiceField(data, 'side', CLOSING_SIDE),
  };
}

function readAllLiquidation(data: WireObject, feed: BybitFeed): LiquidationEvent {
  return {
    kind: 'liquidation',
    ...head(textField(data, 's'), feed, millisField(data, 'T')),
    id: null,
    price: positiveField(data, 'p'),
    size: sizeField(data, 'v'),
    side: choiceField(data, 'S', CLOSING_SIDE),
  };
}

function readKline(parts: readonly string[], data: WireObject, feed: BybitFeed): VenueEvent {
  return {
    kind: 'candle',
    ...head(parts[2] ?? '', feed, millisField(data, 'timestamp')),
    period: `${parts[1] ?? ''}m`,
    openTime: millisField(data, 'start'),
    open: decimalField(data, 'open'),
    high: decimalField(data, 'high'),
    low: decimalField(data, 'low'),
    close: decimalField(data, 'close'),
    volume: sizeField(data, 'volume'),
    ...defined({ quoteVolume: optionalDecimal(data, 'turnover') }),
  };
}

function readAnswer(message: WireObject, feed: BybitFeed): VenueEvent[] {
  const code = integerField(message, 'retCode');
  if (code !== 0) {
    return [
      {
        kind: 'control',
        venue: 'bybit',
        what: 'error',
        code: String(code),
        ...defined({ detail: optionalText(message, 'retMsg') }),
      },
    ];
  }
  const result = field(message, 'result');
  if (isObject(result) && field(result, 'b') !== undefined && field(result, 'a') !== undefined)
    return [readRestBook(result, feed)];
  if (isObject(result) && Array.isArray(field(result, 'list'))) return readBybitInstruments(result, feed);
  return [{ kind: 'control', venue: 'bybit', what: 'answer' }];
}

function readRestBook(result: WireObject, feed: BybitFeed): VenueEvent {
  return {
    kind: 'book-snapshot',
    ...head(textField(result, 's'), feed, millisField(result, 'ts')),
    bids: pairLevels(field(result, 'b'), 'b'),
    asks: pairLevels(field(result, 'a'), 'a'),
    sequence: { rule: 'step', last: integerField(result, 'u') },
    depth: 'full',
  };
}
