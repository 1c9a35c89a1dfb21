import { required } from '@evenkeel/kernel';
import type { Channel, VenueProtocol } from '@evenkeel/venue-wire';
import {
  BINANCE_COIN_M_PROTOCOL,
  BINANCE_SPOT_PROTOCOL,
  BINANCE_USD_M_MARKET_PROTOCOL,
  BINANCE_USD_M_PROTOCOL,
} from '@evenkeel/adapter-venue-binance';
import {
  BYBIT_INVERSE_PROTOCOL,
  BYBIT_LINEAR_PROTOCOL,
  BYBIT_OPTION_PROTOCOL,
  BYBIT_SPOT_PROTOCOL,
} from '@evenkeel/adapter-venue-bybit';
import { DERIBIT_PROTOCOL } from '@evenkeel/adapter-venue-deribit';
import { HYPERLIQUID_PROTOCOL } from '@evenkeel/adapter-venue-hyperliquid';
import { OKX_PROTOCOL } from '@evenkeel/adapter-venue-okx';

/** A feed that can be connected to. */
export interface VenueFeed {
  readonly protocol: VenueProtocol;
  /** A symbol that always trades there, for looking whether the feed is sound; absent where there is none. */
  readonly sample?: string;
  readonly listsOptions?: boolean;
  /** Where a venue tells some channels at another address: a second connection, with a name of its own. */
  readonly second?: {
    readonly name: string;
    readonly protocol: VenueProtocol;
    readonly channels: readonly Channel[];
  };
}

/** Every feed by the name people use. */
export const VENUE_FEEDS: ReadonlyMap<string, VenueFeed> = new Map<string, VenueFeed>([
  ['deribit', { protocol: DERIBIT_PROTOCOL, sample: 'BTC-PERPETUAL', listsOptions: true }],
  ['binance-spot', { protocol: BINANCE_SPOT_PROTOCOL, sample: 'BTCUSDT' }],
  [
    'binance-usd-m',
    {
      protocol: BINANCE_USD_M_PROTOCOL,
      sample: 'BTCUSDT',
      second: {
        name: 'binance-usd-m-market',
        protocol: BINANCE_USD_M_MARKET_PROTOCOL,
        channels: ['trades', 'ticker', 'funding', 'index'],
      },
    },
  ],
  ['binance-coin-m', { protocol: BINANCE_COIN_M_PROTOCOL, sample: 'BTCUSD_PERP' }],
  ['bybit-spot', { protocol: BYBIT_SPOT_PROTOCOL, sample: 'BTCUSDT' }],
  ['bybit-linear', { protocol: BYBIT_LINEAR_PROTOCOL, sample: 'BTCUSDT' }],
  ['bybit-inverse', { protocol: BYBIT_INVERSE_PROTOCOL, sample: 'BTCUSD' }],
  ['bybit-option', { protocol: BYBIT_OPTION_PROTOCOL, listsOptions: true }],
  ['okx', { protocol: OKX_PROTOCOL, sample: 'BTC-USDT-SWAP', listsOptions: true }],
  ['hyperliquid', { protocol: HYPERLIQUID_PROTOCOL, sample: 'BTC' }],
]);

/** Every protocol by the name of its connection. */
export const VENUE_PROTOCOLS: ReadonlyMap<string, VenueProtocol> = new Map(
  [...VENUE_FEEDS].flatMap(([name, { protocol, second }]): [string, VenueProtocol][] => [
    [name, protocol],
    ...(second === undefined ? [] : [[second.name, second.protocol] as [string, VenueProtocol]]),
  ]),
);

/** The name of the connection that tells a channel of a feed. */
export function connectionOf(feed: string, channel: Channel): string {
  const { second } = required(VENUE_FEEDS.get(feed), `the feed ${feed}`);
  return second?.channels.includes(channel) === true ? second.name : feed;
}
