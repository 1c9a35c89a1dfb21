import { importing, rowsOf, T0, table } from './import.test-support';

const MS = T0 / 1000;
const MINUTE = 60_000;
/** A minute's bar as the files have it, with times in milliseconds. */
const kline = (minute: number, prices = '90000.1,90010,89990,90005', volume = '1.5'): string =>
  `${MS + minute * MINUTE},${prices},${volume},${MS + (minute + 1) * MINUTE - 1},135000,42,0.7,63000,0`;
const micros = (row: string): string => row.replace(/^(\d{13}),/, '$1000,').replace(/,(\d{13}),/, ',$1999,');
const KLINES =
  'open_time,open,high,low,close,volume,close_time,quote_volume,count,taker_buy_volume,taker_buy_quote_volume,ignore';
const FUNDING = 'calc_time,funding_interval_hours,last_funding_rate';
const TICKER =
  'update_id,best_bid_price,best_bid_qty,best_ask_price,best_ask_qty,transaction_time,event_time';
const EOH =
  'date,hour,symbol,underlying,type,strike,open,high,low,close,volume_contracts,volume_usdt,best_bid_price,' +
  'best_ask_price,best_bid_qty,best_ask_qty,best_buy_iv,best_sell_iv,mark_price,mark_iv,delta,gamma,vega,theta,' +
  'openinterest_contracts,openinterest_usdt';
const eoh = (hour: number, symbol: string, type: string, strike: number, mark: string): string =>
  `2026-01-05,${hour},${symbol},BTCUSDT,${type},${strike},1,1,1,1,3,100,${Number(mark) - 5},${Number(mark) + 5},1,1,-1,-1,${mark},0.55,0.5,0.0001,30,-20,1,1`;
const spot = { instrument: 'BTCUSDT@binance' };
const perpetual = { instrument: 'BTCUSDT-PERP@binance' };

