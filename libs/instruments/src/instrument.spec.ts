import { formatInstant, parseInstant } from '@evenkeel/kernel';
import { specificationOf } from './catalogue';
import { parseInstrument } from './instrument';
import { formatExpiryDate } from './symbols/symbol-terms';

describe('parseInstrument', () => {
  it.each([
    ['BTC-23JAN26-96000-C@deribit', 'option', 'BTC', 'BTC', true],
    ['SOL_USDC-6FEB26-120d5-P@deribit', 'option', 'SOL', 'USDC', false],
    ['BTC-PERPETUAL@deribit', 'perpetual', 'BTC', 'BTC', true],
    ['BTC-27MAR26@deribit', 'future', 'BTC', 'BTC', true],
    ['BTCUSDT-PERP@binance', 'perpetual', 'BTC', 'USDT', false],
    ['BTCUSD-PERP@binance', 'perpetual', 'BTC', 'BTC', true],
    ['BTCUSDT@binance', 'spot', 'BTC', 'USDT', false],
    ['BTC-USDT-SWAP@okx', 'perpetual', 'BTC', 'USDT', false],
    ['WETH-USDC-500@uniswap-v3-polygon', 'pool', 'ETH', 'USDC', false],
  ])('reads %s', (id, kind, underlying, settlement, inverse) => {
    expect(parseInstrument(id)).toMatchObject({
      ok: true,
      value: { id, kind, underlying, settlement, inverse },
    });
  });
  it('expires options at 08:00 UTC and keeps the strike exact', () => {
    const parsed = parseInstrument('BTC-6FEB26-95000-P@deribit');
    if (!parsed.ok || parsed.value.expiry === undefined) throw new Error('expected an option');
    expect(formatInstant(parsed.value.expiry)).toBe('2026-02-06T08:00:00Z');
    expect(parsed.value.strike?.toString()).toBe('95000');
    expect(formatExpiryDate(parseInstant('2026-02-06T08:00:00Z'))).toBe('6FEB26');
  });
  it.each([
    'BTC',
    '@deribit',
    'BTC-23XXX26-96000-C@deribit',
    'BTC--96000-C@deribit',
    'BTC-23JAN26--5-C@deribit',
  ])('refuses %s with a reason', (id) => {
    expect(parseInstrument(id)).toMatchObject({ ok: false, failure: { code: 'INSTRUMENT.UNKNOWN_FORM' } });
  });
});

describe('specificationOf', () => {
  it('carries fees, lots and ticks for known contracts and refuses unknown ones', () => {
    expect(specificationOf('BTCUSDT-PERP@binance')).toMatchObject({
      ok: true,
      value: { lotSize: '0.001', takerFee: '0.0005' },
    });
    expect(specificationOf('DOGEUSDT-PERP@binance')).toMatchObject({
      ok: false,
      failure: { code: 'INSTRUMENT.NO_TERMS' },
    });
  });

  it.each([
    ['BTC-PERPETUAL@deribit', '10', '1'],
    ['BTC_USDC-PERPETUAL@deribit', '0.0001', '1'],
    ['BTCUSDT-PERP@binance', '1', '0.001'],
    ['BTCUSD-PERP@binance', '100', '1'],
    ['ETHUSD-PERP@binance', '10', '1'],
    ['BTC-USDT-SWAP@okx', '0.01', '0.01'],
    ['BTC-USD-SWAP@okx', '100', '0.1'],
  ])('sizes %s as its venue does: %s a contract, in lots of %s', (id, contractSize, lotSize) => {
    expect(specificationOf(id)).toMatchObject({ ok: true, value: { contractSize, lotSize } });
  });

  it('does not take the terms of a coin-settled contract for a dollar-settled one', () => {
    expect(specificationOf('BTC_USDC-27MAR26@deribit')).toMatchObject({
      ok: false,
      failure: { code: 'INSTRUMENT.NO_TERMS' },
    });
  });
});
