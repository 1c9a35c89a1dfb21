import { parseInstrument } from '@evenkeel/instruments';
import { formatInstant } from '@evenkeel/kernel';
import { required } from '@evenkeel/kernel';
import { placeOf } from '../src/live/feed-plan';
import { VENUE_FEEDS } from '../src/venue-protocols';
import { parseFeed } from './parse-feed';

const AT = 1770000000123;

/** A trade of a symbol, in the words of each venue. */
const TRADE: Readonly<Record<string, (symbol: string) => object>> = {
  deribit: (instrument_name) => ({
    jsonrpc: '2.0',
    method: 'subscription',
    params: {
      channel: `trades.${instrument_name}.100ms`,
      data: [{ instrument_name, timestamp: AT, trade_id: '1', price: 1, amount: 1, direction: 'buy' }],
    },
  }),
  binance: (s) => ({ e: 'trade', E: AT, T: AT, s, t: 1, p: '1', q: '1', m: true }),
  bybit: (s) => ({
    topic: `publicTrade.${s}`,
    type: 'snapshot',
    ts: AT,
    data: [{ T: AT, s, S: 'Buy', v: '1', p: '1', i: '1', BT: false }],
  }),
  okx: (instId) => ({
    arg: { channel: 'trades', instId },
    data: [{ instId, tradeId: '1', px: '1', sz: '1', side: 'buy', ts: String(AT) }],
  }),
  hyperliquid: (coin) => ({
    channel: 'trades',
    data: [{ coin, side: 'B', px: '1', sz: '1', time: AT, tid: 1 }],
  }),
};

/** Our id of a symbol, as the connector of a feed says it. */
function idOf(feed: string, symbol: string): string {
  const { protocol } = required(VENUE_FEEDS.get(feed), feed);
  const message = required(TRADE[protocol.feed.venue], feed)(symbol);
  const parsed = parseFeed(protocol.feed, JSON.stringify(message));
  if (!parsed.ok) throw new Error(parsed.failure.message);
  const [event] = parsed.value;
  return event?.kind === 'trade' ? event.instrument : '';
}

function read(id: string): string {
  const parsed = parseInstrument(id);
  if (!parsed.ok) return parsed.failure.message;
  const { kind, underlying, quote, settlement, inverse, expiry, strike, optionType } = parsed.value;
  return [
    kind,
    underlying,
    quote,
    settlement,
    ...(inverse ? ['coin-settled'] : []),
    ...(expiry === undefined ? [] : [formatInstant(expiry).slice(0, 10)]),
    ...(strike === undefined ? [] : [strike.toString(), optionType ?? '']),
  ].join(' ');
}

