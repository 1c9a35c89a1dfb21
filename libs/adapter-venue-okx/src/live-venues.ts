import type { LiveVenue } from '@evenkeel/venues';

import { OKX_CONNECTOR } from './orders/connector';
import { LOCAL_EXCHANGE } from './simulator/local-exchange';

const OKX: LiveVenue = {
  name: 'okx',
  venue: 'okx',
  feed: 'okx',
  witnesses: ['deribit', 'deribit-index', 'deribit-pegs', 'binance-usd-m', 'bybit-linear', 'okx'],
  hedgeOf: (underlying) => `${underlying}-USD-SWAP@okx`,
  connector: OKX_CONNECTOR,
};

/** OKX, and the exchange of ours that speaks its protocol on this machine. */
export const OKX_LIVE_VENUES: readonly LiveVenue[] = [
  OKX,
  { ...OKX, name: 'okx-sim', witnesses: [], local: LOCAL_EXCHANGE },
];
