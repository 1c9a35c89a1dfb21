import type { Result } from '@evenkeel/kernel';

import type { Level, TickerEvent, TradeEvent, VenueEvent } from '../normalised/venue-event';
import type { WireObject, WireValue } from '../wire/exact-json';
import {
  arrayField,
  asArray,
  asObject,
  choiceField,
  decimalOf,
  field,
  identifierField,
  isObject,
  isoField,
  objectField,
  optionalDecimal,
  optionalText,
  positiveField,
  readMessage,
  sizeField,
  sizeOf,
  textField,
  unsupported,
} from '../wire/fields';
import { defined, namedLevels } from '../wire/levels';

const SIDE = { BUY: 'buy', SELL: 'sell' } as const;

/** One message of the dYdX v4 indexer's WebSocket: a price source for the composite index. Sizes are base coin. */
export function parseDydx(text: string): Result<VenueEvent[]> {
  return readMessage(text, (root) => {
    const message = asObject(root, 'message');
    const type = textField(message, 'type');
    if (type === 'connected')
      return [{ kind: 'control', venue: 'dydx', what: 'notice', detail: 'connected' }];
    if (type === 'error')
      return [
        {
          kind: 'control',
          venue: 'dydx',
          what: 'error',
          ...defined({ detail: optionalText(message, 'message') }),
        },
      ];
    if (type !== 'subscribed' && type !== 'channel_data') return unsupported(`dYdX type ${type}`);
    return readChannel(message, type === 'subscribed', objectField(message, 'contents'));
  });
}

function readChannel(message: WireObject, first: boolean, contents: WireObject): VenueEvent[] {
  switch (textField(message, 'channel')) {
    case 'v4_trades':
      return arrayField(contents, 'trades').flatMap((item) =>
        readTrade(textField(message, 'id'), asObject(item, 'trades')),
      );
    case 'v4_orderbook':
      return [readBook(textField(message, 'id'), first, contents)];
    case 'v4_markets':
      return readMarkets(contents);
    default:
      return unsupported(`dYdX channel ${textField(message, 'channel')}`);
  }
}

function head(symbol: string): { venue: 'dydx'; instrument: string; symbol: string; eventTime: null } {
  return { venue: 'dydx', instrument: `${symbol}@dydx`, symbol, eventTime: null };
}

function readTrade(symbol: string, item: WireObject): VenueEvent[] {
  const trade: TradeEvent = {
    kind: 'trade',
    ...head(symbol),
    eventTime: isoField(item, 'createdAt'),
    id: identifierField(item, 'id'),
    price: positiveField(item, 'price'),
    size: sizeField(item, 'size'),
    side: choiceField(item, 'side', SIDE),
  };
  if (optionalText(item, 'type') !== 'LIQUIDATED') return [trade];
  return [trade, { ...trade, kind: 'liquidation', side: choiceField(item, 'side', SIDE) }];
}

function readBook(symbol: string, first: boolean, contents: WireObject): VenueEvent {
  const book = {
    ...head(symbol),
    bids: levels(field(contents, 'bids'), 'bids'),
    asks: levels(field(contents, 'asks'), 'asks'),
    sequence: { rule: 'none' } as const,
    depth: 'full' as const,
  };
  return first ? { kind: 'book-snapshot', ...book } : { kind: 'book-delta', ...book };
}

/** Objects in the first message, pairs afterwards; a side that did not change is left out. */
function levels(value: WireValue | undefined, path: string): Level[] {
  if (value === undefined) return [];
  const rows = asArray(value, path);
  if (rows.length > 0 && rows.every(isObject)) return namedLevels(rows, path, 'price', 'size');
  return rows.map((row) => {
    const [price, size] = asArray(row, path);
    return { price: decimalOf(price, path), size: sizeOf(size, path) };
  });
}

function readMarkets(contents: WireObject): VenueEvent[] {
  const groups = ['markets', 'trading', 'oraclePrices'].map((key) => field(contents, key)).filter(isObject);
  return groups.flatMap((group) =>
    Object.keys(group).map((symbol): TickerEvent => {
      const market = asObject(group[symbol], symbol);
      return {
        kind: 'ticker',
        ...head(symbol),
        ...defined({
          mark: optionalDecimal(market, 'oraclePrice'),
          openInterest: optionalDecimal(market, 'openInterest'),
          fundingRate: optionalDecimal(market, 'nextFundingRate'),
        }),
      };
    }),
  );
}
