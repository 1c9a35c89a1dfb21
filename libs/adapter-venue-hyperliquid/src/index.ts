export { parseHyperliquid } from './parse';
export { HYPERLIQUID_PROTOCOL } from './protocol';
