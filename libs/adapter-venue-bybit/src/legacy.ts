import type { Instant } from '@evenkeel/kernel';

import {
  WireFault,
  arrayField,
  asArray,
  asObject,
  choiceField,
  decimalField,
  defined,
  field,
  identifierField,
  integerField,
  isObject,
  isoField,
  microsField,
  millisField,
  objectField,
  optionalDecimal,
  optionalText,
  positiveField,
  shiftDecimal,
  sizeField,
  textField,
  unsupported,
} from '@evenkeel/venue-wire';
import type {
  DecimalText,
  Feed,
  Level,
  TickerEvent,
  VenueEvent,
  WireObject,
  WireValue,
} from '@evenkeel/venue-wire';
import { instrumentIdOf } from './instrument-id';

const SIDE = { Buy: 'buy', Sell: 'sell' } as const;
const CLOSING_SIDE = { Buy: 'sell', Sell: 'buy' } as const;
const TOPICS = new Set(['trade', 'orderBookL2_25', 'orderBook_200', 'instrument_info', 'klineV2', 'candle']);

/** Topics of Bybit's v2 API (2019–2022). `liquidation` exists in both; the old one says `qty`. */
export function isBybitLegacyTopic(topic: string, message: WireObject): boolean {
  const name = topic.split('.')[0] ?? '';
  if (TOPICS.has(name)) return true;
  if (name !== 'liquidation') return false;
  const data = field(message, 'data');
  return Array.isArray(data) || (isObject(data) && field(data, 'qty') !== undefined);
}

/** A push of the v2 API. Shut down; met on recorded tapes. Its books have no contiguous sequence to check. */
export function readBybitLegacy(topic: string, message: WireObject, feed: Feed): VenueEvent[] {
  const parts = topic.split('.');
  switch (parts[0]) {
    case 'trade':
      return items(field(message, 'data'), 'data').map((item) => readTrade(item, feed));
    case 'orderBookL2_25':
    case 'orderBook_200':
      return [readBook(parts, message, feed)];
    case 'instrument_info':
      return readInstrumentInfo(message, feed);
    case 'liquidation': {
      const data = field(message, 'data');
      return items(Array.isArray(data) ? data : [asObject(data, 'data')], 'data').map((item) =>
        readLiquidation(item, feed),
      );
    }
    case 'klineV2':
    case 'candle':
      return items(field(message, 'data'), 'data').map((item) => readCandle(parts, item, feed));
    default:
      return unsupported(`Bybit v2 topic ${topic}`);
  }
}

function items(value: WireValue | undefined, path: string): WireObject[] {
  return asArray(value, path).map((item) => asObject(item, path));
}

function head(
  symbol: string,
  feed: Feed,
  eventTime: Instant | null,
): {
  venue: 'bybit';
  instrument: string;
  symbol: string;
  eventTime: Instant | null;
} {
  return { venue: 'bybit', instrument: instrumentIdOf(feed, symbol), symbol, eventTime };
}

function microsOf(message: WireObject): Instant {
  return field(message, 'timestamp_e6') === undefined
    ? microsField(message, 'timestampE6')
    : microsField(message, 'timestamp_e6');
}

