import type { Instant, Result } from '@evenkeel/kernel';

import {
  ABSENT,
  ROOT,
  TextMemo,
  arrayField,
  asArray,
  asObject,
  bestPrice,
  choiceField,
  decimalOf,
  defined,
  field,
  integerOf,
  isObject,
  millisField,
  millisOf,
  namedBy,
  objectField,
  optionalDecimal,
  optionalInteger,
  optionalMillis,
  optionalText,
  pairLevels,
  positiveField,
  quoteEvent,
  readEach,
  readScan,
  sizeField,
  sizeOf,
  textField,
  unsupported,
  wireKeys,
} from '@evenkeel/venue-wire';
import type {
  BookSequence,
  DecimalText,
  Feed,
  WireScan,
  Named,
  Slot,
  TickerEvent,
  VenueEvent,
  WireObject,
  WireValue,
} from '@evenkeel/venue-wire';
import { readOkxInstrument } from './instruments';
import { readOkxLegacy } from './legacy';

export const OKX_FEED: Feed = { venue: 'okx', market: 'mixed' };
const SIDE = { buy: 'buy', sell: 'sell' } as const;

/** What a REST answer leaves out. */
export interface OkxContext {
  readonly instrument?: string;
}

/** The fields that are read off the scan. */
const K = wireKeys(
  'ts',
  'tradeId',
  'px',
  'sz',
  'side',
  'checksum',
  'bids',
  'asks',
  'seqId',
  'prevSeqId',
  'table',
  'event',
  'arg',
  'channel',
  'instId',
  'data',
  'action',
);

/**
 * One message of OKX's API v5 (WebSocket or REST), or of its v3 API of 2019–2021, which recorded tapes still hold.
 * Sizes are base coin on spot and contracts otherwise.
 */
export function parseOkx(text: string, context: OkxContext = {}): Result<VenueEvent[]> {
  if (text === 'pong') return { ok: true, value: [{ kind: 'control', venue: 'okx', what: 'pong' }] };
  return readScan(text, (scan) => {
    const root = scan.objectAt(ROOT, 'message');
    const arg = scan.field(root, K.arg);
    if (arg === ABSENT || scan.has(root, K.table) || scan.has(root, K.event))
      return readOther(scan.plainObject(root, 'message'), context);
    return readPush(scan, root, scan.objectAt(arg, 'arg'));
  });
}

function readOther(message: WireObject, context: OkxContext): VenueEvent[] {
  if (field(message, 'table') !== undefined) return readOkxLegacy(message);
  if (field(message, 'event') !== undefined) return [readControl(message)];
  if (field(message, 'code') !== undefined) return readAnswer(message, context);
  return unsupported('an OKX message without arg, event, table or code');
}

const CONTROL = {
  subscribe: 'subscribed',
  unsubscribe: 'unsubscribed',
  login: 'authenticated',
  error: 'error',
  notice: 'notice',
  'channel-conn-count': 'notice',
  'channel-conn-count-error': 'error',
} as const;

function readControl(message: WireObject): VenueEvent {
  const what = choiceField(message, 'event', CONTROL);
  const code = optionalText(message, 'code');
  return {
    kind: 'control',
    venue: 'okx',
    // A refused login is a `login` event whose code is not zero.
    what: what === 'authenticated' && code !== undefined && code !== '0' ? 'error' : what,
    ...defined({ requestId: optionalText(message, 'id'), code, detail: optionalText(message, 'msg') }),
  };
}

/** Channels whose messages tell of many instruments at once. */
const MANY = new Set(['instruments', 'opt-summary']);

const NAMES = namedBy((symbol) => `${symbol}@okx`);
const CHANNELS = new TextMemo((channel) => channel);
const ACTIONS = new TextMemo((action) => action);

function readPush(scan: WireScan, root: Slot, arg: Slot): VenueEvent[] {
  const channel = CHANNELS.of(scan, arg, K.channel);
  const stated = scan.field(arg, K.instId);
  const subscribed = scan.isSaid(stated) ? NAMES.at(scan, stated, 'instId') : undefined;
  const data = scan.field(root, K.data);
  /** Under the name in the item, or the one that was subscribed to. */
  const named = (item: Slot): Named => {
    const own = scan.field(item, K.instId);
    return subscribed === undefined || scan.isSaid(own) ? NAMES.at(scan, own, 'instId') : subscribed;
  };
  switch (channel) {
    case 'trades':
    case 'trades-all':
      return scan.eachObject(data, 'data', (item) => readTrade(scan, named(item), item));
    case 'books':
    case 'books-l2-tbt':
    case 'books50-l2-tbt': {
      const action = scan.field(root, K.action);
      const update = scan.isSaid(action) && ACTIONS.at(scan, action, 'action') === 'update';
      return scan.eachObject(data, 'data', (item) => readBook(scan, named(item), item, update));
    }
    case 'books5':
      return scan.eachObject(data, 'data', (item) => readTopOfBook(scan, named(item), item));
    case 'bbo-tbt':
      return scan.eachObject(data, 'data', (item) => readBestOffers(scan, named(item), item));
    default:
      return readSeldom(scan.plainObject(root, 'message'), channel);
  }
}

