import { products } from './table';
import type { VenueTable } from './table';

/** Index futures: what books of index options are hedged with. By root, since two sizes are on one index. */
export const CME: VenueTable = {
  venue: 'cme',
  version: '2026-11-30',
  sources: {
    mini: { says: 'CME Group: E-mini S&P 500 futures contract specs', date: '2026-01' },
    micro: { says: 'CME Group: Micro E-mini S&P 500 futures contract specs', date: '2026-01' },
  },
  // CME charges by contract, and a broker on top: what a desk pays is its own fact.
  fees: {},
  endings: {
    ES: { at: '09:30 New York', exercise: 'none', settles: 'cash', source: 'mini' },
    MES: { at: '09:30 New York', exercise: 'none', settles: 'cash', source: 'micro' },
  },
  products: [
    ...products({ kind: 'future', settlement: 'USD', source: 'mini', halfSpreadBps: '0.5' }, [
      'SPX',
      '50',
      '0.25',
      '1',
      { series: 'ES' },
    ]),
    ...products({ kind: 'future', settlement: 'USD', source: 'micro', halfSpreadBps: '0.5' }, [
      'SPX',
      '5',
      '0.25',
      '1',
      { series: 'MES' },
    ]),
  ],
};
