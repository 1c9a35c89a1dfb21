import { parseDeribit } from './parse';
import { SECOND_NS, chunked } from '@evenkeel/venue-wire';
import type { Channel, Subscription, VenueProtocol } from '@evenkeel/venue-wire';

const CHANNEL: Readonly<Record<Channel, (symbol: string) => string>> = {
  quote: (symbol) => `quote.${symbol}`,
  // `raw` needs a login; 100 ms is public.
  book: (symbol) => `book.${symbol}.100ms`,
  trades: (symbol) => `trades.${symbol}.100ms`,
  ticker: (symbol) => `ticker.${symbol}.100ms`,
  funding: (symbol) => `perpetual.${symbol}.100ms`,
  index: (symbol) => `deribit_price_index.${symbol}`,
};

/** `10028`: too many requests. */
const TOO_MANY_REQUESTS = '10028';

export function rpc(id: number, method: string, params: Readonly<Record<string, unknown>>): string {
  return JSON.stringify({ jsonrpc: '2.0', id, method, params });
}

function channels(method: string, subscriptions: readonly Subscription[], id: number): string[] {
  return chunked(subscriptions, 200).map((part, index) =>
    rpc(id + index, method, { channels: part.map(({ channel, symbol }) => CHANNEL[channel](symbol)) }),
  );
}

const HEARTBEAT_SECONDS = 30;
/** The shortest that Deribit takes. */
const TRADING_HEARTBEAT_SECONDS = 10;

/** Deribit's JSON-RPC over WebSocket: the server asks for signs of life and cuts the connection of who stays silent. */
export const DERIBIT_PROTOCOL: VenueProtocol = {
  feed: { venue: 'deribit', market: 'mixed' },
  url: 'wss://www.deribit.com/ws/api/v2',
  restUrl: 'https://www.deribit.com/api/v2',
  listings: ['BTC', 'ETH', 'USDC'].map((currency) => ({
    path: `/public/get_instruments?currency=${currency}`,
  })),
  greeting: (id) => [rpc(id, 'public/set_heartbeat', { interval: HEARTBEAT_SECONDS })],
  subscribe: (subscriptions, id) => channels('public/subscribe', subscriptions, id),
  unsubscribe: (subscriptions, id) => channels('public/unsubscribe', subscriptions, id),
  ping: (id) => rpc(id, 'public/test', {}),
  heartbeatNs: 25n * SECOND_NS,
  silenceNs: 65n * SECOND_NS,
  reply: (control, id) => (control.what === 'test-request' ? rpc(id, 'public/test', {}) : undefined),
  parse: (text) => parseDeribit(text),
  book: { snapshots: 'pushed' },
  // 20 requests a second in the long run, 100 at once, for requests that are not orders.
  sendLimit: { capacity: 100, refillNs: SECOND_NS / 20n },
  throttled: (control) =>
    control.what === 'error' && control.code === TOO_MANY_REQUESTS ? SECOND_NS : undefined,
};

/**
 * A connection that orders go over. Its heartbeat is the dead man's switch: whoever does not answer for two beats is cut off, and what
 * he placed is taken back.
 */
export const TRADING_PROTOCOL: VenueProtocol = {
  ...DERIBIT_PROTOCOL,
  greeting: (id) => [rpc(id, 'public/set_heartbeat', { interval: TRADING_HEARTBEAT_SECONDS })],
  heartbeatNs: 8n * SECOND_NS,
  silenceNs: 25n * SECOND_NS,
};
