import { InvalidInputError } from '@evenkeel/kernel';
import { importBook } from './book-import';
import type { BookImport, BookImportOptions } from './book-import';
import { bookReportText } from './book-report';

const OPTIONS: BookImportOptions = {
  book: 'desk',
  numeraire: 'USD',
  at: '2026-01-05T06:00:00Z',
  hedge: { instruments: ['BTC-PERPETUAL@deribit'], policy: { kind: 'delta-band', band: '0.05' } },
  leaveOut: [],
};

function imported(content: unknown, changes: Partial<BookImportOptions> = {}): BookImport {
  const text = typeof content === 'string' ? content : JSON.stringify(content);
  return importBook([{ file: 'account', text }], { ...OPTIONS, ...changes });
}
const held = (content: unknown, changes?: Partial<BookImportOptions>): string[] =>
  imported(content, changes).book.positions.map(
    ({ instrument, quantity, price }) => `${quantity} ${instrument} ${price}`,
  );
function problemsOf(content: unknown, changes?: Partial<BookImportOptions>): string[] {
  try {
    imported(content, changes);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
  throw new Error('was imported');
}
const table = (rows: readonly object[]): string =>
  [Object.keys(rows[0] ?? {}), ...rows.map((row) => Object.values(row).map(String))].join('\n');

const deribit = (instrument_name: string, direction: string, size: number, average_price: number) => ({
  instrument_name,
  kind: 'any',
  direction,
  size,
  average_price,
  mark_price: average_price,
  total_profit_loss: 0,
});
const okx = (instType: string, instId: string, posSide: string, pos: string, avgPx: string) => ({
  instType,
  instId,
  posSide,
  pos,
  avgPx,
  mgnMode: 'cross',
});
const bybit = (symbol: string, side: string, size: string, avgPrice: string, positionIdx = 0) => ({
  symbol,
  side,
  size,
  avgPrice,
  positionIdx,
});
const bybitList = (category: string, ...list: readonly object[]) => ({
  retCode: 0,
  retMsg: 'OK',
  result: { category, list, nextPageCursor: 'x' },
});
const binance = (symbol: string, positionAmt: string, entryPrice: string, positionSide = 'BOTH') => ({
  symbol,
  positionAmt,
  entryPrice,
  positionSide,
  markPrice: '1',
});

describe('the positions of an account become those of a book', () => {
  it.each<[string, unknown, string[]]>([
    [
      'Deribit: USD and coin into contracts, premium in coin and in USDC',
      {
        jsonrpc: '2.0',
        result: [
          deribit('BTC-PERPETUAL', 'sell', -25_000, 91_000.5),
          deribit('ETH-PERPETUAL', 'buy', 300, 3100),
          deribit('BTC-16JAN26-92000-C', 'sell', -10.5, 0.0215),
          deribit('BTC_USDC-PERPETUAL', 'buy', 0.25, 91_000),
          deribit('XRP_USDC-27MAR26-2d2-P', 'buy', 5000, 0.21),
          deribit('BTC-27MAR26', 'buy', 5000, 93_000),
        ],
      },
      [
        '-2500 BTC-PERPETUAL@deribit 91000.5',
        '300 ETH-PERPETUAL@deribit 3100',
        '-10.5 BTC-16JAN26-92000-C@deribit 0.0215',
        expect.stringMatching(/BTC_USDC-PERPETUAL@deribit 91000$/) as string,
        expect.stringMatching(/XRP_USDC-27MAR26-2d2-P@deribit 0\.21$/) as string,
        '500 BTC-27MAR26@deribit 93000',
      ],
    ],
    [
      'OKX: contracts, net and hedge mode',
      {
        code: '0',
        msg: '',
        data: [
          okx('SWAP', 'BTC-USDT-SWAP', 'net', '-120', '91000'),
          okx('SWAP', 'BTC-USD-SWAP', 'long', '15', '91000'),
          okx('SWAP', 'BTC-USD-SWAP', 'short', '5', '92000'),
          okx('OPTION', 'BTC-USD-260327-90000-C', 'net', '10', '0.051'),
          okx('FUTURES', 'BTC-USD-260327', 'net', '3', '93000'),
        ],
      },
      [
        '-120 BTC-USDT-SWAP@okx 91000',
        '15 BTC-USD-SWAP@okx 91000',
        '-5 BTC-USD-SWAP@okx 92000',
        '10 BTC-USD-260327-90000-C@okx 0.051',
        '3 BTC-USD-260327@okx 93000',
      ],
    ],
    [
      'Bybit linear: coin',
      bybitList(
        'linear',
        bybit('BTCUSDT', 'Sell', '0.5', '91000'),
        bybit('BTCUSDT', 'Buy', '0.2', '91500', 1),
      ),
      [
        expect.stringMatching(/^-.*BTCUSDT-PERP@bybit 91000$/) as string,
        expect.stringMatching(/^[\d.]+ BTCUSDT-PERP@bybit 91500$/) as string,
      ],
    ],
    [
      'Bybit inverse: USD',
      bybitList('inverse', bybit('BTCUSD', 'Buy', '300', '91000')),
      ['300 BTCUSD-PERP@bybit 91000'],
    ],
    [
      'Bybit options: premium in the stablecoin',
      bybitList('option', bybit('BTC-27MAR26-90000-C-USDT', 'Sell', '1.5', '5200')),
      ['-1.5 BTC-27MAR26-90000-C-USDT@bybit 5200'],
    ],
    [
      'Binance USD-M and COIN-M: coin and contracts',
      [
        binance('BTCUSDT', '-0.75', '91000'),
        binance('BTCUSD_PERP', '12', '91000'),
        binance('BTCUSD_260327', '-4', '93000'),
        binance('SOLUSDT', '0.000', '0.0'),
        binance('ETHUSDT', '-8', '3100', 'SHORT'),
      ],
      [
        expect.stringMatching(/^-.*BTCUSDT-PERP@binance 91000$/) as string,
        '12 BTCUSD-PERP@binance 91000',
        '-4 BTCUSD-260327@binance 93000',
        expect.stringMatching(/^-.*ETHUSDT-PERP@binance 3100$/) as string,
      ],
    ],
    [
      'Binance options',
      [
        {
          symbol: 'BTC-260327-90000-C',
          side: 'SHORT',
          quantity: '-0.5',
          entryPrice: '5200',
          optionSide: 'CALL',
        },
      ],
      ['-0.5 BTC-260327-90000-C@binance 5200'],
    ],
    [
      'a table of our own, by lots',
      'instrument,quantity,price\nBTC-16JAN26-92000-C@deribit,-2,0.02\nBTC-16JAN26-92000-C@deribit,-3,0.021\n',
      ['-2 BTC-16JAN26-92000-C@deribit 0.02', '-3 BTC-16JAN26-92000-C@deribit 0.021'],
    ],
    [
      'a table with the columns of an API',
      table([deribit('BTC-PERPETUAL', 'sell', 25_000, 91_000)]),
      ['-2500 BTC-PERPETUAL@deribit 91000'],
    ],
  ])('%s', (_, content, expected) => {
    expect(held(content)).toEqual(expected);
  });

  it('says what was read and what was left out', () => {
    const rows = [
      deribit('BTC-PERPETUAL', 'zero', 0, 0),
      deribit('BTC-2JAN26-92000-C', 'buy', 1, 0.02),
      deribit('BTC-16JAN26-92000-C', 'buy', 1, 0.02),
      deribit('MATIC_USDC-PERPETUAL-X', 'buy', 1, 0.02),
    ];
    const leaveOut = ['MATIC_USDC-PERPETUAL-X@deribit', 'BTC-PERPETUAL@okx'];
    const text = bookReportText(imported(rows, { leaveOut }));
    expect(text).toMatch(/account: deribit, 1 of 4 rows/);
    expect(text).toMatch(/left out BTC-PERPETUAL@deribit \(account: \[0\]\): nothing is held/);
    expect(text).toMatch(/left out BTC-2JAN26-92000-C@deribit .*: expired before/);
    expect(text).toMatch(/left out MATIC.*named to be left out/);
    expect(text).toMatch(/BTC-PERPETUAL@okx was to be left out, and is not there/);
  });
});

describe('an export that cannot be read refuses the import', () => {
  const sound = deribit('BTC-16JAN26-92000-C', 'buy', 1, 0.02);
  it.each<[string, unknown, RegExp]>([
    [
      'an error of the venue',
      { code: '50113', msg: 'Invalid Sign', data: [] },
      /is an error of the venue.*Invalid Sign/,
    ],
    [
      'an error of Deribit',
      { error: { code: 13_004, message: 'invalid_credentials' } },
      /invalid_credentials/,
    ],
    ['an error of Binance', { code: -2015, msg: 'Invalid API-key' }, /Invalid API-key/],
    [
      'a page of many',
      bybitList('linear', ...Array.from({ length: 200 }, (_, i) => bybit('BTCUSDT', 'Buy', '1', '9', i))),
      /one page of 200/,
    ],
    ['no position', [], /holds no position/],
    ['balances', [{ asset: 'BTC', balance: '1' }], /list of balances/],
    [
      'closed positions of Binance',
      'Symbol,Entry Price,Avg. Close Price,Closed\nBTCUSDT,1,2,x',
      /position history/,
    ],
    ['closed P&L of Bybit', [{ symbol: 'BTCUSDT', avgExitPrice: '1', closedPnl: '2' }], /closed P&L/],
    [
      'an account without entry prices',
      [{ symbol: 'BTCUSDT', positionAmt: '1', positionSide: 'BOTH', notional: '9' }],
      /without entry prices/,
    ],
    ['nothing known', [{ a: 1 }], /is none of deribit .*lacks/],
    [
      'a symbol nobody knows',
      [sound, deribit('BTC-99JAN26-92000-C', 'buy', 1, 0.02)],
      /account: \[1\]: .*BTC-99JAN26/,
    ],
    ['a combination', [sound, deribit('BTC-CS-27MAR26-90000_95000', 'buy', 1, 0.02)], /combination/],
    [
      'a direction against the size',
      [deribit('BTC-PERPETUAL', 'buy', -100, 91_000)],
      /says buy, and its size is -100/,
    ],
    [
      'a side that is none',
      [deribit('BTC-PERPETUAL', 'long', 100, 91_000)],
      /direction is "long", and not one of buy, sell/,
    ],
    [
      'contracts where USD are told',
      [deribit('BTC-PERPETUAL', 'buy', 25, 91_000)],
      /25 USD are 2\.5 contracts of 10, .*another unit/,
    ],
    [
      'coin where contracts are told',
      { code: '0', data: [okx('SWAP', 'BTC-USD-SWAP', 'net', '0.015', '91000')] },
      /0\.015 contracts are/,
    ],
    ['a premium in dollars', [deribit('BTC-16JAN26-92000-C', 'buy', 1, 1950)], /looks like a premium in USD/],
    ['no entry price', [binance('BTCUSDT', '1', '')], /entryPrice is missing/],
    ['an entry price of nought', [binance('BTCUSDT', '1', '0.0')], /entry price 0/],
    [
      'coin on credit',
      { code: '0', data: [okx('MARGIN', 'BTC-USDT', 'net', '1', '91000')] },
      /of kind MARGIN/,
    ],
    [
      'a contract told twice',
      [binance('BTCUSDT', '1', '91000'), binance('BTCUSDT', '2', '91000')],
      /stands in account: \[0\] already/,
    ],
    [
      'a column that nobody reads',
      'instrument,quantity,price,fee\nBTC-PERPETUAL@deribit,1,90000,2',
      /fee is not a column/,
    ],
    [
      'a column by another name',
      'instrument,qty,price\nBTC-PERPETUAL@deribit,1,90000',
      /is nearly a table of your own: instrument,quantity,price, but lacks quantity and has "qty"$/,
    ],
    [
      'nothing but what has expired',
      [deribit('BTC-2JAN26-92000-C', 'buy', 1, 0.02)],
      /could have; 1 expired before 2026-01-05T06:00:00Z/,
    ],
    [
      'a size that its notional contradicts',
      [{ ...binance('BTCUSDT', '-5', '91000'), markPrice: '91000', notional: '-45500' }],
      /notional -45500 is not what -5 contracts of 1 at 91000 are worth, 455000/,
    ],
    [
      'contracts in coin that their worth contradicts',
      [{ ...binance('BTCUSD_PERP', '-5', '91000'), markPrice: '100000', notionalValue: '-5' }],
      /notionalValue -5 is not what -5 contracts of 100 at 100000 are worth, 0\.005/,
    ],
    [
      'a size that its value contradicts',
      bybitList('linear', { ...bybit('BTCUSDT', 'Buy', '1.5', '91000'), positionValue: '13650' }),
      /positionValue 13650 is not what/,
    ],
    ['no category', [bybit('BTCUSDT', 'Buy', '1', '91000')], /category/],
    ['a row that is none', [sound, 7], /\[1\] is no object/],
    ['text that is no JSON', '{ "result": ', /is not JSON/],
    ['a size that is no number', [{ ...sound, size: 'many' }], /size is "many"/],
  ])('%s', (_, content, message) => {
    expect(problemsOf(content).join('\n')).toMatch(message);
  });

  it('names every problem, and lets positions be left out by name', () => {
    const rows = [
      sound,
      deribit('BTC-99JAN26-1-C', 'buy', 1, 0.1),
      deribit('BTC-PERPETUAL', 'buy', 25, 91_000),
    ];
    expect(problemsOf(rows)).toHaveLength(2);
    const leaveOut = ['BTC-99JAN26-1-C@deribit', 'BTC-PERPETUAL@deribit'];
    expect(held(rows, { leaveOut })).toEqual(['1 BTC-16JAN26-92000-C@deribit 0.02']);
  });

  it('refuses a hedge without terms, and one file given twice, but not two accounts', () => {
    expect(problemsOf([sound], { hedge: { ...OPTIONS.hedge, instruments: ['NOBODY-PERP@okx'] } })[0]).toMatch(
      /^hedge/,
    );
    const one = { file: 'a', text: JSON.stringify([sound]) };
    const other = { file: 'b', text: JSON.stringify([{ ...sound, size: 2 }]) };
    expect(() => importBook([one, { ...one, file: 'b' }], OPTIONS)).toThrow(/holds the same as a/);
    expect(importBook([one, other], OPTIONS).book.positions.map(({ quantity }) => quantity)).toEqual([
      '1',
      '2',
    ]);
  });
});

describe('the currency that a book is counted in', () => {
  const held = JSON.stringify({
    jsonrpc: '2.0',
    result: [deribit('BTC-PERPETUAL', 'sell', -25_000, 91_000.5)],
  });

  it('is refused where nothing of the book has a price in it', () => {
    expect(() => importBook([{ file: 'a', text: held }], { ...OPTIONS, numeraire: 'EUR' })).toThrow(
      'numeraire: nothing prices EUR',
    );
    expect(importBook([{ file: 'a', text: held }], { ...OPTIONS, numeraire: 'BTC' }).book.numeraire).toBe(
      'BTC',
    );
  });
});

describe('a log of transactions comes to what is held', () => {
  const PERP = 'BTC-PERPETUAL';
  const deribitLog = (
    ...rows: readonly (readonly [
      seq: number,
      type: string,
      side: string,
      amount: string,
      position: string,
      price: string,
      instrument?: string,
      day?: number,
    ])[]
  ): string =>
    table(
      rows.map(([UserSeq, Type, Side, Amount, Position, Price, Instrument = PERP, day = 5]) => ({
        ID: UserSeq,
        UserSeq,
        Date: `${day} Jan 2026 06:00:00`,
        Instrument,
        Type,
        Side,
        Amount,
        Position,
        Price,
        Change: '0',
      })),
    );
  const bybitLog = (
    ...rows: readonly (readonly [
      time: string,
      type: string,
      direction: string,
      quantity: string,
      position: string,
      price: string,
    ])[]
  ): string =>
    table(
      rows.map(([Time, Type, Direction, Quantity, Position, price]) => ({
        Time,
        Currency: 'USDT',
        Contract: 'BTCUSDT',
        Type,
        Direction,
        Quantity,
        Position,
        'Filled Price': price,
      })),
    );

  it('averages coin-settled contracts by their inverses, in order of their numbers', () => {
    const log = deribitLog(
      [3, 'trade', 'close sell', '1000', '3000', '95000'],
      [1, 'trade', 'open buy', '2000', '2000', '90000'],
      [2, 'trade', 'open buy', '2000', '4000', '100000'],
      [4, 'settlement', 'long', '3000', '3000', '95000'],
      [5, 'deposit', '-', '', '', '', '-'],
    );
    // 4000 USD for 2000/90000 + 2000/100000 coin.
    expect(held(log)).toEqual(['300 BTC-PERPETUAL@deribit 94736.8421052632']);
  });

  it('goes through zero, closes, and takes deliveries', () => {
    const log = deribitLog(
      [1, 'trade', 'open buy', '1000', '1000', '90000'],
      [2, 'trade', 'open sell', '3000', '-2000', '92000'],
      [3, 'trade', 'open buy', '1', '1', '0.02', 'BTC-2JAN26-92000-C'],
      [4, 'delivery', '-', '1', '0', '0.01', 'BTC-2JAN26-92000-C'],
    );
    expect(held(log)).toEqual(['-200 BTC-PERPETUAL@deribit 92000']);
  });

  it('reads a page that begins with the newest', () => {
    const log = bybitLog(
      ['2026-01-03 00:00:00', 'TRADE', 'Close Long', '0.1', '0.3', '93000'],
      ['2026-01-02 08:00:00', 'SETTLEMENT', 'Buy', '0.4', '0.4', '92000'],
      ['2026-01-02 00:00:00', 'TRADE', 'Open Long', '0.2', '0.4', '92000'],
      ['2026-01-01 00:00:00', 'TRADE', 'Open Long', '0.2', '0.2', '90000'],
    );
    expect(held(log)).toEqual([expect.stringMatching(/BTCUSDT-PERP@bybit 91000$/)]);
  });

  it.each([
    [
      deribitLog(
        [1, 'trade', 'open buy', '1000', '1000', '90000', PERP, 3],
        [2, 'trade', 'open buy', '1000', '2000', '90000'],
        [3, 'trade', 'open buy', '1000', '3000', '120000', PERP, 10],
      ),
      '200 BTC-PERPETUAL@deribit 90000',
      '1 row after 2026-01-05T06:00:00Z left out, the first in account:4',
    ],
    [
      bybitLog(
        ['2026-01-09 00:00:00', 'TRADE', 'Sell', '0.1', '0.3', '93000'],
        ['2026-01-05 06:00:01', 'TRADE', 'Sell', '0.6', '0.4', '93000'],
        ['2026-01-02 00:00:00', 'TRADE', 'Buy', '1', '1', '92000'],
      ),
      '1 BTCUSDT-PERP@bybit 92000',
      '2 rows after 2026-01-05T06:00:00Z left out, the first in account:3',
    ],
  ])('stops at the time that was asked for, and says how many rows lie after it', (log, position, remark) => {
    expect(held(log)).toEqual([position]);
    expect(imported(log).remarks).toEqual([remark]);
  });

  it.each<[string, string, RegExp]>([
    [
      'that begins in the middle',
      deribitLog([9, 'trade', 'open buy', '1000', '5000', '90000']),
      /make 1000, and the log says 5000: export it from when/,
    ],
    [
      'that lacks a row',
      deribitLog(
        [1, 'trade', 'open buy', '10', '10', '90000'],
        [3, 'trade', 'open buy', '10', '40', '90000'],
      ),
      /and the log says 40/,
    ],
    [
      'whose sizes are in another unit',
      deribitLog([1, 'trade', 'open buy', '0.0111', '1000', '90000']),
      /make 0\.0111/,
    ],
    [
      'with a position that came from elsewhere',
      deribitLog([1, 'position move', 'buy', '10', '10', '90000']),
      /of type "position move"/,
    ],
    ['with a side that is none', deribitLog([1, 'trade', 'hold', '10', '10', '90000']), /Side is "hold"/],
    [
      'whose numbers go against its times',
      deribitLog(
        [1, 'trade', 'open buy', '10', '10', '90000', PERP, 4],
        [2, 'trade', 'open buy', '10', '20', '90000', PERP, 3],
      ),
      /account:3 is earlier than the row before/,
    ],
    ['without a price', deribitLog([1, 'trade', 'open buy', '10', '10', '0']), /traded at 0/],
    [
      'whose times go back and forth',
      bybitLog(
        ['2026-01-01 00:00:00', 'TRADE', 'Buy', '1', '1', '9'],
        ['2026-01-03 00:00:00', 'TRADE', 'Buy', '1', '2', '9'],
        ['2026-01-02 00:00:00', 'TRADE', 'Buy', '1', '3', '9'],
      ),
      /earlier than the row before/,
    ],
  ])('refuses a log %s', (_, log, message) => {
    expect(problemsOf(log).join('\n')).toMatch(message);
  });
});
