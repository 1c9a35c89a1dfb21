import {
  arrayField,
  asObject,
  identifierField,
  millisField,
  positiveField,
  sizeField,
  textField,
  unsupported,
} from '@evenkeel/venue-wire';
import type { VenueEvent, WireObject } from '@evenkeel/venue-wire';

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
