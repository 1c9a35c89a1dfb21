export { BYBIT_LIVE_VENUES } from './live-venues';
export { BYBIT_CONNECTOR } from './orders/connector';
export { parseBybit } from './parse';
export {
  BYBIT_INVERSE_PROTOCOL,
  BYBIT_LINEAR_PROTOCOL,
  BYBIT_OPTION_PROTOCOL,
  BYBIT_SPOT_PROTOCOL,
} from './protocol';
export { openBybitSim } from './simulator/bybit-sim';
export { bybitListing } from './simulator/local-exchange';
