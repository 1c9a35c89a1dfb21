import { fiveFigures } from '@evenkeel/instruments';
import type { Instant, Result } from '@evenkeel/kernel';

import {
  WireFault,
  arrayField,
  asArray,
  asObject,
  choiceField,
  decimalField,
  decimalTextOfString,
  defined,
  field,
  identifierField,
  integerField,
  millisField,
  namedLevels,
  objectField,
  optionalDecimal,
  positiveField,
  readEach,
  readMessage,
  sizeField,
  textField,
  unsupported,
} from '@evenkeel/venue-wire';
import type {
  DecimalText,
  InstrumentEvent,
  Level,
  TickerEvent,
  VenueEvent,
  WireObject,
  WireValue,
} from '@evenkeel/venue-wire';

import { instrumentIdOf } from './instrument-id';

/** "B" is a bid lifted by a buyer, "A" an ask hit by a seller: the taker's side. */
const SIDE = { B: 'buy', A: 'sell' } as const;

/**
 * One message of Hyperliquid's WebSocket API, or the answer to its `meta` or `allPerpMetas` request. Sizes are base coin. Books are whole
 * snapshots of 20 levels a side without sequence numbers; funding is per hour.
 */
export function parseHyperliquid(text: string): Result<VenueEvent[]> {
  return readMessage(text, (root) => {
    if (Array.isArray(root)) return root.flatMap((meta) => readMeta(asObject(meta, 'meta')));
    const message = asObject(root, 'message');
    if (field(message, 'universe') !== undefined) return readMeta(message);
    const channel = textField(message, 'channel');
    switch (channel) {
      case 'trades':
        return arrayField(message, 'data').map((item) => readTrade(asObject(item, 'data')));
      case 'l2Book':
        return [readBook(objectField(message, 'data'))];
      case 'bbo':
        return [readBestOffers(objectField(message, 'data'))];
      case 'activeAssetCtx':
      case 'activeSpotAssetCtx':
        return [readContext(objectField(message, 'data'))];
      case 'subscriptionResponse':
        return [{ kind: 'control', venue: 'hyperliquid', what: 'subscribed' }];
      case 'pong':
        return [{ kind: 'control', venue: 'hyperliquid', what: 'pong' }];
      case 'error':
        return [{ kind: 'control', venue: 'hyperliquid', what: 'error', detail: textField(message, 'data') }];
      default:
        return unsupported(`Hyperliquid channel ${channel}`);
    }
  });
}

function head(
  symbol: string,
  eventTime: Instant | null,
): { venue: 'hyperliquid'; instrument: string; symbol: string; eventTime: Instant | null } {
  return { venue: 'hyperliquid', instrument: instrumentIdOf(symbol), symbol, eventTime };
}

function readTrade(item: WireObject): VenueEvent {
  return {
    kind: 'trade',
    ...head(textField(item, 'coin'), millisField(item, 'time')),
    id: identifierField(item, 'tid'),
    price: positiveField(item, 'px'),
    size: sizeField(item, 'sz'),
    side: choiceField(item, 'side', SIDE),
  };
}

function readBook(data: WireObject): VenueEvent {
  const [bids, asks] = sides(field(data, 'levels'), 'levels');
  return {
    kind: 'book-snapshot',
    ...head(textField(data, 'coin'), millisField(data, 'time')),
    bids: namedLevels(bids, 'levels', 'px', 'sz'),
    asks: namedLevels(asks, 'levels', 'px', 'sz'),
    sequence: { rule: 'none' },
    depth: 'full',
  };
}

function sides(
  value: WireValue | undefined,
  path: string,
): readonly [WireValue | undefined, WireValue | undefined] {
  const pair = asArray(value, path);
  if (pair.length !== 2) throw new WireFault('VENUES.FIELD_INVALID', `${path}: not two sides`, path);
  return [pair[0], pair[1]];
}

function readBestOffers(data: WireObject): VenueEvent {
  const pair = asArray(field(data, 'bbo'), 'bbo');
  return {
    kind: 'quote',
    ...head(textField(data, 'coin'), millisField(data, 'time')),
    ...defined({ bid: bestLevel(pair[0]), ask: bestLevel(pair[1]) }),
  };
}

function bestLevel(value: WireValue | undefined): Level | undefined {
  if (value === undefined || value === null) return undefined;
  const [level] = namedLevels([value], 'bbo', 'px', 'sz');
  return level;
}

function readContext(data: WireObject): TickerEvent {
  const context = objectField(data, 'ctx');
  return {
    kind: 'ticker',
    ...head(textField(data, 'coin'), null),
    mark: decimalField(context, 'markPx'),
    ...defined({
      index: optionalDecimal(context, 'oraclePx'),
      fundingRate: optionalDecimal(context, 'funding'),
      openInterest: optionalDecimal(context, 'openInterest'),
    }),
  };
}

/** What perpetuals are paid in, by the venue's number of the token: the venue's own in USDC, those of builders in what they chose. */
const COLLATERAL: Readonly<Record<number, string>> = { 0: 'USDC', 235: 'USDE', 360: 'USDH' };

function readMeta(message: WireObject): VenueEvent[] {
  const items = arrayField(message, 'universe');
  return readEach('hyperliquid', items, (item) => readListing(asObject(item, 'universe'), message));
}

/** Prices have at most five significant figures; see `fiveFigures`. */
function readListing(listing: WireObject, meta: WireObject): InstrumentEvent {
  const symbol = textField(listing, 'name');
  const { tickSize, tickSteps, lotSize } = fiveFigures(sizeDecimalsOf(listing));
  const settlement = collateralOf(symbol, meta);
  return {
    kind: 'instrument',
    ...head(symbol, null),
    type: 'perpetual',
    payoff: 'linear',
    base: symbol.slice(symbol.indexOf(':') + 1),
    quote: settlement === 'USDC' ? 'USD' : settlement,
    settlement,
    tickSize: exact(tickSize),
    ...(tickSteps.length === 0
      ? {}
      : {
          tickSteps: tickSteps.map((step) => ({ above: exact(step.above), tick: exact(step.tick) })),
        }),
    lotSize: exact(lotSize),
    minimumSize: exact(lotSize),
    contractSize: exact('1'),
    active: field(listing, 'isDelisted') !== true,
  };
}

/** Places that a size may have; those of a price are six less these. */
function sizeDecimalsOf(listing: WireObject): number {
  const places = integerField(listing, 'szDecimals');
  if (places < 0 || places > 6)
    throw new WireFault('VENUES.FIELD_INVALID', 'szDecimals: out of range', 'szDecimals');
  return places;
}

function collateralOf(symbol: string, meta: WireObject): string {
  const stated = field(meta, 'collateralToken') !== undefined;
  if (!stated && symbol.includes(':'))
    throw new WireFault('VENUES.FIELD_INVALID', 'collateralToken: not said', 'collateralToken');
  const token = stated ? integerField(meta, 'collateralToken') : 0;
  const name = COLLATERAL[token];
  if (name === undefined) return unsupported(`collateral that is token ${token}`);
  return name;
}

function exact(text: string): DecimalText {
  return decimalTextOfString(text) as DecimalText; // written by us as a decimal
}
