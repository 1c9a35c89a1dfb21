import { Decimal } from '@evenkeel/kernel';
import { catalogued } from '../../test/catalogued';
import { option } from '../symbols/symbol-terms';
import { parseInstrument } from '../instrument';
import { contractOf } from './contract';
import type { Contract } from './contract';
import { deliveryTermsOf } from '../delivery-terms';
import { deliveryFee } from './fees';

const D = Decimal.parse;

function termsOf(id: string): string {
  const parsed = parseInstrument(id);
  if (!parsed.ok) throw new Error(parsed.failure.message);
  const { deliveryFee: rate, deliveryFeeCap } = deliveryTermsOf(parsed.value.venue, parsed.value);
  return `${rate ?? 'free'} ${deliveryFeeCap ?? ''}`.trim();
}

/** An option settled in dollars, of a venue's published example. */
function dollarOption(venue: string, underlying: string, expiry: string, strike: string): Contract {
  const terms = option(underlying, 'USDT', BigInt(Date.parse(expiry)) * 1_000_000n, strike, 'C');
  if (typeof terms === 'string') throw new Error(terms);
  const sizes = { contractSize: '1', tickSize: '0.1', lotSize: '0.01', minQuantity: '0.01' };
  return contractOf({
    id: `x@${venue}`,
    venue,
    kind: 'option',
    underlying,
    quote: 'USDT',
    settlement: 'USDT',
    inverse: false,
    expiry,
    strike,
    optionType: 'call',
    ...sizes,
    makerFee: '0',
    takerFee: '0',
    halfSpreadBps: '0',
    ...deliveryTermsOf(venue, terms),
  });
}

describe('fees at delivery', () => {
  it.each([
    // 9 January 2026 is a Friday, the 30th the last one of its month.
    ['BTC-9JAN26-89000-P@deribit', '0.00015 0.125'],
    ['BTC-8JAN26-89000-P@deribit', 'free'],
    ['BTC_USDC-30JAN26-89000-P@deribit', '0.00015 0.125'],
    ['BTC-9JAN26@deribit', 'free'],
    ['BTC-30JAN26@deribit', '0.00025'],
    ['BTC-PERPETUAL@deribit', 'free'],
    ['BTC-USD-250516-100000-C@okx', '0.0002 0.07'],
    ['BTC-USD-250509-100000-C@okx', '0.0002 0.125'],
    ['BTC-USD-250508-100000-C@okx', 'free'],
    ['BTC-USDT-SWAP@okx', 'free'],
    ['BTCUSDT@binance', 'free'],
  ])('of %s are %s', (id, expected) => {
    expect(termsOf(id)).toBe(expected);
  });

  it('are what the venues publish as examples', () => {
    // Binance: 3 calls of 2,000 on ETH delivered at 2,200 pay 0.99 USDT.
    const eth = dollarOption('binance', 'ETH', '2026-01-09T08:00:00Z', '2000');
    expect(deliveryFee(eth, D('3'), D('2200')).toString()).toBe('0.99');
    // Bybit: 0.3 calls of 45,000 on BTC delivered at 46,000 pay 2.07 USDT.
    const btc = dollarOption('bybit', 'BTC', '2026-01-09T08:00:00Z', '45000');
    expect(deliveryFee(btc, D('0.3'), D('46000')).toString()).toBe('2.07');
    expect(
      deliveryFee(dollarOption('bybit', 'BTC', '2026-01-08T08:00:00Z', '45000'), D('1'), D('46000')).isZero(),
    ).toBe(true);
  });

  it('are the same long and short, at most the cap of what the option pays, and nothing where it pays nothing', () => {
    const call = catalogued('BTC-23JAN26-96000-C@deribit');
    expect(deliveryFee(call, D('-2'), D('100000')).toString()).toBe('0.0003');
    expect(deliveryFee(call, D('2'), D('100000')).toString()).toBe('0.0003');
    // 10 dollars in the money: 0.00010416 BTC, of which an eighth.
    expect(deliveryFee(call, D('1'), D('96010')).toString()).toBe('0.00001302');
    expect(deliveryFee(call, D('1'), D('95000')).isZero()).toBe(true);
    expect(deliveryFee(call, D('0'), D('100000')).isZero()).toBe(true);
  });

  it('of a future are of its notional, in what it settles in', () => {
    // 1,000 contracts of 10 USD at 100,000 are 0.1 BTC.
    const inverse = catalogued('BTC-30JAN26@deribit');
    expect(deliveryFee(inverse, D('-1000'), D('100000')).toString()).toBe('0.000025');
    const linear = contractOf({ ...catalogued('BTCUSDT-PERP@binance').spec, deliveryFee: '0.0005' });
    expect(deliveryFee(linear, D('2'), D('100000')).toString()).toBe('100');
  });
});
