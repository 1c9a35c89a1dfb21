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

export const BINANCE_SPOT_PROTOCOL = binanceProtocol(
  BINANCE_SPOT,
  'wss://stream.binance.com:9443/stream',
  'https://api.binance.com',
  '/api/v3/depth',
);
export const BINANCE_USD_M_PROTOCOL = binanceProtocol(
  BINANCE_USD_M,
  'wss://fstream.binance.com/stream',
  'https://fapi.binance.com',
  '/fapi/v1/depth',
);
export const BINANCE_COIN_M_PROTOCOL = binanceProtocol(
  BINANCE_COIN_M,
  'wss://dstream.binance.com/stream',
  'https://dapi.binance.com',
  '/dapi/v1/depth',
);
