import { products } from './table';
import type { TickStep, VenueTable } from './table';

/** Five cents under three points, ten above. */
const THREE: readonly TickStep[] = [{ above: '3', tick: '0.1' }];
const steps = { tickSteps: THREE };

/** Index options, by their root. One point is 100 dollars. */
export const CBOE: VenueTable = {
  venue: 'cboe',
  version: '2026-11-30',
  sources: {
    spx: { says: 'Cboe: SPX options product specification', date: '2026-01' },
    xsp: { says: 'Cboe: XSP options product specification', date: '2026-01' },
    vix: { says: 'Cboe: VIX options product specification', date: '2026-01' },
    spxwHours: {
      says: 'Cboe: SPX options product specification; recorded quotes of expiring SPXW end at 15:59 New York',
      date: '2021-01-06',
    },
    vixSettlement: {
      says: 'Cboe: settlement information for VIX derivatives (special opening quotation)',
      date: '2026-01',
    },
  },
  // Cboe charges by contract and capacity, and a broker on top: what a desk pays is its own fact.
  fees: {},
  endings: {
    SPX: { at: '09:30 New York', exercise: 'European', settles: 'cash', source: 'spx' },
    SPXW: { at: '16:00 New York', exercise: 'European', settles: 'cash', source: 'spxwHours' },
    XSP: { at: '16:00 New York', exercise: 'European', settles: 'cash', source: 'xsp' },
    VIX: { at: '09:30 New York', exercise: 'European', settles: 'cash', source: 'vixSettlement' },
    VIXW: { at: '09:30 New York', exercise: 'European', settles: 'cash', source: 'vixSettlement' },
  },
  products: [
    ...products(
      { kind: 'option', settlement: 'USD', source: 'spx', halfSpreadBps: '0' },
      ['SPX', '100', '0.05', '1', { ...steps, series: 'SPX' }],
      ['SPX', '100', '0.05', '1', { ...steps, series: 'SPXW' }],
    ),
    ...products({ kind: 'option', settlement: 'USD', source: 'xsp', halfSpreadBps: '0' }, [
      'XSP',
      '100',
      '0.01',
      '1',
      { series: 'XSP' },
    ]),
    ...products(
      { kind: 'option', settlement: 'USD', source: 'vix', halfSpreadBps: '0' },
      ['VIX', '100', '0.05', '1', { ...steps, series: 'VIX' }],
      ['VIX', '100', '0.05', '1', { ...steps, series: 'VIXW' }],
    ),
  ],
};
