import type { VenueOrder } from '@evenkeel/execution';
import type { InstrumentSpec } from '@evenkeel/instruments';
import type { Ask } from '@evenkeel/venue-orders';
import { Credentials } from '@evenkeel/venue-wire';

import { readOkxInstrument } from '../instruments';
import { OkxContracts } from './contracts';
import { clOrdIdOf, clientOrderIdOf } from './order-id';
import { OkxOrders } from './okx-orders';
import { readOkxAnswer, readOkxPosition, readOkxStream } from './private-messages';
import { amendCall, cancelCall, placeCall } from './requests';
import { okxHeaders, okxLogin } from './signing';

const KEYS = new Credentials(
  '985d5b66-57ce-40fb-b714-afc0b9787083',
  'chNOOS4KvNXR_Xq4k4c9qsfoKWvnDecLATCRlcBwyKDYnWgO',
  '1234567890',
);
const ID = '0f3c2a44-59b1-5c1e-8d3a-0a1b2c3d4e5f';
const BARE = '0f3c2a4459b15c1e8d3a0a1b2c3d4e5f';
const SWAP = 'BTC-USDT-SWAP@okx';
const SPEC: InstrumentSpec = {
  id: SWAP,
  kind: 'perpetual',
  venue: 'okx',
  underlying: 'BTC',
  quote: 'USDT',
  settlement: 'USDT',
  inverse: false,
  contractSize: '0.01',
  tickSize: '0.1',
  lotSize: '0.01',
  minQuantity: '0.01',
  makerFee: '0.0002',
  takerFee: '0.0005',
  halfSpreadBps: '0.1',
};
const LISTING = {
  instType: 'SWAP',
  instId: 'BTC-USDT-SWAP',
  uly: 'BTC-USDT',
  settleCcy: 'USDT',
  ctVal: '0.01',
  ctMult: '1',
  ctValCcy: 'BTC',
  ctType: 'linear',
  tickSz: '0.1',
  lotSz: '0.01',
  minSz: '0.01',
  state: 'live',
};

function contractsListed(
  listing: Partial<typeof LISTING> = {},
  spec: Partial<InstrumentSpec> = {},
): OkxContracts {
  const contracts = new OkxContracts([{ ...SPEC, ...spec }]);
  contracts.listed(readOkxInstrument({ ...LISTING, ...listing }));
  return contracts;
}

const CONTRACTS = contractsListed();

const order = (more: Partial<VenueOrder> = {}): VenueOrder => ({
  clientOrderId: ID,
  book: 'b',
  venue: 'okx',
  instrument: SWAP,
  side: 'buy',
  quantity: '2',
  orderType: 'limit',
  timeInForce: 'IOC',
  limitPrice: '50',
  ...more,
});

const bodyOf = (call: ReturnType<typeof placeCall>): unknown =>
  typeof call === 'string' ? call : JSON.parse(call.body ?? '');

describe('signatures at OKX', () => {
  it('agree with a published one', () => {
    const at = Date.parse('2020-12-08T09:08:57.715Z');
    expect(okxHeaders(KEYS, { method: 'GET', path: '/api/v5/account/balance' }, at)).toEqual({
      'OK-ACCESS-KEY': KEYS.key,
      'OK-ACCESS-SIGN': 'PJ61e1nb2F2Qd7D8SPiaIcx2gjdELc+o0ygzre9z33k=',
      'OK-ACCESS-TIMESTAMP': '2020-12-08T09:08:57.715Z',
      'OK-ACCESS-PASSPHRASE': '1234567890',
    });
  });

  it('of a login are of its seconds and its own path, and of a query with it', () => {
    const login = (ms: number): unknown => JSON.parse(okxLogin(KEYS, ms));
    expect(login(1_538_054_050_999)).toEqual(login(1_538_054_050_000));
    expect(login(1_538_054_050_000)).toMatchObject({
      args: [{ timestamp: '1538054050', passphrase: '1234567890' }],
    });
    const sign = (query: string): string | undefined =>
      okxHeaders(KEYS, { method: 'GET', path: '/p', query }, 0)['OK-ACCESS-SIGN'];
    expect(sign('a=1')).not.toBe(sign('a=2'));
  });
});

