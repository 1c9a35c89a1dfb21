import { parseFeed } from './parse-feed';
import type { Feed, VenueEvent } from '@evenkeel/venue-wire';

const DERIBIT: Feed = { venue: 'deribit', market: 'mixed' };
const SPOT: Feed = { venue: 'binance', market: 'spot' };
const USD_M: Feed = { venue: 'binance', market: 'linear' };
const COIN_M: Feed = { venue: 'binance', market: 'inverse' };
const BYBIT: Feed = { venue: 'bybit', market: 'linear' };
const BYBIT_OPTION: Feed = { venue: 'bybit', market: 'option' };
const OKX: Feed = { venue: 'okx', market: 'mixed' };
const HYPERLIQUID: Feed = { venue: 'hyperliquid', market: 'linear' };

function read(feed: Feed, message: unknown, symbol?: string): VenueEvent[] {
  const parsed = parseFeed(feed, typeof message === 'string' ? message : JSON.stringify(message), symbol);
  if (!parsed.ok) throw new Error(`${parsed.failure.code} ${parsed.failure.message}`);
  return parsed.value;
}

function codeOf(feed: Feed, message: unknown): string | undefined {
  const parsed = parseFeed(feed, typeof message === 'string' ? message : JSON.stringify(message));
  return parsed.ok ? undefined : parsed.failure.code;
}

describe('listings', () => {
  it('Deribit: an inverse perpetual and an option, strikes and fees exact', () => {
    const perpetual = {
      instrument_name: 'BTC-PERPETUAL',
      kind: 'future',
      instrument_type: 'reversed',
      base_currency: 'BTC',
      quote_currency: 'USD',
      counter_currency: 'USD',
      settlement_currency: 'BTC',
      settlement_period: 'perpetual',
      tick_size: 0.5,
      contract_size: 10,
      min_trade_amount: 10,
      maker_commission: 0,
      taker_commission: 0.0005,
      expiration_timestamp: 32503708800000,
      is_active: true,
    };
    const option = {
      ...perpetual,
      instrument_name: 'BTC-27MAR26-100000-C',
      kind: 'option',
      quote_currency: 'BTC',
      settlement_period: 'month',
      tick_size: 0.0001,
      contract_size: 1,
      min_trade_amount: 0.1,
      expiration_timestamp: 1774598400000,
      strike: 100000,
      option_type: 'call',
    };
    const [first, second] = read(DERIBIT, { jsonrpc: '2.0', id: 1, result: [perpetual, option] });
    expect(first).toMatchObject({
      kind: 'instrument',
      type: 'perpetual',
      payoff: 'inverse',
      contractSize: '10',
      takerFee: '0.0005',
    });
    expect(first).not.toHaveProperty('expiry');
    expect(second).toMatchObject({
      type: 'option',
      optionType: 'call',
      strike: '100000',
      minimumSize: '0.1',
      expiry: 1774598400000000000n,
    });
  });

  it('Binance: a listing that can’t be read does not take the others with it', () => {
    const filters = [
      { filterType: 'PRICE_FILTER', tickSize: '0.10' },
      { filterType: 'LOT_SIZE', stepSize: '0.001', minQty: '0.001' },
    ];
    const good = {
      symbol: 'BTCUSDT',
      status: 'TRADING',
      contractType: 'PERPETUAL',
      baseAsset: 'BTC',
      quoteAsset: 'USDT',
      marginAsset: 'USDT',
      filters,
    };
    const events = read(USD_M, { symbols: [good, { ...good, symbol: 'BROKEN', filters: [] }] });
    expect(events[0]).toMatchObject({
      instrument: 'BTCUSDT-PERP@binance',
      tickSize: '0.1',
      lotSize: '0.001',
      active: true,
    });
    expect(events[1]).toMatchObject({ kind: 'item-failure', failure: { code: 'VENUES.FIELD_INVALID' } });
    const coin = {
      ...good,
      symbol: 'BTCUSD_PERP',
      contractStatus: 'TRADING',
      status: undefined,
      contractSize: 100,
      marginAsset: 'BTC',
      quoteAsset: 'USD',
    };
    expect(read(COIN_M, { symbols: [coin] })[0]).toMatchObject({
      instrument: 'BTCUSD-PERP@binance',
      payoff: 'inverse',
      contractSize: '100',
      active: true,
    });
  });

  it('Bybit, OKX and Hyperliquid', () => {
    const bybit = {
      symbol: 'BTCUSDT',
      contractType: 'LinearPerpetual',
      status: 'Trading',
      baseCoin: 'BTC',
      quoteCoin: 'USDT',
      settleCoin: 'USDT',
      deliveryTime: '0',
      priceFilter: { tickSize: '0.10' },
      lotSizeFilter: { minOrderQty: '0.001', qtyStep: '0.001' },
    };
    expect(
      read(BYBIT, { retCode: 0, retMsg: 'OK', result: { category: 'linear', list: [bybit] } })[0],
    ).toMatchObject({
      instrument: 'BTCUSDT-PERP@bybit',
      type: 'perpetual',
      lotSize: '0.001',
    });
    const okx = {
      instType: 'SWAP',
      instId: 'BTC-USD-SWAP',
      uly: 'BTC-USD',
      settleCcy: 'BTC',
      ctVal: '100',
      ctMult: '1',
      ctType: 'inverse',
      tickSz: '0.1',
      lotSz: '1',
      minSz: '1',
      state: 'live',
      expTime: '',
    };
    expect(read(OKX, { code: '0', msg: '', data: [okx] })[0]).toMatchObject({
      payoff: 'inverse',
      contractSize: '100',
      base: 'BTC',
      quote: 'USD',
    });
    const meta = { universe: [{ name: 'BTC', szDecimals: 5, maxLeverage: 50 }] };
    expect(read(HYPERLIQUID, meta)[0]).toMatchObject({
      instrument: 'BTC-PERP@hyperliquid',
      lotSize: '0.00001',
      tickSize: '0.1',
    });
  });
});