function readSeldom(message: WireObject, channel: string): VenueEvent[] {
  const arg = objectField(message, 'arg');
  const symbol = optionalText(arg, 'instId');
  const read = (item: WireValue): VenueEvent[] => {
    if (channel.startsWith('candle'))
      return [readCandle(channel.slice(6), symbol ?? textField(arg, 'instId'), item)];
    return readChannel(channel, symbol, asObject(item, 'data'));
  };
  const items = arrayField(message, 'data');
  // Listings and option summaries are of many instruments; what is of one belongs together.
  return MANY.has(channel) ? readEach('okx', items, read) : items.flatMap(read);
}

function readChannel(channel: string, symbol: string | undefined, data: WireObject): VenueEvent[] {
  const name = (): string => optionalText(data, 'instId') ?? symbol ?? textField(data, 'instId');
  switch (channel) {
    case 'tickers':
      return [readTicker(name(), data)];
    case 'index-tickers':
      return [
        { kind: 'index', ...head(name(), millisField(data, 'ts')), price: positiveField(data, 'idxPx') },
      ];
    case 'mark-price':
      return [
        { kind: 'ticker', ...head(name(), millisField(data, 'ts')), mark: positiveField(data, 'markPx') },
      ];
    case 'open-interest':
      return [readOpenInterest(data)];
    case 'funding-rate':
      return [readFunding(name(), data)];
    case 'opt-summary':
      return [readOptionSummary(data)];
    case 'instruments':
      return [readOkxInstrument(data)];
    default:
      return unsupported(`OKX channel ${channel}`);
  }
}

function head(
  symbol: string,
  eventTime: Instant | null,
): { venue: 'okx'; instrument: string; symbol: string; eventTime: Instant | null } {
  return { venue: 'okx', instrument: `${symbol}@okx`, symbol, eventTime };
}

function readTrade(scan: WireScan, { symbol, instrument }: Named, data: Slot): VenueEvent {
  return {
    kind: 'trade',
    venue: 'okx',
    instrument,
    symbol,
    eventTime: scan.millisField(data, K.ts),
    id: scan.identifierField(data, K.tradeId),
    price: scan.positiveField(data, K.px),
    size: scan.sizeField(data, K.sz),
    side: scan.choiceField(data, K.side, SIDE),
  };
}

/** `seqId` and `prevSeqId` exist since 2022; before, the checksum was all there was. */
function sequenceOf(last: number | undefined, previous: number | undefined, update: boolean): BookSequence {
  if (last === undefined) return { rule: 'none' };
  return update && previous !== undefined ? { rule: 'previous', last, previous } : { rule: 'step', last };
}

function readBook(scan: WireScan, { symbol, instrument }: Named, data: Slot, update: boolean): VenueEvent {
  const checksum = scan.optionalIntegerField(data, K.checksum);
  const eventTime = scan.millisField(data, K.ts);
  const bids = scan.pairLevelsField(data, K.bids);
  const asks = scan.pairLevelsField(data, K.asks);
  const last = scan.optionalIntegerField(data, K.seqId);
  const previous = scan.optionalIntegerField(data, K.prevSeqId);
  const sequence = sequenceOf(last, previous, update);
  const kind = update ? 'book-delta' : 'book-snapshot';
  const book = {
    kind,
    venue: 'okx',
    instrument,
    symbol,
    eventTime,
    bids,
    asks,
    sequence,
    depth: 'full',
  } as const;
  // Zero since OKX stopped computing it.
  return checksum === undefined || checksum === 0 ? book : { ...book, checksum };
}

/** The book in an answer. */
function readRestBook(symbol: string, data: WireObject): VenueEvent {
  const checksum = optionalInteger(data, 'checksum');
  return {
    kind: 'book-snapshot',
    ...head(symbol, millisField(data, 'ts')),
    bids: pairLevels(field(data, 'bids'), 'bids'),
    asks: pairLevels(field(data, 'asks'), 'asks'),
    sequence: sequenceOf(optionalInteger(data, 'seqId'), undefined, false),
    depth: 'full',
    ...defined({ checksum: checksum === 0 ? undefined : checksum }),
  };
}

