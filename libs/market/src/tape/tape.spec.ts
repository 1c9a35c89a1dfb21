import { InvalidInputError, formatInstant } from '@evenkeel/kernel';
import { parseBookFile } from '../files/book-file';
import { parseTapeManifest } from '../files/tape-manifest';
import {
  checkBookAgainstTape,
  perpetualsWithoutFunding,
  positionRemarks,
  positionsWithoutVolatility,
} from './book-against-tape';
import { createTape } from './tape';
import type { Tape } from './tape';

const MANIFEST = {
  tape: 'small',
  from: '2026-01-09T07:50:00Z',
  to: '2026-01-09T08:00:00Z',
  sources: [
    { file: 'perp.csv', format: 'ohlcv', instrument: 'BTCUSDT-PERP@binance', interval: '5m' },
    { file: 'chain.csv', format: 'deribit-chain', currency: 'BTC' },
    { file: 'funding.csv', format: 'funding', instrument: 'BTCUSDT-PERP@binance', interval: '8h' },
    { file: 'delivery.csv', format: 'delivery' },
  ],
};

const FILES: Record<string, string> = {
  'perp.csv': [
    'date,open,high,low,close,volume',
    '2026-01-09T07:40:00Z,90000,90010,89990,90000.10,5',
    '2026-01-09T07:45:00Z,90000,90010,89990,90001.0,5',
    '2026-01-09T07:50:00Z,90000,90010,89990,90002.0,0',
    '2026-01-09T07:55:00Z,90000,90010,89990,90003.0,5',
    '2026-01-09T08:00:00Z,90000,90010,89990,90004.0,5',
  ].join('\n'),
  'chain.csv': [
    'timestamp,instrument_name,underlying,bid_price,ask_price,mark_price,implied_volatility,index_price,currency,ignored',
    '2026-01-09T07:51:15.944181Z,BTC-9JAN26-90000-C,90010.5,0.0012,,6.7e-04,0.4322999999999999,90001.2,BTC,"a,b"',
    '2026-01-09T07:51:15.944181Z,BTC-16JAN26-90000-P,90020,,0.02,0.019,0.4,90001.2,BTC,',
    '',
  ].join('\r\n'),
  'funding.csv': 'date,funding_rate\n2026-01-09T08:00:00Z,9.172e-05\n',
  'delivery.csv':
    'currency,expiry,n_bars,delivery_price_proxy\nBTC,2026-01-09T08:00:00Z,6,90002.5\nETH,2026-01-09T08:00:00Z,6,3000\n',
};

function tapeOfFiles(changes: Record<string, string> = {}): Tape {
  const manifest = parseTapeManifest(MANIFEST, 'tape.json');
  return createTape(manifest, new Map(Object.entries({ ...FILES, ...changes })));
}

function problemsOf(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof InvalidInputError)
      return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

