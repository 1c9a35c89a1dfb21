/** Every format that is imported, or named by a tape's manifest. */
export const FORMAT_NAMES = [
  'tardis-options_chain',
  'tardis-derivative_ticker',
  'tardis-trades',
  'tardis-liquidations',
  'tardis-quotes',
  'tardis-book_snapshot_5',
  'tardis-book_snapshot_25',
  'binance-klines',
  'binance-fundingRate',
  'binance-bookTicker',
  'binance-EOHSummary',
  'deribit-trades',
  'deribit-settlements',
  'deribit-delivery_prices',
  'deribit-funding_rate_history',
  'deribit-volatility_index',
  'okx-trades',
  'okx-candles',
  'okx-funding',
  'bybit-trades',
  'bybit-spot-trades',
  'bybit-kline_for_metatrader4',
  'bybit-kline',
  'bybit-funding',
] as const;

export type FormatName = (typeof FORMAT_NAMES)[number];
