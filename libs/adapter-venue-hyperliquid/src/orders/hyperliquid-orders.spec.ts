import type { VenueOrder } from '@evenkeel/execution';
import { specificationOf } from '@evenkeel/instruments';
import { Decimal } from '@evenkeel/kernel';
import type { Ask, HttpCall } from '@evenkeel/venue-orders';
import { Credentials } from '@evenkeel/venue-wire';

import { HYPERLIQUID_CONNECTOR } from './connector';
import { HyperliquidOrders } from './hyperliquid-orders';
import { isOnGrid } from './price-rule';
import { readHyperliquidAnswer } from './private-messages';
import { addressOf, signerOf, type ActionSignature, type SignedTerms } from './signing';

const KEY = '0x0123456789012345678901234567890123456789012345678901234567890123';
const ACCOUNT = `0x${'ab'.repeat(20)}`;
const MASTER = `0x${'cd'.repeat(20)}`;
const NOW = 1_790_000_000_000;
const META = {
  universe: [
    { name: 'ETH', szDecimals: 4 },
    { name: 'BTC', szDecimals: 5 },
  ],
};
const BUILDERS = [null, { name: 'other' }, { name: 'xyz' }];
const XYZ = {
  universe: [
    { name: 'xyz:XYZ100', szDecimals: 4 },
    { name: 'xyz:TSLA', szDecimals: 3 },
  ],
};

type Roles = Readonly<Record<string, object>>;

function asking(roles: Roles): Ask {
  return ({ body }: HttpCall) => {
    const { type, dex, user } = JSON.parse(body ?? '') as Record<string, string>; // questions as they are asked
    const answers: Readonly<Record<string, unknown>> = {
      meta: dex === undefined ? META : XYZ,
      perpDexs: BUILDERS,
      userRole: roles[user ?? ''] ?? { role: 'missing' },
    };
    return Promise.resolve(readHyperliquidAnswer(200, JSON.stringify(answers[type ?? ''])));
  };
}

function dialect(account = ACCOUNT): HyperliquidOrders {
  const specifications = ['BTC-PERP@hyperliquid', 'xyz:TSLA-PERP@hyperliquid'].map((id) => {
    const spec = specificationOf(id);
    if (!spec.ok) throw new Error(spec.failure.message);
    return spec.value;
  });
  const credentials = new Credentials(account, KEY);
  return new HyperliquidOrders({ credentials, specifications, real: true, disconnectSeconds: 15 });
}

const ORDER: VenueOrder = {
  clientOrderId: 'f81d4fae-7dec-51d0-a765-00a0c91e6bf6',
  book: 'b',
  venue: 'hyperliquid',
  instrument: 'BTC-PERP@hyperliquid',
  side: 'buy',
  quantity: '0.00100',
  orderType: 'limit',
  timeInForce: 'POST_ONLY',
  limitPrice: '90000.0',
};

const sent = (
  orders: HyperliquidOrders,
  call: HttpCall | string,
  nowMs = NOW,
): SignedTerms & { signature: ActionSignature } => {
  if (typeof call === 'string') throw new Error(call);
  return JSON.parse(orders.sign(call, nowMs).body ?? '') as SignedTerms & { signature: ActionSignature }; // as it was signed
};

const CLOID = '0xf81d4fae7dec51d0a76500a0c91e6bf6';
const AGENT = addressOf(KEY);
const isAgentOf = (user: string): object => ({ role: 'agent', data: { user } });

