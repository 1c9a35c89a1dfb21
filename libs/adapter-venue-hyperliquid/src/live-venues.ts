import type { LiveVenue } from '@evenkeel/venues';

import { HYPERLIQUID_CONNECTOR } from './orders/connector';
import { LOCAL_EXCHANGE } from './simulator/local-exchange';

const HYPERLIQUID: LiveVenue = {
  name: 'hyperliquid',
  venue: 'hyperliquid',
  feed: 'hyperliquid',
  witnesses: ['deribit', 'deribit-index', 'deribit-pegs', 'binance-usd-m', 'bybit-linear', 'okx'],
  hedgeOf: (underlying) => `${underlying}-PERP@hyperliquid`,
  connector: HYPERLIQUID_CONNECTOR,
};

/** Hyperliquid, and the exchange of ours that speaks its protocol on this machine. */
export const HYPERLIQUID_LIVE_VENUES: readonly LiveVenue[] = [
  HYPERLIQUID,
  { ...HYPERLIQUID, name: 'hyperliquid-sim', witnesses: [], local: LOCAL_EXCHANGE },
];