describe('our ids at OKX', () => {
  it('lose their dashes and get them back', () => {
    expect(clOrdIdOf(ID)).toBe(BARE);
    expect(clientOrderIdOf(BARE)).toBe(ID);
    expect(clientOrderIdOf('b1')).toBe('b1');
  });

  it('are refused where they would not come back as they were', () => {
    expect(clOrdIdOf(BARE)).toBeUndefined();
    expect(clOrdIdOf('by-hand')).toBeUndefined();
    expect(clOrdIdOf('x'.repeat(33))).toBeUndefined();
  });
});

describe('requests to OKX', () => {
  it('place in the words that others send', () => {
    expect(bodyOf(placeCall(order({ timeInForce: 'GTC' }), CONTRACTS))).toEqual({
      instId: 'BTC-USDT-SWAP',
      side: 'buy',
      ordType: 'limit',
      sz: '2',
      tdMode: 'cross',
      px: '50',
      clOrdId: BARE,
    });
  });

  it('count in contracts as the venue lists them, whatever ours are', () => {
    const tenfold = contractsListed({ ctVal: '0.001' });
    expect(bodyOf(placeCall(order(), tenfold))).toMatchObject({ sz: '20' });
    const multiplied = contractsListed({ ctVal: '1', ctMult: '0.01' }, { contractSize: '1' });
    expect(bodyOf(placeCall(order(), multiplied))).toMatchObject({ sz: '200' });
    expect(bodyOf(amendCall({ clientOrderId: ID, instrument: SWAP }, tenfold, '3', '51'))).toEqual({
      instId: 'BTC-USDT-SWAP',
      clOrdId: BARE,
      newSz: '30',
      newPx: '51',
    });
  });

  it('place nothing that was not listed, no pair, and no id that would not come back', () => {
    expect(placeCall(order(), new OkxContracts([SPEC]))).toBe('INSTRUMENT_NOT_LISTED');
    const spot = new OkxContracts([{ ...SPEC, id: 'BTC-USDT@okx', kind: 'spot' }]);
    expect(placeCall(order({ instrument: 'BTC-USDT@okx' }), spot)).toBe('ORDER_NOT_SUPPORTED');
    expect(placeCall(order({ clientOrderId: 'by-hand' }), CONTRACTS)).toBe('CLIENT_ORDER_ID_NOT_SUPPORTED');
  });

  it('take back by our id, and by the venue’s where it was placed by hand', () => {
    const cancel = (clientOrderId: string, venueOrderId: string): unknown =>
      bodyOf(cancelCall({ clientOrderId, venueOrderId, instrument: SWAP }));
    expect(cancel(ID, '777')).toEqual({ instId: 'BTC-USDT-SWAP', clOrdId: BARE });
    expect(cancel('777', '777')).toEqual({ instId: 'BTC-USDT-SWAP', ordId: '777' });
  });
});

/** A push of the orders channel as it is published, of a partial fill. */
const PARTIAL = {
  accFillSz: '2',
  amendResult: '',
  avgPx: '30000.5',
  cancelSource: '',
  category: 'normal',
  clOrdId: 'abc123',
  cTime: '1700000000000',
  execType: 'T',
  fee: '-0.3',
  feeCcy: 'USDT',
  fillFee: '-0.3',
  fillFeeCcy: 'USDT',
  fillPx: '30000.5',
  fillSz: '2',
  fillTime: '1700000001000',
  instId: 'BTC-USDT-SWAP',
  instType: 'SWAP',
  ordId: '777',
  ordType: 'limit',
  posSide: 'net',
  px: '30000.5',
  side: 'buy',
  state: 'partially_filled',
  sz: '10',
  tradeId: '555',
  uTime: '1700000001001',
};

function heard(more: object, contracts = CONTRACTS): unknown {
  const text = JSON.stringify({
    arg: { channel: 'orders', instType: 'ANY' },
    data: [{ ...PARTIAL, ...more }],
  });
  const read = readOkxStream(text, contracts);
  return read.ok
    ? JSON.parse(JSON.stringify(read.value, (_, v: unknown) => (typeof v === 'bigint' ? String(v) : v)))
    : read.failure.message;
}

