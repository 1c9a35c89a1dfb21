import { Decimal } from '@evenkeel/kernel';

import { cashOf } from './sim-account';
import { SimExchange } from './sim-exchange';
import { SIM_PERPETUAL } from './sim-perpetual.test-support';
import { liquidate, marginOf, payFunding } from './sim-margin';
import { isRefusal } from './sim-orders';

const NAME = SIM_PERPETUAL.name;
const COIN = SIM_PERPETUAL.settlement;

/** An exchange whose only account holds `amount` USD of the perpetual, bought or sold at the market. */
function holding(direction: 'buy' | 'sell', amount: string): SimExchange {
  const exchange = new SimExchange({ instruments: [SIM_PERPETUAL], flow: { seed: 'margin' } });
  for (let step = 0; step < 2000 && held(exchange) < Number(amount); step += 1) {
    const left = String(Number(amount) - held(exchange));
    const order = exchange.place(
      'desk',
      {
        instrument: NAME,
        direction,
        amount: left,
        type: 'market',
        label: `o${step}`,
        timeInForce: 'immediate_or_cancel',
        postOnly: false,
        rejectPostOnly: false,
        reduceOnly: false,
      },
      step,
    );
    if (isRefusal(order)) throw new Error(order);
    exchange.step(step);
  }
  return exchange;
}

function held(exchange: SimExchange): number {
  const lots = Math.abs(exchange.position('desk', NAME));
  return Number(exchange.listing(NAME)?.grid.amountOf(lots).toString());
}

const fairOf = (exchange: SimExchange): number => exchange.spot(COIN) ?? NaN;

describe('funding at the simulated exchange', () => {
  it.each([
    ['buy', -1],
    ['sell', 1],
  ] as const)('is rate × notional in coin: who %ss gets it times %d', (direction, sign) => {
    const exchange = holding(direction, '9000');
    const before = cashOf(exchange, 'desk', COIN).sessionProfit;
    payFunding(exchange, 0.001);
    const paid = cashOf(exchange, 'desk', COIN).sessionProfit.minus(before).toNumber();
    expect(paid).toBeCloseTo((sign * 9000 * 0.001) / fairOf(exchange), 7);
    expect(exchange.payments).toHaveLength(1);
  });

  it('is nothing for who holds nothing', () => {
    const exchange = holding('buy', '0');
    payFunding(exchange, 0.001);
    expect(exchange.payments).toEqual([]);
  });
});

describe('liquidation at the simulated exchange', () => {
  it('leaves accounts alone whose equity covers their maintenance margin', () => {
    const exchange = holding('buy', '9000');
    const { equity, maintenance } = marginOf(exchange, 'desk', COIN);
    expect(maintenance.toNumber()).toBeCloseTo((0.01 * 9000) / fairOf(exchange), 7);
    expect(equity.greaterThan(maintenance)).toBe(true);
    expect(liquidate(exchange, 1)).toEqual([]);
    expect(held(exchange)).toBe(9000);
  });

  it('closes out who is below it, at the market, orders first', () => {
    const exchange = holding('buy', '9000');
    const price = exchange
      .listing(NAME)
      ?.grid.priceOf(Math.round((exchange.listing(NAME)?.flow.fair ?? 0) / 2));
    const resting = exchange.place(
      'desk',
      {
        instrument: NAME,
        direction: 'buy',
        amount: '100',
        type: 'limit',
        price: price?.toString() ?? '',
        label: 'resting',
        timeInForce: 'good_til_cancelled',
        postOnly: false,
        rejectPostOnly: false,
        reduceOnly: false,
      },
      3,
    );
    // Whatever it was that ate the deposit.
    const amount = Decimal.parse('-99.9995');
    exchange.payments.push({ account: 'desk', currency: COIN, instrument: NAME, amount });
    expect(liquidate(exchange, 5)).toEqual(['desk']);
    expect(held(exchange)).toBeLessThan(9000);
    expect(isRefusal(resting) ? '' : resting.state).toBe('cancelled');
    const labels = exchange.ordersOf('desk').map(({ label }) => label);
    expect(labels.some((label) => label.startsWith('liquidation-'))).toBe(true);
    expect(exchange.ordersOf('desk').at(-1)?.reduceOnly).toBe(true);
  });
});
