import type { SimInstrument } from './sim-instrument';

/** The contract that specs of the exchange trade. */
export const SIM_PERPETUAL: SimInstrument = {
  name: 'BTC-PERPETUAL',
  kind: 'future',
  venue: 'deribit',
  underlying: 'BTC',
  quote: 'USD',
  settlement: 'BTC',
  settlementPeriod: 'perpetual',
  inverse: true,
  tickSize: '0.5',
  amountStep: '10',
  amountPerContract: '10',
  contractSize: '10',
  initialPrice: '90000',
  makerFee: '0',
  takerFee: '0.0005',
};
