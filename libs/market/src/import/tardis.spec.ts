import { importing, rowsOf, T0, table } from './import.test-support';

const STAMP = 'exchange,symbol,timestamp,local_timestamp';
const CHAIN =
  `${STAMP},type,strike_price,expiration,open_interest,last_price,bid_price,bid_amount,bid_iv,ask_price,` +
  'ask_amount,ask_iv,mark_price,mark_iv,underlying_index,underlying_price,delta,gamma,vega,theta,rho';
const TRADES = `${STAMP},id,side,price,amount`;
const QUOTES = `${STAMP},ask_amount,ask_price,bid_price,bid_amount`;
const TICKER = `${STAMP},funding_timestamp,funding_rate,predicted_funding_rate,open_interest,last_price,index_price,mark_price`;
const SECOND = 1_000_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const at = (offset: number): string => `${T0 + offset},${T0 + offset + 200_000}`;
/** The row of Tardis' own documentation, for the time of this spec. */
const OPTION = (offset: number, mark = '0.02210436', iv = '62.89'): string =>
  `deribit,BTC-9JAN26-90000-P,${at(offset)},put,90000,1767945600000000,0.1,0.0295,0.0205,15,55.91,0.0235,15,68.94,${mark},${iv},SYN.BTC-9JAN26,90100,-0.6,0.001,2.2,-53,-0.2`;
const INDEX = table(TICKER, `deribit,BTC-PERPETUAL,${at(0)},,0.0001,,1,90000,90010.5,90002`);

