import type { LiveVenue } from '@evenkeel/venues';

import { DERIBIT_CONNECTOR } from './connector';
import { LOCAL_EXCHANGE } from './simulator/local-exchange';

const DERIBIT: LiveVenue = {
  name: 'deribit',
  venue: 'deribit',
  feed: 'deribit',
  witnesses: ['deribit', 'deribit-index', 'deribit-pegs', 'binance-usd-m', 'bybit-linear', 'okx'],
  hedgeOf: (underlying) => `${underlying}-PERPETUAL@deribit`,
  connector: DERIBIT_CONNECTOR,
};

/** Deribit, and the exchange of ours that speaks its protocol on this machine. */
export const DERIBIT_LIVE_VENUES: readonly LiveVenue[] = [
  DERIBIT,
  { ...DERIBIT, name: 'deribit-sim', witnesses: ['deribit', 'deribit-index'], local: LOCAL_EXCHANGE },
];
