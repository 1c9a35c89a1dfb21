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
const bybit = (changes: object): VenueEvent[] =>
  read(BYBIT, { retCode: 0, retMsg: 'OK', result: { list: [{ ...BYBIT_PERPETUAL, ...changes }] } });
const binance = (changes: object, market: Feed['market'] = 'linear'): VenueEvent[] =>
  read({ venue: 'binance', market }, { symbols: [{ ...BINANCE_PERPETUAL, ...changes }] });
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

const BYBIT_PERPETUAL = {
  symbol: 'BTCUSDT',
  contractType: 'LinearPerpetual',
  status: 'Trading',
  baseCoin: 'BTC',
  quoteCoin: 'USDT',
  priceFilter: { tickSize: '0.10' },
  lotSizeFilter: { minOrderQty: '0.001', qtyStep: '0.001' },
};

const BINANCE_PERPETUAL = {
  symbol: 'BTCUSDT',
  status: 'TRADING',
  contractType: 'PERPETUAL',
  baseAsset: 'BTC',
  quoteAsset: 'USDT',
  filters: [
    { filterType: 'PRICE_FILTER', tickSize: '0.10' },
    { filterType: 'LOT_SIZE', stepSize: '0.001', minQty: '0.001' },
  ],
};

describe('what one may trade', () => {
  it('on Deribit goes in steps of the least amount, with coarser ticks for higher prices', () => {
    expect(deribit(DERIBIT_OPTION)[0]).toMatchObject({
      lotSize: '0.1',
      minimumSize: '0.1',
      contractSize: '1',
      tickSize: '0.0001',
      tickSteps: [{ above: '0.005', tick: '0.0005' }],
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
    expect(okx(OKX_OPTION)[0]).toMatchObject({ type: 'option', expiry: 1774598400000000000n });
    for (const undated of [dated, OKX_OPTION])
      expect(okx({ ...undated, expTime: '' })[0]).toMatchObject({ failure: { path: 'expTime' } });
  });

  it.each<[string, () => VenueEvent[]]>([
    [
      'OKX spot that is delisted',
      () => okx({ ...OKX_OPTION, instType: 'SPOT', instId: 'BTC-USDT', optType: '', stk: '' }),
    ],
    ['a perpetual of Bybit that is delisted', () => bybit({ deliveryTime: '1774598400000' })],
    ['a perpetual of Binance', () => binance({ deliveryDate: 4133404800000 })],
    [
      'one that is delisted',
      () => binance({ deliveryDate: 1774598400000, contractType: 'PERPETUAL_DELIVERING' }),
    ],
    [
      'one on a stock',
      () => binance({ symbol: 'TSLAUSDT', contractType: 'TRADIFI_PERPETUAL', deliveryDate: 4133404800000 }),
    ],
    [
      'spot of Deribit',
      () => deribit({ ...DERIBIT_OPTION, kind: 'spot', expiration_timestamp: 32503708800000 }),
    ],
    [
      'a perpetual of Deribit',
      () =>
        deribit({
          ...DERIBIT_OPTION,
          kind: 'future',
          settlement_period: 'perpetual',
          expiration_timestamp: 32503708800000,
        }),
    ],
  ])('never expires: %s', (_, listed) => {
    const [event] = listed();
    expect(event).toMatchObject({
      kind: 'instrument',
      type: expect.stringMatching(/perpetual|spot/) as string,
    });
    expect(event).not.toHaveProperty('expiry');
  });

  it.each<[string, () => VenueEvent[]]>([
    ['a kind of Binance contract that nobody knows', () => binance({ contractType: 'EVERLASTING' })],
    ['one that says no kind', () => binance({ contractType: '' })],
    [
      'a dated contract of Binance without a date',
      () => binance({ contractType: 'CURRENT_QUARTER', deliveryDate: 0 }),
    ],
    ['one of Bybit', () => bybit({ contractType: 'LinearFutures', deliveryTime: '0' })],
    ['one of Deribit', () => deribit({ ...DERIBIT_OPTION, expiration_timestamp: null })],
    [
      'a COIN-M contract that says no size',
      () => binance({ symbol: 'BTCUSD_PERP', quoteAsset: 'USD' }, 'inverse'),
    ],
    ['a contract of no size', () => deribit({ ...DERIBIT_OPTION, contract_size: 0 })],
    ['a step of no size', () => deribit({ ...DERIBIT_OPTION, min_trade_amount: 0 })],
    ['a tick of no size', () => bybit({ priceFilter: { tickSize: '0' } })],
  ])('is no listing: %s', (_, listed) => expect(kindsOf(listed())).toEqual(['item-failure']));

  it.each<[string, object, string]>([
    ['a swap of ten', { instType: 'SWAP', ctType: 'linear', ctVal: '0.1', ctMult: '10', optType: '' }, '1'],
    [
      'a future in dollars',
      { instType: 'FUTURES', ctType: 'inverse', ctVal: '100', ctMult: '1', optType: '' },
      '100',
    ],
    ['an option of a thousandth', { ctVal: '0.01', ctMult: '0.1' }, '0.001'],
    ['a multiplier of one', { ctMult: '1' }, '1'],
    ['a multiplier with many digits', { ctVal: '1', ctMult: '0.00000001' }, '0.00000001'],
    ['no value', { ctVal: '' }, 'ctVal'],
    ['no value and no multiplier', { ctVal: undefined, ctMult: undefined }, 'ctVal'],
    ['a multiplier of nought', { ctMult: '0' }, 'ctMult'],
    ['a negative value', { ctVal: '-1' }, 'ctVal'],
  ])('on OKX, %s', (_, changes, expected) => {
    const [event] = okx({ ...OKX_OPTION, ...changes });
    expect(
      event?.kind === 'instrument'
        ? event.contractSize
        : event?.kind === 'item-failure' && event.failure.path,
    ).toBe(expected);
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
      tickSteps: [{ above: '10000', tick: '1' }],
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
    const list = [BYBIT_PERPETUAL, { ...BYBIT_PERPETUAL, contractType: 'LinearEverlasting' }];
    expect(kindsOf(read(BYBIT, { retCode: 0, retMsg: 'OK', result: { list } }))).toEqual(kinds);
    const symbols = [BINANCE_PERPETUAL, { ...BINANCE_PERPETUAL, contractType: 'EVERLASTING' }];
    expect(kindsOf(read({ venue: 'binance', market: 'linear' }, { symbols }))).toEqual(kinds);
    // Whatever stands there: the one that can be read is read.
    for (const stranger of [null, 7, 'BTC-NEW', [], {}])
      expect(kindsOf(read(DERIBIT, { jsonrpc: '2.0', result: [DERIBIT_OPTION, stranger] }))).toEqual(kinds);
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
