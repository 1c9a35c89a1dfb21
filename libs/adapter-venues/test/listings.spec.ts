import { parseFeed } from './parse-feed';
import type { Feed, VenueEvent } from '@evenkeel/venue-wire';

const DERIBIT: Feed = { venue: 'deribit', market: 'mixed' };
const OKX: Feed = { venue: 'okx', market: 'mixed' };
const BYBIT: Feed = { venue: 'bybit', market: 'linear' };
const OPTIONS: Feed = { venue: 'binance', market: 'option' };

function read(feed: Feed, message: unknown): VenueEvent[] {
  const parsed = parseFeed(feed, JSON.stringify(message));
  if (!parsed.ok) throw new Error(`${parsed.failure.code} ${parsed.failure.message}`);
  return parsed.value;
}

const deribit = (...result: object[]): VenueEvent[] => read(DERIBIT, { jsonrpc: '2.0', id: 1, result });
const okx = (...data: object[]): VenueEvent[] => read(OKX, { code: '0', msg: '', data });
const kindsOf = (events: readonly VenueEvent[]): string[] => events.map(({ kind }) => kind);

const DERIBIT_OPTION = {
  instrument_name: 'BTC-27MAR26-90000-C',
  kind: 'option',
  instrument_type: 'reversed',
  base_currency: 'BTC',
  quote_currency: 'BTC',
  counter_currency: 'USD',
  settlement_currency: 'BTC',
  settlement_period: 'month',
  tick_size: 0.0001,
  tick_size_steps: [{ above_price: 0.005, tick_size: 0.0005 }],
  contract_size: 1,
  min_trade_amount: 0.1,
  maker_commission: 0.0003,
  taker_commission: 0.0003,
  expiration_timestamp: 1774598400000,
  strike: 90000,
  option_type: 'call',
  is_active: true,
};

const OKX_OPTION = {
  instType: 'OPTION',
  instId: 'ETH-USD-260327-3000-C',
  instFamily: 'ETH-USD',
  uly: 'ETH-USD',
  settleCcy: 'ETH',
  ctVal: '1',
  ctMult: '0.1',
  ctValCcy: 'ETH',
  ctType: '',
  tickSz: '0.0005',
  lotSz: '1',
  minSz: '1',
  stk: '3000',
  optType: 'C',
  expTime: '1774598400000',
  state: 'live',
};

describe('what one may trade', () => {
  it('on Deribit goes in steps of the least amount, with coarser ticks for higher prices', () => {
    expect(deribit(DERIBIT_OPTION)[0]).toMatchObject({
      lotSize: '0.1',
      minimumSize: '0.1',
      contractSize: '1',
      tickSize: '0.0001',
      tickSteps: [{ above: '0.005', tickSize: '0.0005' }],
    });
    const steps = [
      { above_price: 0.05, tick_size: 0.001 },
      { above_price: 0.005, tick_size: 0.0005 },
    ];
    expect(deribit({ ...DERIBIT_OPTION, tick_size_steps: steps })[0]).toMatchObject({
      tickSteps: [{ above: '0.005' }, { above: '0.05' }],
    });
    const future = {
      ...DERIBIT_OPTION,
      kind: 'future',
      tick_size_steps: [],
      contract_size: 10,
      min_trade_amount: 10,
    };
    expect(deribit(future)[0]).toMatchObject({ lotSize: '10' });
    expect(deribit(future)[0]).not.toHaveProperty('tickSteps');
    const linear = {
      ...DERIBIT_OPTION,
      instrument_name: 'ETH_USDC-27MAR26-3000-C',
      instrument_type: 'linear',
      min_trade_amount: 1,
    };
    expect(deribit(linear)[0]).toMatchObject({ payoff: 'linear', lotSize: '1' });
  });

  it('on OKX is the value times the multiplier', () => {
    expect(okx(OKX_OPTION)[0]).toMatchObject({ contractSize: '0.1', payoff: 'inverse' });
    expect(
      okx({
        ...OKX_OPTION,
        instId: 'BTC-USD-260327-90000-C',
        uly: 'BTC-USD',
        settleCcy: 'BTC',
        ctMult: '0.01',
      })[0],
    ).toMatchObject({
      contractSize: '0.01',
    });
    expect(okx({ ...OKX_OPTION, ctMult: '' })[0]).toMatchObject({
      kind: 'item-failure',
      failure: { path: 'ctMult' },
    });
    const spot = {
      instType: 'SPOT',
      instId: 'BTC-USDT',
      baseCcy: 'BTC',
      quoteCcy: 'USDT',
      ctVal: '',
      ctMult: '',
      tickSz: '0.1',
      lotSz: '0.00000001',
      minSz: '0.00001',
      state: 'live',
    };
    expect(okx(spot)[0]).toMatchObject({ type: 'spot', contractSize: '1' });
  });

  it('on OKX expires when it is dated; a time on a swap is its delisting', () => {
    const swap = {
      ...OKX_OPTION,
      instType: 'SWAP',
      instId: 'ETH-USDT-SWAP',
      uly: 'ETH-USDT',
      ctType: 'linear',
      settleCcy: 'USDT',
      ctVal: '0.1',
      ctMult: '1',
      stk: '',
    };
    expect(okx(swap)[0]).toMatchObject({ type: 'perpetual', contractSize: '0.1' });
    expect(okx(swap)[0]).not.toHaveProperty('expiry');
    const dated = { ...swap, instType: 'FUTURES', instId: 'ETH-USDT-260327' };
    expect(okx(dated)[0]).toMatchObject({ type: 'future', expiry: 1774598400000000000n });
  });

  it('on Binance options is a unit of the coin', () => {
    const listing = {
      symbol: 'BTC-260327-90000-C',
      underlying: 'BTCUSDT',
      quoteAsset: 'USDT',
      side: 'CALL',
      strikePrice: '90000.000',
      expiryDate: 1774598400000,
      unit: 1,
      makerFeeRate: '0.0003',
      takerFeeRate: '0.0003',
      filters: [
        { filterType: 'PRICE_FILTER', minPrice: '5', maxPrice: '100000', tickSize: '5' },
        { filterType: 'LOT_SIZE', minQty: '0.01', maxQty: '100', stepSize: '0.01' },
      ],
    };
    const events = read(OPTIONS, {
      optionSymbols: [listing, { ...listing, side: 'BOTH' }, { ...listing, quoteAsset: 'USDC' }],
    });
    expect(events[0]).toMatchObject({
      instrument: 'BTC-260327-90000-C@binance',
      type: 'option',
      base: 'BTC',
      tickSize: '5',
      lotSize: '0.01',
      contractSize: '1',
      strike: '90000',
      optionType: 'call',
      expiry: 1774598400000000000n,
    });
    expect(kindsOf(events)).toEqual(['instrument', 'item-failure', 'item-failure']);
  });
});

