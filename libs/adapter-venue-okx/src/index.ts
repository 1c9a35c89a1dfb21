export { parseOkx } from './parse';
export { OKX_PROTOCOL } from './protocol';