describe('orders at Hyperliquid', () => {
  it('name an asset by its number, carry our id, and are signed by the agent', async () => {
    const orders = dialect();
    expect(orders.place(ORDER)).toBe('ORDER_NOT_SUPPORTED'); // no number of it is known yet
    const may = await orders.address.path(
      asking({ [ACCOUNT]: { role: 'user' }, [AGENT]: isAgentOf(ACCOUNT) }),
    );
    expect(may).toMatchObject({ ok: true });
    const { signature, ...terms } = sent(orders, orders.place(ORDER));
    expect(terms).toEqual({
      action: {
        type: 'order',
        orders: [{ a: 1, b: true, p: '90000', s: '0.001', r: false, t: { limit: { tif: 'Alo' } }, c: CLOID }],
        grouping: 'na',
      },
      nonce: NOW,
      expiresAfter: NOW + 5_000,
    });
    expect(signerOf(terms, signature, true)).toBe(AGENT);
    const builder = orders.place({ ...ORDER, instrument: 'xyz:TSLA-PERP@hyperliquid', limitPrice: '300.12' });
    expect(sent(orders, builder).action).toMatchObject({ orders: [{ a: 120_001 }] });
    expect(sent(orders, orders.cancel(ORDER)).action).toEqual({
      type: 'cancelByCloid',
      cancels: [{ asset: 1, cloid: CLOID }],
    });
    expect(orders.cancel({ ...ORDER, instrument: 'DOGE-PERP@hyperliquid' })).toMatch(/DOGE/);
    for (const [what, why] of [
      [{ timeInForce: 'FOK' }, 'ORDER_NOT_SUPPORTED'],
      [{ limitPrice: '90000.5' }, 'PRICE_OR_SIZE_NOT_ON_GRID'],
      [{ quantity: '0.000001' }, 'PRICE_OR_SIZE_NOT_ON_GRID'],
      [{ clientOrderId: 'mine' }, 'CLIENT_ORDER_ID_NOT_SUPPORTED'],
    ] as const)
      expect(orders.place({ ...ORDER, ...what })).toBe(why);
  });

  it('have a nonce each, though the clock stands or goes back', () => {
    const orders = dialect();
    const [arm] = orders.protection.arm;
    const signed = [NOW, NOW, NOW - 5, NOW + 9].map((at) => sent(orders, arm ?? '', at));
    expect(signed.map(({ nonce }) => nonce - NOW)).toEqual([0, 1, 2, 9]);
    expect(signed[0]?.action).toEqual({ type: 'scheduleCancel', time: NOW + 15_000 });
  });

  it.each([
    ['of nobody', {}, false],
    ['of another’s agent', { [ACCOUNT]: { role: 'user' }, [AGENT]: isAgentOf(MASTER) }, false],
    ['of a sub-account of another', { [ACCOUNT]: { role: 'subAccount', data: { master: MASTER } } }, false],
    ['of the account’s agent', { [ACCOUNT]: { role: 'user' }, [AGENT]: isAgentOf(ACCOUNT) }, true],
    ['of its master', { [ACCOUNT]: { role: 'subAccount', data: { master: AGENT } } }, true],
    [
      'of its master’s agent',
      { [ACCOUNT]: { role: 'subAccount', data: { master: MASTER } }, [AGENT]: isAgentOf(MASTER) },
      true,
    ],
  ])('leave only with a key that may act: %s', async (_, roles: Roles, may) => {
    const orders = dialect();
    const path = await orders.address.path(asking(roles));
    expect(path.ok).toBe(may);
    const signed = sent(orders, orders.protection.arm[0] ?? '');
    const isSub = JSON.stringify(roles).includes('subAccount');
    expect(signed.vaultAddress).toBe(may && isSub ? ACCOUNT : undefined);
    if (!path.ok) expect(path.failure.message).toContain(AGENT);
  });

  it('are not sent before both streams are confirmed on this very connection', async () => {
    const orders = dialect();
    const confirm = (type: string): void => {
      const subscription = { type, user: ACCOUNT };
      orders.readStream(
        JSON.stringify({ channel: 'subscriptionResponse', data: { method: 'subscribe', subscription } }),
      );
    };
    confirm('orderUpdates');
    expect(await orders.prepare()).toMatchObject({ ok: false });
    confirm('userFills');
    expect(await orders.prepare()).toMatchObject({ ok: true });
    orders.stream.greeting();
    expect(await orders.prepare()).toMatchObject({ ok: false });
  });

  it('get fills that come before anything is said of them, once it is', () => {
    const orders = dialect();
    const fill = { coin: 'BTC', px: '90000', sz: '0.001', side: 'B', time: NOW, oid: 7, crossed: true };
    const fills = [
      { ...fill, fee: '0.0405', tid: 9, feeToken: 'USDC' },
      { ...fill, coin: '@107', fee: '0', tid: 3, feeToken: 'HYPE' },
    ];
    const told = (data: object) => orders.readStream(JSON.stringify({ channel: 'userFills', data }));
    expect(told({ isSnapshot: true, user: ACCOUNT, fills })).toMatchObject({ value: { fills: [] } });
    expect(told({ user: ACCOUNT, fills })).toMatchObject({ value: { fills: [] } });
    const order = {
      coin: 'BTC',
      side: 'B',
      limitPx: '90000',
      sz: '0.0',
      oid: 7,
      timestamp: NOW,
      origSz: '0.001',
      cloid: CLOID,
    };
    const data = [{ order, status: 'filled', statusTimestamp: NOW }];
    expect(orders.readStream(JSON.stringify({ channel: 'orderUpdates', data }))).toMatchObject({
      value: {
        orders: [{ clientOrderId: ORDER.clientOrderId, state: 'filled' }],
        fills: [
          {
            clientOrderId: ORDER.clientOrderId,
            venueOrderId: '7',
            fillId: '9',
            fee: { currency: 'USDC', amount: '-0.0405' },
          },
        ],
      },
    });
  });
});

