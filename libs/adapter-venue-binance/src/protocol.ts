import { BINANCE_COIN_M, BINANCE_SPOT, BINANCE_USD_M, parseBinance, type BinanceFeed } from './parse';
import { SECOND_NS, chunked } from '@evenkeel/venue-wire';
import type { Channel, Subscription, VenueProtocol } from '@evenkeel/venue-wire';

function streamOf(feed: BinanceFeed, { channel, symbol }: Subscription): string {
  const name = symbol.toLowerCase();
  const spot = feed.market === 'spot';
  const streams: Readonly<Record<Channel, string>> = {
    quote: `${name}@bookTicker`,
    book: `${name}@depth@100ms`,
    trades: spot ? `${name}@trade` : `${name}@aggTrade`,
    ticker: `${name}@ticker`,
    funding: `${name}@markPrice@1s`,
    index: feed.market === 'inverse' ? `${name}@indexPrice@1s` : `${name}@markPrice@1s`,
  };
  return streams[channel];
}

const TOO_MANY_REQUESTS = new Set(['-1003', '-1015', '429', '3']);

function binanceProtocol(feed: BinanceFeed, url: string, restUrl: string, depthPath: string): VenueProtocol {
  const request = (method: string, subscriptions: readonly Subscription[], id: number): string[] =>
    chunked(subscriptions, 200).map((part, index) =>
      JSON.stringify({
        method,
        params: [...new Set(part.map((item) => streamOf(feed, item)))],
        id: id + index,
      }),
    );
  return {
    feed,
    url,
    restUrl,
    listings: [{ path: depthPath.replace(/depth$/, 'exchangeInfo') }],
    greeting: () => [],
    subscribe: (subscriptions, id) => request('SUBSCRIBE', subscriptions, id),
    unsubscribe: (subscriptions, id) => request('UNSUBSCRIBE', subscriptions, id),
    // The server sends ping frames; the socket answers them by itself. A request keeps a quiet connection honest.
    ping: (id) => JSON.stringify({ method: 'LIST_SUBSCRIPTIONS', id }),
    heartbeatNs: 30n * SECOND_NS,
    silenceNs: 75n * SECOND_NS,
    reply: () => undefined,
    parse: (text, symbol) => parseBinance(text, feed, symbol === undefined ? {} : { symbol }),
    book: { snapshots: 'requested' },
    snapshotPath: (symbol) => `${depthPath}?symbol=${encodeURIComponent(symbol)}&limit=1000`,
    // Five incoming messages a second on spot, ten on futures; beyond it the server disconnects.
    sendLimit: { capacity: 5, refillNs: SECOND_NS / 4n },
    throttled: (control) =>
      control.what === 'error' && TOO_MANY_REQUESTS.has(control.code ?? '') ? 10n * SECOND_NS : undefined,
  };
}

function usdM(part: 'public' | 'market'): VenueProtocol {
  return binanceProtocol(
    BINANCE_USD_M,
    `wss://fstream.binance.com/${part}/stream`,
    'https://fapi.binance.com',
    '/fapi/v1/depth',
  );
}

export const BINANCE_SPOT_PROTOCOL = binanceProtocol(
  BINANCE_SPOT,
  'wss://stream.binance.com:9443/stream',
  'https://api.binance.com',
  '/api/v3/depth',
);
/**
 * Books and quotes of USD-M. Since 2026-04-23 the undivided address acknowledges every subscription and sends books and quotes
 * alone; what is told under `/market` needs a connection of its own (notice of 2026-03-06, developers.binance.com).
 */
export const BINANCE_USD_M_PROTOCOL = usdM('public');
/** Trades, tickers, marks and funding of USD-M. */
export const BINANCE_USD_M_MARKET_PROTOCOL = usdM('market');
export const BINANCE_COIN_M_PROTOCOL = binanceProtocol(
  BINANCE_COIN_M,
  'wss://dstream.binance.com/stream',
  'https://dapi.binance.com',
  '/dapi/v1/depth',
);