describe('OKX’s private stream', () => {
  it('tells of a trade and of the order that it left, a paid fee negative as it says it', () => {
    expect(heard({})).toMatchObject({
      orders: [{ clientOrderId: 'abc123', state: 'open', quantity: '10', filled: '2', price: '30000.5' }],
      fills: [
        {
          fillId: '555',
          quantity: '2',
          fee: { currency: 'USDT', amount: '-0.3' },
          liquidity: 'taker',
          side: 'buy',
        },
      ],
      amendsRefused: [],
    });
  });

  it('says in our contracts what was in the venue’s', () => {
    const tenfold = contractsListed({ ctVal: '0.001' });
    expect(heard({}, tenfold)).toMatchObject({
      orders: [{ quantity: '1', filled: '0.2' }],
      fills: [{ quantity: '0.2' }],
    });
  });

  it('tells apart how orders end, and makes no trade of an update without one', () => {
    const over = {
      state: 'canceled',
      fillSz: '0',
      tradeId: '',
      fillFeeCcy: '',
      fillTime: '',
      execType: '',
      clOrdId: BARE,
    };
    expect(heard(over)).toMatchObject({ orders: [{ clientOrderId: ID, state: 'cancelled' }], fills: [] });
    expect(heard({ ...over, ordType: 'ioc' })).toMatchObject({ orders: [{ state: 'remainder' }] });
    expect(heard({ ...over, ordType: 'post_only', cancelSource: '31' })).toMatchObject({
      orders: [{ state: 'rejected' }],
    });
    expect(heard({ ...over, state: 'invented' })).toContain('state');
  });

  it('says that new terms were turned down', () => {
    const failed = { amendResult: '-1', code: '51503', msg: 'order gone', fillSz: '0', tradeId: '' };
    expect(heard(failed)).toMatchObject({
      amendsRefused: [{ clientOrderId: 'abc123', reason: '51503 order gone' }],
    });
  });

  it('leaves orders of pairs alone, and knows a refused login', () => {
    expect(heard({ instType: 'SPOT', instId: 'BTC-USDT' })).toMatchObject({ orders: [], fills: [] });
    const login = (code: string): unknown =>
      readOkxStream(JSON.stringify({ event: 'login', code, msg: '' }), CONTRACTS);
    expect(login('0')).toMatchObject({ value: { message: 'logged-in' } });
    expect(login('60009')).toMatchObject({ value: { message: 'refused' } });
  });
});

describe('answers of OKX', () => {
  const answer = (code: string, sCode?: string, status = 200): string => {
    const data = sCode === undefined ? [] : [{ ordId: '', clOrdId: BARE, sCode, sMsg: 'said' }];
    return readOkxAnswer(status, JSON.stringify({ code, data, msg: '' })).outcome;
  };

  it.each([
    ['0', '0', 'answered'],
    ['1', '51008', 'refused'],
    ['1', '51016', 'unknown'],
    ['2', '51400', 'refused'],
    ['50011', undefined, 'too-many'],
    ['50102', undefined, 'refused'],
    ['50004', undefined, 'unknown'],
  ])('of code %s and %s are %s', (code, sCode, outcome) => expect(answer(code, sCode)).toBe(outcome));

  it('leave open what a gateway did, and what can’t be read', () => {
    expect(answer('0', '0', 503)).toBe('unknown');
    expect(readOkxAnswer(200, '<html>').outcome).toBe('unknown');
    expect(readOkxAnswer(401, '<html>').outcome).toBe('refused');
  });
});

it('reads positions as they are signed, in our contracts', () => {
  const read = (pos: string): string =>
    readOkxPosition(
      { instId: 'BTC-USDT-SWAP', pos },
      contractsListed({ ctVal: '0.001' }),
    ).quantity.toString();
  expect([read('-30'), read('0')]).toEqual(['-3', '0']);
});

describe('an account at OKX', () => {
  const orders = new OkxOrders({
    credentials: KEYS,
    specifications: [SPEC],
    disconnectSeconds: 15,
    demo: false,
  });
  const askOf =
    (acctLv: string, posMode: string): Ask =>
    ({ path }) =>
      Promise.resolve({
        outcome: 'answered',
        result: path === '/api/v5/account/config' ? [{ acctLv, posMode }] : [LISTING],
      });

  it('trades in net mode, once it knows what a contract is worth', async () => {
    expect(orders.place(order())).toBe('INSTRUMENT_NOT_LISTED');
    expect(await orders.prepare(askOf('2', 'net_mode'))).toMatchObject({ ok: true });
    expect(orders.place(order())).toMatchObject({ path: '/api/v5/trade/order' });
  });

  it.each([
    ['hedge mode', '2', 'long_short_mode'],
    ['spot mode', '1', 'net_mode'],
  ])('trades nothing in %s', async (_, level, mode) => {
    const failure = { code: 'VENUES.ACCOUNT_MODE' };
    expect(await orders.prepare(askOf(level, mode))).toMatchObject({ ok: false, failure });
  });
});