describe('a perpetual of Hyperliquid', () => {
  const meta = (collateralToken: number | undefined, name: string, szDecimals: number): object => ({
    ...(collateralToken === undefined ? {} : { collateralToken }),
    marginTables: [],
    universe: [{ name, szDecimals, maxLeverage: 20 }],
  });
  const listed = (...metas: object[]): VenueEvent[] =>
    read({ venue: 'hyperliquid', market: 'linear' }, metas);

  it('is paid in what its market takes', () => {
    const events = listed(
      meta(0, 'BTC', 5),
      meta(235, 'hyna:BTC', 5),
      meta(360, 'km:US500', 3),
      meta(0, 'xyz:TSLA', 3),
    );
    expect(
      events.map((event) =>
        event.kind === 'instrument' ? [event.instrument, event.settlement, event.base] : [],
      ),
    ).toEqual([
      ['BTC-PERP@hyperliquid', 'USDC', 'BTC'],
      ['hyna:BTC-PERP@hyperliquid', 'USDE', 'BTC'],
      ['km:US500-PERP@hyperliquid', 'USDH', 'US500'],
      ['xyz:TSLA-PERP@hyperliquid', 'USDC', 'TSLA'],
    ]);
  });

  it('moves by five figures', () => {
    expect(listed(meta(0, 'BTC', 5))[0]).toMatchObject({
      tickSize: '0.1',
      tickSteps: [{ above: '10000', tickSize: '1' }],
      lotSize: '0.00001',
      contractSize: '1',
    });
    expect(listed(meta(0, 'ATOM', 2))[0]).toMatchObject({ tickSize: '0.0001', lotSize: '0.01' });
    expect(listed(meta(0, 'WHOLE', 0))[0]).toMatchObject({ tickSize: '0.000001', lotSize: '1' });
  });

  it('costs itself alone where its collateral is unknown, or is not said though a builder lists it', () => {
    const events = listed(meta(7, 'new:ABC', 2), meta(undefined, 'xyz:TSLA', 3), meta(undefined, 'BTC', 5));
    expect(kindsOf(events)).toEqual(['item-failure', 'item-failure', 'instrument']);
  });
});

describe('a listing of a kind that is new', () => {
  const kinds = ['instrument', 'item-failure'];

  it('costs itself alone, on each venue', () => {
    expect(kindsOf(deribit(DERIBIT_OPTION, { ...DERIBIT_OPTION, kind: 'new_kind' }))).toEqual(kinds);
    expect(kindsOf(deribit(DERIBIT_OPTION, { instrument_name: 'BTC-NEW' }))).toEqual(kinds);
    expect(kindsOf(okx(OKX_OPTION, { ...OKX_OPTION, instType: 'EVENTS' }))).toEqual(kinds);
    const push = {
      arg: { channel: 'instruments', instType: 'OPTION' },
      data: [OKX_OPTION, { ...OKX_OPTION, optType: 'X' }],
    };
    expect(kindsOf(read(OKX, push))).toEqual(kinds);
    const bybit = {
      symbol: 'BTCUSDT',
      contractType: 'LinearPerpetual',
      status: 'Trading',
      baseCoin: 'BTC',
      quoteCoin: 'USDT',
      priceFilter: { tickSize: '0.10' },
      lotSizeFilter: { minOrderQty: '0.001', qtyStep: '0.001' },
    };
    const list = [bybit, { ...bybit, contractType: 'LinearEverlasting' }];
    expect(kindsOf(read(BYBIT, { retCode: 0, retMsg: 'OK', result: { list } }))).toEqual(kinds);
  });

  it('costs itself alone among prices of many instruments', () => {
    const summary = {
      instrument_name: 'BTC-PERPETUAL',
      creation_timestamp: 1767312000000,
      mark_price: 90000,
    };
    expect(kindsOf(deribit(summary, { ...summary, mark_price: 'n/a' }))).toEqual(['ticker', 'item-failure']);
    const option = { instId: 'BTC-USD-260327-90000-C', ts: '1767312000000', markVol: '0.5' };
    const push = {
      arg: { channel: 'opt-summary', instFamily: 'BTC-USD' },
      data: [option, { ...option, ts: 'x' }],
    };
    expect(kindsOf(read(OKX, push))).toEqual(['ticker', 'item-failure']);
  });
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
});
