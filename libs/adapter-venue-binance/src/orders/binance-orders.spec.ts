import { specificationOf } from '@evenkeel/instruments';
import type { VenueOrder } from '@evenkeel/execution';
import { Credentials } from '@evenkeel/venue-wire';
import { BinanceOrders } from './binance-orders';
import { BinanceContracts, COIN_M, USD_M, marketOf, symbolOf } from './contracts';
import { readBinanceAnswer, readBinanceStream, readOrder, readTrade } from './private-messages';

const spec = (id: string) => {
  const found = specificationOf(id);
  if (!found.ok) throw new Error(found.failure.message);
  return found.value;
};
const LINEAR = spec('BTCUSDT-PERP@binance');
const INVERSE = spec('BTCUSD-PERP@binance');
const ORDER: VenueOrder = {
  clientOrderId: '0f8fad5b-d9cb-469f-a165-70867728950e',
  book: 'b',
  venue: 'binance',
  instrument: LINEAR.id,
  side: 'buy',
  quantity: '0.015',
  orderType: 'limit',
  timeInForce: 'IOC',
  limitPrice: '90000.1',
};
const dialect = (market = USD_M, specification = LINEAR) =>
  new BinanceOrders({
    market,
    credentials: new Credentials('key', 'secret'),
    specifications: [specification],
    countdownMs: 60_000,
  });
const said = (call: ReturnType<BinanceOrders['place']>) =>
  typeof call === 'string' ? call : `${call.method} ${call.path}?${call.query ?? ''}`;

/** The payload of the documentation, with an order of ours that has filled in part. */
const UPDATE = {
  e: 'ORDER_TRADE_UPDATE',
  E: 1568879465651,
  T: 1568879465650,
  o: {
    s: 'BTCUSDT',
    c: 'TEST',
    S: 'SELL',
    o: 'LIMIT',
    f: 'GTC',
    q: '0.003',
    p: '7103.04',
    ap: '0',
    sp: '0',
    x: 'TRADE',
    X: 'PARTIALLY_FILLED',
    i: 8886774,
    l: '0.001',
    z: '0.002',
    L: '7103.10',
    N: 'USDT',
    n: '0.00284124',
    T: 1568879465650,
    t: 171,
    b: '0',
    a: '9.91',
    m: true,
    R: false,
    wt: 'CONTRACT_PRICE',
    ot: 'LIMIT',
    ps: 'BOTH',
    cp: false,
    rp: '0',
  },
};

describe('what is said to Binance', () => {
  it('counts coins on USD-M and contracts on COIN-M', () => {
    expect(said(dialect().place(ORDER))).toBe(
      'POST /fapi/v1/order?symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=IOC&quantity=0.015&price=90000.1' +
        `&newClientOrderId=${ORDER.clientOrderId}&newOrderRespType=ACK`,
    );
    const coin = { ...ORDER, instrument: INVERSE.id, quantity: '7', timeInForce: 'POST_ONLY' };
    expect(said(dialect(COIN_M, INVERSE).place(coin))).toMatch(
      /^POST \/dapi\/v1\/order\?symbol=BTCUSD_PERP&side=BUY&type=LIMIT&timeInForce=GTX&quantity=7&/,
    );
  });

  it('repeats the side of an order that gets new terms, and goes by our id', () => {
    const orders = dialect();
    const ref = { clientOrderId: ORDER.clientOrderId, instrument: LINEAR.id };
    expect(orders.amend(ref, '0.02', '90001')).toBe('ORDER_NOT_KNOWN');
    orders.place(ORDER);
    expect(said(orders.amend(ref, '0.02', '90001'))).toBe(
      `PUT /fapi/v1/order?symbol=BTCUSDT&origClientOrderId=${ORDER.clientOrderId}&side=BUY&quantity=0.02&price=90001`,
    );
    expect(said(orders.cancel(ref))).toBe(
      `DELETE /fapi/v1/order?symbol=BTCUSDT&origClientOrderId=${ORDER.clientOrderId}`,
    );
  });

  it.each([
    ['an id with a space', { clientOrderId: 'a b' }, 'CLIENT_ORDER_ID_NOT_SUPPORTED'],
    ['an id of 37 letters', { clientOrderId: 'x'.repeat(37) }, 'CLIENT_ORDER_ID_NOT_SUPPORTED'],
    ['a contract of the other market', { instrument: INVERSE.id }, 'ORDER_NOT_SUPPORTED'],
    ['an unknown time in force', { timeInForce: 'GTD' }, 'ORDER_NOT_SUPPORTED'],
  ])('is not %s', (_, change, reason) => {
    expect(dialect().place({ ...ORDER, ...change })).toBe(reason);
  });

  it('is of one market, which the contracts of the account tell', () => {
    expect(marketOf('b', [LINEAR])).toBe(USD_M);
    expect(marketOf('b', [INVERSE])).toBe(COIN_M);
    expect(() => marketOf('b', [LINEAR, INVERSE])).toThrow('both USD-M and COIN-M');
    expect(() => marketOf('b', [spec('BTCUSDT@binance')])).toThrow('no future of Binance');
    expect(symbolOf('BTCUSDT-260327@binance', false)).toBe('BTCUSDT_260327');
    expect(symbolOf('BTCUSD-260327@binance', true)).toBe('BTCUSD_260327');
  });
});

