import type { LiveVenue } from '@evenkeel/venues';

import { BINANCE_CONNECTOR } from './orders/connector';
import { LOCAL_EXCHANGE } from './simulator/local-exchange';

const USD_M: LiveVenue = {
  name: 'binance-usd-m',
  venue: 'binance',
  feed: 'binance-usd-m',
  witnesses: ['deribit', 'deribit-index', 'deribit-pegs', 'binance-usd-m', 'bybit-linear', 'okx'],
  hedgeOf: (underlying) => `${underlying}USDT-PERP@binance`,
  connector: BINANCE_CONNECTOR,
};
const COIN_M: LiveVenue = {
  ...USD_M,
  name: 'binance-coin-m',
  feed: 'binance-coin-m',
  hedgeOf: (underlying) => `${underlying}USD-PERP@binance`,
};

/** Binance, hedged with what is paid in USDT or in coin, and the exchange of ours that speaks its protocol on this machine. */
export const BINANCE_LIVE_VENUES: readonly LiveVenue[] = [
  USD_M,
  COIN_M,
  { ...COIN_M, name: 'binance-sim', witnesses: [], local: LOCAL_EXCHANGE },
];