describe('a tape', () => {
  it('merges its sources in event time; a bar is known only after it closes', () => {
    const instants = [...tapeOfFiles().instants()];
    expect(instants.map(({ eventTime }) => eventTime)).toEqual([
      '2026-01-09T07:50:00Z',
      '2026-01-09T07:51:15.944181Z',
      '2026-01-09T07:55:00Z',
      '2026-01-09T08:00:00Z',
    ]);
    expect(instants[0]?.prices).toEqual([
      {
        source: 'ohlcv:BTCUSDT-PERP@binance',
        instrument: 'BTCUSDT-PERP@binance',
        price: '90001.0',
        value: 90001,
        traded: true,
        crossed: false,
        volume: '5',
        at: instants[0]?.at,
        eventTime: '2026-01-09T07:50:00Z',
      },
    ]);
    expect(instants[2]?.prices[0]).toMatchObject({ price: '90002.0', traded: false });
    const last = instants[3];
    expect(last?.prices[0]?.price).toBe('90003.0');
    expect(last?.fundings).toMatchObject([{ rate: '0.00009172' }]);
    expect(last?.deliveries).toMatchObject([
      { underlying: 'BTC', price: '90002.5', expiry: '2026-01-09T08:00:00Z' },
    ]);
  });

  it('keeps prices as they are written and volatilities as doubles; an empty side is no quote', () => {
    const quotes = [...tapeOfFiles().instants()][1]?.quotes;
    expect(quotes?.[0]).toEqual({
      instrument: 'BTC-9JAN26-90000-C@deribit',
      kind: 'option',
      status: 'OK',
      reasons: [],
      price: '0.00067',
      bid: '0.0012',
      volatility: 0.4322999999999999,
      forward: '90010.5',
      index: '90001.2',
      eventTime: '2026-01-09T07:51:15.944181Z',
      receivedTime: '2026-01-09T07:51:15.944181Z',
      source: 'deribit-chain:BTC@deribit',
    });
    expect(quotes?.[1]?.bid).toBeUndefined();
  });

  it('takes an ask of more coins than a put can ever pay, as recorded chains hold them', () => {
    const asked = (FILES['chain.csv'] ?? '').replace(',,0.02,', ',,5.719,');
    const quotes = [...tapeOfFiles({ 'chain.csv': asked }).instants()][1]?.quotes;
    expect(quotes?.[1]).toMatchObject({ ask: '5.719' });
  });

  it('plays again from the start', () => {
    const tape = tapeOfFiles();
    expect([...tape.instants()]).toEqual([...tape.instants()]);
    expect(tape.length).toBe(4);
    const { first } = tape.priced.get('BTC-9JAN26-90000-C@deribit') ?? { first: 0n };
    expect(formatInstant(first)).toBe('2026-01-09T07:51:15.944181Z');
  });

  it.each([
    [
      'perp.csv',
      'date,open\n',
      [
        'perp.csv:1: column "high" is missing',
        'perp.csv:1: column "low" is missing',
        'perp.csv:1: column "close" is missing',
        'perp.csv:1: column "volume" is missing',
      ],
    ],
    [
      'perp.csv',
      `${FILES['perp.csv']}\n2026-01-09T08:05:00Z,90000,90010,89990,x,5\n`,
      ['perp.csv:7: close "x" is not a number'],
    ],
    [
      'perp.csv',
      `${FILES['perp.csv']}\n2026-01-09T08:00:00Z,90000,90010,89990,90000,5\n`,
      ['perp.csv:7: tells of 2026-01-09T08:00:00Z again, and not what line 6 tells'],
    ],
    [
      'perp.csv',
      `${FILES['perp.csv']}\n2026-01-09T08:05:00Z,1,3\n`,
      ['perp.csv:7: has 3 columns, the header has 6'],
    ],
    [
      'perp.csv',
      `${FILES['perp.csv']}\n2026-01-09T08:05:00Z,90000,90010,89990,-4,5\n`,
      ['perp.csv:7: close -4 is no price'],
    ],
    [
      'funding.csv',
      'date,funding_rate\n2026-01-09T08:00:00Z,1e999\n',
      ['funding.csv:2: funding_rate "1e999" is not a number'],
    ],
    ['funding.csv', 'date,funding_rate\nnever,1\n', ['funding.csv:2: "never" is not a time']],
    [
      'delivery.csv',
      'currency,expiry,delivery_price_proxy\nBTC,2026-01-09T08:00:00Z,0\n',
      ['delivery.csv:2: delivery_price_proxy "0" is not a price'],
    ],
    [
      'delivery.csv',
      'currency,expiry,delivery_price\nBTC,2026-01-09T08:00:00Z,x\n',
      ['delivery.csv:2: delivery_price "x" is not a price'],
    ],
    [
      'delivery.csv',
      'currency,expiry,delivery_price,delivery_price_proxy\nBTC,2026-01-09T08:00:00Z,1,2\n',
      ['delivery.csv:1: has both "delivery_price" and "delivery_price_proxy": keep the one that is meant'],
    ],
    ['delivery.csv', 'currency,expiry\n', ['delivery.csv:1: column "delivery_price" is missing']],
    [
      'chain.csv',
      (FILES['chain.csv'] ?? '').replace('BTC-9JAN26-90000-C', 'BTC-9JAN26-90000-X'),
      ['chain.csv:2: "BTC-9JAN26-90000-X" is not an option'],
    ],
    [
      'chain.csv',
      (FILES['chain.csv'] ?? '').replace('0.4322999999999999', 'NaN'),
      ['chain.csv:2: implied_volatility "NaN" is not a number'],
    ],
    [
      'chain.csv',
      (FILES['chain.csv'] ?? '').replace(',BTC,"a', ',ETH,"a'),
      ['chain.csv:2: currency "ETH" is not BTC'],
    ],
    [
      'chain.csv',
      (FILES['chain.csv'] ?? '').replace('6.7e-04', '60.3').replace(',0.019,', ',1710,'),
      [
        'chain.csv:2: mark_price 60.3 looks like a premium in USD: a call quoted in BTC is worth less than 1 BTC; a source can say "priceUnit": "dollar"',
        'chain.csv:3: mark_price 1710 looks like a premium in USD: a put quoted in BTC is worth at most strike ÷ forward, 0.9998 BTC; a source can say "priceUnit": "dollar"',
      ],
    ],
    [
      'chain.csv',
      (FILES['chain.csv'] ?? '').replace(',0.0012,', ',108,'),
      [
        'chain.csv:2: bid_price 108 looks like a premium in USD: a call quoted in BTC is worth less than 1 BTC; a source can say "priceUnit": "dollar"',
      ],
    ],
  ])('names file and line of what it cannot read in %s', (file, text, expected) => {
    expect(problemsOf(() => tapeOfFiles({ [file]: text }))).toEqual(expected);
  });

  it('takes a delivery price under either name', () => {
    const named = (FILES['delivery.csv'] ?? '').replace('delivery_price_proxy', 'delivery_price');
    expect(tapeOfFiles({ 'delivery.csv': named }).deliveries).toEqual(tapeOfFiles().deliveries);
  });

  it('reports the problems of all files together', () => {
    const bad = { 'funding.csv': 'date,funding_rate\nnever,1\n', 'delivery.csv': 'currency\n' };
    expect(problemsOf(() => tapeOfFiles(bad)).map((problem) => problem.split(':')[0])).toEqual([
      'funding.csv',
      'delivery.csv',
      'delivery.csv',
    ]);
    expect(problemsOf(() => createTape(parseTapeManifest(MANIFEST, 't'), new Map()))).toHaveLength(4);
  });
});

