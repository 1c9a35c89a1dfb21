import { parseDuration } from '@evenkeel/kernel';
import { importing, rowsOf, T0, table } from './import.test-support';

const MS = T0 / 1000;
const HOUR = 3_600_000;
const json = JSON.stringify;
const minute = { bar: parseDuration('1m') };
const perpetual = { instrument: 'BTC-PERPETUAL@deribit' };

describe('history of Deribit', () => {
  const trade = (id: string, offset: number, more: object = {}): object => ({
    ...{ trade_seq: 1, trade_id: id, timestamp: MS + offset, price: 90000.5, amount: 50, direction: 'buy' },
    ...{ instrument_name: 'BTC-PERPETUAL', index_price: 90001, mark_price: 90000.2, ...more },
  });
  const page = (...trades: object[]): string => json({ jsonrpc: '2.0', result: { trades, has_more: true } });

  it('gives bars of trades in whatever order, once each, without blocks and legs of combinations', () => {
    const pages = [
      page(trade('3', 70_000, { price: 90010 }), trade('2', 30_000), trade('1', 0)),
      page(
        trade('3', 70_000, { price: 90010 }),
        trade('4', 71_000, { block_trade_id: 'B-1', price: 80000 }),
        trade('5', 72_000, { combo_id: 'C', price: 1 }),
      ),
    ];
    const { files, report } = importing({ 'trades.json': pages.join('\n') });
    expect(rowsOf(files, 'trades-BTC-PERPETUAL@deribit.csv.gz')).toEqual([
      '2026-01-05T00:00:00Z,90000.5,90000.5,90000.5,90000.5,10',
      '2026-01-05T00:01:00Z,90010,90010,90010,90010,5',
    ]);
    expect(report.files[0]?.dropped.map(({ reason }) => reason).sort()).toEqual([
      'a block trade: its price is not that of the book',
      'a leg of a combination: its price is not that of the book',
      'told twice',
    ]);
  });

  const delivered = (name: string, offset: number, price: number, type = 'delivery'): object => ({
    ...{
      type,
      timestamp: MS + offset,
      instrument_name: name,
      index_price: price,
      mark_price: 0,
      position: 1,
    },
    ...{ session_profit_loss: 0, profit_loss: 0 },
  });
  const settlements = (...rows: object[]): string =>
    json({ result: { settlements: rows, continuation: 'none' } });

  it('gives delivery prices of settlements and of get_delivery_prices', () => {
    const { files, report } = importing({
      's.json': settlements(
        delivered('BTC-5JAN26-90000-C', 8 * HOUR + 40, 90123.45),
        delivered('BTC-5JAN26-91000-P', 8 * HOUR + 40, 90123.45),
        delivered('BTC-PERPETUAL', 8 * HOUR, 90000, 'settlement'),
      ),
    });
    expect(rowsOf(files, 'delivery-deribit.csv.gz')).toEqual(['BTC,2026-01-05T08:00:00Z,90123.45']);
    expect(report.files[0]).toMatchObject({ rows: 3, read: 2 });
    const prices = json({
      result: {
        data: [
          { date: '2026-01-06', delivery_price: 2 },
          { date: '2026-01-05', delivery_price: 1 },
        ],
        records_total: 2,
      },
    });
    expect(rowsOf(importing({ 'p.json': prices }, perpetual).files, 'delivery-deribit.csv.gz')).toEqual([
      'BTC,2026-01-05T08:00:00Z,1',
      'BTC,2026-01-06T08:00:00Z,2',
    ]);
  });

  it('gives funding by the hour, and the volatility index beside the tape', () => {
    const row = (hour: number, rate: number): object => ({
      timestamp: MS + hour * HOUR,
      index_price: 1,
      prev_index_price: 1,
      interest_1h: rate,
      interest_8h: 8 * rate,
    });
    const dvol = json({
      result: {
        data: [
          [MS + HOUR, 44.1, 44.2, 44, 44.05],
          [MS, 45, 45.5, 44, 44.1],
        ],
        continuation: null,
      },
    });
    const { files, manifest, report } = importing(
      { 'f.json': json({ result: [row(2, -0.000001), row(1, 0.00001)] }), 'v.json': dvol },
      perpetual,
    );
    expect(rowsOf(files, 'funding-BTC-PERPETUAL@deribit.csv.gz')).toEqual([
      '2026-01-05T01:00:00Z,0.00001',
      '2026-01-05T02:00:00Z,-0.000001',
    ]);
    expect(rowsOf(files, 'volatility-index-BTC@deribit.csv.gz')[0]).toBe(
      '2026-01-05T00:00:00Z,0.45,0.455,0.44,0.441',
    );
    expect(manifest.sources.map(({ format }) => format)).toEqual(['funding']);
    expect(report.written.map(({ format }) => format)).toEqual(['funding', 'volatility-index']);
  });

  it.each([
    [
      'two delivery prices of one expiry',
      {
        's.json': settlements(
          delivered('BTC-5JAN26-90000-C', 8 * HOUR, 90123.45),
          delivered('BTC-5JAN26-91000-C', 8 * HOUR, 90123.46),
        ),
      },
      {},
      /BTC of 2026-01-05T08:00:00Z was settled at 90123.45 by s\.json:1, here at 90123.46/,
    ],
    [
      'a delivery on another day than its expiry',
      { 's.json': settlements(delivered('BTC-6JAN26-90000-C', 8 * HOUR, 90123.45)) },
      {},
      /is not within an hour after BTC-6JAN26-90000-C expired/,
    ],
    [
      'times in microseconds',
      { 't.json': page(trade('1', 0, { timestamp: T0 })) },
      {},
      /timestamp "\d{16}" looks like microseconds; the format says milliseconds/,
    ],
    [
      'a trade without an amount',
      { 't.json': page(trade('1', 0, { amount: null })) },
      {},
      /t\.json:1: amount is empty/,
    ],
    [
      'an index of volatility in fractions',
      { 'v.json': json({ result: { data: [[MS, 0.45, 0.45, 0.44, 0.45]] } }) },
      perpetual,
      /looks like a fraction, and the format says per cent/,
    ],
    [
      'delivery prices of nobody',
      { 'p.json': json({ result: { data: [{ date: '2026-01-05', delivery_price: 1 }] } }) },
      {},
      /names no instrument/,
    ],
    [
      'an answer of another kind',
      { 'p.json': json({ result: { bids: [] } }) },
      {},
      /is JSON of no format that is read/,
    ],
    ['text that was cut off', { 't.json': page(trade('1', 0)).slice(0, -5) }, {}, /t\.json:1: is not JSON/],
  ] as const)('is refused: %s', (_, texts, asked, message) => {
    expect(() => importing(texts, asked)).toThrow(message);
  });
});

