import { CRYPTO_DELIVERY } from '../symbols/symbol-terms';
import { from, products } from './table';
import type { VenueTable } from './table';

/** A contract is one coin, or one USD where it is paid in coin: Bybit counts coins and dollars. */
export const BYBIT: VenueTable = {
  venue: 'bybit',
  version: '2026-11-30',
  sources: {
    spot: { says: 'v5/market/instruments-info, in the tests of ccxt', date: '2025-04' },
    spotLive: { says: 'v5/market/instruments-info, published by others', date: '2026-09-25' },
    linear: { says: 'v5/market/instruments-info: BTCUSDT, published by others', date: '2026-09-25' },
    linearListed: { says: 'v5/market/instruments-info, in the tests of ccxt', date: '2025-04' },
    inverse: {
      says: 'v5/market/instruments-info: BTCUSD, BTCUSDZ26, published by others',
      date: '2026-09-26',
    },
    inverseListed: { says: 'v5/market/instruments-info: LTCUSD, in the tests of ccxt', date: '2025-04' },
    optionLive: {
      says: 'v5/market/instruments-info of options in USDT, published by others',
      date: '2026-09-26',
    },
    option: {
      says: 'v5/market/instruments-info of options in USDT, in the tests of ccxt',
      date: '2025-04-07',
    },
    optionUsdc: {
      says: 'Bybit help centre: order limits of USDC options; ticks as of those in USDT',
      date: '2025',
    },
    fees: { says: 'Bybit trading fees, VIP 0', date: '2025' },
    expiry: {
      says: 'instruments-info: deliveryTime; Bybit help centre: European, cash, 08:00 UTC',
      date: '2026-09-26',
    },
  },
  fees: {
    spot: { makerFee: '0.001', takerFee: '0.001', source: 'fees' },
    perpetual: { makerFee: '0.0002', takerFee: '0.00055', source: 'fees' },
    future: { makerFee: '0.0002', takerFee: '0.00055', source: 'fees' },
    option: { makerFee: '0.0002', takerFee: '0.0003', source: 'fees' },
  },
  endings: {
    option: { at: CRYPTO_DELIVERY, exercise: 'European', settles: 'cash', source: 'expiry' },
    future: { at: CRYPTO_DELIVERY, exercise: 'none', settles: 'cash', source: 'expiry' },
  },
  products: [
    ...products(
      { kind: 'spot', settlement: 'USDT', source: 'spot', halfSpreadBps: '0.2' },
      [
        'BTC',
        '1',
        '0.1',
        '0.000001',
        { minQuantity: '0.000048', sources: { minQuantity: 'spotLive', lotSize: 'spotLive' } },
      ],
      ['ETH', '1', '0.01', '0.00001', { minQuantity: '0.00029' }],
      ['XRP', '1', '0.0001', '0.01', { minQuantity: '0.44', halfSpreadBps: '1' }],
    ),
    ...products({ kind: 'perpetual', settlement: 'USDT', source: 'linear', halfSpreadBps: '0.2' }, [
      'BTC',
      '1',
      '0.1',
      '0.001',
    ]),
    ...products(
      { kind: 'perpetual', settlement: 'USDT', source: 'linearListed', halfSpreadBps: '1' },
      ['DOGE', '1', '0.00001', '1'],
      ['TRX', '1', '0.00001', '1'],
    ),
    ...products({ kind: 'future', settlement: 'USDT', source: 'linear', halfSpreadBps: '0.5' }, [
      'BTC',
      '1',
      '0.5',
      '0.001',
    ]),
    ...products(
      { kind: 'perpetual', settlement: 'coin', source: 'inverse', halfSpreadBps: '0.2' },
      ['BTC', '1', '0.1', '1'],
      [
        'LTC',
        '1',
        '0.01',
        '1',
        {
          halfSpreadBps: '1',
          sources: from('inverseListed'),
        },
      ],
    ),
    ...products({ kind: 'future', settlement: 'coin', source: 'inverse', halfSpreadBps: '0.5' }, [
      'BTC',
      '1',
      '0.5',
      '1',
    ]),
    ...products(
      { kind: 'option', settlement: 'USDT', source: 'option', halfSpreadBps: '0' },
      [
        'BTC',
        '1',
        '5',
        '0.01',
        {
          sources: from('optionLive'),
        },
      ],
      ['ETH', '1', '0.1', '0.1'],
      ['SOL', '1', '0.01', '1'],
      [
        'XRP',
        '1',
        '0.0001',
        '10',
        {
          sources: from('optionLive'),
        },
      ],
    ),
    ...products(
      { kind: 'option', settlement: 'USDC', source: 'optionUsdc', halfSpreadBps: '0' },
      ['BTC', '1', '5', '0.01'],
      ['ETH', '1', '0.1', '0.1'],
    ),
  ],
};
