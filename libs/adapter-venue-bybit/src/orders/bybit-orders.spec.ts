import type { VenueOrder } from '@evenkeel/execution';
import type { InstrumentSpec } from '@evenkeel/instruments';
import type { Ask } from '@evenkeel/venue-orders';
import { Credentials } from '@evenkeel/venue-wire';

import { BybitOrders } from './bybit-orders';
import { BybitContracts } from './contracts';
import { readBybitAnswer, readBybitPosition, readBybitStream } from './private-messages';
import { cancelAllCall, cancelCall, placeCall } from './requests';
import { bybitHeaders, bybitLogin } from './signing';

const KEYS = new Credentials('test_api_key', 'test_secret');
const ID = '0f3c2a44-59b1-5c1e-8d3a-0a1b2c3d4e5f';

const spec = (id: string, more: Partial<InstrumentSpec>): InstrumentSpec => ({
  id,
  kind: 'perpetual',
  venue: 'bybit',
  underlying: 'LTC',
  quote: 'USDT',
  settlement: 'USDT',
  inverse: false,
  contractSize: '1',
  tickSize: '0.01',
  lotSize: '0.1',
  minQuantity: '0.1',
  makerFee: '0.0002',
  takerFee: '0.00055',
  halfSpreadBps: '1',
  ...more,
});

const LINEAR = 'LTCUSDT-PERP@bybit';
const INVERSE = 'BTCUSD-PERP@bybit';
const OPTION = 'ETH-30DEC26-1400-C@bybit';
const CONTRACTS = new BybitContracts([
  spec(LINEAR, {}),
  spec(INVERSE, { underlying: 'BTC', quote: 'USD', settlement: 'BTC', inverse: true, contractSize: '100' }),
  spec(OPTION, { kind: 'option', underlying: 'ETH', quote: 'USDC', settlement: 'USDC' }),
]);

const order = (more: Partial<VenueOrder>): VenueOrder => ({
  clientOrderId: ID,
  book: 'b',
  venue: 'bybit',
  instrument: LINEAR,
  side: 'sell',
  quantity: '0.1',
  orderType: 'limit',
  timeInForce: 'POST_ONLY',
  limitPrice: '100',
  ...more,
});

const bodyOf = (call: ReturnType<typeof placeCall>): unknown =>
  typeof call === 'string' ? call : JSON.parse(call.body ?? '');

describe('signatures at Bybit', () => {
  it('agree with published ones of a query, a body and a login', () => {
    const at = 1_700_000_000_000;
    const query = 'category=linear&symbol=BTCUSDT';
    const body = '{"category": "linear", "symbol": "BTCUSDT", "orderLinkId": "test-order-1"}';
    const sign = (call: Parameters<typeof bybitHeaders>[1]): string | undefined =>
      bybitHeaders(KEYS, call, at)['X-BAPI-SIGN'];
    expect(sign({ method: 'GET', path: '/v5/order/realtime', query })).toBe(
      'fd4f31228a46109dc6673062328693696df9a96c7ff04e6491a45e7f63a0fdd7',
    );
    expect(sign({ method: 'POST', path: '/v5/order/create', body })).toBe(
      '2df4a0603d69c08d5dea29ba85b46eb7db64ce9e9ebd34a7802a3d69700cb2a1',
    );
    expect(JSON.parse(bybitLogin(KEYS, at - 10_000))).toEqual({
      op: 'auth',
      args: ['test_api_key', at, 'bacffe7500499eb829bb58c45d36d1b3e5ac67c14eaeba91df5e99ccee013925'],
    });
  });
});