describe('files of Tardis', () => {
  it('give option chains: snapshots of what was known, volatility out of per cent, the index from the ticker', () => {
    const { files, report } = importing(
      {
        'deribit_options_chain.csv': table(CHAIN, OPTION(SECOND), OPTION(2 * SECOND, '0.0222', '63')),
        'ticker.csv': INDEX,
      },
      { chainEvery: '1m' },
    );
    expect(rowsOf(files, 'chain-BTC@deribit.csv.gz')).toEqual([
      '2026-01-05T00:01:00Z,BTC-9JAN26-90000-P,90100,0.0205,0.0235,0.0222,0.63,90010.5,BTC',
    ]);
    expect(report.remarks).toContain(
      '1 quotes of BTC@deribit were followed by newer ones before their snapshot',
    );
  });

  it('take the volatility of exchanges that write it per 1.00 as it is, and strikes with a capital D as decimals', () => {
    const okx = OPTION(SECOND, '0.0222', '0.6289').replace(
      'deribit,BTC-9JAN26-90000-P',
      'okex-options,BTC-USD-260109-90000-P',
    );
    const linear = OPTION(SECOND, '0.04555', '53.72')
      .replace('BTC-9JAN26-90000-P', 'XRP_USDC-9JAN26-8D6-P')
      .replace(',90000,', ',8.6,')
      .replace(',90100,', ',9.103,')
      .replace(',0.0205,', ',0.04,')
      .replace(',0.0235,', ',0.05,');
    const { files } = importing(
      { 'a_chain.csv': table(CHAIN, okx), 'b_chain.csv': table(CHAIN, linear) },
      { index: 'forward', chainEvery: '1m' },
    );
    expect(rowsOf(files, 'chain-BTC@okx.csv.gz')[0]).toContain(
      'BTC-USD-260109-90000-P,90100,0.0205,0.0235,0.0222,0.6289,90100,BTC',
    );
    expect(rowsOf(files, 'chain-XRP@deribit.csv.gz')[0]).toContain(
      'XRP_USDC-9JAN26-8d6-P,9.103,0.04,0.05,0.04555,0.5372,9.103,XRP',
    );
  });

  it('give bars of trades with volumes in contracts, and none where nothing traded', () => {
    const row = (offset: number, price: string, amount: string): string =>
      `deribit,BTC-PERPETUAL,${at(offset)},1,buy,${price},${amount}`;
    const { files, report } = importing({
      'deribit_trades_2026-01-05_BTC-PERPETUAL.csv': table(
        TRADES,
        row(0, '90000', '100'),
        row(SECOND, '90010', '50'),
        row(2 * SECOND, '89990', '10'),
        row(3 * MINUTE, '90020', '20'),
      ),
    });
    expect(rowsOf(files, 'trades-BTC-PERPETUAL@deribit.csv.gz')).toEqual([
      '2026-01-05T00:00:00Z,90000,90010,89990,89990,16',
      '2026-01-05T00:03:00Z,90020,90020,90020,90020,2',
    ]);
    expect(report.written[0]?.gaps).toMatchObject({ count: 1, missing: 2 });
  });

  it('leave out bars that would be missing more often than not, and say which would do', () => {
    const row = (offset: number): string => `binance-futures,BTCUSDT,${at(offset)},1,90000.2,90000.1,1`;
    const files = { 'q.csv': table(QUOTES, row(0), row(HOUR), row(2 * HOUR)) };
    expect(() => importing(files)).toThrow(
      /too thin for bars of 1m, and left out: --every makes longer ones/,
    );
    expect(
      rowsOf(importing(files, { every: '1h' }).files, 'quotes-BTCUSDT-PERP@binance.csv.gz'),
    ).toHaveLength(3);
  });

  it('give bars of the exact middle of quotes, best of books as well', () => {
    const levels = Array.from(
      { length: 5 },
      (_, n) => `asks[${n}].price,asks[${n}].amount,bids[${n}].price,bids[${n}].amount`,
    ).join(',');
    const book = `${STAMP},${levels}`;
    const { files } = importing({
      'quotes.csv': table(
        QUOTES,
        `binance-futures,BTCUSDT,${at(0)},1,90000.2,90000.1,1`,
        `binance-futures,BTCUSDT,${at(1)},1,90000.2,,`,
      ),
      'book.csv': table(book, `bybit,ETHUSDT,${at(0)},3000.02,1,3000.01,1${',3001,1,2999,1'.repeat(4)}`),
    });
    expect(rowsOf(files, 'quotes-BTCUSDT-PERP@binance.csv.gz')).toEqual([
      '2026-01-05T00:00:00Z,90000.15,90000.15,90000.15,90000.15,0',
    ]);
    expect(rowsOf(files, 'quotes-ETHUSDT-PERP@bybit.csv.gz')).toEqual([
      '2026-01-05T00:00:00Z,3000.015,3000.015,3000.015,3000.015,0',
    ]);
  });

  it('give funding that was paid: the last rate before its time, and of Deribit what each hour brought', () => {
    const row = (
      exchange: string,
      symbol: string,
      offset: number,
      due: number | undefined,
      rate: string,
    ): string =>
      `${exchange},${symbol},${at(offset)},${due === undefined ? '' : T0 + due},${rate},,1,90000,90000,90000`;
    const { files } = importing({
      'a.csv': table(
        TICKER,
        row('binance-futures', 'BTCUSDT', 0, 8 * HOUR, '0.0001'),
        row('binance-futures', 'BTCUSDT', 7 * HOUR, 8 * HOUR, '0.0002'),
        row('binance-futures', 'BTCUSDT', 9 * HOUR, 16 * HOUR, '0.0003'),
      ),
      'b.csv': table(
        TICKER,
        row('deribit', 'BTC-PERPETUAL', -SECOND, undefined, '0.0008'),
        row('deribit', 'BTC-PERPETUAL', HOUR / 2 - 200_000, undefined, '0.0016'),
        row('deribit', 'BTC-PERPETUAL', HOUR, undefined, '0'),
      ),
    });
    expect(rowsOf(files, 'funding-BTCUSDT-PERP@binance.csv.gz')).toEqual(['2026-01-05T08:00:00Z,0.0002']);
    expect(rowsOf(files, 'funding-BTC-PERPETUAL@deribit.csv.gz')).toEqual(['2026-01-05T01:00:00Z,0.00015']);
  });

  const quote = `binance-futures,BTCUSDT,${at(0)},1,90000.2,90000.1,1`;
  it.each([
    [
      'a missing column',
      { 'c.csv': table(CHAIN.replace(',mark_iv', ''), OPTION(0).replace(',62.89', '')) },
      /nearly tardis-options_chain, but lacks "mark_iv"/,
    ],
    [
      'milliseconds',
      { 'q.csv': table(QUOTES, quote.replaceAll(/(\d{13})\d{3}/g, '$1')) },
      /q\.csv:2: local_timestamp "\d+" looks like milliseconds; the format says microseconds/,
    ],
    [
      'rows that go back',
      { 'q.csv': table(QUOTES, `binance-futures,BTCUSDT,${at(MINUTE)},1,2,1,1`, quote) },
      /q\.csv:3: .* is before the row above/,
    ],
    [
      'columns that are swapped',
      { 'q.csv': table(QUOTES, quote.replace('90000.2,90000.1', '90000.1,90000.2')) },
      /bid above ask in 1 of 1 rows: are the two swapped/,
    ],
    [
      'a column that is shifted',
      { 'q.csv': table(QUOTES, `${quote},7`) },
      /q\.csv:2: has 9 columns, the header has 8/,
    ],
    [
      'exchanges that are mixed',
      { 'q.csv': table(QUOTES, quote, `bybit,BTCUSDT,${at(1)},1,2,1,1`) },
      /is of bybit, the rows before of binance-futures/,
    ],
    [
      'a symbol of no grammar',
      { 'q.csv': table(QUOTES, quote.replace('BTCUSDT', 'BTC/USDT!')) },
      /"BTC\/USDT!-PERP" is not an instrument we know on binance/,
    ],
    [
      'an exchange nobody knows',
      { 'q.csv': table(QUOTES, quote.replace('binance-futures', 'mtgox')) },
      /exchange "mtgox" is none whose symbols are read/,
    ],
    [
      'trades that may be liquidations',
      { 't.csv': table(TRADES, `deribit,BTC-PERPETUAL,${at(0)},1,buy,1,1`) },
      /could be tardis-trades or tardis-liquidations: say which with --format/,
    ],
    [
      'a price of nothing',
      { 'deribit_trades_2026-01-05_X.csv': table(TRADES, `deribit,BTC-PERPETUAL,${at(0)},1,buy,0,1`) },
      /price "0" is not a price/,
    ],
    [
      'a strike that contradicts its symbol',
      { 'c.csv': table(CHAIN, OPTION(0).replace(',90000,', ',9000,')) },
      /strike_price 9000 is not that of BTC-9JAN26-90000-P@deribit/,
    ],
    [
      'volatilities in fractions',
      { 'c.csv': table(CHAIN, OPTION(0, '0.0222', '0.63')), 'i.csv': INDEX },
      /c\.csv:2, of which came chain-BTC@deribit\.csv\.gz:2: mark_price 0.0222 is not what implied_volatility 0.0063 gives/,
    ],
    [
      'a chain without its underlying',
      { 'c.csv': table(CHAIN, OPTION(0)) },
      /does not say what the underlying cost/,
    ],
    [
      'a decimal comma nobody said',
      {
        'q.csv': table(QUOTES.replaceAll(',', ';'), quote.replaceAll(',', ';').replace('90000.2', '90000,2')),
      },
      /say --decimal comma/,
    ],
    [
      'prices of options alone',
      { 'q.csv': table(QUOTES, `deribit,BTC-9JAN26-90000-P,${at(0)},1,0.02,0.01,1`) },
      /nothing of it can be on a tape: an option’s price without mark/,
    ],
    ['nothing', { 'q.csv': '' }, /q\.csv:1: is empty/],
    ['no rows', { 'q.csv': `${QUOTES}\n` }, /q\.csv:1: has no rows/],
  ] as const)('refuse %s', (_, texts, message) => {
    expect(() => importing(texts)).toThrow(message);
  });

  it('refuse bars that are told twice by two files', () => {
    const many = table(QUOTES, quote, `binance-futures,BTCUSDT,${at(2 * MINUTE)},1,90000.2,90000.1,1`);
    expect(() => importing({ 'a.csv': many, 'b.csv': many })).toThrow(
      /BTCUSDT-PERP@binance at .* is told again, or too late/,
    );
  });

  it('are read with other delimiters, quotes, a byte order mark and a decimal comma that was said', () => {
    const dialect = `\ufeff${table(QUOTES, quote)}`
      .replaceAll('.', ',_')
      .replaceAll(/,(?!_)/g, '";"')
      .replaceAll(',_', ',');
    const quoted = dialect
      .split('\n')
      .map((line) => (line === '' ? line : `"${line}"`.replace('"\ufeff', '\ufeff"')))
      .join('\r\n');
    const { files } = importing({ 'q.csv': quoted }, { decimalComma: true });
    expect(rowsOf(files, 'quotes-BTCUSDT-PERP@binance.csv.gz')).toEqual([
      '2026-01-05T00:00:00Z,90000.15,90000.15,90000.15,90000.15,0',
    ]);
  });
});