describe('archives of OKX', () => {
  const TRADES = 'instrument_name,trade_id,side,price,size,created_time';
  const CANDLES = 'instrument_name,open,high,low,close,vol,vol_ccy,vol_quote,open_time,confirm';
  const FUNDING = 'instrument_name,funding_rate,funding_time';
  const candle = (offset: number, confirm = 1): string =>
    `BTC-USDT-SWAP,100,106,99,101,200,2,201,${MS + offset},${confirm}`;

  it('give bars of trades, with and without the later column, and of candles that have ended', () => {
    const row = `BTC-USDT-SWAP,1,buy,100,10,${MS}`;
    for (const text of [table(TRADES, row), table(`${TRADES},source`, `${row},0`)])
      expect(rowsOf(importing({ 't.csv': text }).files, 'trades-BTC-USDT-SWAP@okx.csv.gz')).toEqual([
        '2026-01-05T00:00:00Z,100,100,100,100,10',
      ]);
    const { files, report } = importing(
      { 'c.csv': table(CANDLES, candle(0), candle(60_000), candle(120_000, 0)) },
      minute,
    );
    expect(rowsOf(files, 'bars-BTC-USDT-SWAP@okx.csv.gz')).toHaveLength(2);
    expect(report.files[0]?.dropped).toEqual([{ reason: 'a bar that has not ended', rows: 1, firstLine: 4 }]);
  });

  it('give funding of many perpetuals in one file, the interval being the time to the next payment', () => {
    const text = table(
      FUNDING,
      `BTC-USDT-SWAP,0.0001,${MS}`,
      `ETH-USDT-SWAP,0.0002,${MS}`,
      `BTC-USDT-SWAP,0.0003,${MS + 8 * HOUR}`,
      `ETH-USDT-SWAP,0.0004,${MS + 4 * HOUR}`,
      `BTC-USD-SWAP,1,${MS}`,
    );
    const { files, manifest, report } = importing({ 'allswap-fundingrates-2026-01-05.csv': text });
    expect(rowsOf(files, 'funding-ETH-USDT-SWAP@okx.csv.gz')).toEqual([
      '2026-01-05T00:00:00Z,0.0002',
      '2026-01-05T04:00:00Z,0.0004',
    ]);
    expect(manifest.sources.map((source) => 'interval' in source && source.interval).sort()).toEqual([
      '4h',
      '8h',
    ]);
    expect(report.remarks[0]).toBe(
      'one payment of BTC-USD-SWAP@okx alone does not say its interval, and is left out',
    );
  });

  it.each([
    ['candles of no length', { 'c.csv': table(CANDLES, candle(0)) }, {}, /say it with --bar/],
    [
      'candles closer than they are long',
      { 'c.csv': table(CANDLES, candle(0), candle(60_000)) },
      { bar: parseDuration('5m') },
      /opens 60 s after the bar before, which is 300 s long/,
    ],
    [
      'funding of a future',
      { 'f.csv': table(FUNDING, `BTC-USD-260327,0.1,${MS}`) },
      {},
      /is no perpetual, and is funded here/,
    ],
    [
      'a lacking column',
      { 't.csv': table(TRADES.replace(',size', ''), `BTC-USDT-SWAP,1,buy,100,${MS}`) },
      {},
      /nearly okx-trades, but lacks "size"/,
    ],
    [
      'a symbol of another venue',
      { 't.csv': table(TRADES, `BTCUSDT,1,buy,100,10,${MS}`) },
      {},
      /"BTCUSDT" is not an instrument we know on okx/,
    ],
    [
      'mixed symbols where one was named',
      { 't.csv': table(TRADES, `BTC-USDT-SWAP,1,buy,100,10,${MS}`, `ETH-USDT-SWAP,1,buy,100,10,${MS}`) },
      { instrument: 'BTC-USDT-SWAP@okx' },
      /is of ETH-USDT-SWAP@okx, and --instrument says BTC-USDT-SWAP@okx: symbols are mixed/,
    ],
  ] as const)('are refused: %s', (_, texts, asked, message) => {
    expect(() => importing(texts, asked)).toThrow(message);
  });
});

