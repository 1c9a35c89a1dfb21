import { parseFeed } from './parse-feed';
import type { Feed, VenueEvent } from '@evenkeel/venue-wire';

const DERIBIT: Feed = { venue: 'deribit', market: 'mixed' };
const OPTIONS: Feed = { venue: 'binance', market: 'option' };

function read(feed: Feed, message: unknown): VenueEvent[] {
  const parsed = parseFeed(feed, JSON.stringify(message));
  if (!parsed.ok) throw new Error(`${parsed.failure.code} ${parsed.failure.message}`);
  return parsed.value;
}

const USD_M: Feed = { venue: 'binance', market: 'linear' };
const usdTrade = (more: object): object => ({
  stream: 'btcusdt@trade',
  data: {
    e: 'trade',
    E: 1767312000001,
    T: 1767312000000,
    s: 'BTCUSDT',
    t: 1,
    p: '90000',
    q: '0.1',
    m: true,
    ...more,
  },
});
const bybitTrade = (more: object): object => ({
  topic: 'publicTrade.BTC-27MAR26-90000-C',
  type: 'snapshot',
  ts: 1767312000001,
  data: [{ T: 1767312000000, s: 'BTC-27MAR26-90000-C', S: 'Buy', v: '1', p: '1850', i: '1', ...more }],
});

describe('trades that are none of the open book', () => {
  const trade = {
    trade_seq: 1,
    trade_id: '1',
    timestamp: 1767312000000,
    price: 90000,
    instrument_name: 'BTC-PERPETUAL',
    direction: 'buy',
    amount: 10,
  };
  const pushed = (more: object): VenueEvent[] =>
    read(DERIBIT, {
      jsonrpc: '2.0',
      method: 'subscription',
      params: { channel: 'trades.BTC-PERPETUAL.raw', data: [{ ...trade, ...more }] },
    });

  it('say so on Deribit', () => {
    expect(pushed({ block_trade_id: 'BLOCK-1' })[0]).toMatchObject({ kind: 'trade', special: 'BLOCK' });
    expect(pushed({ block_rfq_id: 7 })[0]).toMatchObject({ special: 'BLOCK' });
    expect(pushed({ combo_id: 'BTC-CS-27MAR26-90000_95000', combo_trade_id: 3.5 })[0]).toMatchObject({
      special: 'COMBO',
    });
    expect(pushed({})[0]).not.toHaveProperty('special');
    const [first, second] = pushed({ block_trade_id: 'BLOCK-1', liquidation: 'T' });
    expect([first?.kind, second?.kind]).toEqual(['trade', 'liquidation']);
    expect(first).toMatchObject({ special: 'BLOCK' });
  });

  it.each<[string, object, string | undefined]>([
    ['a block trade of several legs', { block_trade_id: 'BLOCK-9', block_trade_leg_count: 2 }, 'BLOCK'],
    ['the answer to a request for a block', { block_rfq_id: 7 }, 'BLOCK'],
    ['a leg of a combo', { combo_id: 'BTC-CS-27MAR26-90000_95000' }, 'COMBO'],
    [
      'a leg of a combo that was a block',
      { combo_id: 'BTC-CS-27MAR26-90000_95000', block_trade_id: '1' },
      'BLOCK',
    ],
    ['fields that say nothing', { block_trade_id: null, block_rfq_id: null, combo_id: '' }, undefined],
    ['a liquidation of the maker', { liquidation: 'M' }, undefined],
  ])('on Deribit, %s', (_, more, special) => {
    const [event] = pushed(more);
    expect(event?.kind === 'trade' ? event.special : 'no trade').toBe(special);
  });

  it.each<[string, Feed, object, string | undefined]>([
    ['Bybit marks a block', { venue: 'bybit', market: 'option' }, bybitTrade({ BT: true }), 'BLOCK'],
    [
      'Bybit says that it is none',
      { venue: 'bybit', market: 'linear' },
      bybitTrade({ BT: false }),
      undefined,
    ],
    [
      'Binance marks what its insurance fund took',
      USD_M,
      usdTrade({ X: 'INSURANCE_FUND' }),
      'INSURANCE_FUND',
    ],
    ['Binance marks an auto-deleveraging', USD_M, usdTrade({ X: 'ADL' }), 'ADL'],
    ['Binance says that it is of the market', USD_M, usdTrade({ X: 'MARKET' }), undefined],
  ])('%s', (_, feed, message, special) => {
    const [event] = read(feed, message);
    expect(event?.kind === 'trade' ? event.special : 'no trade').toBe(special);
  });

  it('say so on Binance options, whose side is a number', () => {
    const option = {
      e: 'trade',
      E: 1767312000001,
      T: 1767312000000,
      s: 'BTC-260327-90000-C',
      t: 20000,
      p: '1850',
      q: '0.5',
    };
    const data = (more: object): VenueEvent[] => read(OPTIONS, { stream: 's', data: { ...option, ...more } });
    expect(data({ S: '-1', X: 'MARKET' })[0]).toMatchObject({ side: 'sell', price: '1850' });
    expect(data({ S: '-1', X: 'MARKET' })[0]).not.toHaveProperty('special');
    expect(data({ S: 1, X: 'BLOCK' })[0]).toMatchObject({ side: 'buy', special: 'BLOCK' });
    expect(parseFeed(OPTIONS, JSON.stringify({ stream: 's', data: { ...option, S: '2' } })).ok).toBe(false);
  });
});

