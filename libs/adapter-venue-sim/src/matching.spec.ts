import type { Mark, Side } from '@evenkeel/facts';
import { Decimal } from '@evenkeel/kernel';
import fc from 'fast-check';
import { PERP, START, markOf, contractNamed } from '../test/order-flow';
import { fateOf } from './fates';
import { crosses, feeOf, touch } from '@evenkeel/venues';
import { execute } from './order-execution';

const decimal = (text: string): Decimal => Decimal.parse(text);

describe('the touch', () => {
  it('is the quoted side where there is one, else the mark moved by half the spread, on the tick', () => {
    const contract = contractNamed(PERP);
    expect(touch(markOf('90000', START), contract, 'buy').toString()).toBe('90000.9');
    expect(touch(markOf('90000', START), contract, 'sell').toString()).toBe('89999.1');
    const quoted = markOf('90000', START, { bid: '89990.05', ask: '90010.05' });
    expect(touch(quoted, contract, 'buy').toString()).toBe('90010.1');
    expect(touch(quoted, contract, 'sell').toString()).toBe('89990');
  });

  it('is on the tick and never better than the mark', () => {
    const contract = contractNamed(PERP);
    const side = fc.constantFrom<Side>('buy', 'sell');
    fc.assert(
      fc.property(fc.integer({ min: 100_000, max: 20_000_000 }), side, (cents, taker) => {
        const mark = decimal((cents / 100).toFixed(2));
        const price = touch(markOf(mark.toString(), START), contract, taker);
        expect(price.isMultipleOf(contract.tick)).toBe(true);
        expect(taker === 'buy' ? price.lessThan(mark) : price.greaterThan(mark)).toBe(false);
      }),
      { seed: 21, numRuns: 300 },
    );
  });

  it('of an option lies on the step of its price', () => {
    const option = contractNamed('BTC-9JAN26-90000-C@deribit');
    const quoted = { ...markOf('0.0123', START, { bid: '0.0049', ask: '0.0123' }), kind: 'option' as const };
    expect(touch(quoted, option, 'buy').toString()).toBe('0.0125');
    expect(touch(quoted, option, 'sell').toString()).toBe('0.0049');
  });

  it('is crossed by a limit at or beyond it', () => {
    expect(crosses('buy', decimal('100'), decimal('100'))).toBe(true);
    expect(crosses('buy', decimal('99.9'), decimal('100'))).toBe(false);
    expect(crosses('sell', decimal('100.1'), decimal('100'))).toBe(false);
  });
});

describe('an order', () => {
  const option = contractNamed('BTC-9JAN26-90000-C@deribit');
  const mark: Mark = {
    ...markOf('0.02', START, { bid: '0.0195', ask: '0.02' }),
    kind: 'option',
    index: '90000',
  };

  it.each([
    ['0.0205', '1', undefined],
    ['0.0201', '1', 'INVALID_PRICE'],
    ['0.0051', '1', 'INVALID_PRICE'],
    ['0.0049', '1', undefined],
    ['0.005', '1', undefined],
    ['0.0205', '0.15', 'INVALID_QUANTITY'],
    ['0.0205', '0.1', undefined],
  ])('for an option at %s of %s is taken or refused: %s', (limitPrice, quantity, reason) => {
    const order = {
      clientOrderId: 'o',
      book: 'b',
      venue: 'deribit',
      instrument: option.id,
      side: 'buy' as const,
      quantity,
      orderType: 'LIMIT',
      timeInForce: 'IOC',
      limitPrice,
    };
    const { reports } = execute(order, {
      contract: option,
      mark,
      displayed: undefined,
      venueOrderId: 'v',
      at: START,
      fate: fateOf('seed', 'o', { rejects: 0, lost: 0, silent: 0, partials: 0, splits: 0 }),
    });
    const rejected = reports.flatMap(({ report }) => (report.kind === 'rejected' ? [report.reason] : []));
    expect(rejected).toEqual(reason === undefined ? [] : [reason]);
  });
});

describe('fees', () => {
  it.each([
    [PERP, '0.5', '89999.1', 'taker', 'USDT', '-22.499775'],
    [PERP, '0.5', '89999.1', 'maker', 'USDT', '-8.99991'],
    ['BTC-PERPETUAL@deribit', '100', '90000', 'taker', 'BTC', '-0.00000556'],
    ['BTC-PERPETUAL@deribit', '100', '90000', 'maker', 'BTC', '0'],
    ['BTC-9JAN26-90000-C@deribit', '2', '0.02', 'taker', 'BTC', '-0.0006'],
    ['BTC-9JAN26-90000-C@deribit', '2', '0.001', 'taker', 'BTC', '-0.00025'],
    ['BTCUSDT@binance', '0.1', '90000', 'taker', 'USDT', '-9'],
  ] as const)('%s: %s at %s as %s', (instrument, quantity, price, liquidity, currency, amount) => {
    expect(feeOf(contractNamed(instrument), decimal(quantity), decimal(price), liquidity)).toEqual({
      currency,
      amount,
    });
  });

  it('of a dollar-settled option are a part of the underlying, and nobody trades one without its price', () => {
    const option = contractNamed('BTC_USDC-9JAN26-90000-C@deribit');
    const fee = feeOf(option, decimal('2'), decimal('1500'), 'taker', decimal('90000'));
    expect(fee).toEqual({ currency: 'USDC', amount: '-54' });
    expect(() => feeOf(option, decimal('2'), decimal('1500'), 'taker')).toThrow('the price of BTC');
  });

  it('turn into income where the maker is paid', () => {
    const contract = { ...contractNamed(PERP), makerFee: decimal('-0.0001') };
    expect(feeOf(contract, decimal('1'), decimal('90000'), 'maker').amount).toBe('9');
  });
});

it('deals every order the fate that its id and the seed name, at about the asked-for rates', () => {
  const quirks = { rejects: 0.1, lost: 0.2, silent: 0.3, partials: 0.5, splits: 0 };
  const counts: Record<string, number> = {};
  for (let index = 0; index < 5000; index += 1) {
    const fate = fateOf('seed', `order-${index}`, quirks);
    expect(fateOf('seed', `order-${index}`, quirks)).toEqual(fate);
    counts[fate.arrival] = (counts[fate.arrival] ?? 0) + 1 / 5000;
    if (fate.partial) counts['partial'] = (counts['partial'] ?? 0) + 1 / 5000;
  }
  for (const [what, rate] of Object.entries({
    rejected: 0.1,
    lost: 0.2,
    silent: 0.3,
    executed: 0.4,
    partial: 0.5,
  })) {
    expect(Math.abs((counts[what] ?? 0) - rate)).toBeLessThan(0.03);
  }
});
