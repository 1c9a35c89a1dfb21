import { CRYPTO_DELIVERY } from '../symbols/symbol-terms';
import { from, products } from './table';
import type { VenueTable } from './table';

/**
 * A contract is ctVal × ctMult. The lot of BTC-USDT-SWAP was one contract until 2023, 0.1 in 2024 and is 0.01 since: volumes of
 * the candles recorded in January 2026 are multiples of 0.0001 BTC and of nothing coarser.
 */
export const OKX: VenueTable = {
  venue: 'okx',
  version: '2026-11-30',
  sources: {
    live: { says: 'public/instruments, published by others', date: '2026-09-25' },
    listed: { says: 'public/instruments, in the tests of ccxt', date: '2024-12' },
    option: { says: 'public/instruments of BTC-USD options, published by others', date: '2024-12-14' },
    ethOption: { says: 'public/instruments: ETH-USD-260327-3000-C', date: '2026-01' },
    fees: { says: 'fee schedule at regular level, as in the tests of ccxt', date: '2024-12' },
    expiry: { says: 'public/instruments: expTime', date: '2026-09-25' },
  },
  fees: {
    spot: { makerFee: '0.001', takerFee: '0.0015', source: 'fees' },
    perpetual: { makerFee: '0.0002', takerFee: '0.0005', source: 'fees' },
    future: { makerFee: '0.0002', takerFee: '0.0005', source: 'fees' },
    option: { makerFee: '0.0002', takerFee: '0.0003', source: 'fees' },
  },
  endings: {
    option: { at: CRYPTO_DELIVERY, exercise: 'European', settles: 'cash', source: 'expiry' },
    future: { at: CRYPTO_DELIVERY, exercise: 'none', settles: 'cash', source: 'expiry' },
  },
  products: [
    ...products(
      { kind: 'spot', settlement: 'USDT', source: 'live', halfSpreadBps: '0.1' },
      ['BTC', '1', '0.1', '0.00000001', { minQuantity: '0.00001' }],
      ['ETH', '1', '0.01', '0.000001', { minQuantity: '0.0001', halfSpreadBps: '0.2' }],
    ),
    ...products(
      { kind: 'perpetual', settlement: 'USDT', source: 'live', halfSpreadBps: '0.1' },
      ['BTC', '0.01', '0.1', '0.01'],
      ['ETH', '0.1', '0.01', '0.01', { halfSpreadBps: '0.2' }],
    ),
    ...products(
      { kind: 'perpetual', settlement: 'USDT', source: 'listed', halfSpreadBps: '1' },
      ['LTC', '1', '0.01', '0.1'],
      ['XRP', '100', '0.0001', '0.1'],
      ['ADA', '100', '0.0001', '0.1'],
      ['DOGE', '1000', '0.00001', '0.1'],
      ['TRX', '1000', '0.00001', '0.1'],
    ),
    ...products({ kind: 'perpetual', settlement: 'coin', source: 'live', halfSpreadBps: '0.1' }, [
      'BTC',
      '100',
      '0.1',
      '0.1',
    ]),
    ...products({ kind: 'perpetual', settlement: 'coin', source: 'listed', halfSpreadBps: '0.2' }, [
      'ETH',
      '10',
      '0.01',
      '1',
    ]),
    ...products({ kind: 'future', settlement: 'USD', source: 'live', halfSpreadBps: '0.5' }, [
      'BTC',
      '0.01',
      '0.1',
      '0.01',
    ]),
    ...products({ kind: 'future', settlement: 'coin', source: 'live', halfSpreadBps: '0.5' }, [
      'BTC',
      '100',
      '0.1',
      '0.1',
    ]),
    ...products(
      { kind: 'option', settlement: 'coin', source: 'option', halfSpreadBps: '0' },
      ['BTC', '0.01', '0.0001', '1'],
      [
        'ETH',
        '0.1',
        '0.0005',
        '1',
        {
          sources: from('ethOption'),
        },
      ],
    ),
  ],
};