describe('a book on a tape', () => {
  const book = (changes: object = {}): object => ({
    book: 'desk',
    numeraire: 'USD',
    positions: [
      {
        instrument: 'BTC-9JAN26-90000-C@deribit',
        quantity: '1',
        price: '0.01',
        at: '2026-01-09T07:51:15.944181Z',
        ...changes,
      },
    ],
    hedge: { instruments: ['BTCUSDT-PERP@binance'], policy: { kind: 'delta-band' } },
  });
  const check = (written: object, tape = tapeOfFiles()): string[] =>
    problemsOf(() => checkBookAgainstTape(parseBookFile(written, 'book.json'), 'book.json', tape));

  it('fits when all of it is priced and settled', () => {
    expect(check(book())).toEqual([]);
  });

  it('is refused with a perpetual entered at a price of something else', () => {
    const perpetual = { instrument: 'BTCUSDT-PERP@binance', at: '2026-01-09T07:55:00Z' };
    expect(check(book({ ...perpetual, price: '90' }))).toEqual([
      expect.stringMatching(/^positions\[0\]\.price: 90 is a thousandth of the market's /),
    ]);
    expect(check(book({ ...perpetual, price: '30000' }))).toEqual([]);
  });

  it('is told of a position that is no multiple of the lot', () => {
    const told = (quantity: string) =>
      positionRemarks(parseBookFile(book({ quantity }), 'book.json'), 'book.json', tapeOfFiles());
    expect(told('-2.0512345')).toContain(
      'book.json: positions[0].quantity: -2.0512345 is no multiple of the lot of BTC-9JAN26-90000-C@deribit, 0.1',
    );
    expect(told('-2.1').join()).not.toContain('quantity');
  });

  it.each(['EUR', 'XYZ'])('is refused in %s, which the tape does not price', (numeraire) => {
    expect(check({ ...book(), numeraire })).toEqual([
      `numeraire: nothing prices ${numeraire}, so no position could be valued in it: a book is counted in USD, USDT, USDC, BTC`,
    ]);
    expect(check({ ...book(), numeraire: 'BTC' })).toEqual([]);
  });

  it('is told of positions in options that no quote gives a volatility', () => {
    const mute = (CHAIN: string): string =>
      CHAIN.replace(/^([^,]*,BTC-9JAN26-90000-C(?:,[^,]*){4}),[^,]*/gm, '$1,');
    const tape = tapeOfFiles({ 'chain.csv': mute(FILES['chain.csv'] ?? '') });
    const held = parseBookFile(book(), 'book.json');
    expect(positionsWithoutVolatility(held, 'book.json', tapeOfFiles())).toEqual([]);
    expect(positionsWithoutVolatility(held, 'book.json', tape)).toEqual([
      'book.json: positions[0]: no quote of BTC-9JAN26-90000-C@deribit on tape small has a volatility: it cannot be valued, and the P&L is not whole',
    ]);
  });

  it('is refused with the path of what the tape never prices', () => {
    expect(check(book({ instrument: 'BTC-9JAN26-91000-C@deribit' }))).toEqual([
      'positions[0].instrument: BTC-9JAN26-91000-C@deribit is never priced by tape small',
    ]);
    expect(
      check({ ...book(), hedge: { instruments: ['BTCUSDT@binance'], policy: { kind: 'delta-band' } } }),
    ).toEqual(['hedge.instruments[0]: BTCUSDT@binance is never priced by tape small']);
  });

  it.each([
    [
      '1710',
      'looks like a premium in USD: a put quoted in BTC is worth at most strike ÷ forward, 0.9998 BTC',
    ],
    ['1', 'looks like a premium in USD: a put quoted in BTC is worth at most strike ÷ forward, 0.9998 BTC'],
    ['0.9', undefined],
  ])('is refused with a put at %s that the market says is not worth so much coin', (price, message) => {
    expect(check(book({ instrument: 'BTC-16JAN26-90000-P@deribit', price }))).toEqual(
      message === undefined ? [] : [`positions[0].price: ${price} ${message}`],
    );
  });

  it('is told of its perpetuals whose funding the tape does not say', () => {
    const held = parseBookFile(book(), 'book.json');
    expect(perpetualsWithoutFunding(held, tapeOfFiles())).toEqual([]);
    const silent = tapeOfFiles({ 'funding.csv': 'date,funding_rate\n' });
    expect(perpetualsWithoutFunding(held, silent)).toEqual(['BTCUSDT-PERP@binance']);
  });

  it('is refused when it enters after the end, or expires without a delivery price', () => {
    expect(check(book({ instrument: 'BTC-16JAN26-90000-P@deribit', at: '2026-01-10T00:00:00Z' }))).toEqual([
      'positions[0].at: 2026-01-10T00:00:00Z is after tape small ends, 2026-01-09T08:00:00Z',
    ]);
    const undelivered = tapeOfFiles({ 'delivery.csv': 'currency,expiry,delivery_price_proxy\n' });
    expect(check(book(), undelivered)).toEqual([
      'positions[0].instrument: BTC-9JAN26-90000-C@deribit expires within tape small, which has no delivery price for it',
    ]);
  });
});
