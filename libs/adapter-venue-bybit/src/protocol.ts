import { BYBIT_INVERSE, BYBIT_LINEAR, BYBIT_OPTION, BYBIT_SPOT, parseBybit, type BybitFeed } from './parse';
import { SECOND_NS, chunked } from '@evenkeel/venue-wire';
import type { Channel, Subscription, VenueProtocol } from '@evenkeel/venue-wire';

function topicOf({ market }: BybitFeed, { channel, symbol }: Subscription): string {
  const depth = market === 'option' ? 25 : 50;
  const topics: Readonly<Record<Channel, string>> = {
    quote: `orderbook.1.${symbol}`,
    book: `orderbook.${depth}.${symbol}`,
    trades: `publicTrade.${symbol}`,
    ticker: `tickers.${symbol}`,
    funding: `tickers.${symbol}`,
    index: `tickers.${symbol}`,
  };
  return topics[channel];
}

function bybitProtocol(feed: BybitFeed): VenueProtocol {
  const request = (op: string, subscriptions: readonly Subscription[], id: number): string[] =>
    // Spot takes ten topics a message, the others more.
    chunked([...new Set(subscriptions.map((item) => topicOf(feed, item)))], 10).map((args, index) =>
      JSON.stringify({ req_id: String(id + index), op, args }),
    );
  return {
    feed,
    url: `wss://stream.bybit.com/v5/public/${feed.market}`,
    restUrl: 'https://api.bybit.com',
    listings: [{ path: `/v5/market/instruments-info?category=${feed.market}&limit=1000` }],
    greeting: () => [],
    subscribe: (subscriptions, id) => request('subscribe', subscriptions, id),
    unsubscribe: (subscriptions, id) => request('unsubscribe', subscriptions, id),
    ping: (id) => JSON.stringify({ req_id: String(id), op: 'ping' }),
    heartbeatNs: 20n * SECOND_NS,
    silenceNs: 45n * SECOND_NS,
    reply: () => undefined,
    parse: (text) => parseBybit(text, feed),
    book: { snapshots: 'pushed' },
    sendLimit: { capacity: 20, refillNs: SECOND_NS / 10n },
    throttled: (control) =>
      control.what === 'error' && (control.code === '10006' || /too many/i.test(control.detail ?? ''))
        ? 5n * SECOND_NS
        : undefined,
  };
}

export const BYBIT_SPOT_PROTOCOL = bybitProtocol(BYBIT_SPOT);
export const BYBIT_LINEAR_PROTOCOL = bybitProtocol(BYBIT_LINEAR);
export const BYBIT_INVERSE_PROTOCOL = bybitProtocol(BYBIT_INVERSE);
export const BYBIT_OPTION_PROTOCOL = bybitProtocol(BYBIT_OPTION);
