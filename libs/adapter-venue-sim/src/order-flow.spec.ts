import { clientOrderIdOf } from '@evenkeel/execution';
import { NANOS_PER_SECOND, createRandom, formatInstant } from '@evenkeel/kernel';
import { OrderFlow, PERP, START, decisionOf, markOf, specOf } from '../test/order-flow';
import { createSimulatedVenue } from './simulated-venue';
import type { SimulatedVenueConfig } from './venue-state';

const MINUTE = 60n * NANOS_PER_SECOND;

function flowWith(config: Partial<SimulatedVenueConfig> = {}): OrderFlow {
  const flow = new OrderFlow(
    createSimulatedVenue({ seed: 'test', specifications: [specOf(PERP)], ...config }),
  );
  flow.market('90000', START + 1n);
  return flow;
}

const DESK = { book: 'desk', venue: 'binance' };

describe('orders at the simulated venue', () => {
  it('acknowledges and fills an immediate order after the latency, at the touch, for the taker fee', () => {
    const flow = flowWith();
    flow.decide(decisionOf('d1', START + 1n, '-0.5', '90000'));
    expect(flow.types()).toEqual(['OrderIntended']);
    flow.advanceTo(START + MINUTE);
    expect(flow.types()).toEqual(['OrderIntended', 'OrderAcknowledged', 'OrderFilled']);
    expect(flow.events.at(-1)?.payload).toMatchObject({
      quantity: '-0.5',
      price: '89999.1',
      fee: { currency: 'USDT', amount: '-22.499775' },
      at: '2026-01-05T00:00:00.250000001Z',
      remaining: '0',
      late: false,
    });
  });

  it('learns by asking what a silent venue did', () => {
    const flow = flowWith({ quirks: { silent: 1 } });
    flow.decide(decisionOf('d1', START + 1n, '1', '90000'));
    flow.advanceTo(START + MINUTE);
    expect(flow.types()).toEqual(['OrderIntended', 'OrderUnresolved', 'OrderAcknowledged', 'OrderFilled']);
  });

  it('re-arms when an order never arrived', () => {
    const flow = flowWith({ quirks: { lost: 1 } });
    flow.decide(decisionOf('d1', START + 1n, '1', '90000'));
    flow.advanceTo(START + MINUTE);
    expect(flow.types()).toEqual(['OrderIntended', 'OrderUnresolved', 'OrderRejected']);
    expect(flow.events.at(-1)?.payload).toMatchObject({ reason: 'NEVER_ARRIVED', unfilled: '1' });
  });

  it('fills only what is displayed and ends the rest', () => {
    const flow = flowWith({ displayed: new Map([[PERP, '0.4']]) });
    flow.decide(decisionOf('d1', START + 1n, '1', '90000'));
    flow.advanceTo(START + MINUTE);
    expect(flow.types()).toEqual(['OrderIntended', 'OrderAcknowledged', 'OrderFilled', 'OrderCancelled']);
    expect(flow.events.at(-1)?.payload).toMatchObject({ unfilled: '0.6', reason: 'IOC_REMAINDER' });
  });

  it('fills a resting order as maker when a later mark crosses it', () => {
    const flow = flowWith();
    flow.decide(decisionOf('d1', START + 1n, '1', '90000', 'passive'));
    flow.advanceTo(START + MINUTE);
    expect(flow.types()).toEqual(['OrderIntended', 'OrderAcknowledged']);
    flow.market('89900', START + 2n * MINUTE);
    flow.advanceTo(START + 3n * MINUTE);
    expect(flow.events.at(-1)?.payload).toMatchObject({ price: '90000', liquidity: 'maker', quantity: '1' });
  });

  it('does not hold marks against a resting order that are not later than itself', () => {
    const config = { seed: 's', specifications: [specOf(PERP)], displayed: new Map([[PERP, '1']]) };
    const venue = createSimulatedVenue(config);
    const instant = (price: string, at: bigint) => {
      return {
        number: 1,
        eventTime: formatInstant(at),
        marks: [markOf(price, at)],
        fundings: [],
        deliveries: [],
        wakes: [],
      };
    };
    const order = {
      clientOrderId: 'o',
      book: 'b',
      venue: 'binance',
      instrument: PERP,
      side: 'buy',
      quantity: '3',
    } as const;
    venue.onMarks(instant('80000', START));
    venue.onMarks(instant('90000', START + MINUTE));
    venue.submit({ ...order, orderType: 'limit', timeInForce: 'GTC', limitPrice: '90010' }, START + MINUTE);
    const kinds = (): string[] => venue.collect(START + 60n * MINUTE).map(({ report }) => report.kind);
    expect(kinds()).toEqual(['acknowledged', 'filled']);
    venue.onMarks(instant('80000', START));
    venue.onMarks(instant('90000', START + MINUTE));
    expect(kinds()).toEqual(['acknowledged', 'filled']);
    venue.onMarks(instant('90000', START + 2n * MINUTE));
    expect(kinds()).toEqual(['acknowledged', 'filled', 'filled']);
  });

  it('answers the same question once, also when it is asked again after a crash', () => {
    const venue = createSimulatedVenue({ seed: 's', specifications: [specOf(PERP)] });
    venue.query('unknown', START, DESK);
    venue.query('unknown', START, DESK);
    const answers = venue.collect(START + MINUTE);
    expect(answers).toMatchObject([
      { book: 'desk', report: { kind: 'not-found', clientOrderId: 'unknown' } },
    ]);
    venue.settled(answers[0]?.id ?? '');
    venue.query('unknown', START, DESK);
    expect(venue.due()).toBeUndefined();
    venue.query('unknown', START + 1n, DESK);
    expect(venue.due()).toBe(START + 1n + 250_000_000n);
  });

  it('turns a post-only order away that would trade at once', () => {
    const flow = flowWith();
    flow.market('89990', START + 2n);
    const passive = decisionOf('d1', START + 2n, '1', '89990', 'passive');
    const trades = passive.trades.map((trade) => ({ ...trade, limitPrice: '90000' }));
    flow.decide({ ...passive, trades });
    flow.advanceTo(START + MINUTE);
    expect(flow.types()).toEqual(['OrderIntended', 'OrderRejected']);
    expect(flow.events.at(-1)?.payload).toMatchObject({ reason: 'POST_ONLY_WOULD_TRADE' });
  });

  it('hears of a resting fill by itself once a silent order has been asked for', () => {
    const flow = flowWith({ quirks: { silent: 1 } });
    flow.decide(decisionOf('d1', START + 1n, '1', '90000', 'passive'));
    flow.advanceTo(START + MINUTE);
    expect(flow.types()).toEqual(['OrderIntended', 'OrderUnresolved', 'OrderAcknowledged']);
    flow.market('89900', START + 2n * MINUTE);
    flow.advanceTo(START + 3n * MINUTE);
    expect(flow.types().at(-1)).toBe('OrderFilled');
  });

  it('takes back a resting order whose time is over', () => {
    const flow = flowWith();
    flow.decide(decisionOf('d1', START + 1n, '1', '90000', 'passive'));
    flow.advanceTo(START + 20n * MINUTE);
    expect(flow.types()).toEqual(['OrderIntended', 'OrderAcknowledged', 'CancelIntended', 'OrderCancelled']);
  });

  it('ends every order, and the sum of its fills is what is held, whatever the venue does', () => {
    const random = createRandom('order-flow');
    const seen = new Set<string>();
    for (let run = 0; run < 40; run += 1) {
      const quirks = { rejects: 0.1, lost: 0.1, silent: 0.2, partials: 0.3, splits: 0.3 };
      const flow = flowWith({ seed: `run-${run}`, quirks, jitter: '6s' });
      let bought = 0;
      for (let index = 0; index < 10; index += 1) {
        const at = flow.now + BigInt(1 + random.integer(20)) * NANOS_PER_SECOND;
        flow.market(String(90_000 + random.integer(200)), at);
        const price = flow.state.prices.get(PERP)?.price ?? '';
        flow.decide(
          decisionOf(
            `d${run}-${index}`,
            at,
            `${random.next() < 0.5 ? '-' : ''}1.${random.integer(999) + 1}`,
            price,
          ),
        );
      }
      flow.advanceTo(flow.now + 60n * MINUTE);
      expect(flow.state.open.size).toBe(0);
      const fills = new Set<string>();
      for (const event of flow.events) {
        seen.add(event.type);
        if (event.type !== 'OrderFilled') continue;
        expect(fills.has(event.payload.fillId)).toBe(false);
        fills.add(event.payload.fillId);
        bought += Number(event.payload.quantity);
      }
      const held = [...flow.state.books.values()][0]?.positions.get(PERP)?.toNumber() ?? 0;
      expect(held).toBeCloseTo(bought, 9);
      expect(flow.venue.duplicates).toBe(0);
    }
    for (const type of ['OrderUnresolved', 'OrderRejected', 'OrderCancelled', 'OrderFilled'])
      expect(seen).toContain(type);
  });

  it('is the same venue when the same order comes twice', () => {
    const flow = flowWith();
    flow.decide(decisionOf('d1', START + 1n, '1', '90000'));
    const order = flow.state.open.get(clientOrderIdOf('d1', 0));
    if (order === undefined) throw new Error('the order is open');
    flow.venue.submit({ ...order, quantity: order.quantity.toString() }, flow.now);
    expect(flow.venue.duplicates).toBe(1);
    flow.advanceTo(START + MINUTE);
    expect(flow.types()).toEqual(['OrderIntended', 'OrderAcknowledged', 'OrderFilled']);
  });
});
