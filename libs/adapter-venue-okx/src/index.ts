export { OKX_LIVE_VENUES } from './live-venues';
export { OKX_CONNECTOR } from './orders/connector';
export { parseOkx } from './parse';
export { OKX_PROTOCOL } from './protocol';
export { okxListing } from './simulator/local-exchange';
export { openOkxSim } from './simulator/okx-sim';
export { PASSPHRASE } from './simulator/okx-words';