describe('requests to Bybit', () => {
  it('place in the words that others send, by our id and in one-way mode', () => {
    expect(bodyOf(placeCall(order({}), CONTRACTS.get(LINEAR)))).toEqual({
      symbol: 'LTCUSDT',
      side: 'Sell',
      orderType: 'Limit',
      category: 'linear',
      qty: '0.1',
      price: '100',
      timeInForce: 'PostOnly',
      orderLinkId: ID,
      positionIdx: 0,
    });
  });

  it('count inverse contracts in USD, and options without a position mode', () => {
    const inverse = order({ instrument: INVERSE, quantity: '7', timeInForce: 'IOC' });
    expect(bodyOf(placeCall(inverse, CONTRACTS.get(INVERSE)))).toMatchObject({
      category: 'inverse',
      qty: '700',
    });
    const option = bodyOf(placeCall(order({ instrument: OPTION, quantity: '2' }), CONTRACTS.get(OPTION)));
    expect(option).toMatchObject({ category: 'option', symbol: 'ETH-30DEC26-1400-C', qty: '2' });
    expect(option).not.toHaveProperty('positionIdx');
  });

  it('refuse what can’t be said there', () => {
    expect(placeCall(order({ instrument: 'BTCUSDT@bybit' }), CONTRACTS.get('BTCUSDT@bybit'))).toBe(
      'ORDER_NOT_SUPPORTED',
    );
    expect(placeCall(order({ clientOrderId: 'x'.repeat(37) }), CONTRACTS.get(LINEAR))).toBe(
      'CLIENT_ORDER_ID_NOT_SUPPORTED',
    );
  });

  it('take back by our id, by the venue’s where it was placed by hand, and everything', () => {
    const linear = CONTRACTS.of(LINEAR);
    const hand = '8caeea8c-cf80-4b06-83e8-bb7df45fc122';
    const cancel = (venueOrderId: string, clientOrderId: string): unknown =>
      bodyOf(cancelCall({ clientOrderId, venueOrderId, instrument: LINEAR }, linear));
    expect(cancel('v', ID)).toEqual({ symbol: 'LTCUSDT', orderLinkId: ID, category: 'linear' });
    expect(cancel(hand, hand)).toEqual({ symbol: 'LTCUSDT', orderId: hand, category: 'linear' });
    expect(bodyOf(cancelAllCall('linear', { symbol: 'BTCUSDT' }))).toEqual({
      symbol: 'BTCUSDT',
      category: 'linear',
    });
  });
});

const EXECUTION = {
  category: 'linear',
  symbol: 'SOLUSDT',
  closedSize: '0',
  execFee: '0.0256322',
  execId: '3fb94d67-8482-58a5-91a4-154777511c1c',
  execPrice: '233.02',
  execQty: '0.2',
  execType: 'Trade',
  leavesQty: '0',
  orderId: '373b6927-71ff-4bde-a8a6-c3de21838f20',
  orderLinkId: '1759432560816495533',
  side: 'Buy',
  execTime: '1759432560940',
  isMaker: false,
  extraFees: [
    { feeCoin: 'USDT', feeType: 'GST', subFeeType: 'IND_GST', feeRate: '0.000099', fee: '0.004613796' },
  ],
  feeCurrency: 'USDT',
};
const ORDER = {
  symbol: 'ETH-30DEC26-1400-C',
  orderId: '5cf98598-39a7-459e-97bf-76ca765ee020',
  side: 'Sell',
  orderType: 'Market',
  price: '72.5',
  qty: '1',
  timeInForce: 'IOC',
  orderStatus: 'Filled',
  orderLinkId: '',
  leavesQty: '',
  cumExecQty: '1',
  rejectReason: 'EC_NoError',
  category: 'option',
};

const push = (topic: string, item: unknown): string =>
  JSON.stringify({ topic, id: '1', creationTime: 1759432560943, data: [item] });

const heard = (topic: string, item: unknown): unknown => {
  const read = readBybitStream(push(topic, item), CONTRACTS);
  return read.ok ? read.value : read.failure.message;
};