describe('prices that contradict themselves are refused by their line', () => {
  const trade = (second: number, price: string, amount = '10'): string =>
    `deribit,BTC-PERPETUAL,${at(second * SECOND)},1,buy,${price},${amount}`;
  const quote = (second: number, bid: string): string =>
    `deribit,BTC-PERPETUAL,${at(second * SECOND)},1,90036,${bid},1`;
  const ticker = (mark: string, last: string): string =>
    `deribit,BTC-PERPETUAL,${at(0)},,0.0001,,1,${last},90001,${mark}`;
  it.each([
    ['an amount below zero', table(TRADES, trade(0, '90000', '-10')), /f\.csv:2: amount "-10" is no amount/],
    ['an amount of nothing', table(TRADES, trade(0, '90000', '0')), /f\.csv:2: amount "0" is no amount/],
    [
      'a tick that jumps and comes back',
      table(TRADES, trade(0, '90000'), trade(1, '9000'), trade(61, '90010')),
      /f\.csv:3: price 9000 is more than 30 % from 90000 before it, and 90010 after it is back/,
    ],
    [
      'a bid far from its ask',
      table(QUOTES, quote(0, '9000'), quote(1, '90035')),
      /f\.csv:2: bid and ask more than 10 % apart in 1 of 2 rows/,
    ],
    [
      'a mark far from its index',
      table(TICKER, ticker('9000', '90000')),
      /mark_price 9000 is more than 30 %/,
    ],
    ['a last price far from its index', table(TICKER, ticker('90000', '9000')), /last_price 9000 is more/],
  ])('%s', (_, text, message) => {
    expect(() => importing({ 'deribit_trades_2026-01-05_f.csv': text })).toThrow(message);
  });

  it('leaves one wide quote out of many, and says so', () => {
    const rows = Array.from({ length: 20 }, (_, second) => quote(second, second === 7 ? '9000' : '90035'));
    const { files, report } = importing({ 'f.csv': table(QUOTES, ...rows) });
    expect(rowsOf(files, 'quotes-BTC-PERPETUAL@deribit.csv.gz')[0]).toContain(
      '90035.5,90035.5,90035.5,90035.5',
    );
    expect(report.files[0]?.dropped).toEqual([
      { reason: 'bid and ask more than 10 % apart', rows: 1, firstLine: 9 },
    ]);
  });
});

describe('a chain without forwards', () => {
  const put = OPTION(SECOND, '0.0222').replace(',90100,-0.6', ',,-0.6');
  const call = put.replace('90000-P', '90000-C').replace(',put,', ',call,').replace('0.0222', '0.0242');

  it('gets them by put-call parity', () => {
    const { files } = importing({ 'c.csv': table(CHAIN, put, call), 't.csv': INDEX }, { chainEvery: '1m' });
    expect(rowsOf(files, 'chain-BTC@deribit.csv.gz').map((row) => row.split(',')[2])).toEqual([
      '90180.36072144',
      '90180.36072144',
    ]);
  });

  it('is refused where none can be found, whatever lies beside it', () => {
    expect(() => importing({ 'c.csv': table(CHAIN, put), 't.csv': INDEX }, { chainEvery: '1m' })).toThrow(
      /c\.csv: nothing of it can be on a tape: no put and call of one strike/,
    );
  });
});

it('quotes the error of a venue in place of its answer', () => {
  const error = JSON.stringify({ jsonrpc: '2.0', error: { code: 13009, message: 'unauthorized' } });
  expect(() => importing({ 'a.json': error })).toThrow(
    /is an error of the venue, and no answer: .*unauthorized/,
  );
});