describe('prices, Greeks and funding', () => {
  it('Deribit writes volatilities in percent and empty sides as zero', () => {
    const data = {
      instrument_name: 'BTC-27MAR26-100000-C',
      timestamp: 1770000000123,
      mark_price: 0.0421,
      mark_iv: 63.21,
      bid_iv: 0,
      ask_iv: 66.9,
      best_bid_price: 0,
      best_bid_amount: 0,
      best_ask_price: 0.043,
      best_ask_amount: 12.5,
      underlying_price: 91234.56,
      greeks: { delta: 0.5, gamma: 0.00001, vega: 120.5, theta: -80.1, rho: 20 },
    };
    const message = {
      jsonrpc: '2.0',
      method: 'subscription',
      params: { channel: 'ticker.BTC-27MAR26-100000-C.100ms', data },
    };
    const [ticker] = read(DERIBIT, message);
    expect(ticker).toMatchObject({
      markIv: '0.6321',
      askIv: '0.669',
      bid: null,
      ask: { price: '0.043', size: '12.5' },
      greeks: { gamma: '0.00001' },
    });
    expect(ticker).not.toHaveProperty('bidIv');
    expect(ticker).toMatchObject({ eventTime: 1770000000123000000n });
  });

  it('Bybit options carry theirs as fractions', () => {
    const data = {
      symbol: 'BTC-27MAR26-100000-C',
      bidPrice: '3000',
      bidSize: '1.2',
      bidIv: '0.61',
      askPrice: '0',
      askSize: '0',
      askIv: '0',
      markPrice: '3100',
      markPriceIv: '0.63',
      underlyingPrice: '91000',
      delta: '0.5',
      gamma: '0.00001',
      vega: '120',
      theta: '-80',
    };
    expect(
      read(BYBIT_OPTION, {
        topic: 'tickers.BTC-27MAR26-100000-C',
        type: 'snapshot',
        ts: 1770000000123,
        data,
      })[0],
    ).toMatchObject({
      instrument: 'BTC-27MAR26-100000-C@bybit',
      bid: { price: '3000', size: '1.2' },
      ask: null,
      markIv: '0.63',
      greeks: { delta: '0.5' },
    });
  });

  it('a number that a double would change keeps its digits', () => {
    const text =
      '{"jsonrpc":"2.0","method":"subscription","params":{"channel":"deribit_price_index.btc_usd","data":{"timestamp":1770000000123,"index_name":"btc_usd","price":91234.567890123456789}}}';
    expect(read(DERIBIT, text)[0]).toMatchObject({ kind: 'index', price: '91234.567890123456789' });
  });

  it('funding without a time is no funding (a delivery contract)', () => {
    const mark = {
      e: 'markPriceUpdate',
      E: 1770000000123,
      s: 'BTCUSDT_260327',
      p: '91000.1',
      i: '91000',
      r: '0.00000000',
      T: 0,
    };
    expect(read(USD_M, { stream: 'btcusdt_260327@markPrice@1s', data: mark })[0]).not.toHaveProperty(
      'fundingRate',
    );
  });
});

