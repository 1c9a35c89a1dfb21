import {
  arrayField,
  asObject,
  choiceField,
  decimalField,
  decimalTextOfString,
  defined,
  field,
  isObject,
  millisField,
  objectField,
  optionalText,
  positiveField,
  readEach,
  textField,
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

const CONTRACT_KIND: Readonly<Record<string, InstrumentKind>> = {
  LinearPerpetual: 'perpetual',
  InversePerpetual: 'perpetual',
  LinearFutures: 'future',
  InverseFutures: 'future',
};
const OPTION_TYPE = { Call: 'call', Put: 'put' } as const;

/** The answer to `market/instruments-info`; any other list is an answer only its caller understands. */
export function readBybitInstruments(result: WireObject, feed: Feed): VenueEvent[] {
  const items = arrayField(result, 'list');
  if (!items.some((item) => isObject(item) && field(item, 'lotSizeFilter') !== undefined)) {
    return [{ kind: 'control', venue: 'bybit', what: 'answer' }];
  }
  return readEach('bybit', items, (item) => readInstrument(asObject(item, 'list'), feed));
}

function readInstrument(item: WireObject, feed: Feed): InstrumentEvent {
  const symbol = textField(item, 'symbol');
  const lots = objectField(item, 'lotSizeFilter');
  const type: InstrumentKind =
    feed.market === 'option'
      ? 'option'
      : feed.market === 'spot'
        ? 'spot'
        : choiceField(item, 'contractType', CONTRACT_KIND);
  return {
    kind: 'instrument',
    venue: 'bybit',
    instrument: instrumentIdOf(feed, symbol),
    symbol,
    eventTime: null,
    type,
    payoff: feed.market === 'inverse' ? 'inverse' : 'linear',
    base: textField(item, 'baseCoin'),
    quote: textField(item, 'quoteCoin'),
    settlement: optionalText(item, 'settleCoin') ?? textField(item, 'quoteCoin'),
    tickSize: positiveField(objectField(item, 'priceFilter'), 'tickSize'),
    lotSize: positiveField(lots, field(lots, 'qtyStep') === undefined ? 'basePrecision' : 'qtyStep'),
    minimumSize: decimalField(lots, 'minOrderQty'),
    contractSize: decimalTextOfString('1') as DecimalText, // a literal decimal
    active: optionalText(item, 'status') === 'Trading',
    // That of a perpetual says when it is delisted.
    ...(type === 'future' || type === 'option' ? { expiry: millisField(item, 'deliveryTime') } : {}),
    ...defined({
      optionType: type === 'option' ? choiceField(item, 'optionsType', OPTION_TYPE) : undefined,
    }),
  };
}
