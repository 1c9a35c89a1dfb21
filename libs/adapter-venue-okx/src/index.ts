export { OKX_CONNECTOR } from './orders/connector';
export { parseOkx } from './parse';
export { OKX_PROTOCOL } from './protocol';
