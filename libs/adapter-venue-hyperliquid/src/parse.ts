import { fiveFigures } from '@evenkeel/instruments';
import type { Instant, Result } from '@evenkeel/kernel';

import {
  ABSENT,
  ROOT,
  TextMemo,
  WireFault,
  namedBy,
  quoteEvent,
  readScan,
  arrayField,
  asArray,
  asObject,
  decimalField,
  decimalTextOfString,
  defined,
  field,
  integerField,
  objectField,
  optionalDecimal,
  readEach,
  textField,
  unsupported,
  wireKeys,
} from '@evenkeel/venue-wire';
import type {
  DecimalText,
  InstrumentEvent,
  WireScan,
  Level,
  Slot,
  TickerEvent,
  VenueEvent,
  WireObject,
} from '@evenkeel/venue-wire';

import { instrumentIdOf } from './instrument-id';

/** "B" is a bid lifted by a buyer, "A" an ask hit by a seller: the taker's side. */
const SIDE = { B: 'buy', A: 'sell' } as const;

/** The fields that are read off the scan. */
const K = wireKeys('time', 'tid', 'px', 'sz', 'side', 'levels', 'bbo', 'universe', 'channel', 'data', 'coin');

/**
 * One message of Hyperliquid's WebSocket API, or the answer to its `meta` or `allPerpMetas` request. Sizes are base coin. Books are whole
 * snapshots of 20 levels a side without sequence numbers; funding is per hour.
 */
export function parseHyperliquid(text: string): Result<VenueEvent[]> {
  return readScan(text, (scan) => {
    if (scan.isArray(ROOT))
      return asArray(scan.value(ROOT), 'meta').flatMap((meta) => readMeta(asObject(meta, 'meta')));
    const root = scan.objectAt(ROOT, 'message');
    if (scan.has(root, K.universe)) return readMeta(scan.plainObject(root, 'message'));
    const channel = CHANNELS.of(scan, root, K.channel);
    const data = scan.field(root, K.data);
    switch (channel) {
      case 'trades':
        return scan.eachObject(data, 'data', (item) => readTrade(scan, item));
      case 'l2Book':
        return [readBook(scan, scan.objectAt(data, 'data'))];
      case 'bbo':
        return [readBestOffers(scan, scan.objectAt(data, 'data'))];
      default:
        return readSeldom(channel, scan.plainObject(root, 'message'));
    }
  });
}

const CHANNELS = new TextMemo((channel) => channel);
const NAMES = namedBy(instrumentIdOf);

function readSeldom(channel: string, message: WireObject): VenueEvent[] {
  switch (channel) {
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
}

function head(
  symbol: string,
  eventTime: Instant | null,
): { venue: 'hyperliquid'; instrument: string; symbol: string; eventTime: Instant | null } {
  return { venue: 'hyperliquid', instrument: instrumentIdOf(symbol), symbol, eventTime };
}

function readTrade(scan: WireScan, item: Slot): VenueEvent {
  const { symbol, instrument } = NAMES.of(scan, item, K.coin);
  return {
    kind: 'trade',
    venue: 'hyperliquid',
    instrument,
    symbol,
    eventTime: scan.millisField(item, K.time),
    id: scan.identifierField(item, K.tid),
    price: scan.positiveField(item, K.px),
    size: scan.sizeField(item, K.sz),
    side: scan.choiceField(item, K.side, SIDE),
  };
}

function readBook(scan: WireScan, data: Slot): VenueEvent {
  const sides = scan.arrayField(data, K.levels);
  const bids = scan.first(sides);
  const asks = bids === ABSENT ? ABSENT : scan.after(sides, bids);
  if (asks === ABSENT || scan.after(sides, asks) !== ABSENT)
    throw new WireFault('VENUES.FIELD_INVALID', 'levels: not two sides', 'levels');
  const { symbol, instrument } = NAMES.of(scan, data, K.coin);
  return {
    kind: 'book-snapshot',
    venue: 'hyperliquid',
    instrument,
    symbol,
    eventTime: scan.millisField(data, K.time),
    bids: scan.namedLevelsAt(bids, 'levels', K.px, K.sz),
    asks: scan.namedLevelsAt(asks, 'levels', K.px, K.sz),
    sequence: { rule: 'none' },
    depth: 'full',
  };
}

function readBestOffers(scan: WireScan, data: Slot): VenueEvent {
  const pair = scan.arrayField(data, K.bbo);
  const bid = scan.first(pair);
  const ask = bid === ABSENT ? ABSENT : scan.after(pair, bid);
  const { symbol, instrument } = NAMES.of(scan, data, K.coin);
  const eventTime = scan.millisField(data, K.time);
  const head = { venue: 'hyperliquid', instrument, symbol, eventTime } as const;
  return quoteEvent(head, bestLevel(scan, bid), bestLevel(scan, ask));
}

function bestLevel(scan: WireScan, slot: Slot): Level | undefined {
  return slot === ABSENT || scan.isNull(slot) ? undefined : scan.namedLevelAt(slot, 'bbo', K.px, K.sz);
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