describe('connections and refusals', () => {
  it('controls are told apart', () => {
    const what = (feed: Feed, message: unknown): unknown => {
      const [event] = read(feed, message);
      return event?.kind === 'control' ? event.what : event?.kind;
    };
    expect(what(DERIBIT, { jsonrpc: '2.0', method: 'heartbeat', params: { type: 'test_request' } })).toBe(
      'test-request',
    );
    expect(what(DERIBIT, { jsonrpc: '2.0', id: 3, error: { code: 13009, message: 'unauthorized' } })).toBe(
      'error',
    );
    expect(what(SPOT, { result: null, id: 1 })).toBe('answer');
    expect(what(BYBIT, { success: true, ret_msg: 'pong', conn_id: 'x', op: 'ping' })).toBe('pong');
    expect(what(BYBIT, { success: false, ret_msg: 'Invalid sign', conn_id: 'x', op: 'auth' })).toBe('error');
    expect(what(OKX, 'pong')).toBe('pong');
    expect(what(OKX, { event: 'login', code: '60009', msg: 'Login failed.' })).toBe('error');
    expect(what(HYPERLIQUID, { channel: 'pong' })).toBe('pong');
  });

  it('what is asked for without a name needs the name', () => {
    const book = { lastUpdateId: 7, bids: [['1', '2']], asks: [['3', '4']] };
    expect(codeOf(SPOT, book)).toBe('VENUES.MESSAGE_UNSUPPORTED');
    expect(read(SPOT, book, 'BTCUSDT')[0]).toMatchObject({
      instrument: 'BTCUSDT@binance',
      sequence: { last: 7 },
    });
  });

  const trade = { e: 'trade', E: 1, T: 1770000000123, s: 'BTCUSDT', t: 1, p: '1', q: '1', m: true };
  const stream = (more: object): unknown => ({ stream: 's', data: { ...trade, ...more } });
  const refused: readonly (readonly [string, Feed, unknown])[] = [
    ['a negative price', USD_M, stream({ p: '-1' })],
    ['a price of zero', USD_M, stream({ p: '0.00' })],
    ['a negative size', USD_M, stream({ q: '-1' })],
    ['microseconds for milliseconds', USD_M, stream({ T: 1770000000123456 })],
    ['a text for a truth value', USD_M, stream({ m: 'yes' })],
    [
      'a book of one side',
      HYPERLIQUID,
      { channel: 'l2Book', data: { coin: 'BTC', time: 1770000000123, levels: [[]] } },
    ],
    [
      'a name of the prototype',
      DERIBIT,
      {
        jsonrpc: '2.0',
        method: 'subscription',
        params: { channel: 'trades.X', data: [{ direction: 'constructor' }] },
      },
    ],
  ];

  it.each(refused)('refuses %s', (_name, feed, message) => {
    expect(codeOf(feed, message)).toBe('VENUES.FIELD_INVALID');
  });

  it('refuses unread what no venue would send', () => {
    expect(codeOf(SPOT, `"${'x'.repeat(16 * 1024 * 1024)}"`)).toBe('VENUES.MESSAGE_TOO_LONG');
  });
});
