export { DERIBIT_CONNECTOR } from './connector';
export { DERIBIT_LIVE_VENUES } from './live-venues';
export { parseDeribit } from './parse';
export { DERIBIT_PROTOCOL } from './protocol';
export { openDeribitSim } from './simulator/sim-server';
export type { DeribitSim, DeribitSimOptions } from './simulator/sim-server';