describe('Bybit’s private stream', () => {
  it('tells of a trade with all that was paid for it, taxes too, as negative', () => {
    expect(heard('execution', EXECUTION)).toMatchObject({
      fills: [
        {
          clientOrderId: '1759432560816495533',
          instrument: 'SOLUSDT-PERP@bybit',
          side: 'buy',
          price: '233.02',
          fee: { currency: 'USDT', amount: '-0.030245996' },
          liquidity: 'taker',
        },
      ],
    });
  });

  it('says of an inverse trade in our contracts what was in USD, with the coin as its fee', () => {
    const { feeCurrency: _, extraFees: __, ...old } = EXECUTION;
    const inverse = {
      ...old,
      category: 'inverse',
      symbol: 'BTCUSD',
      execQty: '700',
      execFee: '-0.00000175',
      isMaker: true,
    };
    const read = readBybitStream(push('execution', inverse), CONTRACTS);
    if (!read.ok || read.value.message !== 'account') throw new Error('unread');
    const [fill] = read.value.fills;
    expect(fill?.quantity.toString()).toBe('7');
    expect(fill).toMatchObject({ fee: { currency: 'BTC', amount: '0.00000175' }, liquidity: 'maker' });
  });

  it('takes funding and settlement for no trade, and a fee of two coins for none that it can read', () => {
    expect(heard('execution', { ...EXECUTION, execType: 'Funding' })).toMatchObject({ fills: [] });
    const mixed = { ...EXECUTION, extraFees: [{ feeCoin: 'MNT', fee: '1' }] };
    expect(heard('execution', mixed)).toContain('another coin');
  });

  it('names an order placed by hand by the venue’s id, and tells apart how orders end', () => {
    const ended = (more: object): unknown => heard('order', { ...ORDER, ...more });
    expect(ended({})).toMatchObject({
      orders: [{ clientOrderId: ORDER.orderId, state: 'filled', instrument: OPTION }],
    });
    const cancelled = { orderStatus: 'Cancelled', cumExecQty: '0', orderLinkId: ID };
    expect(ended(cancelled)).toMatchObject({ orders: [{ clientOrderId: ID, state: 'remainder' }] });
    expect(ended({ ...cancelled, timeInForce: 'GTC' })).toMatchObject({ orders: [{ state: 'cancelled' }] });
    const taker = { ...cancelled, timeInForce: 'PostOnly', rejectReason: 'EC_PostOnlyWillTakeLiquidity' };
    expect(ended(taker)).toMatchObject({
      orders: [{ state: 'rejected', reason: 'EC_PostOnlyWillTakeLiquidity' }],
    });
    expect(ended({ ...cancelled, orderStatus: 'Invented' })).toContain('orderStatus');
  });

  it('leaves spot orders alone', () => {
    expect(heard('order', { ...ORDER, category: 'spot', symbol: 'BTCUSDT' })).toMatchObject({ orders: [] });
  });
});

describe('answers of Bybit', () => {
  const answer = (retCode: number, status = 200): string =>
    readBybitAnswer(status, JSON.stringify({ retCode, retMsg: 'said', result: {}, time: 1 })).outcome;

  it.each([
    [0, 'answered'],
    [10001, 'refused'],
    [10002, 'refused'],
    [110007, 'refused'],
    [10006, 'too-many'],
    [10000, 'unknown'],
    [10016, 'unknown'],
    // The id has been taken, by this order where it was sent before.
    [110072, 'unknown'],
  ])('of code %d are %s', (code, outcome) => expect(answer(code)).toBe(outcome));

  it('leave open what a gateway did, and what can’t be read', () => {
    expect(answer(0, 502)).toBe('unknown');
    expect(readBybitAnswer(200, '<html>').outcome).toBe('unknown');
    expect(readBybitAnswer(403, '').outcome).toBe('too-many');
  });
});

describe('positions at Bybit', () => {
  const position = { symbol: 'BTCUSD', side: 'Sell', size: '700', positionIdx: 0 };
  const read = (more: object): string =>
    readBybitPosition({ ...position, ...more }, CONTRACTS, 'inverse').quantity.toString();

  it('are signed by their side, in our contracts', () => {
    expect(read({})).toBe('-7');
    expect(read({ side: 'Buy' })).toBe('7');
    expect(read({ side: '', size: '0' })).toBe('0');
  });

  it('of hedge mode are refused', () => {
    expect(() => read({ positionIdx: 1 })).toThrow('hedge mode');
  });
});

describe('an account at Bybit', () => {
  const orders = new BybitOrders({
    credentials: KEYS,
    specifications: [spec(LINEAR, {})],
    disconnectSeconds: 10,
  });
  const askOf =
    (unifiedMarginStatus: number, positionIdx: number): Ask =>
    ({ path }) => {
      const position = { symbol: 'LTCUSDT', side: '', size: '0', positionIdx };
      const result =
        path === '/v5/account/info' ? { unifiedMarginStatus } : { list: [position], nextPageCursor: '' };
      return Promise.resolve({ outcome: 'answered', result });
    };

  it('trades where it is a unified one in one-way mode', async () => {
    expect(await orders.prepare(askOf(5, 0))).toMatchObject({ ok: true });
  });

  it.each([
    ['a classic account', 1, 0],
    ['hedge mode', 5, 1],
  ])('trades nothing in %s', async (_, status, index) => {
    const failure = { code: 'VENUES.ACCOUNT_MODE' };
    expect(await orders.prepare(askOf(status, index))).toMatchObject({ ok: false, failure });
  });
});
