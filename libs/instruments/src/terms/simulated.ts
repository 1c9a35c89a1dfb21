import { products } from './table';
import type { VenueTable } from './table';

/** The venue of the demonstration market: ours, so that nobody takes its prices for a real one's. */
export const SIMULATED: VenueTable = {
  venue: 'evenkeel-sim',
  version: '2026-11-30',
  sources: { ours: { says: 'chosen by us, after Binance', date: '2026-11-30' } },
  fees: {
    spot: { makerFee: '0.0002', takerFee: '0.0005', source: 'ours' },
    perpetual: { makerFee: '0.0002', takerFee: '0.0005', source: 'ours' },
  },
  endings: {},
  products: [
    ...products({ kind: 'perpetual', settlement: 'USDT', source: 'ours', halfSpreadBps: '0.5' }, [
      'BTC',
      '1',
      '0.1',
      '0.001',
    ]),
    ...products({ kind: 'spot', settlement: 'USDT', source: 'ours', halfSpreadBps: '0.5' }, [
      'BTC',
      '1',
      '0.01',
      '0.00001',
    ]),
  ],
};