describe('archives and answers of Bybit', () => {
  const TRADES =
    'timestamp,symbol,side,size,price,tickDirection,trdMatchID,grossValue,homeNotional,foreignNotional';
  const trade = (seconds: string): string => `${seconds},BTCUSDT,Buy,0.5,60000.5,PlusTick,1,30000,0.5,30000`;
  const kline = (offset: number, close = '101'): string[] => [
    String(MS + offset),
    '100',
    '106',
    '99',
    close,
    '5',
    '500',
  ];

  it('give bars of trades of perpetuals and spot, their times in seconds and milliseconds', () => {
    const { files } = importing({
      'BTCUSDT2026-01-05.csv': table(
        `${TRADES},RPI`,
        `${trade('1767571200.1169')},0`,
        `${trade('1767571201')},0`,
      ),
    });
    expect(rowsOf(files, 'trades-BTCUSDT-PERP@bybit.csv.gz')).toEqual([
      '2026-01-05T00:00:00Z,60000.5,60000.5,60000.5,60000.5,1',
    ]);
    const spot = importing({
      'ETHUSDT_2026-01-05.csv': table('id,timestamp,price,volume,side', `1,${MS},3000,2,buy`),
    });
    expect(rowsOf(spot.files, 'trades-ETHUSDT@bybit.csv.gz')).toEqual([
      '2026-01-05T00:00:00Z,3000,3000,3000,3000,2',
    ]);
  });

  it('give bars of kline answers, newest first, and of files whose clock is three hours ahead', () => {
    const answer = json({
      retCode: 0,
      result: { category: 'linear', symbol: 'BTCUSDT', list: [kline(60_000), kline(0)] },
    });
    expect(rowsOf(importing({ 'k.json': answer }, minute).files, 'bars-BTCUSDT-PERP@bybit.csv.gz')).toEqual([
      '2026-01-05T00:00:00Z,100,106,99,101,5',
      '2026-01-05T00:01:00Z,100,106,99,101,5',
    ]);
    const { files } = importing(
      { 'BTCUSDT_1_2026-01-01_2026-01-31.csv': '2026.01.05 03:00,100,106,99,101,5\n' },
      minute,
    );
    expect(rowsOf(files, 'bars-BTCUSDT-PERP@bybit.csv.gz')).toEqual([
      '2026-01-05T00:00:00Z,100,106,99,101,5',
    ]);
  });

  it('give funding of answers, newest first', () => {
    const list = [8, 0].map((hour) => ({
      symbol: 'BTCUSD',
      fundingRate: '0.0001',
      fundingRateTimestamp: String(MS + hour * HOUR),
    }));
    const { files } = importing({ 'f.json': json({ result: { category: 'inverse', list } }) });
    expect(rowsOf(files, 'funding-BTCUSD-PERP@bybit.csv.gz')).toEqual([
      '2026-01-05T00:00:00Z,0.0001',
      '2026-01-05T08:00:00Z,0.0001',
    ]);
  });

  it.each([
    [
      'old files, newest first',
      { 't.csv': table(TRADES, trade('1767571202'), trade('1767571201')) },
      {},
      /t\.csv:3: .* is before the row above/,
    ],
    [
      'times of BitMEX, whose columns are the same',
      { 't.csv': table(TRADES, trade('2018-12-05D00:00:25.948313000')) },
      {},
      /timestamp "2018-12-05D00:00:25.948313000" is not a time/,
    ],
    [
      'milliseconds',
      { 't.csv': table(TRADES, trade('1767571202000')) },
      {},
      /looks like milliseconds; the format says seconds/,
    ],
    [
      'bars that contradict themselves',
      { 'k.json': json({ result: { category: 'linear', symbol: 'BTCUSDT', list: [kline(0, '107')] } }) },
      minute,
      /close 107 do not lie between low 99 and high 106/,
    ],
    [
      'klines of no category',
      { 'k.json': json({ result: { symbol: 'BTCUSDT', list: [kline(0)] } }) },
      minute,
      /category "" is none of linear, inverse, spot/,
    ],
  ] as const)('are refused: %s', (_, texts, asked, message) => {
    expect(() => importing(texts, asked)).toThrow(message);
  });
});
