import type { Instant, Result } from '@evenkeel/kernel';

import {
  ABSENT,
  ROOT,
  TextMemo,
  asArray,
  asObject,
  choiceField,
  decimalField,
  defined,
  field,
  integerField,
  isObject,
  millisField,
  namedBy,
  objectField,
  optionalDecimal,
  optionalInteger,
  optionalText,
  pairLevels,
  positiveField,
  readScan,
  sizeField,
  textField,
  tickerEvent,
  unsupported,
  wireKeys,
} from '@evenkeel/venue-wire';
import type {
  DecimalText,
  Feed,
  WireScan,
  LiquidationEvent,
  Market,
  Named,
  Slot,
  TickerEvent,
  VenueEvent,
  WireKey,
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

/** The fields that are read off the scan. */
const K = wireKeys(
  'T',
  'i',
  'p',
  'v',
  'S',
  'data',
  'u',
  'ts',
  'b',
  'a',
  'type',
  'nextFundingTime',
  'bid1Price',
  'ask1Price',
  'topic',
  's',
  'BT',
  'symbol',
  'bidPrice',
  'bidSize',
  'bid1Size',
  'askPrice',
  'askSize',
  'ask1Size',
  'lastPrice',
  'markPrice',
  'indexPrice',
  'underlyingPrice',
  'openInterest',
  'fundingRate',
  'markPriceIv',
  'bidIv',
  'askIv',
  'predictedDeliveryPrice',
  'delta',
  'gamma',
  'vega',
  'theta',
);

/**
 * One message of Bybit's API v5 (WebSocket or REST), or of its v2 API of 2019–2022, which recorded tapes still hold.
 * Sizes are base coin, except on inverse contracts, where they are USD.
 */
export function parseBybit(text: string, feed: BybitFeed): Result<VenueEvent[]> {
  return readScan(text, (scan) => {
    const root = scan.objectAt(ROOT, 'message');
    const name = scan.field(root, K.topic);
    if (!scan.isSaid(name)) return readUntitled(scan.plainObject(root, 'message'), feed);
    const topic = TOPICS.at(scan, name, 'topic');
    switch (topic.kind) {
      case 'publicTrade':
        return scan.eachObject(scan.field(root, K.data), 'data', (item) => readTrade(scan, item, feed));
      case 'orderbook':
        return [readBook(scan, root, topic.depth, feed)];
      case 'tickers':
        return [readTicker(scan, root, feed)];
      default:
        return readSeldom(topic.text, scan.plainObject(root, 'message'), feed);
    }
  });
}

/** What a topic says of its messages; `orderbook.<depth>.<symbol>`. */
const TOPICS = new TextMemo((text) => {
  const [kind = '', depth = ''] = text.split('.');
  return { text, kind, depth };
});

const TYPES = new TextMemo((type) => type);
const NAMES: Readonly<Record<Market, TextMemo<Named>>> = {
  spot: namedBy((symbol) => instrumentIdOf(BYBIT_SPOT, symbol)),
  linear: namedBy((symbol) => instrumentIdOf(BYBIT_LINEAR, symbol)),
  inverse: namedBy((symbol) => instrumentIdOf(BYBIT_INVERSE, symbol)),
  option: namedBy((symbol) => instrumentIdOf(BYBIT_OPTION, symbol)),
  mixed: namedBy((symbol) => instrumentIdOf({ venue: 'bybit', market: 'mixed' }, symbol)),
};

/** Answers and acknowledgements. */
function readUntitled(message: WireObject, feed: BybitFeed): VenueEvent[] {
  if (field(message, 'ret_code') !== undefined) return readBybitLegacyAnswer(message, feed);
  if (field(message, 'retCode') !== undefined && field(message, 'op') === undefined)
    return readAnswer(message, feed);
  if (field(message, 'op') !== undefined || field(message, 'success') !== undefined)
    return [readControl(message)];
  return unsupported('a Bybit message without topic, op or return code');
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

function readSeldom(topic: string, message: WireObject, feed: BybitFeed): VenueEvent[] {
  if (isBybitLegacyTopic(topic, message)) return readBybitLegacy(topic, message, feed);
  const parts = topic.split('.');
  const items = (): WireObject[] =>
    asArray(field(message, 'data'), 'data').map((item) => asObject(item, 'data'));
  switch (parts[0]) {
    case 'liquidation':
      return [readLiquidation(objectField(message, 'data'), feed)];
    case 'allLiquidation':
      return items().map((item) => readAllLiquidation(item, feed));
    case 'kline':
      return items().map((item) => readKline(parts, item, feed));
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

function readTrade(scan: WireScan, item: Slot, feed: BybitFeed): VenueEvent {
  const { symbol, instrument } = NAMES[feed.market].of(scan, item, K.s);
  const block = scan.field(item, K.BT);
  const trade = {
    kind: 'trade',
    venue: 'bybit',
    instrument,
    symbol,
    eventTime: scan.millisField(item, K.T),
    id: scan.identifierField(item, K.i),
    price: scan.positiveField(item, K.p),
    size: scan.sizeField(item, K.v),
    side: scan.choiceField(item, K.S, SIDE),
  } as const;
  // A block trade is not a trade of the book.
  return block !== ABSENT && scan.booleanAt(block, 'BT') ? { ...trade, special: 'BLOCK' } : trade;
}

function readBook(scan: WireScan, root: Slot, levels: string, feed: BybitFeed): VenueEvent {
  const data = scan.objectField(root, K.data);
  const last = scan.integerField(data, K.u);
  const { symbol, instrument } = NAMES[feed.market].of(scan, data, K.s);
  const eventTime = scan.millisField(root, K.ts);
  const bids = scan.pairLevelsField(data, K.b);
  const asks = scan.pairLevelsField(data, K.a);
  const sequence = { rule: 'step', last } as const;
  const depth = levels === '1' ? 'top' : 'full';
  // A restarted service sends a whole book with u = 1, whatever its type says.
  const kind = TYPES.of(scan, root, K.type) === 'snapshot' || last === 1 ? 'book-snapshot' : 'book-delta';
  return { kind, venue: 'bybit', instrument, symbol, eventTime, bids, asks, sequence, depth };
}

function nonZero(value: DecimalText | undefined): DecimalText | undefined {
  return value === '0' ? undefined : value;
}

/** Options name the best prices otherwise than the other markets. */
function best(scan: WireScan, data: Slot, side: 'bid' | 'ask'): TickerEvent['bid'] {
  if (side === 'bid')
    return !scan.has(data, K.bid1Price)
      ? scan.bestPriceAt(data, K.bidPrice, K.bidSize)
      : scan.bestPriceAt(data, K.bid1Price, K.bid1Size);
  return !scan.has(data, K.ask1Price)
    ? scan.bestPriceAt(data, K.askPrice, K.askSize)
    : scan.bestPriceAt(data, K.ask1Price, K.ask1Size);
}

function readTicker(scan: WireScan, root: Slot, feed: BybitFeed): TickerEvent {
  const data = scan.objectField(root, K.data);
  const { symbol, instrument } = NAMES[feed.market].of(scan, data, K.symbol);
  const decimal = (key: WireKey): DecimalText | undefined => scan.optionalDecimalField(data, key);
  const fundingTime = scan.optionalIntegerField(data, K.nextFundingTime);
  return tickerEvent(
    { venue: 'bybit', instrument, symbol, eventTime: scan.millisField(root, K.ts) },
    {
      last: decimal(K.lastPrice),
      mark: decimal(K.markPrice),
      index: decimal(K.indexPrice),
      underlyingPrice: decimal(K.underlyingPrice),
      openInterest: decimal(K.openInterest),
      fundingRate: decimal(K.fundingRate),
      fundingTime:
        fundingTime === undefined || fundingTime === 0
          ? undefined
          : scan.millisField(data, K.nextFundingTime),
      bid: best(scan, data, 'bid'),
      ask: best(scan, data, 'ask'),
      markIv: nonZero(decimal(K.markPriceIv)),
      bidIv: nonZero(decimal(K.bidIv)),
      askIv: nonZero(decimal(K.askIv)),
      greeks: greeksOf(decimal),
      deliveryPrice: nonZero(decimal(K.predictedDeliveryPrice)),
    },
  );
}

function greeksOf(decimal: (key: WireKey) => DecimalText | undefined): TickerEvent['greeks'] {
  const greeks = {
    delta: decimal(K.delta),
    gamma: decimal(K.gamma),
    vega: decimal(K.vega),
    theta: decimal(K.theta),
  };
  const { delta, gamma, vega, theta } = greeks;
  return (delta ?? gamma ?? vega ?? theta) === undefined ? undefined : defined(greeks);
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
