import type { VenueProtocol } from '@evenkeel/venue-wire';
import {
  BINANCE_COIN_M_PROTOCOL,
  BINANCE_SPOT_PROTOCOL,
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

/** Every feed that can be connected to, by the name people use. */
export const VENUE_PROTOCOLS: ReadonlyMap<string, VenueProtocol> = new Map([
  ['deribit', DERIBIT_PROTOCOL],
  ['binance-spot', BINANCE_SPOT_PROTOCOL],
  ['binance-usd-m', BINANCE_USD_M_PROTOCOL],
  ['binance-coin-m', BINANCE_COIN_M_PROTOCOL],
  ['bybit-spot', BYBIT_SPOT_PROTOCOL],
  ['bybit-linear', BYBIT_LINEAR_PROTOCOL],
  ['bybit-inverse', BYBIT_INVERSE_PROTOCOL],
  ['bybit-option', BYBIT_OPTION_PROTOCOL],
  ['okx', OKX_PROTOCOL],
  ['hyperliquid', HYPERLIQUID_PROTOCOL],
]);
