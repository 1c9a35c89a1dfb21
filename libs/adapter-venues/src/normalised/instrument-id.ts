import type { Feed } from './venue-event';

/**
 * Our instrument id of a venue's symbol. A symbol that a venue uses in two markets gets the suffix that tells them apart:
 * `BTCUSDT` is `BTCUSDT@binance` on spot and `BTCUSDT-PERP@binance` on USD-M.
 */
export function instrumentIdOf(feed: Feed, symbol: string): string {
  switch (feed.venue) {
    case 'binance':
      return `${binanceSymbol(feed, symbol)}@binance`;
    case 'bybit':
      return feed.market === 'spot' || feed.market === 'option' || /-|[FGHJKMNQUVXZ]\d\d$|PERP$/.test(symbol)
        ? `${symbol}@bybit`
        : `${symbol}-PERP@bybit`;
    case 'hyperliquid':
      return symbol.startsWith('@') || symbol.includes('/')
        ? `${symbol}@hyperliquid`
        : `${symbol}-PERP@hyperliquid`;
    default:
      return `${symbol}@${feed.venue}`;
  }
}

function binanceSymbol(feed: Feed, symbol: string): string {
  if (feed.market === 'spot' || feed.market === 'option') return symbol;
  if (symbol.endsWith('_PERP')) return `${symbol.slice(0, -5)}-PERP`;
  return symbol.includes('_') ? symbol.replace('_', '-') : `${symbol}-PERP`;
}

/** `[symbol, venue]` of an instrument id; the symbol may itself hold an `@`. */
export function splitInstrumentId(id: string): readonly [string, string] {
  const at = id.lastIndexOf('@');
  return [id.slice(0, at), id.slice(at + 1)];
}
