export { parseHyperliquid } from './parse';
export { HYPERLIQUID_PROTOCOL } from './protocol';
export { HYPERLIQUID_LIVE_VENUES } from './live-venues';
export { HYPERLIQUID_CONNECTOR } from './orders/connector';
export { addressOf } from './orders/signing';
export { openHyperliquidSim } from './simulator/hyperliquid-sim';
export { HYPERLIQUID_WORDS, hyperliquidListing } from './simulator/local-exchange';
