import {
  WireFault,
  arrayField,
  asObject,
  decimalField,
  decimalTextOfString,
  defined,
  field,
  isObject,
  optionalDecimal,
  optionalMillis,
  optionalText,
  readEach,
  textField,
} from '@evenkeel/venue-wire';
import type { DecimalText, Feed, InstrumentEvent, VenueEvent, WireObject } from '@evenkeel/venue-wire';
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
  const contractType = optionalText(item, 'contractType');
  const perpetual = contractType === 'PERPETUAL';
  return {
    kind: 'instrument',
    venue: 'binance',
    instrument: instrumentIdOf(feed, symbol),
    symbol,
    eventTime: null,
    type: feed.market === 'spot' ? 'spot' : perpetual ? 'perpetual' : 'future',
    payoff: feed.market === 'inverse' ? 'inverse' : 'linear',
    base: textField(item, 'baseAsset'),
    quote: textField(item, 'quoteAsset'),
    settlement: optionalText(item, 'marginAsset') ?? textField(item, 'quoteAsset'),
    tickSize: filterValue(item, 'PRICE_FILTER', 'tickSize'),
    lotSize: filterValue(item, 'LOT_SIZE', 'stepSize'),
    minimumSize: filterValue(item, 'LOT_SIZE', 'minQty'),
    contractSize: optionalDecimal(item, 'contractSize') ?? one,
    active: (optionalText(item, 'status') ?? optionalText(item, 'contractStatus')) === 'TRADING',
    ...defined({ expiry: perpetual ? undefined : optionalMillis(item, 'deliveryDate') }),
  };
}

/** A figure of one of a listing's filters. */
export function filterValue(item: WireObject, type: string, key: string): DecimalText {
  const filters = arrayField(item, 'filters').filter(isObject);
  const filter = filters.find((candidate) => field(candidate, 'filterType') === type);
  if (filter === undefined) throw new WireFault('VENUES.FIELD_INVALID', `filters: no ${type}`, 'filters');
  return decimalField(filter, key);
}