/** The same field in the two spellings of the v2 API: snake case, and camel case on USDC contracts. */
function either(object: WireObject, snake: string): string {
  if (field(object, snake) !== undefined) return snake;
  return snake.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

function readTrade(item: WireObject, feed: Feed): VenueEvent {
  const timeKey = either(item, 'trade_time_ms');
  const eventTime =
    field(item, timeKey) === undefined ? isoField(item, 'timestamp') : millisField(item, timeKey);
  return {
    kind: 'trade',
    ...head(textField(item, 'symbol'), feed, eventTime),
    id: identifierField(item, either(item, 'trade_id')),
    price: positiveField(item, 'price'),
    size: sizeField(item, 'size'),
    side: choiceField(item, 'side', SIDE),
  };
}

function readBook(parts: readonly string[], message: WireObject, feed: Feed): VenueEvent {
  const symbol = parts[parts.length - 1] ?? '';
  const eventTime = microsOf(message);
  const data = field(message, 'data');
  const snapshot = textField(message, 'type') === 'snapshot';
  const rows = snapshot
    ? items(isObject(data) ? field(data, either(data, 'order_book')) : data, 'data')
    : changes(asObject(data, 'data'));
  const bids: Level[] = [];
  const asks: Level[] = [];
  for (const row of rows) {
    const side = choiceField(row, 'side', SIDE);
    (side === 'buy' ? bids : asks).push({ price: decimalField(row, 'price'), size: sizeField(row, 'size') });
  }
  const book = {
    ...head(symbol, feed, eventTime),
    bids,
    asks,
    sequence: { rule: 'none' } as const,
    depth: 'full' as const,
  };
  return snapshot ? { kind: 'book-snapshot', ...book } : { kind: 'book-delta', ...book };
}

function changes(data: WireObject): WireObject[] {
  const removed = items(field(data, 'delete'), 'delete').map((row): WireObject => ({ ...row, size: 0 }));
  return [...removed, ...items(field(data, 'update'), 'update'), ...items(field(data, 'insert'), 'insert')];
}

/**
 * The plain field, or `<name>_e4` as the number times 10⁴. The plain one comes first: on contracts with finer ticks the
 * venue wrote another power of ten under the same name.
 */
function scaled(item: WireObject, name: string, places: number): DecimalText | undefined {
  const plain = optionalDecimal(item, either(item, name));
  if (plain !== undefined) return plain;
  const whole = optionalDecimal(item, either(item, `${name}_e${places}`));
  return whole === undefined ? undefined : shiftDecimal(whole, -places);
}

function readInstrumentInfo(message: WireObject, feed: Feed): VenueEvent[] {
  const data = objectField(message, 'data');
  const rows = textField(message, 'type') === 'snapshot' ? [data] : items(field(data, 'update'), 'update');
  const eventTime = microsOf(message);
  return rows.map((item): TickerEvent => {
    const fundingKey = either(item, 'next_funding_time');
    // Dated contracts and unset values write the epoch.
    const hasFunding =
      field(item, fundingKey) !== undefined && !(optionalText(item, fundingKey) ?? '1970').startsWith('1970');
    return {
      kind: 'ticker',
      ...head(textField(item, 'symbol'), feed, eventTime),
      ...defined({
        last: scaled(item, 'last_price', 4),
        mark: scaled(item, 'mark_price', 4),
        index: scaled(item, 'index_price', 4),
        openInterest: scaled(item, 'open_interest', 8),
        fundingRate: scaled(item, 'funding_rate', 6),
        predictedFundingRate: scaled(item, 'predicted_funding_rate', 6),
        fundingTime: hasFunding ? isoField(item, fundingKey) : undefined,
        bid: bestOf(scaled(item, 'bid1_price', 4)),
        ask: bestOf(scaled(item, 'ask1_price', 4)),
      }),
    };
  });
}

function bestOf(price: DecimalText | undefined): TickerEvent['bid'] {
  if (price === undefined) return undefined;
  return price === '0' ? null : { price };
}

function readLiquidation(item: WireObject, feed: Feed): VenueEvent {
  return {
    kind: 'liquidation',
    ...head(textField(item, 'symbol'), feed, millisField(item, 'time')),
    id: field(item, 'id') === undefined ? null : identifierField(item, 'id'),
    price: positiveField(item, 'price'),
    size: sizeField(item, 'qty'),
    side: choiceField(item, 'side', CLOSING_SIDE),
  };
}

function readCandle(parts: readonly string[], item: WireObject, feed: Feed): VenueEvent {
  const period = parts[1] ?? '';
  return {
    kind: 'candle',
    ...head(parts[2] ?? '', feed, microsField(item, 'timestamp')),
    period: /^\d+$/.test(period) ? `${period}m` : period,
    openTime: seconds(item, 'start'),
    open: decimalField(item, 'open'),
    high: decimalField(item, 'high'),
    low: decimalField(item, 'low'),
    close: decimalField(item, 'close'),
    volume: sizeField(item, 'volume'),
    ...defined({ quoteVolume: optionalDecimal(item, 'turnover') }),
  };
}

function seconds(item: WireObject, key: string): Instant {
  const value = integerField(item, key);
  if (value <= 0 || value > 4_102_444_800)
    throw new WireFault('VENUES.FIELD_INVALID', `${key}: is not a time in seconds`, key);
  return BigInt(value) * 1_000_000_000n;
}

/** A REST answer of the v2 API: an order book, or the history of open interest (newest first). */
export function readBybitLegacyAnswer(message: WireObject, feed: Feed): VenueEvent[] {
  const code = integerField(message, 'ret_code');
  if (code !== 0) {
    return [
      {
        kind: 'control',
        venue: 'bybit',
        what: 'error',
        code: String(code),
        ...defined({ detail: optionalText(message, 'ret_msg') }),
      },
    ];
  }
  const rows = items(arrayField(message, 'result'), 'result');
  const first = rows[0];
  if (first === undefined) return [{ kind: 'control', venue: 'bybit', what: 'answer' }];
  if (field(first, 'open_interest') !== undefined) {
    return rows.map((row) => ({
      kind: 'ticker',
      ...head(textField(row, 'symbol'), feed, seconds(row, 'timestamp')),
      openInterest: sizeField(row, 'open_interest'),
    }));
  }
  return [readRestBook(rows, textField(first, 'symbol'), message, feed)];
}

function readRestBook(
  rows: readonly WireObject[],
  symbol: string,
  message: WireObject,
  feed: Feed,
): VenueEvent {
  const bids: Level[] = [];
  const asks: Level[] = [];
  for (const row of rows) {
    const side = choiceField(row, 'side', SIDE);
    (side === 'buy' ? bids : asks).push({ price: decimalField(row, 'price'), size: sizeField(row, 'size') });
  }
  const now = decimalField(message, 'time_now');
  const eventTime = BigInt(shiftDecimal(now, 9).split('.')[0] ?? '0');
  return {
    kind: 'book-snapshot',
    ...head(symbol, feed, eventTime),
    bids,
    asks,
    sequence: { rule: 'none' },
    depth: 'full',
  };
}
