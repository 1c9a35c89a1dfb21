export { BINANCE_LIVE_VENUES } from './live-venues';
export { BINANCE_CONNECTOR } from './orders/connector';
export { BINANCE_COIN_M, BINANCE_SPOT, BINANCE_USD_M, parseBinance } from './parse';
export type { BinanceFeed } from './parse';
export {
  BINANCE_COIN_M_PROTOCOL,
  BINANCE_SPOT_PROTOCOL,
  BINANCE_USD_M_MARKET_PROTOCOL,
  BINANCE_USD_M_PROTOCOL,
} from './protocol';
export { openBinanceSim } from './simulator/binance-sim';
export type { BinanceSim } from './simulator/binance-sim';
