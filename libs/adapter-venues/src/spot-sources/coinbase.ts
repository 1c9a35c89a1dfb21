import { tryParseInstant, type Instant, type Result } from '@evenkeel/kernel';

import type { Level, VenueEvent } from '../normalised/venue-event';
import type { WireObject, WireValue } from '../wire/exact-json';
import {
  asArray,
  asObject,
  choiceField,
  decimalOf,
  field,
  identifierField,
  isoField,
  optionalText,
  positiveField,
  readMessage,
  sizeField,
  sizeOf,
  textField,
  unsupported,
} from '../wire/fields';
import { bestPrice, defined } from '../wire/levels';

/** `side` is the maker's. */
const TAKER_SIDE = { buy: 'sell', sell: 'buy' } as const;
const BOOK_SIDE = { buy: 'bids', sell: 'asks' } as const;

/** One message of Coinbase Exchange's WebSocket feed: a price source for the composite index, not a venue we trade on. */
export function parseCoinbase(text: string): Result<VenueEvent[]> {
  return readMessage(text, (root) => {
    const message = asObject(root, 'message');
    switch (textField(message, 'type')) {
      case 'match':
      case 'last_match':
        return [readMatch(message)];
      case 'l2update':
        return [readUpdate(message)];
      case 'snapshot':
        return [readSnapshot(message)];
      case 'ticker':
        return [readTicker(message)];
      case 'subscriptions':
        return [{ kind: 'control', venue: 'coinbase', what: 'subscribed' }];
      case 'error':
        return [
          {
            kind: 'control',
            venue: 'coinbase',
            what: 'error',
            ...defined({ detail: optionalText(message, 'message') }),
          },
        ];
      default:
        return unsupported(`Coinbase type ${textField(message, 'type')}`);
    }
  });
}

function head(
  message: WireObject,
  eventTime: Instant | null,
): { venue: 'coinbase'; instrument: string; symbol: string; eventTime: Instant | null } {
  const symbol = textField(message, 'product_id');
  return { venue: 'coinbase', instrument: `${symbol}@coinbase`, symbol, eventTime };
}

function readMatch(message: WireObject): VenueEvent {
  return {
    kind: 'trade',
    ...head(message, isoField(message, 'time')),
    id: identifierField(message, 'trade_id'),
    price: positiveField(message, 'price'),
    size: sizeField(message, 'size'),
    side: choiceField(message, 'side', TAKER_SIDE),
  };
}

function readUpdate(message: WireObject): VenueEvent {
  const levels: { bids: Level[]; asks: Level[] } = { bids: [], asks: [] };
  for (const change of asArray(field(message, 'changes'), 'changes')) {
    const [side, price, size] = asArray(change, 'changes');
    const list = choiceField({ side: side ?? null }, 'side', BOOK_SIDE);
    levels[list].push({ price: decimalOf(price, 'changes'), size: sizeOf(size, 'changes') });
  }
  // Coinbase writes the year 1 for "no time".
  const time = tryParseInstant(textField(message, 'time'));
  const eventTime = time !== undefined && time > 0n ? time : null;
  return {
    kind: 'book-delta',
    ...head(message, eventTime),
    ...levels,
    sequence: { rule: 'none' },
    depth: 'full',
  };
}

function readSnapshot(message: WireObject): VenueEvent {
  return {
    kind: 'book-snapshot',
    ...head(message, null),
    bids: snapshotLevels(field(message, 'bids'), 'bids'),
    asks: snapshotLevels(field(message, 'asks'), 'asks'),
    sequence: { rule: 'none' },
    depth: 'full',
  };
}

/** Snapshots have held sizes such as `0.-10000`: such a level is not there. */
function snapshotLevels(value: WireValue | undefined, path: string): Level[] {
  return asArray(value, path).flatMap((row) => {
    const [price, size] = asArray(row, path);
    if (typeof size === 'string' && /^0\.-\d+$/.test(size)) return [];
    return [{ price: decimalOf(price, path), size: sizeOf(size, path) }];
  });
}

function readTicker(message: WireObject): VenueEvent {
  return {
    kind: 'ticker',
    ...head(message, isoField(message, 'time')),
    last: positiveField(message, 'price'),
    ...defined({
      bid: bestPrice(message, 'best_bid', 'best_bid_size'),
      ask: bestPrice(message, 'best_ask', 'best_ask_size'),
    }),
  };
}