describe('what Binance says', () => {
  const contracts = new BinanceContracts(USD_M, [LINEAR]);

  it('of an order and its trade, the fee from our side, the trade named by its symbol too', () => {
    for (const text of [UPDATE, { stream: 'key', data: UPDATE }].map((update) => JSON.stringify(update))) {
      const read = readBinanceStream(text, contracts);
      if (!read.ok || read.value.message !== 'account') throw new Error('not read');
      const [order] = read.value.orders;
      const [fill] = read.value.fills;
      expect(order).toMatchObject({ clientOrderId: 'TEST', venueOrderId: '8886774', state: 'open' });
      expect(order?.filled.toString()).toBe('0.002');
      expect(fill).toMatchObject({
        fillId: 'BTCUSDT-171',
        instrument: LINEAR.id,
        side: 'sell',
        price: '7103.1',
        fee: { currency: 'USDT', amount: '-0.00284124' },
        liquidity: 'maker',
        at: 1568879465650000000n,
      });
      expect(fill?.quantity.toString()).toBe('0.001');
    }
  });

  it.each([
    ['FILLED', 'GTC', 'filled', ''],
    ['CANCELED', 'GTC', 'cancelled', 'REQUESTED'],
    ['EXPIRED', 'IOC', 'remainder', 'EXPIRED'],
    ['EXPIRED_IN_MATCH', 'GTX', 'cancelled', 'EXPIRED_IN_MATCH'],
    ['REJECTED', 'GTC', 'rejected', 'VENUE_REJECTED'],
  ])('of an order that is %s and was %s', (X, f, state, reason) => {
    const read = readBinanceStream(
      JSON.stringify({ ...UPDATE, o: { ...UPDATE.o, x: 'EXPIRED', X, f } }),
      contracts,
    );
    expect(read.ok && read.value).toMatchObject({ orders: [{ state, reason }], fills: [] });
  });

  it('of contracts on COIN-M, of an order and its trades when asked', () => {
    const coin = new BinanceContracts(COIN_M, [INVERSE]);
    const answer = {
      orderId: 1917641,
      symbol: 'BTCUSD_PERP',
      status: 'FILLED',
      clientOrderId: 'abc',
      price: '90000',
      origQty: '7',
      executedQty: '7',
      timeInForce: 'GTC',
      side: 'BUY',
    };
    const order = readOrder(answer, coin);
    expect([order.quantity.toString(), order.instrument, order.state]).toEqual(['7', INVERSE.id, 'filled']);
    const trade = {
      symbol: 'BTCUSD_PERP',
      id: 6,
      orderId: 1917641,
      side: 'BUY',
      price: '90000',
      qty: '7',
      commission: '0.00000389',
      commissionAsset: 'BTC',
      time: 1590743483586,
      maker: false,
    };
    expect(readTrade(trade, order, coin)).toMatchObject({
      clientOrderId: 'abc',
      fillId: 'BTCUSD_PERP-6',
      fee: { currency: 'BTC', amount: '-0.00000389' },
    });
  });

  it.each([
    [200, '{"orderId":1}', 'answered'],
    [200, 'not json', 'unknown'],
    [400, '{"code":-2019,"msg":"Margin is insufficient."}', 'refused'],
    [400, '{"code":-1021,"msg":"Timestamp for this request is outside of the recvWindow."}', 'refused'],
    [400, '{"code":-4116,"msg":"ClientOrderId is duplicated."}', 'refused'],
    [403, '<html>', 'refused'],
    [408, '{"code":-1007,"msg":"Timeout"}', 'unknown'],
    [400, '{"code":-1006,"msg":"An unexpected response was received."}', 'unknown'],
    [418, '{"code":-1003,"msg":"Way too many requests"}', 'too-many'],
    [429, '{"code":-1003,"msg":"Too many requests"}', 'too-many'],
    [400, '{"code":-1015,"msg":"Too many new orders."}', 'too-many'],
    [503, '{"code":-1008,"msg":"Request throttled by system-level protection."}', 'too-many'],
    [503, '{"code":0,"msg":"Service Unavailable."}', 'refused'],
    [503, '{"code":0,"msg":"Unknown error, please check your request or try again later."}', 'unknown'],
    [502, '<html>', 'unknown'],
  ])('by status %i with %s', (status, text, outcome) => {
    expect(readBinanceAnswer(status, text).outcome).toBe(outcome);
  });
});