describe('files of Binance', () => {
  it.each([
    ['without a header, in milliseconds', [kline(0), kline(1)].join('\n')],
    ['with a header, in milliseconds', table(KLINES, kline(0), kline(1))],
    ['without a header, in microseconds', [micros(kline(0)), micros(kline(1))].join('\n')],
    ['with one row told twice', table(KLINES, kline(0), kline(0), kline(1))],
  ])('give bars of klines %s, their interval from their own times', (_, text) => {
    const { files, manifest } = importing({ 'BTCUSDT-1m-2026-01.csv': text }, spot);
    expect(rowsOf(files, 'bars-BTCUSDT@binance.csv.gz')).toEqual([
      '2026-01-05T00:00:00Z,90000.1,90010,89990,90005,1.5',
      '2026-01-05T00:01:00Z,90000.1,90010,89990,90005,1.5',
    ]);
    expect(manifest.sources).toEqual([
      { file: 'bars-BTCUSDT@binance.csv.gz', format: 'ohlcv', instrument: 'BTCUSDT@binance', interval: '1m' },
    ]);
    expect([manifest.from, manifest.to]).toEqual(['2026-01-05T00:00:00Z', '2026-01-05T00:02:00Z']);
  });

  it('take bars of mark prices where it was said that volumes mean nothing', () => {
    const { manifest } = importing({ 'a.csv': kline(0, undefined, '0') }, { ...perpetual, volumes: false });
    expect(manifest.sources[0]).toMatchObject({ volumes: false });
  });

  it('give funding, of the perpetual that the name of the file tells', () => {
    const { files, manifest } = importing({
      'BTCUSDT-fundingRate-2026-01.csv': table(
        FUNDING,
        `${MS + 3},8,0.0001`,
        `${MS + 28_800_000},8,-0.00005`,
      ),
    });
    expect(rowsOf(files, 'funding-BTCUSDT-PERP@binance.csv.gz')).toEqual([
      '2026-01-05T00:00:00.003Z,0.0001',
      '2026-01-05T08:00:00Z,-0.00005',
    ]);
    expect(manifest.sources[0]).toMatchObject({ instrument: 'BTCUSDT-PERP@binance', interval: '8h' });
    const coin = importing({ 'BTCUSD_PERP-fundingRate-2026-01.csv': table(FUNDING, `${MS},8,0.0001`) });
    expect(coin.manifest.sources[0]).toMatchObject({ instrument: 'BTCUSD-PERP@binance' });
  });

  it('give bars of bookTicker', () => {
    const row = (offset: number, bid: string, ask: string): string =>
      `1,${bid},1,${ask},1,${MS + offset},${MS + offset + 2}`;
    const { files } = importing({
      'BTCUSDT-bookTicker-2026-01-05.csv': table(TICKER, row(0, '1.1', '1.2'), row(5, '1.3', '1.4')),
    });
    expect(rowsOf(files, 'quotes-BTCUSDT-PERP@binance.csv.gz')).toEqual([
      '2026-01-05T00:00:00Z,1.15,1.35,1.15,1.35,0',
    ]);
  });

  it('give hourly chains of EOHSummary in any order, the forward by parity and the index of bars', () => {
    const call = 'BTC-260109-90000-C';
    const put = 'BTC-260109-90000-P';
    const { files, report } = importing(
      {
        'BTCUSDT-EOHSummary-2026-01-05.csv': table(
          EOH,
          eoh(1, call, 'C', 90000, '1500'),
          eoh(0, put, 'P', 90000, '1400'),
          eoh(0, call, 'C', 90000, '1520'),
          eoh(0, 'BTC-260116-90000-C', 'C', 90000, '2000'),
          eoh(0, 'BTC-260116-92000-C', 'C', 92000, '').replace(',-5,5,', ',,,'),
        ),
        'BTCUSDT-1m.csv': Array.from({ length: 60 }, (_, minute) => kline(minute)).join('\n'),
      },
      { ...spot, index: 'BTCUSDT@binance' },
    );
    expect(rowsOf(files, 'chain-BTC@binance.csv.gz')).toEqual([
      `2026-01-05T01:00:00Z,${call},90120,1515,1525,1520,0.55,90005,BTC`,
      `2026-01-05T01:00:00Z,${put},90120,1395,1405,1400,0.55,90005,BTC`,
    ]);
    expect(report.files.find(({ format }) => format === 'binance-EOHSummary')?.dropped).toEqual([
      { reason: 'no put and call of one strike: no forward by parity', rows: 2, firstLine: 2 },
      { reason: 'no mark price', rows: 1, firstLine: 6 },
    ]);
  });

  it.each([
    [
      'klines of nobody',
      { 'k.csv': kline(0) },
      {},
      /binance-klines names no instrument: say which with --instrument/,
    ],
    [
      'klines of another kind of instrument',
      { 'k.csv': kline(0) },
      { instrument: 'ETHBTC@binance' },
      /nothing of it can be on a tape: prices of ETHBTC@binance are in BTC/,
    ],
    [
      'times in seconds',
      { 'k.csv': table(KLINES, kline(0).replace(/^(\d{10})\d{3}/, '$1')) },
      spot,
      /k\.csv:2: open_time "\d{10}" looks like seconds; the format says milliseconds or microseconds/,
    ],
    [
      'bars of two lengths',
      {
        'k.csv': table(
          KLINES,
          kline(0),
          kline(1).replace(`${MS + 2 * MINUTE - 1}`, `${MS + 6 * MINUTE - 1}`),
        ),
      },
      spot,
      /k\.csv:3: is a bar of 300 s, the rows before of 60 s/,
    ],
    [
      'bars that contradict themselves',
      { 'k.csv': kline(0, '90000,90010,89990,90020') },
      spot,
      /close 90020 do not lie between low 89990 and high 90010/,
    ],
    [
      'two bars of one time',
      { 'k.csv': `${kline(0)}\n${kline(0, '1,1,1,1')}` },
      spot,
      /is another bar of the same time/,
    ],
    ['the newest first', { 'k.csv': `${kline(1)}\n${kline(0)}` }, spot, /is before the row above/],
    [
      'bars that nobody traded in',
      { 'k.csv': kline(0, undefined, '0') },
      spot,
      /has volume: where volumes mean nothing \(mark prices\), say --no-volumes/,
    ],
    [
      'funding of spot',
      { 'f.csv': table(FUNDING, `${MS},8,0.0001`) },
      spot,
      /holds funding, and BTCUSDT@binance is no perpetual/,
    ],
    [
      'funding of another perpetual than was said',
      { 'BTCUSDT-fundingRate-2026-01.csv': table(FUNDING, `${MS},8,0.0001`) },
      { instrument: 'ETHUSDT-PERP@binance' },
      /is of BTCUSDT-PERP@binance by its name, and --instrument says ETHUSDT-PERP@binance/,
    ],
    ...[
      ['BTCUSDT-1m-2026-01-05.csv', 'ETHUSDT-PERP@binance', 'BTCUSDT@binance or BTCUSDT-PERP@binance'],
      ['x/BTCUSD_PERP-1m-2026-01.csv', 'BTCUSDT@binance', 'BTCUSD-PERP@binance'],
      ['BTCUSDT_260327-4h-2026-01-05.csv', 'BTCUSDT-PERP@binance', 'BTCUSDT-260327@binance'],
    ].map(
      ([name = '', instrument = '', is = '']) =>
        [
          `klines that ${name} says are of another instrument than ${instrument}`,
          { [name]: kline(0) },
          { instrument },
          new RegExp(`is of ${is} by its name, and --instrument says ${instrument}`),
        ] as const,
    ),
    [
      'klines of another coin among those of the right one',
      { 'BTCUSDT-1m-2026-01-05.csv': kline(0), 'ETHUSDT-1m-2026-01-05.csv': kline(1) },
      perpetual,
      /ETHUSDT-1m-2026-01-05\.csv:1: is of ETHUSDT@binance or ETHUSDT-PERP@binance by its name/,
    ],
    [
      'klines whose name leaves open what they are of',
      { 'BTCUSDT-1m-2026-01-05.csv': kline(0) },
      {},
      /is of BTCUSDT@binance or BTCUSDT-PERP@binance by its name: say which with --instrument/,
    ],
    ...['BTCUSD_PERP', 'BTCUSD_260327', 'btcusd_perp'].map(
      (symbol) =>
        [
          `${symbol}, a symbol in place of an id, with the id`,
          { 'k.csv': kline(0) },
          { instrument: `${symbol}@binance` },
          new RegExp(`can be read: did you mean ${symbol.toUpperCase().replace('_', '-')}@binance\\?`),
        ] as const,
    ),
    [
      'funding of two intervals',
      { 'BTCUSDT-fundingRate-2026-01.csv': table(FUNDING, `${MS},8,0.0001`, `${MS + 1},4,0.0001`) },
      {},
      /is for 4 hours, the rows before for 8/,
    ],
    [
      'an option of another venue',
      { 'e.csv': table(EOH, eoh(0, 'BTC-9JAN26-90000-C', 'C', 1, '1')) },
      {},
      /"BTC-9JAN26-90000-C" is not an instrument we know on binance/,
    ],
    [
      'a format that is not there',
      { 'k.csv': kline(0) },
      { format: 'binance-kline' },
      /did you mean "binance-klines"/,
    ],
  ] as const)('refuse %s', (_, texts, asked, message) => {
    expect(() => importing(texts, asked)).toThrow(message);
  });
});
