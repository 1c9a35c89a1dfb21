import { parseHyperliquid } from './parse';
import { SECOND_NS } from '@evenkeel/venue-wire';
import type { Channel, Subscription, VenueProtocol } from '@evenkeel/venue-wire';

const TYPE: Readonly<Record<Channel, string>> = {
  quote: 'bbo',
  book: 'l2Book',
  trades: 'trades',
  ticker: 'activeAssetCtx',
  funding: 'activeAssetCtx',
  index: 'activeAssetCtx',
};

function request(method: string, subscriptions: readonly Subscription[]): string[] {
  const messages = subscriptions.map(({ channel, symbol }) =>
    JSON.stringify({ method, subscription: { type: TYPE[channel], coin: symbol } }),
  );
  return [...new Set(messages)];
}

/** Hyperliquid's WebSocket: whole books, one subscription a message, our ping at least once a minute. */
export const HYPERLIQUID_PROTOCOL: VenueProtocol = {
  feed: { venue: 'hyperliquid', market: 'linear' },
  url: 'wss://api.hyperliquid.xyz/ws',
  restUrl: 'https://api.hyperliquid.xyz',
  listings: [{ path: '/info', body: '{"type":"allPerpMetas"}' }],
  greeting: () => [],
  subscribe: (subscriptions) => request('subscribe', subscriptions),
  unsubscribe: (subscriptions) => request('unsubscribe', subscriptions),
  ping: () => JSON.stringify({ method: 'ping' }),
  heartbeatNs: 30n * SECOND_NS,
  silenceNs: 65n * SECOND_NS,
  reply: () => undefined,
  parse: (text) => parseHyperliquid(text),
  book: { snapshots: 'pushed' },
  // 2000 messages a minute for all connections of an address.
  sendLimit: { capacity: 50, refillNs: SECOND_NS / 20n },
  throttled: (control) =>
    control.what === 'error' && /too many|rate/i.test(control.detail ?? '') ? 10n * SECOND_NS : undefined,
};
