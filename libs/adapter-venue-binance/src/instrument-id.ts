import type { Feed } from '@evenkeel/venue-wire';

/**
 * Our id of a Binance symbol. A symbol that is used in two markets gets the suffix that tells them apart: `BTCUSDT` is
 * `BTCUSDT@binance` on spot and `BTCUSDT-PERP@binance` on USD-M.
 */
export function instrumentIdOf(feed: Feed, symbol: string): string {
  return `${nameOf(feed, symbol)}@binance`;
}

function nameOf(feed: Feed, symbol: string): string {
  if (feed.market === 'spot' || feed.market === 'option') return symbol;
  if (symbol.endsWith('_PERP')) return `${symbol.slice(0, -5)}-PERP`;
  return symbol.includes('_') ? symbol.replace('_', '-') : `${symbol}-PERP`;
}
