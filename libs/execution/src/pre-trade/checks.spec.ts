import type { OrderLimits, TradeChosen } from '@evenkeel/facts';
import { Desk } from '../../test/desk';
import { clientOrderIdOf } from '../order-placement';

const FIRST = clientOrderIdOf('d1', 0);

describe('pre-trade checks refuse on the record, and allow the limit itself', () => {
  const refusal = (desk: Desk): unknown =>
    desk.events.at(-1)?.type === 'OrderRefused' ? desk.last()['reasons'] : 'sent';

  it.each([
    ['order quantity', {}, { quantity: '5' }, 'sent'],
    ['order quantity', {}, { quantity: '5.001' }, ['ORDER_QUANTITY']],
    ['gross notional', { maxGrossNotionalUsd: '90000' }, { quantity: '1' }, 'sent'],
    ['gross notional', { maxGrossNotionalUsd: '89999.99' }, { quantity: '1' }, ['GROSS_NOTIONAL']],
    ['lot', {}, { quantity: '1.0005' }, ['LOT_SIZE']],
    ['minimum', {}, { quantity: '0' }, ['BELOW_MINIMUM']],
    [
      'restricted instrument',
      {},
      { instrument: 'ETHUSDT-PERP@binance' },
      ['INSTRUMENT_RESTRICTED', 'PRICE_UNAVAILABLE'],
    ],
    ['reference', {}, { referencePrice: '90450' }, 'sent'],
    ['reference', {}, { referencePrice: '90451' }, ['PRICE_REFERENCE']],
    ['collar', {}, { urgency: 'passive', limitPrice: '89550' }, 'sent'],
    ['collar', {}, { urgency: 'passive', limitPrice: '89549' }, ['PRICE_COLLAR']],
  ])('%s %j %j', (_name, limits: Partial<OrderLimits>, trade: Partial<TradeChosen>, expected) => {
    const desk = new Desk(limits);
    desk.decide('d1', 1, trade);
    expect(refusal(desk)).toEqual(expected);
    expect(desk.effects).toHaveLength(expected === 'sent' ? 1 : 0);
  });

  it('records every check with limit and observed value, passed or not', () => {
    const desk = new Desk();
    desk.decide('d1', 1, { quantity: '6' });
    expect(desk.last()['checks']).toContainEqual({
      name: 'order-quantity',
      limit: '5',
      observed: '6',
      passed: false,
    });
    expect(desk.last()['checks']).toContainEqual({
      name: 'message-rate',
      limit: '3 per minute',
      observed: '1 per minute',
      passed: true,
    });
    expect(desk.last()['checks']).toContainEqual({
      name: 'gross-notional',
      limit: '1000000 USD',
      observed: '540000 USD',
      passed: true,
    });
  });

  it('does not trade on a halted price, and does on a degraded one', () => {
    const desk = new Desk();
    desk.mark('90000', 1, 'HALTED');
    desk.decide('d1', 2, {});
    expect(refusal(desk)).toEqual(['PRICE_UNAVAILABLE']);
    desk.mark('90000', 3, 'DEGRADED');
    desk.decide('d2', 4, {});
    expect(refusal(desk)).toBe('sent');
  });

  it('counts orders of the last minute only', () => {
    const desk = new Desk();
    for (const [index, seconds] of [1, 2, 3].entries())
      desk.decide(`d${index}`, seconds, { quantity: '0.1' });
    desk.decide('fourth', 60, { quantity: '0.1' });
    expect(refusal(desk)).toEqual(['MESSAGE_RATE']);
    desk.decide('fifth', 61, { quantity: '0.1' });
    expect(refusal(desk)).toBe('sent');
  });

  it('counts open orders at their worst side, and lets a reduction through above the limit', () => {
    const desk = new Desk({ maxGrossNotionalUsd: '180000' });
    desk.decide('d1', 1, { quantity: '2' });
    desk.decide('d2', 2, { quantity: '0.001' });
    expect(refusal(desk)).toEqual(['GROSS_NOTIONAL']);
    desk.fill(FIRST, 'f1', '2', 3);
    desk.mark('100000', 70);
    desk.decide('d3', 71, { quantity: '-1', referencePrice: '100000' });
    expect(refusal(desk)).toBe('sent');
  });

  it('counts open sells as it counts open buys', () => {
    const desk = new Desk({ maxGrossNotionalUsd: '180000' });
    desk.decide('d1', 1, { quantity: '-2' });
    desk.decide('d2', 2, { quantity: '-0.001' });
    expect(refusal(desk)).toEqual(['GROSS_NOTIONAL']);
    desk.decide('d3', 3, { quantity: '2' });
    expect(refusal(desk)).toBe('sent');
  });

  it('refuses a decision that reaches it too late', () => {
    const desk = new Desk();
    desk.wake(100);
    desk.decide('d1', 40, {});
    expect(refusal(desk)).toBe('sent');
    desk.decide('d2', 39, {});
    expect(refusal(desk)).toEqual(['DECISION_STALE']);
  });
});
