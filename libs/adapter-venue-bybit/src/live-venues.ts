import type { LiveVenue } from '@evenkeel/venues';

import { BYBIT_CONNECTOR } from './orders/connector';
import { LOCAL_EXCHANGE } from './simulator/local-exchange';

const WITNESSES = ['deribit', 'deribit-index', 'deribit-pegs', 'binance-usd-m', 'bybit-linear', 'okx'];

const LINEAR: LiveVenue = {
  name: 'bybit-linear',
  venue: 'bybit',
  feed: 'bybit-linear',
  witnesses: WITNESSES,
  hedgeOf: (underlying) => `${underlying}USDT-PERP@bybit`,
  connector: BYBIT_CONNECTOR,
};
const INVERSE: LiveVenue = {
  ...LINEAR,
  name: 'bybit-inverse',
  feed: 'bybit-inverse',
  hedgeOf: (underlying) => `${underlying}USD-PERP@bybit`,
};

/** Bybit, hedged with what is paid in USDT or in coin, and the exchange of ours that speaks its protocol on this machine. */
export const BYBIT_LIVE_VENUES: readonly LiveVenue[] = [
  LINEAR,
  INVERSE,
  { ...INVERSE, name: 'bybit-sim', witnesses: [], local: LOCAL_EXCHANGE },
];
