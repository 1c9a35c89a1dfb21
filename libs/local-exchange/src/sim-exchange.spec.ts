import { SimExchange } from './sim-exchange';
import { isRefusal, type OrderRequest, type SimOrder } from './sim-orders';
import { SIM_PERPETUAL } from './sim-perpetual.test-support';

const NAME = SIM_PERPETUAL.name;

function request(more: Partial<OrderRequest>): OrderRequest {
  return {
    instrument: NAME,
    direction: 'buy',
    amount: '100',
    type: 'market',
    label: '',
    timeInForce: 'immediate_or_cancel',
    postOnly: false,
    rejectPostOnly: false,
    reduceOnly: false,
    ...more,
  };
}

function placed(exchange: SimExchange, more: Partial<OrderRequest>, account = 'desk'): SimOrder {
  const order = exchange.place(account, request(more), 1);
  if (isRefusal(order)) throw new Error(order);
  return order;
}

describe('the simulated exchange', () => {
  it('is the same market for the same seed, and its book never crosses', () => {
    const run = (seed: string): string => {
      const exchange = new SimExchange({ instruments: [SIM_PERPETUAL], flow: { seed } });
      const tops: string[] = [];
      for (let step = 0; step < 300; step += 1) {
        exchange.step(step);
        const book = exchange.listing(NAME)?.book;
        const [bid = 0, ask = 0] = [book?.bestTicks('buy'), book?.bestTicks('sell')];
        expect(bid).toBeLessThan(ask);
        tops.push(`${bid}/${ask}`);
      }
      return tops.join();
    };
    expect(run('a')).toBe(run('a'));
    expect(run('a')).not.toBe(run('b'));
  });

  it('a reduce-only order closes at most what is held and opens nothing', () => {
    const exchange = new SimExchange({ instruments: [SIM_PERPETUAL] });
    expect(exchange.place('desk', request({ reduceOnly: true }), 1)).toBe('reduce-only');
    placed(exchange, { amount: '300' });
    const closing = placed(exchange, { direction: 'sell', amount: '1000', reduceOnly: true });
    expect(closing.lots).toBe(30);
    expect(exchange.position('desk', NAME)).toBe(0);
  });

  it('an edited order keeps its place when it only shrinks, and loses it otherwise', () => {
    const exchange = new SimExchange({ instruments: [SIM_PERPETUAL] });
    const listing = exchange.listing(NAME);
    const bid = listing?.book.bestTicks('buy') ?? 0;
    const price = (ticks: number): string => listing?.grid.priceOf(ticks).toString() ?? '';
    const rest = { type: 'limit', timeInForce: 'good_til_cancelled' } as const;
    const first = placed(exchange, { ...rest, price: price(bid), amount: '500' });
    const second = placed(exchange, { ...rest, price: price(bid), amount: '500' }, 'other');
    const ahead = listing?.book.queueAhead(first.orderId) ?? 0;
    exchange.edit('desk', first.orderId, { amount: '300', price: price(bid) }, 2);
    expect(listing?.book.queueAhead(first.orderId)).toBe(ahead);
    expect(listing?.book.queueAhead(second.orderId)).toBe(ahead + 30);
    exchange.edit('desk', first.orderId, { amount: '900', price: price(bid) }, 3);
    expect(listing?.book.queueAhead(first.orderId)).toBe(ahead + 50);
    // Moved to the other side's price, it trades.
    exchange.edit('desk', first.orderId, { amount: '900', price: price(bid + 2000) }, 4);
    expect(first.state).toBe('filled');
    expect(exchange.edit('desk', first.orderId, { amount: '900', price: price(bid) }, 5)).toBe('not-open');
  });

  it('does not let an account trade with itself', () => {
    const exchange = new SimExchange({ instruments: [SIM_PERPETUAL] });
    const ask = exchange.listing(NAME)?.book.bestTicks('sell') ?? 0;
    const price =
      exchange
        .listing(NAME)
        ?.grid.priceOf(ask - 1)
        .toString() ?? '';
    placed(exchange, { direction: 'sell', type: 'limit', price, timeInForce: 'good_til_cancelled' });
    expect(exchange.place('desk', request({ type: 'limit', price }), 2)).toBe('self-trade');
    expect(placed(exchange, { type: 'limit', price }, 'other').filledLots).toBe(10);
  });

  it('every fill of a client is on both sides of the ledger', () => {
    const exchange = new SimExchange({ instruments: [SIM_PERPETUAL], flow: { seed: 'two' } });
    for (let step = 0; step < 200; step += 1) {
      const direction = step % 2 === 0 ? 'buy' : 'sell';
      const account = step % 3 === 0 ? 'a' : 'b';
      const touch = exchange.listing(NAME)?.book.bestTicks(direction) ?? 0;
      const price = exchange.listing(NAME)?.grid.priceOf(touch).toString() ?? '';
      exchange.place(
        account,
        request({ direction, type: 'limit', price, timeInForce: 'good_til_cancelled' }),
        step,
      );
      exchange.step(step);
    }
    for (const account of ['a', 'b']) {
      const orders = exchange.ordersOf(account);
      const net = orders.reduce(
        (total, order) => total + (order.direction === 'buy' ? order.filledLots : -order.filledLots),
        0,
      );
      expect(exchange.position(account, NAME)).toBe(net);
      expect(orders.some((order) => order.filledLots > 0)).toBe(true);
      for (const order of orders) {
        expect(order.trades.reduce((total, trade) => total + trade.lots, 0)).toBe(order.filledLots);
        expect(order.filledLots).toBeLessThanOrEqual(order.lots);
        if (order.state === 'filled') expect(order.filledLots).toBe(order.lots);
      }
    }
  });
});