describe('what Hyperliquid answers', () => {
  const of = (error: string): string =>
    JSON.stringify({ status: 'ok', response: { type: 'order', data: { statuses: [{ error }] } } });

  it.each([
    [200, of('Order must have minimum value of $10. asset=1'), 'refused', 'MINIMUM_VALUE'],
    [200, of('Price must be divisible by tick size. asset=1'), 'refused', 'PRICE'],
    [200, of('Insufficient margin to place order. asset=1'), 'refused', 'MARGIN'],
    [200, of('Order was never placed, already canceled, or filled. asset=1'), 'refused', 'GONE'],
    [200, of('Post only order would have immediately matched, bbo was 1@2. asset=1'), 'refused', 'POST_ONLY'],
    [200, of('Something quite new'), 'refused', 'REFUSED'],
    [200, of('Order could not immediately match against any resting orders. asset=1'), 'unknown', undefined],
    [200, '{"status":"err","response":"User or API Wallet 0x1 does not exist."}', 'refused', 'SIGNER'],
    [200, '{"status":"err","response":"Too many cumulative requests sent"}', 'too-many', undefined],
    [200, '<html>', 'unknown', undefined],
    [422, 'Failed to deserialize the JSON body into the target type', 'refused', 'HTTP 422'],
    [429, 'null', 'too-many', undefined],
    [502, 'Bad Gateway', 'unknown', undefined],
  ])('%i %s is %s', (status, text, outcome, code) => {
    expect(readHyperliquidAnswer(status, text)).toMatchObject({
      outcome,
      ...(code === undefined ? {} : { code }),
    });
  });
});

it.each([
  ['90000', '0.00001', 5, true],
  ['123456', '0.00001', 5, true],
  ['9000.5', '1', 5, true],
  ['9000.55', '1', 5, false],
  ['1234.5', '1', 1, true],
  ['1234.56', '1', 1, false],
  ['0.001234', '1', 0, true],
  ['0.0012345', '1', 0, false],
  ['0.01234', '1', 1, true],
  ['0.012345', '1', 2, false],
  ['1', '0.01', 1, false],
])('a price of %s and a size of %s with %i places: taken %s', (price, size, places, taken) => {
  expect(isOnGrid(Decimal.parse(price), Decimal.parse(size), places)).toBe(taken);
});

it.each([
  [{ EK_HYPERLIQUID_KEY: 'desk', EK_HYPERLIQUID_SECRET: KEY }, /no address/],
  [{ EK_HYPERLIQUID_KEY: ACCOUNT, EK_HYPERLIQUID_SECRET: 'twelve words' }, /no private key/],
  [{}, /EK_HYPERLIQUID_KEY/],
])('keys that can’t be any are refused, and not shown', (environment, why) => {
  expect(() => HYPERLIQUID_CONNECTOR.checkKeys('b', environment)).toThrow(why);
  expect(() => HYPERLIQUID_CONNECTOR.checkKeys('b', environment)).not.toThrow(/twelve words/);
});
