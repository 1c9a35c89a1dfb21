import { CRYPTO_DELIVERY } from '../symbols/symbol-terms';
import { products } from './table';
import type { VenueTable } from './table';

export const BINANCE: VenueTable = {
  venue: 'binance',
  version: '2026-11-30',
  sources: {
    spot: {
      says: 'api/v3/exchangeInfo, in the tests of ccxt; recorded candles of 2026-01 are on it',
      date: '2026-01-30',
    },
    usdM: {
      says: 'fapi/v1/exchangeInfo, in the tests of ccxt; recorded candles of 2026-01 are on it',
      date: '2026-01-30',
    },
    usdMDated: { says: 'fapi/v1/exchangeInfo, published by others', date: '2025-09' },
    coinM: { says: 'dapi/v1/exchangeInfo, published by others', date: '2026-09-25' },
    options: {
      says: 'Binance Options contract specifications: tick size, step size, unit',
      date: '2024-11-12',
    },
    fees: {
      says: 'fee schedule at entry level, as carried by earlier releases of this catalogue',
      date: '2026-01',
    },
    optionFees: { says: 'eapi/v1/exchangeInfo: makerFeeRate, takerFeeRate', date: '2026-01' },
    expiry: { says: 'exchangeInfo: deliveryDate, expiryDate', date: '2026-09-25' },
  },
  fees: {
    spot: { makerFee: '0.001', takerFee: '0.001', source: 'fees' },
    perpetual: { makerFee: '0.0002', takerFee: '0.0005', source: 'fees' },
    future: { makerFee: '0.0002', takerFee: '0.0005', source: 'fees' },
    option: { makerFee: '0.0003', takerFee: '0.0003', source: 'optionFees' },
  },
  endings: {
    option: { at: CRYPTO_DELIVERY, exercise: 'European', settles: 'cash', source: 'expiry' },
    future: { at: CRYPTO_DELIVERY, exercise: 'none', settles: 'cash', source: 'expiry' },
  },
  products: [
    ...products(
      { kind: 'spot', settlement: 'USDT', source: 'spot', halfSpreadBps: '0.1' },
      ['BTC', '1', '0.01', '0.00001'],
      ['ETH', '1', '0.01', '0.0001', { halfSpreadBps: '0.2' }],
    ),
    ...products(
      { kind: 'perpetual', settlement: 'USDT', source: 'usdM', halfSpreadBps: '0.1' },
      ['BTC', '1', '0.1', '0.001'],
      ['ETH', '1', '0.01', '0.001', { halfSpreadBps: '0.2' }],
    ),
    ...products(
      { kind: 'future', settlement: 'USDT', source: 'usdMDated', halfSpreadBps: '0.5' },
      ['BTC', '1', '0.1', '0.001'],
      ['ETH', '1', '0.01', '0.001', { halfSpreadBps: '1' }],
    ),
    ...products(
      { kind: 'perpetual', settlement: 'coin', source: 'coinM', halfSpreadBps: '0.1' },
      ['BTC', '100', '0.1', '1'],
      ['ETH', '10', '0.01', '1', { halfSpreadBps: '0.2' }],
      ['EGLD', '10', '0.001', '1', { halfSpreadBps: '1' }],
    ),
    ...products({ kind: 'future', settlement: 'coin', source: 'coinM', halfSpreadBps: '0.5' }, [
      'BTC',
      '100',
      '0.1',
      '1',
    ]),
    // Ticks of ETH options are 0.1 or 0.2: on the coarser every price is valid.
    ...products(
      { kind: 'option', settlement: 'USDT', source: 'options', halfSpreadBps: '0' },
      ['BTC', '1', '5', '0.01'],
      ['ETH', '1', '0.2', '0.01'],
      ['BNB', '1', '0.1', '0.01'],
      ['SOL', '1', '0.01', '0.1'],
      ['XRP', '100', '0.01', '0.1'],
      ['DOGE', '1000', '0.01', '0.01'],
    ),
  ],
};
