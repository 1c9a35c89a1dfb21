import { BINANCE_CONNECTOR, BINANCE_LIVE_VENUES } from '@evenkeel/adapter-venue-binance';
import { BYBIT_CONNECTOR, BYBIT_LIVE_VENUES } from '@evenkeel/adapter-venue-bybit';
import { DERIBIT_CONNECTOR, DERIBIT_LIVE_VENUES } from '@evenkeel/adapter-venue-deribit';
import { HYPERLIQUID_CONNECTOR, HYPERLIQUID_LIVE_VENUES } from '@evenkeel/adapter-venue-hyperliquid';
import { OKX_CONNECTOR, OKX_LIVE_VENUES } from '@evenkeel/adapter-venue-okx';
import { TAPE_EXCHANGE } from '@evenkeel/adapter-venue-sim';
import type { ConnectorDefinition, LiveVenue } from '@evenkeel/venues';
import { PAPER } from './paper/paper-account';
import { VENUE_FEEDS } from './venue-protocols';

/** Every way in which orders can go out. A new venue adds its connector here. */
export const CONNECTORS: readonly ConnectorDefinition[] = [
  TAPE_EXCHANGE,
  DERIBIT_CONNECTOR,
  BINANCE_CONNECTOR,
  BYBIT_CONNECTOR,
  OKX_CONNECTOR,
  HYPERLIQUID_CONNECTOR,
  PAPER,
];

/** Every venue at which a book can be hedged in real time, by the name that people give. */
export const LIVE_VENUES: ReadonlyMap<string, LiveVenue> = new Map(
  [
    ...DERIBIT_LIVE_VENUES,
    ...BINANCE_LIVE_VENUES,
    ...BYBIT_LIVE_VENUES,
    ...OKX_LIVE_VENUES,
    ...HYPERLIQUID_LIVE_VENUES,
  ].map((venue) => [venue.name, venue]),
);

const VENUES = new Set([...VENUE_FEEDS.values()].map(({ protocol }) => protocol.feed.venue.toUpperCase()));
const VENUE_KEY = new RegExp(`^EK_(${[...VENUES].join('|')})[A-Z0-9_]*_(KEY|SECRET|PASSPHRASE)(_FILE)?$`);

/** Whether a variable of the environment opens an account at a venue, whether orders can be sent there or not yet. */
export const isVenueKey = (name: string): boolean => VENUE_KEY.test(name);
