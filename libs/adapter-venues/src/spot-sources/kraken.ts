import type { Instant, Result } from '@evenkeel/kernel';

import type { Level, VenueEvent } from '../normalised/venue-event';
import { decimalTextOfString, shiftDecimal } from '../wire/decimal-text';
import type { WireObject, WireValue } from '../wire/exact-json';
import {
  WireFault,
  arrayField,
  asArray,
  asObject,
  choiceField,
  decimalOf,
  field,
  identifierField,
  isoField,
  optionalDecimal,
  optionalInteger,
  optionalText,
  positiveField,
  readMessage,
  sizeField,
  sizeOf,
  textField,
  unsupported,
} from '../wire/fields';
import { bestPrice, defined, namedLevels } from '../wire/levels';

const SIDE_V1: Readonly<Record<string, 'buy' | 'sell'>> = { b: 'buy', s: 'sell' };
const SIDE = { buy: 'buy', sell: 'sell' } as const;

/** One message of Kraken's WebSocket API, v1 (arrays) or v2 (objects): a price source for the composite index. */
export function parseKraken(text: string): Result<VenueEvent[]> {
  return readMessage(text, (root) =>
    Array.isArray(root) ? readV1(root) : readV2(asObject(root, 'message')),
  );
}

interface Head {
  readonly venue: 'kraken';
  readonly instrument: string;
  readonly symbol: string;
  readonly eventTime: Instant | null;
}

function head(symbol: string, eventTime: Instant | null): Head {
  return { venue: 'kraken', instrument: `${symbol}@kraken`, symbol, eventTime };
}

/** `[channelId, payload…, channelName, pair]`. */
function readV1(root: WireValue[]): VenueEvent[] {
  const channel = root[root.length - 2];
  const symbol = root[root.length - 1];
  if (typeof channel !== 'string' || typeof symbol !== 'string' || root.length < 4)
    return unsupported('a Kraken v1 array');
  const payload = root.slice(1, -2);
  if (channel === 'trade') return asArray(payload[0], 'trades').map((row) => readTradeV1(symbol, row));
  if (channel.startsWith('book')) return [readBookV1(symbol, payload)];
  if (channel === 'spread') return readSpreadV1(symbol, asArray(payload[0], 'spread'));
  return unsupported(`Kraken v1 channel ${channel}`);
}

/** Seconds with up to nine decimals, as text. */
function secondsOf(value: WireValue | undefined, path: string): Instant {
  const text = typeof value === 'string' ? decimalTextOfString(value) : undefined;
  if (text === undefined || !/^\d{9,10}(\.\d{1,9})?$/.test(text))
    throw new WireFault('VENUES.FIELD_INVALID', `${path}: is not a time in seconds`, path);
  return BigInt(shiftDecimal(text, 9));
}

function readTradeV1(symbol: string, value: WireValue): VenueEvent {
  const [price, size, time, side] = asArray(value, 'trade');
  return {
    kind: 'trade',
    ...head(symbol, secondsOf(time, 'trade[2]')),
    id: null,
    price: decimalOf(price, 'trade[0]'),
    size: sizeOf(size, 'trade[1]'),
    side: typeof side === 'string' ? (SIDE_V1[side] ?? null) : null,
  };
}

function readBookV1(symbol: string, payload: readonly WireValue[]): VenueEvent {
  const bids: Level[] = [];
  const asks: Level[] = [];
  let snapshot = false;
  let eventTime: Instant | null = null;
  for (const part of payload) {
    if (part === null) continue;
    const object = asObject(part, 'book');
    snapshot ||= field(object, 'as') !== undefined || field(object, 'bs') !== undefined;
    for (const [key, list] of [
      ['b', bids],
      ['bs', bids],
      ['a', asks],
      ['as', asks],
    ] as const) {
      if (field(object, key) === undefined) continue;
      for (const row of arrayField(object, key)) {
        const [price, size, time] = asArray(row, key);
        list.push({ price: decimalOf(price, key), size: sizeOf(size, key) });
        const at = secondsOf(time, key);
        if (eventTime === null || at > eventTime) eventTime = at;
      }
    }
  }
  const book = {
    ...head(symbol, eventTime),
    bids,
    asks,
    sequence: { rule: 'none' } as const,
    depth: 'full' as const,
  };
  return snapshot ? { kind: 'book-snapshot', ...book } : { kind: 'book-delta', ...book };
}

