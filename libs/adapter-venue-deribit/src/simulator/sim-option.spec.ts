import { parseInstant } from '@evenkeel/kernel';

import { SimExchange, markOption } from '@evenkeel/local-exchange';
import { SIM_PERPETUAL } from '../../../local-exchange/src/sim-perpetual.test-support';
import { simOption } from './sim-option';
import { tickerMessage } from './sim-messages';

const EXPIRY = parseInstant('2026-01-09T08:00:00Z');
const EXPIRY_MS = Date.parse('2026-01-09T08:00:00Z');
const option = (optionType: 'call' | 'put', strike = '90000') =>
  simOption({
    name: `BTC-9JAN26-${strike}-${optionType === 'call' ? 'C' : 'P'}`,
    currency: 'BTC',
    expiry: EXPIRY,
    strike,
    optionType,
    tickSize: '0.0001',
    amountStep: '0.1',
    initialPrice: '0.01',
  });

describe('options of the simulated exchange', () => {
  it('keep put–call parity in coin: C − P = 1 − K ÷ F', () => {
    for (const strike of ['80000', '90000', '100000']) {
      const nowMs = EXPIRY_MS - 5 * 86_400_000;
      const call = markOption(option('call', strike), 90_500, nowMs);
      const put = markOption(option('put', strike), 90_500, nowMs);
      expect(call.mark - put.mark).toBeCloseTo(1 - Number(strike) / call.forward, 5);
    }
  });

  it('are worth their payoff at expiry, and then close with a delivery price', () => {
    expect(markOption(option('call', '80000'), 90_000, EXPIRY_MS).mark).toBeCloseTo(1 - 8 / 9, 6);
    expect(markOption(option('put', '80000'), 90_000, EXPIRY_MS).mark).toBe(0);
    const exchange = new SimExchange({ instruments: [SIM_PERPETUAL, option('call')] });
    const before = tickerMessage(exchange, 'BTC-9JAN26-90000-C', EXPIRY_MS - 1000);
    expect(before).toMatchObject({ state: 'open' });
    expect(before).not.toHaveProperty('delivery_price');
    const spot = exchange.spot('BTC');
    expect(tickerMessage(exchange, 'BTC-9JAN26-90000-C', EXPIRY_MS)).toMatchObject({
      state: 'closed',
      delivery_price: spot,
    });
  });

  it('follow the perpetual: a jump of it moves their books', () => {
    const exchange = new SimExchange({ instruments: [SIM_PERPETUAL, option('call')] });
    const nowMs = EXPIRY_MS - 5 * 86_400_000;
    exchange.step(nowMs);
    const best = (): number => exchange.listing('BTC-9JAN26-90000-C')?.book.depth('buy', 1)[0]?.[0] ?? 0;
    const calm = best();
    exchange.listing('BTC-PERPETUAL')?.flow.shock(4_000);
    exchange.step(nowMs);
    expect(best()).toBeGreaterThan(calm + 50);
  });
});