function readTopOfBook(scan: WireScan, { symbol, instrument }: Named, data: Slot): VenueEvent {
  return {
    kind: 'book-snapshot',
    venue: 'okx',
    instrument,
    symbol,
    eventTime: scan.millisField(data, K.ts),
    bids: scan.pairLevelsField(data, K.bids),
    asks: scan.pairLevelsField(data, K.asks),
    sequence: { rule: 'none' },
    depth: 'top',
  };
}

function readBestOffers(scan: WireScan, { symbol, instrument }: Named, data: Slot): VenueEvent {
  const [bid] = scan.pairLevelsField(data, K.bids);
  const [ask] = scan.pairLevelsField(data, K.asks);
  const eventTime = scan.millisField(data, K.ts);
  const sequence = scan.optionalIntegerField(data, K.seqId);
  return quoteEvent({ venue: 'okx', instrument, symbol, eventTime }, bid, ask, sequence);
}

function readTicker(symbol: string, data: WireObject): TickerEvent {
  return {
    kind: 'ticker',
    ...head(symbol, millisField(data, 'ts')),
    ...defined({
      last: optionalDecimal(data, 'last'),
      bid: bestPrice(data, 'bidPx', 'bidSz'),
      ask: bestPrice(data, 'askPx', 'askSz'),
    }),
  };
}

function readFunding(symbol: string, data: WireObject): TickerEvent {
  return {
    kind: 'ticker',
    ...head(symbol, optionalMillis(data, 'ts') ?? null),
    ...defined({
      fundingRate: optionalDecimal(data, 'fundingRate'),
      predictedFundingRate: optionalDecimal(data, 'nextFundingRate'),
      fundingTime: optionalMillis(data, 'fundingTime'),
    }),
  };
}

function readOpenInterest(data: WireObject): TickerEvent {
  return {
    kind: 'ticker',
    ...head(textField(data, 'instId'), millisField(data, 'ts')),
    openInterest: sizeField(data, 'oi'),
  };
}

/** Near expiry OKX writes ∞ for what no longer exists. */
export function optionalFinite(data: WireObject, key: string): DecimalText | undefined {
  const text = field(data, key);
  return text === '∞' || text === '-∞' ? undefined : optionalDecimal(data, key);
}

function readOptionSummary(data: WireObject): TickerEvent {
  const greeks = defined({
    delta: optionalFinite(data, 'delta'),
    gamma: optionalFinite(data, 'gamma'),
    vega: optionalFinite(data, 'vega'),
    theta: optionalFinite(data, 'theta'),
  });
  return {
    kind: 'ticker',
    ...head(textField(data, 'instId'), millisField(data, 'ts')),
    greeks,
    ...defined({
      underlyingName: optionalText(data, 'uly'),
      underlyingPrice: optionalFinite(data, 'fwdPx'),
      markIv: optionalFinite(data, 'markVol'),
      bidIv: optionalFinite(data, 'bidVol'),
      askIv: optionalFinite(data, 'askVol'),
    }),
  };
}

function readCandle(period: string, symbol: string, item: WireValue): VenueEvent {
  const row = asArray(item, 'candle');
  const openTime = millisOf(row[0], 'candle[0]');
  return {
    kind: 'candle',
    ...head(symbol, null),
    period,
    openTime,
    open: decimalOf(row[1], 'candle[1]'),
    high: decimalOf(row[2], 'candle[2]'),
    low: decimalOf(row[3], 'candle[3]'),
    close: decimalOf(row[4], 'candle[4]'),
    volume: sizeOf(row[5], 'candle[5]'),
    // [5] is contracts (spot: coins), [6] coins (spot: the quote), [7] the quote of either.
    ...defined({ quoteVolume: row[7] === undefined ? undefined : sizeOf(row[7], 'candle[7]') }),
  };
}

function readAnswer(message: WireObject, context: OkxContext): VenueEvent[] {
  const code = integerOf(field(message, 'code'), 'code');
  if (code !== 0) {
    return [
      {
        kind: 'control',
        venue: 'okx',
        what: 'error',
        code: String(code),
        ...defined({ detail: optionalText(message, 'msg') }),
      },
    ];
  }
  return readEach('okx', arrayField(message, 'data'), (item): VenueEvent[] => {
    if (!isObject(item)) return unsupported('an OKX answer whose data are not objects');
    if (field(item, 'oi') !== undefined) return [readOpenInterest(item)];
    if (field(item, 'asks') !== undefined) {
      if (context.instrument === undefined)
        return unsupported('an OKX REST book whose instrument is not known: pass the one asked for');
      return [readRestBook(context.instrument, item)];
    }
    if (field(item, 'tickSz') !== undefined) return [readOkxInstrument(item)];
    if (field(item, 'fundingRate') !== undefined) return [readFunding(textField(item, 'instId'), item)];
    return [{ kind: 'control', venue: 'okx', what: 'answer' }];
  });
}