/** `[bid, ask, time, bidSize, askSize]`; all zero while a market has no quotes. */
function readSpreadV1(symbol: string, row: readonly WireValue[]): VenueEvent[] {
  if (decimalOf(row[0], 'spread[0]') === '0' && decimalOf(row[1], 'spread[1]') === '0') return [];
  const bid = { price: decimalOf(row[0], 'spread[0]'), size: sizeOf(row[3], 'spread[3]') };
  const ask = { price: decimalOf(row[1], 'spread[1]'), size: sizeOf(row[4], 'spread[4]') };
  return [{ kind: 'quote', ...head(symbol, secondsOf(row[2], 'spread[2]')), bid, ask }];
}

function readV2(message: WireObject): VenueEvent[] {
  const channel = optionalText(message, 'channel');
  if (channel === undefined) return [readControlV2(message)];
  if (channel === 'heartbeat' || channel === 'status')
    return [{ kind: 'control', venue: 'kraken', what: 'notice', detail: channel }];
  const snapshot = optionalText(message, 'type') === 'snapshot';
  return arrayField(message, 'data').flatMap((item) => readV2Item(channel, snapshot, asObject(item, 'data')));
}

function readControlV2(message: WireObject): VenueEvent {
  const error = optionalText(message, 'error');
  const method = optionalText(message, 'method');
  if (error !== undefined) return { kind: 'control', venue: 'kraken', what: 'error', detail: error };
  if (method === 'pong') return { kind: 'control', venue: 'kraken', what: 'pong' };
  if (method === 'subscribe') return { kind: 'control', venue: 'kraken', what: 'subscribed' };
  return unsupported('a Kraken v2 message without channel');
}

function readV2Item(channel: string, snapshot: boolean, data: WireObject): VenueEvent[] {
  const symbol = textField(data, 'symbol');
  switch (channel) {
    case 'trade':
      return [
        {
          kind: 'trade',
          ...head(symbol, isoField(data, 'timestamp')),
          id: identifierField(data, 'trade_id'),
          price: positiveField(data, 'price'),
          size: sizeField(data, 'qty'),
          side: choiceField(data, 'side', SIDE),
        },
      ];
    case 'book': {
      const book = {
        ...head(symbol, isoField(data, 'timestamp')),
        bids: namedLevels(field(data, 'bids'), 'bids', 'price', 'qty'),
        asks: namedLevels(field(data, 'asks'), 'asks', 'price', 'qty'),
        sequence: { rule: 'none' } as const,
        depth: 'full' as const,
        ...defined({ checksum: optionalInteger(data, 'checksum') }),
      };
      return [snapshot ? { kind: 'book-snapshot', ...book } : { kind: 'book-delta', ...book }];
    }
    case 'ticker':
      return readTickerV2(symbol, data);
    default:
      return unsupported(`Kraken v2 channel ${channel}`);
  }
}

function readTickerV2(symbol: string, data: WireObject): VenueEvent[] {
  const bid = bestPrice(data, 'bid', 'bid_qty');
  const ask = bestPrice(data, 'ask', 'ask_qty');
  // A market that has not opened writes zeros and the epoch.
  if ((bid ?? null) === null && (ask ?? null) === null) return [];
  return [
    {
      kind: 'ticker',
      ...head(symbol, isoField(data, 'timestamp')),
      ...defined({ bid, ask, last: optionalDecimal(data, 'last') }),
    },
  ];
}
