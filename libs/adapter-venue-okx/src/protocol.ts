import { OKX_FEED, parseOkx } from './parse';
import { SECOND_NS, chunked } from '@evenkeel/venue-wire';
import type { Channel, Subscription, VenueProtocol } from '@evenkeel/venue-wire';

const CHANNEL: Readonly<Record<Channel, string>> = {
  quote: 'bbo-tbt',
  book: 'books',
  trades: 'trades',
  ticker: 'tickers',
  funding: 'funding-rate',
  index: 'index-tickers',
};

type Argument = Readonly<Record<string, string>>;

const OPTION = /^([A-Z0-9]+-[A-Z0-9]+)-\d{6}-[0-9.]+-[CP]$/;

/** What an option is marked by comes on three channels: its mark, the volatilities and forwards of its family, and the index. */
function argumentsOf({ channel, symbol }: Subscription): readonly Argument[] {
  const [, family] = OPTION.exec(symbol) ?? [];
  const own = { channel: CHANNEL[channel], instId: symbol };
  if (channel !== 'ticker' || family === undefined) return [own];
  return [
    own,
    { channel: 'mark-price', instId: symbol },
    { channel: 'opt-summary', instFamily: family },
    { channel: 'index-tickers', instId: family },
  ];
}

const TOO_MANY_REQUESTS = new Set(['60014', '50011', '60023']);

function request(op: string, subscriptions: readonly Subscription[], id: number): string[] {
  const texts = new Set(subscriptions.flatMap(argumentsOf).map((argument) => JSON.stringify(argument)));
  return chunked([...texts], 100).map(
    (part, index) => `{"id":"${id + index}","op":"${op}","args":[${part.join(',')}]}`,
  );
}

/** OKX's public WebSocket: a plain `ping` text is answered by `pong`; a connection silent for 30 s is cut by the server. */
export const OKX_PROTOCOL: VenueProtocol = {
  feed: OKX_FEED,
  url: 'wss://ws.okx.com:8443/ws/v5/public',
  restUrl: 'https://www.okx.com',
  listings: [
    { path: '/api/v5/public/instruments?instType=SPOT' },
    { path: '/api/v5/public/instruments?instType=SWAP' },
    { path: '/api/v5/public/instruments?instType=FUTURES' },
    { path: '/api/v5/public/instruments?instType=OPTION&uly=BTC-USD' },
    { path: '/api/v5/public/instruments?instType=OPTION&uly=ETH-USD' },
  ],
  greeting: () => [],
  subscribe: (subscriptions, id) => request('subscribe', subscriptions, id),
  unsubscribe: (subscriptions, id) => request('unsubscribe', subscriptions, id),
  ping: () => 'ping',
  heartbeatNs: 20n * SECOND_NS,
  silenceNs: 45n * SECOND_NS,
  reply: () => undefined,
  parse: (text, symbol) => parseOkx(text, symbol === undefined ? {} : { instrument: symbol }),
  book: { snapshots: 'pushed', checksum: 'okx' },
  // 480 subscribe, unsubscribe and login requests an hour; pings count too.
  sendLimit: { capacity: 10, refillNs: SECOND_NS / 2n },
  throttled: (control) =>
    control.what === 'error' && TOO_MANY_REQUESTS.has(control.code ?? '') ? 5n * SECOND_NS : undefined,
};