describe('a ticker of Binance options', () => {
  const data = {
    e: '24hrTicker',
    E: 1767312000000,
    T: 1767312000000,
    s: 'BTC-260327-90000-C',
    c: '1855',
    A: '6150',
    bo: '1840',
    ao: '1865',
    bq: '2.5',
    aq: '3.1',
    b: '0.4812',
    a: '0.4955',
    d: '0.52',
    t: '-41.5',
    g: '0.00003',
    v: '88.1',
    vo: '0.4881',
    mp: '1852.4',
  };

  it('has volatilities where those of the other markets have prices', () => {
    expect(read(OPTIONS, { stream: 'BTC-260327-90000-C@ticker', data })[0]).toMatchObject({
      kind: 'ticker',
      instrument: 'BTC-260327-90000-C@binance',
      bid: { price: '1840', size: '2.5' },
      ask: { price: '1865', size: '3.1' },
      last: '1855',
      mark: '1852.4',
      bidIv: '0.4812',
      askIv: '0.4955',
      markIv: '0.4881',
      greeks: { delta: '0.52', gamma: '0.00003', vega: '88.1', theta: '-41.5' },
    });
  });

  it('has none for a side that is empty', () => {
    const empty = { ...data, bo: '0.000', bq: '0.00', b: '-1.0' };
    const [event] = read(OPTIONS, { stream: 's', data: empty });
    expect(event).toMatchObject({ bid: null, askIv: '0.4955' });
    expect(event).not.toHaveProperty('bidIv');
  });

  it.each<[string, object, object]>([
    [
      'no ask',
      { ao: '0.000', aq: '0.00', a: '-1.0' },
      { bid: { price: '1840' }, ask: null, askIv: undefined },
    ],
    [
      'no side at all',
      { bo: '0', bq: '0', b: '-1', ao: '0', aq: '0', a: '0' },
      { bid: null, ask: null, mark: '1852.4' },
    ],
    ['no volatility of its mark', { vo: '-1' }, { mark: '1852.4', markIv: undefined, bidIv: '0.4812' }],
    ['a last price that is empty', { c: '' }, { last: undefined, bidIv: '0.4812' }],
    [
      'a negative theta and delta',
      { d: '-0.48', t: '-41.5' },
      { greeks: { delta: '-0.48', theta: '-41.5' } },
    ],
  ])('with %s', (_, changes, expected) => {
    const [event] = read(OPTIONS, { stream: 's', data: { ...data, ...changes } });
    expect({ last: undefined, markIv: undefined, askIv: undefined, ...event }).toMatchObject(expected);
  });

  it('is not read by the letters of the other markets, nor they by its own', () => {
    const spot = { ...data, s: 'BTCUSDT', b: '90000', B: '0.5', a: '90001', A: '0.7' };
    expect(
      read({ venue: 'binance', market: 'spot' }, { stream: 'btcusdt@ticker', data: spot })[0],
    ).toMatchObject({
      bid: { price: '90000', size: '0.5' },
      ask: { price: '90001', size: '0.7' },
    });
    const [usd] = read(USD_M, { stream: 'btcusdt@ticker', data: { ...data, s: 'BTCUSDT' } });
    expect(usd).not.toHaveProperty('bidIv');
  });

  it.each([
    ['an event of no known kind', { e: 'bookTicker' }, 'VENUES.MESSAGE_UNSUPPORTED'],
    ['a price that is none', { bo: 'n/a' }, 'VENUES.FIELD_INVALID'],
    ['a volatility that is none', { b: {} }, 'VENUES.FIELD_INVALID'],
    ['no symbol', { s: undefined }, 'VENUES.FIELD_INVALID'],
  ])('is refused with %s', (_, changes, code) => {
    const parsed = parseFeed(OPTIONS, JSON.stringify({ stream: 's', data: { ...data, ...changes } }));
    expect(parsed).toMatchObject({ ok: false, failure: { code } });
  });
});
