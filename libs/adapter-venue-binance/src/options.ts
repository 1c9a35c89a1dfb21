import type { Instant } from '@evenkeel/kernel';
import {
  arrayField,
  asObject,
  bestPrice,
  choiceField,
  decimalField,
  defined,
  identifierField,
  millisField,
  optionalDecimal,
  optionalMillis,
  optionalText,
  positiveField,
  readEach,
  sizeField,
  textField,
  unsupported,
} from '@evenkeel/venue-wire';
import type { InstrumentEvent, TickerEvent, TradeEvent, VenueEvent, WireObject } from '@evenkeel/venue-wire';
import { filterValue } from './instruments';

const OPTION_TYPE = { CALL: 'call', PUT: 'put' } as const;
/** Of the taker, as a number or a text. */
const DIRECTION = { '1': 'buy', '-1': 'sell' } as const;

function head(
  symbol: string,
  eventTime: Instant | null,
): { venue: 'binance'; instrument: string; symbol: string; eventTime: Instant | null } {
  return { venue: 'binance', instrument: `${symbol}@binance`, symbol, eventTime };
}

/**
 * An event of the options API of today. Some of its messages share a name with those of the other markets and mean something
 * else by the same letters: in a ticker `b` and `a` are volatilities, and a trade says its side as a number.
 */
export function readOptionEvent(data: WireObject, type: string): VenueEvent[] {
  switch (type) {
    case '24hrTicker':
      return [readOptionTicker(data)];
    case 'trade':
      return [readOptionTrade(data)];
    case 'markPrice':
      return [
        {
          kind: 'ticker',
          ...head(textField(data, 's'), millisField(data, 'E')),
          mark: decimalField(data, 'mp'),
        },
      ];
    case 'index':
      return [
        {
          kind: 'index',
          ...head(textField(data, 's'), millisField(data, 'E')),
          price: positiveField(data, 'p'),
        },
      ];
    default:
      return unsupported(`Binance options event ${type}`);
  }
}

function readOptionTicker(data: WireObject): TickerEvent {
  return {
    kind: 'ticker',
    ...head(textField(data, 's'), millisField(data, 'E')),
    greeks: defined({
      delta: optionalDecimal(data, 'd'),
      gamma: optionalDecimal(data, 'g'),
      vega: optionalDecimal(data, 'v'),
      theta: optionalDecimal(data, 't'),
    }),
    ...defined({
      last: optionalDecimal(data, 'c'),
      bid: bestPrice(data, 'bo', 'bq'),
      ask: bestPrice(data, 'ao', 'aq'),
      mark: optionalDecimal(data, 'mp'),
      markIv: volatilityOf(data, 'vo'),
      bidIv: volatilityOf(data, 'b'),
      askIv: volatilityOf(data, 'a'),
    }),
  };
}

/** A side that is empty has none: -1, or 0. */
function volatilityOf(data: WireObject, key: string): TickerEvent['markIv'] {
  const value = optionalDecimal(data, key);
  return value === undefined || value === '0' || value.startsWith('-') ? undefined : value;
}

function readOptionTrade(data: WireObject): TradeEvent {
  const special = optionalText(data, 'X');
  return {
    kind: 'trade',
    ...head(textField(data, 's'), optionalMillis(data, 'T') ?? millisField(data, 'E')),
    id: identifierField(data, 't'),
    price: positiveField(data, 'p'),
    size: sizeField(data, 'q'),
    side: directionOf(data),
    ...defined({ special: special === 'MARKET' ? undefined : special }),
  };
}

function directionOf(data: WireObject): 'buy' | 'sell' {
  return choiceField({ S: identifierField(data, 'S') }, 'S', DIRECTION);
}

/** The options of `eapi/v1/exchangeInfo`. One contract is `unit` of the underlying's coin. */
export function readOptionListings(message: WireObject): VenueEvent[] {
  return readEach('binance', arrayField(message, 'optionSymbols'), (item) =>
    readOptionListing(asObject(item, 'optionSymbols')),
  );
}

function readOptionListing(item: WireObject): InstrumentEvent {
  const symbol = textField(item, 'symbol');
  const quote = textField(item, 'quoteAsset');
  const underlying = textField(item, 'underlying');
  if (!underlying.endsWith(quote))
    return unsupported(`an option on ${underlying} that is quoted in ${quote}`);
  return {
    kind: 'instrument',
    ...head(symbol, null),
    type: 'option',
    payoff: 'linear',
    base: underlying.slice(0, -quote.length),
    quote,
    settlement: quote,
    tickSize: filterValue(item, 'PRICE_FILTER', 'tickSize'),
    lotSize: filterValue(item, 'LOT_SIZE', 'stepSize'),
    minimumSize: filterValue(item, 'LOT_SIZE', 'minQty'),
    contractSize: positiveField(item, 'unit'),
    active: (optionalText(item, 'status') ?? 'TRADING') === 'TRADING',
    expiry: millisField(item, 'expiryDate'),
    strike: decimalField(item, 'strikePrice'),
    optionType: choiceField(item, 'side', OPTION_TYPE),
    ...defined({
      makerFee: optionalDecimal(item, 'makerFeeRate'),
      takerFee: optionalDecimal(item, 'takerFeeRate'),
    }),
  };
}

/** The first version of Binance's options API (2021–2023): all trades of one underlying in one message. */
export function readBinanceOptions(data: WireObject, type: 'trade_all' | 'ticker_all'): VenueEvent[] {
  if (type === 'ticker_all')
    return unsupported('Binance options ticker of the whole underlying: it names no instrument');
  return arrayField(data, 't').map((item) => {
    const trade = asObject(item, 't');
    const symbol = textField(trade, 'S');
    return {
      kind: 'trade',
      venue: 'binance',
      instrument: `${symbol}@binance`,
      symbol,
      eventTime: millisField(trade, 'T'),
      id: identifierField(trade, 't'),
      price: positiveField(trade, 'p'),
      size: sizeField(trade, 'q'),
      // "1" bought, "-1" sold.
      side: textField(trade, 's') === '-1' ? 'sell' : 'buy',
    };
  });
}
