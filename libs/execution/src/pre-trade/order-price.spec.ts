import { contractOf, isOnTick, specificationOf } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import fc from 'fast-check';
import { orderPrice } from './order-price';

function contractNamed(id: string): Contract {
  const found = specificationOf(id);
  if (!found.ok) throw new Error(found.failure.message);
  return contractOf(found.value);
}

const OPTION = contractNamed('BTC-27MAR26-90000-C@deribit');
const COLLAR = Decimal.parse('300');

function priced(contract: Contract, side: 'buy' | 'sell', price: string, urgency = 'normal'): string {
  const reference = { price, at: 0n, status: 'OK' as const, bid: price, ask: price };
  const trade = { urgency } as Parameters<typeof orderPrice>[0]; // urgency is all that a take needs
  return orderPrice(trade, side, contract, reference, COLLAR).limitPrice.toString();
}

describe('the price of an order', () => {
  it('lies on the step of the tick that it is in, never outside the collar', () => {
    // 3 % about 0.02 is 0.0194 to 0.0206.
    expect(priced(OPTION, 'buy', '0.02')).toBe('0.0205');
    expect(priced(OPTION, 'sell', '0.02')).toBe('0.0195');
    // Below 0.005 the steps are finer.
    expect(priced(OPTION, 'buy', '0.004')).toBe('0.0041');
    expect(priced(OPTION, 'sell', '0.004')).toBe('0.0039');
    // Over the limit from either side.
    expect(priced(OPTION, 'buy', '0.005')).toBe('0.005');
    expect(priced(OPTION, 'sell', '0.0051')).toBe('0.005');
  });

  it('rests on a step too', () => {
    expect(priced(OPTION, 'buy', '0.0123', 'passive')).toBe('0.012');
    expect(priced(OPTION, 'sell', '0.0123', 'passive')).toBe('0.0125');
  });

  it.each([
    'BTC-27MAR26-90000-C@deribit',
    'ETH-27MAR26-3000-P@deribit',
    'BTC-PERP@hyperliquid',
    'ETH-PERP@hyperliquid',
    'BTCUSDT-PERP@binance',
  ])('of %s is one that the venue takes, whatever the market', (id) => {
    const contract = contractNamed(id);
    fc.assert(
      fc.property(
        fc.integer({ min: 200, max: 10_000_000 }),
        fc.constantFrom('buy' as const, 'sell' as const),
        fc.constantFrom('normal', 'passive'),
        (ticks, side, urgency) => {
          const market = contract.tick.times(Decimal.ofInteger(ticks)).toString();
          expect(isOnTick(contract, Decimal.parse(priced(contract, side, market, urgency)))).toBe(true);
        },
      ),
    );
  });
});
