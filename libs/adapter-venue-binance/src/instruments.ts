import {
  WireFault,
  arrayField,
  asObject,
  decimalTextOfString,
  field,
  isObject,
  millisField,
  optionalText,
  positiveField,
  readEach,
  textField,
  unsupported,
} from '@evenkeel/venue-wire';
import type {
  DecimalText,
  Feed,
  InstrumentEvent,
  InstrumentKind,
  VenueEvent,
  WireObject,
} from '@evenkeel/venue-wire';
import { instrumentIdOf } from './instrument-id';

/** The answer to `exchangeInfo`, of spot, USD-M or COIN-M. A listing that can't be read is an `item-failure`, not the end. */
export function readExchangeInfo(
  message: WireObject,
  feed: Feed & { readonly venue: 'binance' },
): VenueEvent[] {
  return readEach('binance', arrayField(message, 'symbols'), (item) =>
    readListing(asObject(item, 'symbols'), feed),
  );
}

function readListing(item: WireObject, feed: Feed): InstrumentEvent {
  const symbol = textField(item, 'symbol');
  const one = decimalTextOfString('1') as DecimalText; // a literal decimal
  const type = kindOf(item, feed);
  return {
    kind: 'instrument',
    venue: 'binance',
    instrument: instrumentIdOf(feed, symbol),
    symbol,
    eventTime: null,
    type,
    payoff: feed.market === 'inverse' ? 'inverse' : 'linear',
    base: textField(item, 'baseAsset'),
    quote: textField(item, 'quoteAsset'),
    settlement: optionalText(item, 'marginAsset') ?? textField(item, 'quoteAsset'),
    tickSize: filterValue(item, 'PRICE_FILTER', 'tickSize'),
    lotSize: filterValue(item, 'LOT_SIZE', 'stepSize'),
    minimumSize: filterValue(item, 'LOT_SIZE', 'minQty'),
    // USD-M counts coins and says no size; a size that COIN-M does not say is no 1.
    contractSize: feed.market === 'inverse' ? positiveField(item, 'contractSize') : one,
    active: (optionalText(item, 'status') ?? optionalText(item, 'contractStatus')) === 'TRADING',
    // That of a perpetual says when it is delisted.
    ...(type === 'future' ? { expiry: millisField(item, 'deliveryDate') } : {}),
  };
}

/** Perpetuals on coins, on stocks and metals, and on their way out; futures on their way out too. */
const CONTRACT_KIND: readonly (readonly [InstrumentKind, RegExp])[] = [
  ['perpetual', /^(TRADIFI_)?PERPETUAL([ _]DELIVERING)?$/],
  ['future', /^(CURRENT|NEXT)_(MONTH|QUARTER)([ _]DELIVERING)?$/],
];

function kindOf(item: WireObject, feed: Feed): InstrumentKind {
  if (feed.market === 'spot') return 'spot';
  const written = textField(item, 'contractType');
  const kind = CONTRACT_KIND.find(([, pattern]) => pattern.test(written))?.[0];
  return kind ?? unsupported(`Binance contracts of the type ${written}`);
}

/** A figure of one of a listing's filters. */
export function filterValue(item: WireObject, type: string, key: string): DecimalText {
  const filters = arrayField(item, 'filters').filter(isObject);
  const filter = filters.find((candidate) => field(candidate, 'filterType') === type);
  if (filter === undefined) throw new WireFault('VENUES.FIELD_INVALID', `filters: no ${type}`, 'filters');
  return positiveField(filter, key);
}
