import { CRYPTO_DELIVERY } from '../symbols/symbol-terms';
import { from, products } from './table';
import type { Product, TickStep, VenueTable } from './table';

/** Of every option that is paid in coin. */
const COIN_OPTION_STEPS: readonly TickStep[] = [{ above: '0.005', tick: '0.0005' }];
const steps = { tickSteps: COIN_OPTION_STEPS };

export const DERIBIT: VenueTable = {
  venue: 'deribit',
  version: '2026-11-30',
  sources: {
    listed: { says: 'get_instruments, recorded daily (deribit-book-2026-01)', date: '2026-01-14' },
    listedSteps: {
      says: 'get_instruments: tick_size_steps of BTC options; every one of 243,169 recorded quotes of BTC and ETH above 0.005 is on them',
      date: '2026-01-30',
    },
    quoted: { says: 'recorded quotes of ETH chains (crypto-options-2026-01)', date: '2026-01-30' },
    rows: { says: 'get_instruments, a row as published by others', date: '2026-08-14' },
    catalogue: {
      says: 'get_instruments, sizes of all linear perpetuals as surveyed by others',
      date: '2026-09-22',
    },
    quotes: {
      says: 'prices and amounts of ETH_USDC-PERPETUAL on the wire, published by others',
      date: '2025-12-11',
    },
    btcUsdt: { says: 'get_instruments: BTC_USDT-PERPETUAL, in the tests of ccxt', date: '2023-12-13' },
    altcoins: {
      says: 'Deribit Insights: USDC-settled altcoin options, contract multipliers',
      date: '2024-03',
    },
    avalanche: { says: 'Deribit’s announcement of AVAX and TRX options', date: '2026-01-14' },
    oneContract: { says: 'one contract is the least amount on Deribit’s listing', date: '2026-10-02' },
    multiplier: {
      says: 'Deribit support, linear USDC options: altcoins have multipliers, BTC and ETH none',
      date: '2026-01',
    },
    maticTicker: { says: 'recorded ticker of MATIC_USDC-9MAR24-1d02-C: min_price', date: '2024-03-08' },
    coarse: {
      says: 'not confirmed: no finer than what the venue is known to quote in, so that it is valid there',
      date: '2026-11-30',
    },
    oldCatalogue: { says: 'listing as carried by earlier releases of this catalogue', date: '2026-01' },
    expiry: {
      says: 'Deribit support: inverse options, linear options, futures: 08:00 UTC, cash',
      date: '2026-01',
    },
  },
  fees: {
    option: { makerFee: '0.0003', takerFee: '0.0003', source: 'listed' },
    perpetual: { makerFee: '0', takerFee: '0.0005', source: 'listed' },
    future: { makerFee: '0', takerFee: '0.0005', source: 'listed' },
  },
  endings: {
    option: { at: CRYPTO_DELIVERY, exercise: 'European', settles: 'cash', source: 'expiry' },
    future: { at: CRYPTO_DELIVERY, exercise: 'none', settles: 'cash', source: 'expiry' },
  },
  products: [
    ...products(
      { kind: 'option', settlement: 'coin', source: 'listed', halfSpreadBps: '0' },
      ['BTC', '1', '0.0001', '0.1', { ...steps, sources: { tickSteps: 'listedSteps' } }],
      [
        'ETH',
        '1',
        '0.0001',
        '1',
        {
          ...steps,
          sources: {
            contractSize: 'multiplier',
            tickSize: 'quoted',
            tickSteps: 'listedSteps',
            lotSize: 'oldCatalogue',
            minQuantity: 'oldCatalogue',
          },
        },
      ],
    ),
    ...linearOptions(),
    ...products(
      { kind: 'perpetual', settlement: 'coin', source: 'listed', halfSpreadBps: '0.5' },
      ['BTC', '10', '0.5', '1'],
      [
        'ETH',
        '1',
        '0.05',
        '1',
        {
          sources: {
            contractSize: 'catalogue',
            tickSize: 'oldCatalogue',
            lotSize: 'catalogue',
            minQuantity: 'catalogue',
          },
        },
      ],
    ),
    ...products(
      { kind: 'perpetual', settlement: 'USDC', source: 'catalogue', halfSpreadBps: '0.5' },
      ['BTC', '0.0001', '0.1', '1'],
      ['ETH', '0.001', '0.05', '1', { sources: from('quotes') }],
      ['XRP', '1', '0.00001', '1', { halfSpreadBps: '1', sources: from('rows') }],
    ),
    ...products({ kind: 'perpetual', settlement: 'USDT', source: 'btcUsdt', halfSpreadBps: '0.5' }, [
      'BTC',
      '0.001',
      '1',
      '1',
    ]),
    ...products(
      { kind: 'future', settlement: 'coin', source: 'listed', halfSpreadBps: '0.5' },
      ['BTC', '10', '2.5', '1'],
      ['ETH', '1', '0.25', '1', { sources: from('oldCatalogue') }],
    ),
  ],
};

/** Options in USDC. Sizes are Deribit’s word; ticks and lots are, where it is not known, no finer than its own. */
function linearOptions(): Product[] {
  const coarse = { tickSize: 'coarse', lotSize: 'coarse', minQuantity: 'coarse' };
  const altcoin = { contractSize: 'altcoins', tickSize: 'coarse' };
  return products(
    { kind: 'option', settlement: 'USDC', source: 'oneContract', halfSpreadBps: '0' },
    ['BTC', '1', '5', '0.1', { sources: { ...coarse, contractSize: 'multiplier' } }],
    ['ETH', '1', '1', '1', { sources: { ...coarse, contractSize: 'multiplier' } }],
    ['SOL', '10', '0.1', '1', { sources: altcoin }],
    ['XRP', '1000', '0.001', '1', { sources: altcoin }],
    ['MATIC', '1000', '0.0005', '1', { sources: { ...altcoin, tickSize: 'maticTicker' } }],
    ['AVAX', '100', '0.01', '1', { sources: { contractSize: 'avalanche', tickSize: 'coarse' } }],
  );
}