/** Symbols as venues have listed them, most of them taken from recorded messages; what our ids of them say. */
const LISTED: readonly (readonly [feed: string, symbol: string, says: string])[] = [
  ['deribit', 'BTC-PERPETUAL', 'perpetual BTC USD BTC coin-settled'],
  ['deribit', 'LINK_USDC-PERPETUAL', 'perpetual LINK USDC USDC'],
  ['deribit', 'BTC_USDT-PERPETUAL', 'perpetual BTC USDT USDT'],
  ['deribit', 'BTC-24JUN22', 'future BTC USD BTC coin-settled 2022-06-24'],
  ['deribit', 'BTC_USDC-27MAR26', 'future BTC USDC USDC 2026-03-27'],
  ['deribit', 'ETH-10JUN20-270-C', 'option ETH ETH ETH coin-settled 2020-06-10 270 call'],
  ['deribit', 'MATIC_USDC-9MAR24-1d02-C', 'option MATIC USDC USDC 2024-03-09 1.02 call'],
  ['deribit', 'XRP_USDC-27MAR26-0d52-P', 'option XRP USDC USDC 2026-03-27 0.52 put'],
  ['deribit', 'BTC_USDC', 'spot BTC USDC USDC'],
  ['deribit', 'ETH_BTC', 'spot ETH BTC BTC'],
  ['binance-spot', 'BTCUSDT', 'spot BTC USDT USDT'],
  ['binance-spot', 'BTCFDUSD', 'spot BTC FDUSD FDUSD'],
  ['binance-spot', 'BTCTUSD', 'spot BTC TUSD TUSD'],
  ['binance-spot', 'ETHUSDE', 'spot ETH USDE USDE'],
  ['binance-spot', 'ETHBUSD', 'spot ETH BUSD BUSD'],
  ['binance-spot', 'FDUSDUSDT', 'spot FDUSD USDT USDT'],
  ['binance-spot', '1000SATSUSDT', 'spot 1000SATS USDT USDT'],
  ['binance-spot', 'BNBBTC', 'spot BNB BTC BTC'],
  ['binance-spot', 'DOGEBNB', 'spot DOGE BNB BNB'],
  ['binance-spot', 'BTCEUR', 'spot BTC EUR EUR'],
  ['binance-usd-m', 'BTCUSDT', 'perpetual BTC USDT USDT'],
  ['binance-usd-m', 'BTCUSDC', 'perpetual BTC USDC USDC'],
  ['binance-usd-m', '1000PEPEUSDT', 'perpetual 1000PEPE USDT USDT'],
  ['binance-usd-m', 'BTCBUSD_210129', 'future BTC BUSD BUSD 2021-01-29'],
  ['binance-usd-m', 'BTCUSDT_260327', 'future BTC USDT USDT 2026-03-27'],
  ['binance-coin-m', 'BTCUSD_PERP', 'perpetual BTC USD BTC coin-settled'],
  ['binance-coin-m', 'BTCUSD_200925', 'future BTC USD BTC coin-settled 2020-09-25'],
  ['bybit-spot', 'BTCUSDT', 'spot BTC USDT USDT'],
  ['bybit-spot', 'METHETH', 'spot METH ETH ETH'],
  ['bybit-linear', 'BTCUSDT', 'perpetual BTC USDT USDT'],
  ['bybit-linear', 'BTCPERP', 'perpetual BTC USDC USDC'],
  ['bybit-linear', 'BTC-27MAR26', 'future BTC USDC USDC 2026-03-27'],
  ['bybit-linear', 'BTCUSDT-27MAR26', 'future BTC USDT USDT 2026-03-27'],
  ['bybit-inverse', 'BTCUSD', 'perpetual BTC USD BTC coin-settled'],
  ['bybit-inverse', 'BTCUSDM21', 'future BTC USD BTC coin-settled 2021-06-25'],
  ['bybit-inverse', 'BTCUSDU23', 'future BTC USD BTC coin-settled 2023-09-29'],
  ['bybit-inverse', 'ETHUSDU21', 'future ETH USD ETH coin-settled 2021-09-24'],
  ['bybit-option', 'BTC-27MAR26-90000-C', 'option BTC USDC USDC 2026-03-27 90000 call'],
  ['bybit-option', 'SOL-27MAR26-210-P-USDT', 'option SOL USDT USDT 2026-03-27 210 put'],
  ['okx', 'BTC-USDT', 'spot BTC USDT USDT'],
  ['okx', 'BETH-ETH', 'spot BETH ETH ETH'],
  ['okx', 'BTC-USDC-SWAP', 'perpetual BTC USDC USDC'],
  ['okx', 'UNI-USD-SWAP', 'perpetual UNI USD UNI coin-settled'],
  ['okx', 'EOS-USD-191206', 'future EOS USD EOS coin-settled 2019-12-06'],
  ['okx', 'BTC-USDT-220325', 'future BTC USDT USDT 2022-03-25'],
  ['okx', 'BTC-USD_UM-261030', 'future BTC USD USD 2026-10-30'],
  ['okx', 'BTC-USD-211224-56000-C', 'option BTC BTC BTC coin-settled 2021-12-24 56000 call'],
  ['hyperliquid', 'BTC', 'perpetual BTC USDC USDC'],
  ['hyperliquid', 'kPEPE', 'perpetual kPEPE USDC USDC'],
  ['hyperliquid', 'xyz:TSLA', 'perpetual TSLA USDC USDC'],
  ['hyperliquid', 'hyna:BTC', 'perpetual BTC USDE USDE'],
  ['hyperliquid', 'PURR/USDC', 'spot PURR USDC USDC'],
];

describe('a symbol of a venue', () => {
  it.each(LISTED)('%s %s: %s', (feed, symbol, says) => {
    const id = idOf(feed, symbol);
    expect(read(id)).toBe(says);
    // And back: who follows this id asks the same feed for the same symbol.
    expect(placeOf(id)).toEqual({ feed, symbol });
  });

  it('of Binance options is read too, though nothing connects to them', () => {
    expect(read('BTC-260327-90000-C@binance')).toBe('option BTC USDT USDT 2026-03-27 90000 call');
    expect(placeOf('BTC-260327-90000-C@binance')).toBeUndefined();
  });

  it('is no contract expires on a day that does not exist', () => {
    for (const id of [
      'BTC-30FEB26-90000-C@deribit',
      'BTC-31NOV26@deribit',
      'BTC-USDT-260230@okx',
      'BTC-260230-90000-C@binance',
      'BTCUSDT-261301@binance',
      'BTC-29FEB25-1-C@bybit',
    ])
      expect(read(id)).toMatch(/expires on a day that does not exist/);
  });

  it('is a pool only where pools are', () => {
    expect(read('WETH-USDC-500@uniswap-v3-polygon')).toBe('pool ETH USDC USDC');
    for (const id of [
      'BTC-USD-500@okx',
      'WETH-USDC-500@binance',
      'BTC-USDT-260327@bybit',
      'WETH-USDC-500@kraken',
    ])
      expect(read(id)).toMatch(/is not an instrument we know/);
  });

  it('that its id cannot say is refused with the reason', () => {
    expect(read('BTC-FS-30SEP22_PERP@deribit')).toMatch(/name its legs/);
    expect(read('BTC-CSR12-16SEP22-21000_23000@deribit')).toMatch(/name its legs/);
    expect(read('BTC-STRD-30SEP22-20000@deribit')).toMatch(/name its legs/);
    expect(read('abc:TSLA-PERP@hyperliquid')).toMatch(/collateral is not known; known are xyz, hyna, km/);
    expect(read('@162@hyperliquid')).toMatch(/by its number/);
  });
});
