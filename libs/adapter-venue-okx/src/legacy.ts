import type { Instant } from '@evenkeel/kernel';

import {
  arrayField,
  asObject,
  bestPrice,
  choiceField,
  decimalField,
  defined,
  field,
  identifierField,
  isoField,
  optionalDecimal,
  optionalInteger,
  optionalText,
  pairLevels,
  positiveField,
  sizeField,
  textField,
  unsupported,
} from '@evenkeel/venue-wire';
import type { DecimalText, TickerEvent, VenueEvent, WireObject } from '@evenkeel/venue-wire';

const SIDE = { buy: 'buy', sell: 'sell' } as const;
/** The order that closes the position: 3 closes a long, 4 closes a short. */
const LIQUIDATION_SIDE = { '3': 'sell', '4': 'buy' } as const;

/** A message of OKX's v3 API (2019–2021): `{ table: "<market>/<channel>", data: [...] }`. Shut down; met on recorded tapes. */
export function readOkxLegacy(message: WireObject): VenueEvent[] {
  const table = textField(message, 'table');
  const channel = table.split('/')[1] ?? '';
  const update = optionalText(message, 'action') === 'update';
  return arrayField(message, 'data').map((item) => readItem(table, channel, update, asObject(item, 'data')));
}

function readItem(table: string, channel: string, update: boolean, data: WireObject): VenueEvent {
  switch (channel) {
    case 'trade':
      return readTrade(data);
    case 'depth':
    case 'depth_l2_tbt':
      return readBook(data, update);
    case 'depth5':
      return {
        kind: 'book-snapshot',
        ...head(data),
        ...sides(data),
        sequence: { rule: 'none' },
        depth: 'top',
      };
    case 'ticker':
      return table === 'index/ticker'
        ? { kind: 'index', ...head(data), price: positiveField(data, 'last') }
        : readTicker(data);
    case 'mark_price':
      return { kind: 'ticker', ...head(data), mark: positiveField(data, 'mark_price') };
    case 'funding_rate':
      return readFunding(data);
    case 'summary':
      return readSummary(data);
    case 'liquidation':
      return readLiquidation(data);
    default:
      return unsupported(`OKX v3 table ${table}`);
  }
}

type Head = { venue: 'okx'; instrument: string; symbol: string; eventTime: Instant | null };

function head(data: WireObject, timeKey = 'timestamp'): Head {
  const symbol = textField(data, 'instrument_id');
  return { venue: 'okx', instrument: `${symbol}@okx`, symbol, eventTime: isoField(data, timeKey) };
}

function sides(data: WireObject): {
  bids: ReturnType<typeof pairLevels>;
  asks: ReturnType<typeof pairLevels>;
} {
  return { bids: pairLevels(field(data, 'bids'), 'bids'), asks: pairLevels(field(data, 'asks'), 'asks') };
}

function readTrade(data: WireObject): VenueEvent {
  return {
    kind: 'trade',
    ...head(data),
    id: identifierField(data, 'trade_id'),
    price: positiveField(data, 'price'),
    // Futures say `qty`, the rest `size`.
    size: field(data, 'size') === undefined ? sizeField(data, 'qty') : sizeField(data, 'size'),
    side: choiceField(data, 'side', SIDE),
  };
}

function readBook(data: WireObject, update: boolean): VenueEvent {
  const book = {
    ...head(data),
    ...sides(data),
    sequence: { rule: 'none' } as const,
    depth: 'full' as const,
    ...defined({ checksum: optionalInteger(data, 'checksum') }),
  };
  return update ? { kind: 'book-delta', ...book } : { kind: 'book-snapshot', ...book };
}

function readTicker(data: WireObject): TickerEvent {
  return {
    kind: 'ticker',
    ...head(data),
    ...defined({
      last: optionalDecimal(data, 'last'),
      openInterest: optionalDecimal(data, 'open_interest'),
      bid: bestPrice(data, 'best_bid', 'best_bid_size'),
      ask: bestPrice(data, 'best_ask', 'best_ask_size'),
    }),
  };
}

function readFunding(data: WireObject): TickerEvent {
  return {
    kind: 'ticker',
    ...head(data, 'funding_time'),
    // The only time in the message is that of the funding, not of the message.
    eventTime: null,
    fundingRate: decimalField(data, 'funding_rate'),
    fundingTime: isoField(data, 'funding_time'),
    ...defined({ predictedFundingRate: optionalDecimal(data, 'estimated_rate') }),
  };
}

/** Near expiry the venue wrote ∞ for what no longer exists, and zero where nothing had traded. */
function finite(data: WireObject, key: string): DecimalText | undefined {
  const text = field(data, key);
  return text === '∞' || text === '-∞' ? undefined : optionalDecimal(data, key);
}

function readSummary(data: WireObject): TickerEvent {
  const last = finite(data, 'last');
  return {
    kind: 'ticker',
    ...head(data),
    greeks: defined({
      delta: finite(data, 'delta'),
      gamma: finite(data, 'gamma'),
      vega: finite(data, 'vega'),
      theta: finite(data, 'theta'),
    }),
    ...defined({
      last: last === '0' ? undefined : last,
      mark: finite(data, 'mark_price'),
      underlyingName: optionalText(data, 'underlying'),
      openInterest: finite(data, 'open_interest'),
      markIv: finite(data, 'mark_vol'),
      bidIv: finite(data, 'bid_vol'),
      askIv: finite(data, 'ask_vol'),
      bid: bestPrice(data, 'best_bid', 'best_bid_size'),
      ask: bestPrice(data, 'best_ask', 'best_ask_size'),
    }),
  };
}

function readLiquidation(data: WireObject): VenueEvent {
  return {
    kind: 'liquidation',
    ...head(data, 'created_at'),
    id: null,
    price: positiveField(data, 'price'),
    size: sizeField(data, 'size'),
    side: choiceField(data, 'type', LIQUIDATION_SIDE),
  };
}
