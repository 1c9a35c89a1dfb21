import {
  Decimal,
  InvalidInputError,
  createRandom,
  formatInstant,
  parseInstant,
  yearsBetween,
} from '@evenkeel/kernel';
import { priceInverse } from '@evenkeel/pricing';
import fc from 'fast-check';
import { parseTapeManifest } from '../files/tape-manifest';
import { createTape } from './tape';
import type { Tape } from './tape';

// A day of five-minute bars, a chain every three hours, fundings and a delivery price that agree with one another: what a
// recorded market looks like. Each test spoils one thing in it.
const START = parseInstant('2026-01-02T00:00:00Z');
const MINUTE = 60_000_000_000n;
const HOUR = 60n * MINUTE;
const EXPIRY = parseInstant('2026-01-03T08:00:00Z');
const STRIKES = [86_000, 90_000, 94_000];
const VOLATILITY = 0.5;

function spotAt(minutes: number): number {
  return 90_000 + 1200 * Math.sin(minutes / 97) + 300 * Math.sin(minutes / 13);
}

function barsText(basis: number, minutes = 5, change = (row: string, _: number): string => row): string {
  const rows = ['date,open,high,low,close,volume'];
  for (let at = 0; at < 36 * 60; at += minutes) {
    const [open, close] = [spotAt(at) * basis, spotAt(at + minutes) * basis];
    const [high, low] = [Math.max(open, close) + 12, Math.min(open, close) - 12];
    const numbers = [open, high, low, close, 12.5].map((number) => number.toFixed(1));
    rows.push(change([formatInstant(START + BigInt(at) * MINUTE), ...numbers].join(), rows.length + 1));
  }
  return rows.join('\n');
}

/** Bars of a walk of five minutes a step; `trailing` is the part of each step that is seen a bar late. */
function walk(bars: number, trailing = 0): (basis: number, minutes?: number) => string {
  const random = createRandom('walk');
  const moves = Array.from({ length: bars + 1 }, () => 0.002 * (random.next() + random.next() - 1));
  const seen = moves.map((move, index) => move * (1 - trailing) + (moves[index - 1] ?? 0) * trailing);
  const levels = seen.reduce<number[]>(
    (above, move) => [...above, (above.at(-1) ?? 90_000) * Math.exp(move)],
    [],
  );
  return (basis, minutes = 0) => {
    const rows = ['date,open,high,low,close,volume'];
    for (let at = 0; at < bars; at += 1) {
      const [open, close] = [(levels[at] ?? 0) * basis, (levels[at + 1] ?? 0) * basis];
      const numbers = [open, Math.max(open, close) + 12, Math.min(open, close) - 12, close, 12.5];
      const date = formatInstant(START + BigInt(at * 5 + minutes) * MINUTE);
      rows.push([date, ...numbers.map((number) => number.toFixed(1))].join());
    }
    return rows.join('\n');
  };
}

type ChainRow = Record<
  'timestamp' | 'name' | 'forward' | 'bid' | 'ask' | 'mark' | 'volatility' | 'index' | 'currency',
  string
>;

function chainText(change = (row: ChainRow, _: number): ChainRow => row): string {
  const lines = [
    'timestamp,instrument_name,underlying,bid_price,ask_price,mark_price,implied_volatility,index_price,currency',
  ];
  for (let hours = 0; hours < 30; hours += 3) {
    const at = START + BigInt(hours) * HOUR;
    const index = spotAt(hours * 60);
    const F = index * 1.0002;
    for (const K of STRIKES) {
      for (const type of ['call', 'put'] as const) {
        const value = priceInverse({ type, F, K, T: yearsBetween(at, EXPIRY), sigma: VOLATILITY }).valueCoin;
        const row = change(
          {
            timestamp: formatInstant(at),
            name: `BTC-3JAN26-${K}-${type === 'call' ? 'C' : 'P'}`,
            forward: F.toFixed(2),
            bid: Math.max(0.0001, value * 0.98).toFixed(4),
            ask: (value * 1.02 + 0.0001).toFixed(4),
            mark: value.toFixed(8),
            volatility: String(VOLATILITY),
            index: index.toFixed(2),
            currency: 'BTC',
          },
          lines.length + 1,
        );
        lines.push(Object.values(row).join());
      }
    }
  }
  return lines.join('\n');
}

const MANIFEST = {
  tape: 'mini',
  from: '2026-01-02T00:00:00Z',
  to: '2026-01-03T12:00:00Z',
  sources: [
    { file: 'chain.csv', format: 'deribit-chain', currency: 'BTC' },
    { file: 'perp.csv', format: 'ohlcv', instrument: 'BTCUSDT-PERP@binance', interval: '5m' },
    { file: 'spot.csv', format: 'ohlcv', instrument: 'BTCUSDT@binance', interval: '5m' },
    { file: 'funding.csv', format: 'funding', instrument: 'BTCUSDT-PERP@binance', interval: '8h' },
    { file: 'delivery.csv', format: 'delivery' },
  ],
};

const FUNDING =
  'date,funding_rate\n' +
  [
    '2026-01-02T00:00:00Z',
    '2026-01-02T08:00:00Z',
    '2026-01-02T16:00:00Z',
    '2026-01-03T00:00:00Z',
    '2026-01-03T08:00:00Z',
  ]
    .map((date) => `${date},0.0001`)
    .join('\n');
const DELIVERED = spotAt(32 * 60).toFixed(2);
const FILES: Readonly<Record<string, string>> = {
  'chain.csv': chainText(),
  'perp.csv': barsText(1.0003),
  'spot.csv': barsText(1),
  'funding.csv': FUNDING,
  'delivery.csv': `currency,expiry,delivery_price\nBTC,2026-01-03T08:00:00Z,${DELIVERED}\n`,
};

function tapeWith(files: Record<string, string> = {}, settings: Record<string, object> = {}): Tape {
  const sources = MANIFEST.sources.map((source) => ({ ...source, ...settings[source.file] }));
  const manifest = parseTapeManifest({ ...MANIFEST, sources }, 'tape.json');
  return createTape(manifest, new Map(Object.entries({ ...FILES, ...files })));
}

function problemsWith(files: Record<string, string>, settings: Record<string, object> = {}): string[] {
  try {
    tapeWith(files, settings);
  } catch (error) {
    if (error instanceof InvalidInputError)
      return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

type Bar = Record<'open' | 'high' | 'low' | 'close' | 'volume', string>;

/** The first row of a chain that is not all zeroes, spoilt. */
const AT = 20;
const spoilt = (change: (row: ChainRow) => Partial<ChainRow>): string =>
  chainText((row, line) => (line === AT ? { ...row, ...change(row) } : row));
const times = (cell: string, factor: number): string => String(Number(cell) * factor);
const line = (text: string, number: number, change: (row: string) => string): string =>
  text
    .split('\n')
    .map((row, index) => (index + 1 === number ? change(row) : row))
    .join('\n');

describe('a market whose files agree', () => {
  it('is read without a remark', () => {
    expect(tapeWith().remarks).toEqual([]);
  });
});

describe('bars', () => {
  it('of an interval that is longer than they are apart are refused where the second one begins', () => {
    expect(problemsWith({}, { 'perp.csv': { interval: '1h' } })).toEqual([
      'perp.csv:3: comes 5m after the row above, whose 1h are not over: these are no bars of 1h',
    ]);
  });

  it.each(['1m', '100s', '250ms'])('of an interval that is shorter, %s, are refused', (interval) => {
    expect(problemsWith({}, { 'perp.csv': { interval } })).toEqual([
      `perp.csv:2: its rows are 5m apart or more: these are no bars of ${interval}`,
    ]);
  });

  it('are refused that contradict themselves, with all that is wrong', () => {
    const text = barsText(1.0003, 5, (row, at) => {
      const [date = '', open = '', high = '', low = '', close = '', volume = ''] = row.split(',');
      if (at === 12) return [date, open, high, '-5', close, volume].join();
      if (at === 14) return [date, '0', high, low, close, '-3'].join();
      if (at === 16) return [date, open, high, low, '95555.0', volume].join();
      if (at === 18) return [date, open, low, high, close, volume].join();
      return row;
    });
    expect(
      problemsWith({ 'perp.csv': text }).map((problem) => problem.replace(/\d{5}\.\d|\d{5}/g, 'N')),
    ).toEqual([
      'perp.csv:12: low -5 is no price',
      'perp.csv:14: open 0 is no price; volume -3 is negative',
      'perp.csv:16: close N lies outside low N to high N',
      'perp.csv:18: low N lies above high N',
    ]);
  });

  it.each<[string, (bar: Bar) => Partial<Bar>, RegExp]>([
    ['an open below the low', ({ low }) => ({ open: times(low, 0.99) }), /open \S+ lies outside/],
    ['an open above the high', ({ high }) => ({ open: times(high, 1.01) }), /open \S+ lies outside/],
    ['a close below the low', ({ low }) => ({ close: times(low, 0.99) }), /close \S+ lies outside/],
    ['no high', () => ({ high: '0' }), /high 0 is no price/],
    ['a negative high', ({ high }) => ({ high: `-${high}` }), /high -\S+ is no price/],
    ['a close of nought', () => ({ close: '0' }), /close 0 is no price/],
    ['a volume that is no number', () => ({ volume: 'n/a' }), /volume "n\/a" is not a number/],
    ['an empty open', () => ({ open: '' }), /open "" is not a number/],
    ['a close beyond every number', () => ({ close: '1e999' }), /close "1e999" is not a number/],
  ])('are refused with %s', (_, change, message) => {
    const text = line(FILES['perp.csv'] ?? '', 12, (row) => {
      const [date = '', open = '', high = '', low = '', close = '', volume = ''] = row.split(',');
      const bar = { open, high, low, close, volume };
      return [date, ...Object.values({ ...bar, ...change(bar) })].join();
    });
    const [problem = '', ...others] = problemsWith({ 'perp.csv': text });
    expect(problem).toMatch(new RegExp(`^perp\\.csv:12: ${message.source}`));
    expect(others).toEqual([]);
  });

  it.each([10, 100, 1000, 0.1, 0.001])('of which one is written %d times as large are refused', (factor) => {
    const text = line(FILES['perp.csv'] ?? '', 40, (row) =>
      row
        .split(',')
        .map((cell, index) => (index >= 1 && index <= 4 ? times(cell, factor) : cell))
        .join(),
    );
    const [problem = '', ...others] = problemsWith({ 'perp.csv': text });
    expect(problem).toMatch(
      /^perp\.csv:40: close \S+ is a? ?(ten|hundred|thousand)\S* .* the close above and below it/,
    );
    expect(others).toEqual([]);
  });

  const WALK = walk(36 * 12);
  const HOURS = { 'perp.csv': WALK(1.0003), 'spot.csv': WALK(1) };

  it.each<[string, number, string]>([
    ['a bar late', 5, '5m later: it looks like bars stamped at their close'],
    ['an hour late', 60, '1h later: it looks like times of another zone'],
    ['eight hours early', -480, '8h earlier: it looks like times of another zone'],
    ['five hours late', 300, '5h later: it looks like times of another zone'],
  ])('that are stamped %s are refused, with what it looks like', (_, minutes, message) => {
    const files = { ...HOURS, 'swap.csv': WALK(1.0001, minutes) };
    const swap = { file: 'swap.csv', format: 'ohlcv', instrument: 'BTC-USDT-SWAP@okx', interval: '5m' };
    const sources = [...MANIFEST.sources.slice(1, 3), swap];
    const read = (): Tape =>
      createTape(parseTapeManifest({ ...MANIFEST, sources }, 'tape.json'), new Map(Object.entries(files)));
    expect(read).toThrow(`swap.csv:2: its prices move as those of perp.csv do, ${message}`);
  });

  it('that merely trail another venue are read', () => {
    const sources = MANIFEST.sources.slice(1, 3);
    const files = { ...HOURS, 'spot.csv': walk(36 * 12, 0.5)(1) };
    const manifest = parseTapeManifest({ ...MANIFEST, sources }, 'tape.json');
    expect(createTape(manifest, new Map(Object.entries(files))).remarks).toEqual([]);
  });

  it('that stand a tenth and more from three others all through are told', () => {
    const more = ['one', 'two'].map((name, index) => ({
      file: `${name}.csv`,
      format: 'ohlcv',
      instrument: index === 0 ? 'BTC-USDT-SWAP@okx' : 'BTC-USDT@okx',
      interval: '5m',
    }));
    const sources = [...MANIFEST.sources.slice(1, 3), ...more];
    const files = { ...HOURS, 'one.csv': WALK(1.2), 'two.csv': WALK(0.9999) };
    const manifest = parseTapeManifest({ ...MANIFEST, sources }, 'tape.json');
    expect(createTape(manifest, new Map(Object.entries(files))).remarks).toEqual([
      expect.stringMatching(
        /^one\.csv: its prices of BTC stand more than 10 % from those of perp\.csv, spot\.csv, two\.csv/,
      ),
    ]);
  });

  it.each([10, 100, 0.001])('that are all %d times those of another venue are refused', (factor) => {
    const [problem = ''] = problemsWith({ 'perp.csv': barsText(factor) });
    expect(problem).toMatch(/^perp\.csv:2: .*one is in another unit$/);
  });

  it('that jump for good are read, and told: a venue may have changed its contract', () => {
    const text = barsText(1.0003, 5, (row, at) =>
      at < 200
        ? row
        : row
            .split(',')
            .map((cell, index) => (index >= 1 && index <= 4 ? times(cell, 10) : cell))
            .join(),
    );
    const [jump = '', level = ''] = tapeWith({ 'perp.csv': text }).remarks;
    expect(jump).toMatch(/^perp\.csv:200: close \S+ is ten times the close above/);
    expect(level).toMatch(/prices are off$/);
  });

  it('told twice are left out once, and refused where the second tells something else', () => {
    const doubled = line(FILES['perp.csv'] ?? '', 30, (row) => `${row}\n${row}`);
    expect(tapeWith({ 'perp.csv': doubled }).remarks).toEqual([
      'perp.csv:31: repeats line 30 and is left out',
    ]);
    expect(tapeWith({ 'perp.csv': doubled }).length).toBe(tapeWith().length);
    const other = line(
      FILES['perp.csv'] ?? '',
      30,
      (row) => `${row}\n${row.replace(/\.\d,12\.5$/, '.9,12.5')}`,
    );
    expect(problemsWith({ 'perp.csv': other })).toEqual([
      'perp.csv:31: tells of 2026-01-02T02:20:00Z again, and not what line 30 tells',
    ]);
  });

  it('that are missing are told', () => {
    const rows = (FILES['perp.csv'] ?? '').split('\n');
    const gap = [...rows.slice(0, 50), ...rows.slice(53)].join('\n');
    expect(tapeWith({ 'perp.csv': gap }).remarks).toEqual([
      'perp.csv:51: 3 bars are missing before 2026-01-02T04:20:00Z',
    ]);
    const short = rows.slice(0, 100).join('\n');
    expect(tapeWith({ 'perp.csv': short }).remarks).toEqual([
      'perp.csv: the last bar is known at 2026-01-02T08:15:00Z, before the tape ends',
    ]);
  });

  it('off their own grid are refused', () => {
    const text = line(FILES['perp.csv'] ?? '', 30, (row) => row.replace(':20:00Z', ':22:00Z'));
    expect(problemsWith({ 'perp.csv': text })).toEqual([
      'perp.csv:30: comes 7m after the row above, which is no whole number of 5m',
    ]);
  });
});

describe('times', () => {
  const counted = (unit: bigint): string =>
    (FILES['perp.csv'] ?? '').replace(/^2026[^,]+/gm, (date) => String(parseInstant(date) / unit));

  it.each([
    ['s', 'seconds', 1_000_000_000n],
    ['ms', 'milliseconds', 1_000_000n],
    ['us', 'microseconds', 1000n],
    ['ns', 'nanoseconds', 1n],
  ])(
    'that count %s since 1970 are read where the source says so, and else refused with what they seem',
    (unit, name, nanos) => {
      const [problem = ''] = problemsWith({ 'perp.csv': counted(nanos) });
      expect(problem).toBe(
        `perp.csv:2: "${START / nanos}" looks like ${name} since 1970 (2026-01-02T00:00:00Z): a source can say "timeUnit": "${unit}"`,
      );
      const tape = tapeWith({ 'perp.csv': counted(nanos) }, { 'perp.csv': { timeUnit: unit } });
      expect(tape.remarks).toEqual([`perp.csv: converted times from ${unit} since 1970`]);
      expect([...tape.instants()]).toEqual([...tapeWith().instants()]);
    },
  );

  it('that count something else than the source says are refused', () => {
    const [problem = ''] = problemsWith({ 'perp.csv': counted(1000n) }, { 'perp.csv': { timeUnit: 'ms' } });
    expect(problem).toMatch(/looks like microseconds since 1970 .* and its source says "timeUnit": "ms"$/);
    expect(problemsWith({}, { 'perp.csv': { timeUnit: 'ms' } })[0]).toMatch(
      /is a time in ISO 8601, and its source says/,
    );
  });
});

describe('a chain', () => {
  it('in per cent is refused with what gives its marks, and read where the source says so', () => {
    const text = chainText((row) => ({ ...row, volatility: '50' }));
    const [problem = ''] = problemsWith({ 'chain.csv': text });
    expect(problem).toMatch(
      /^chain\.csv:2: mark_price \S+ is not what implied_volatility 50 gives .* looks like per cent, the mark is that of 0\.\d+: a source can say "volatilityUnit": "percent"$/,
    );
    const tape = tapeWith({ 'chain.csv': text }, { 'chain.csv': { volatilityUnit: 'percent' } });
    expect(tape.remarks).toEqual(['chain.csv: converted volatilities from per cent']);
    expect([...tape.instants()]).toEqual([...tapeWith().instants()]);
    const [other = ''] = problemsWith({}, { 'chain.csv': { volatilityUnit: 'percent' } });
    expect(other).toMatch(/implied_volatility is a hundredth of it$/);
  });

  it.each<[string, string, string, RegExp]>([
    ['one row in per cent', '50', '', /looks like per cent/],
    [
      'one row in basis points',
      '5000',
      '',
      /^chain\.csv:20: mark_price \S+ is not what implied_volatility 5000 gives/,
    ],
    [
      'one row ten times as high',
      '5',
      '',
      /^chain\.csv:20: mark_price \S+ is not what implied_volatility 5 gives/,
    ],
    ['one row in per cent twice over', '5000', 'percent', /looks like per cent/],
    ['one row below nought where the rest is per cent', '-50', 'percent', /implied_volatility/],
  ])('with %s is refused', (_, volatility, unit, message) => {
    const rest = unit === '' ? '0.5' : '50';
    const text = chainText((row, at) => ({ ...row, volatility: at === AT ? volatility : rest }));
    const settings = unit === '' ? {} : { 'chain.csv': { volatilityUnit: unit } };
    const [problem = '', ...others] = problemsWith({ 'chain.csv': text }, settings);
    expect(problem).toMatch(/^chain\.csv:20: /);
    expect(problem).toMatch(message);
    expect(others).toEqual([]);
  });

  it('with premiums in USD is refused, and read where the source says so', () => {
    const dollars = (row: ChainRow, cell: 'bid' | 'ask' | 'mark'): string =>
      (Number(row[cell]) * Number(row.forward)).toFixed(6);
    const text = chainText((row) => ({
      ...row,
      bid: dollars(row, 'bid'),
      ask: dollars(row, 'ask'),
      mark: dollars(row, 'mark'),
    }));
    expect(problemsWith({ 'chain.csv': text })[0]).toMatch(
      /looks like a premium in USD.*"priceUnit": "dollar"$/,
    );
    const tape = tapeWith({ 'chain.csv': text }, { 'chain.csv': { priceUnit: 'dollar' } });
    expect(tape.remarks).toEqual(['chain.csv: converted premiums from USD, by the forward']);
    const marks = (of: Tape): Decimal[] =>
      [...of.instants()].flatMap(({ quotes }) => quotes.map(({ price = '' }) => Decimal.parse(price)));
    marks(tapeWith()).forEach((mark, index) =>
      expect(Math.abs(mark.toNumber() - (marks(tape)[index]?.toNumber() ?? 0))).toBeLessThan(2e-8),
    );
    // Less than a dollar: no bound is broken, and the mark is not its volatility's.
    const cheap = spoilt(() => ({ mark: '0.5', bid: '', ask: '' }));
    expect(problemsWith({ 'chain.csv': cheap })[0]).toMatch(/^chain\.csv:20: mark_price 0\.5 is not what/);
  });

  it.each([
    [
      'a mark ten times too large',
      (row: ChainRow) => ({ mark: times(row.mark, 10), ask: times(row.ask, 10) }),
    ],
    ['a mark a tenth', (row: ChainRow) => ({ mark: times(row.mark, 0.1), bid: '' })],
    ['a negative mark', (row: ChainRow) => ({ mark: `-${row.mark}` })],
    ['a volatility ten times too large', () => ({ volatility: '5' })],
    ['a negative volatility', () => ({ volatility: '-0.5' })],
    ['a forward ten times too large', (row: ChainRow) => ({ forward: times(row.forward, 10) })],
    ['an index a hundredth', (row: ChainRow) => ({ index: times(row.index, 0.01) })],
    ['a bid far above the mark', (row: ChainRow) => ({ bid: times(row.mark, 9) })],
    ['an ask far below the mark', (row: ChainRow) => ({ ask: times(row.mark, 0.1), bid: '' })],
    ['a negative bid', (row: ChainRow) => ({ bid: `-${row.bid}` })],
    ['columns out of place', (row: ChainRow) => ({ bid: row.forward, forward: row.bid })],
    [
      'an option that has expired',
      (row: ChainRow) => ({ name: row.name.replace('3JAN26', '2JAN26'), timestamp: row.timestamp }),
    ],
  ])('is refused with %s', (_, change) => {
    const [problem = '', ...others] = problemsWith({ 'chain.csv': spoilt(change) });
    expect(problem).toMatch(/^chain\.csv:20: /);
    expect(others).toEqual([]);
  });

  it('is refused with two indices of one moment, and with two forwards of one expiry', () => {
    const index = spoilt((row) => ({ index: times(row.index, 1.2) }));
    expect(problemsWith({ 'chain.csv': index })[0]).toMatch(
      /^chain\.csv:21: index_price \S+ is 0\.83 times that of line 20 at the same moment/,
    );
    const last = chainText((row, at) =>
      at === AT + 1 ? { ...row, forward: times(row.forward, 1.06) } : row,
    );
    expect(problemsWith({ 'chain.csv': last })[0]).toMatch(
      /^chain\.csv:21: underlying \S+ is 1\.1 times that of line 20, of the same expiry and moment/,
    );
  });

  it('is read with a bid just above its ask: a market may be crossed, and the mark says so', () => {
    const crossed = spoilt((row) => ({ bid: row.ask, ask: row.bid }));
    const statuses = [...tapeWith({ 'chain.csv': crossed }).instants()].flatMap(({ quotes }) =>
      quotes.flatMap(({ reasons }) => reasons),
    );
    expect(statuses).toEqual(['CROSSED']);
  });

  it('tells of a quote told twice, and is refused where both differ', () => {
    const twice = line(FILES['chain.csv'] ?? '', AT, (row) => `${row}\n${row}`);
    expect(tapeWith({ 'chain.csv': twice }).remarks).toEqual([
      'chain.csv:21: repeats line 20 and is left out',
    ]);
    const other = line(
      FILES['chain.csv'] ?? '',
      AT,
      (row) => `${row}\n${row.replace(/\d,BTC$/, '1,BTC').replace(/\.\d\d1,BTC$/, '.77,BTC')}`,
    );
    expect(problemsWith({ 'chain.csv': other })[0]).toMatch(
      /^chain\.csv:21: tells of BTC-3JAN26-\S+ again, and not what line 20/,
    );
  });
});

describe('a chain without volatilities', () => {
  it('is refused where they are written as nought', () => {
    expect(problemsWith({ 'chain.csv': spoilt(() => ({ volatility: '0' })) })).toEqual([
      `chain.csv:${AT}: implied_volatility 0 is no volatility: leave the cell empty where there is none`,
    ]);
  });
});

describe('fundings', () => {
  const rates = (rate: string): string => FUNDING.replaceAll(',0.0001', `,${rate}`);

  it('in per cent are refused, and read where the source says so', () => {
    expect(problemsWith({ 'funding.csv': rates('0.01') })).toEqual([
      'funding.csv:2: funding_rate 0.01 is the usual size here, 1 % in every interval, and looks like per cent: a source can say "rateUnit": "percent" or "fraction"',
    ]);
    const tape = tapeWith({ 'funding.csv': rates('0.01') }, { 'funding.csv': { rateUnit: 'percent' } });
    expect(tape.remarks).toEqual(['funding.csv: converted rates from per cent']);
    expect([...tape.instants()]).toEqual([...tapeWith().instants()]);
    expect(
      problemsWith({ 'funding.csv': rates('0.01') }, { 'funding.csv': { rateUnit: 'fraction' } }),
    ).toEqual([]);
  });

  it('beyond what any venue takes are refused, and one that is unusual is told', () => {
    expect(
      problemsWith({ 'funding.csv': line(FUNDING, 3, (row) => row.replace('0.0001', '0.1')) })[0],
    ).toMatch(
      /^funding\.csv:3: funding_rate 0\.1 is 10 % of the notional in one interval, and looks like per cent/,
    );
    expect(
      tapeWith({ 'funding.csv': line(FUNDING, 3, (row) => row.replace('0.0001', '-0.001')) }).remarks,
    ).toEqual(['funding.csv:3: funding_rate of 0.001 is ten times the usual size, 0.0001']);
  });

  it('of another interval are refused, and one that is missing is told', () => {
    expect(problemsWith({}, { 'funding.csv': { interval: '1h' } })).toEqual([
      'funding.csv:2: its rows are 8h apart or more: these are no fundings of 1h',
    ]);
    const rows = FUNDING.split('\n');
    expect(tapeWith({ 'funding.csv': rows.filter((_, index) => index !== 3).join('\n') }).remarks).toEqual([
      'funding.csv:4: 1 funding is missing before 2026-01-03T00:00:00Z',
    ]);
  });

  it('a millisecond late are on time, as venues stamp them', () => {
    const late = FUNDING.replace('2026-01-02T16:00:00Z', '2026-01-02T16:00:00.001Z');
    expect(tapeWith({ 'funding.csv': late }).remarks).toEqual([]);
  });
});

describe('delivery prices', () => {
  const deliveries = (...prices: string[]): string =>
    ['currency,expiry,delivery_price', ...prices.map((price) => `BTC,2026-01-03T08:00:00Z,${price}`)].join(
      '\n',
    );

  it('of one expiry that differ are refused, and the same one again is told', () => {
    expect(problemsWith({ 'delivery.csv': deliveries(DELIVERED, '88077.83') })).toEqual([
      'delivery.csv:3: tells of BTC at 2026-01-03T08:00:00Z again, and not what line 2 tells',
    ]);
    expect(tapeWith({ 'delivery.csv': deliveries(DELIVERED, DELIVERED) }).remarks).toEqual([
      'delivery.csv:3: repeats line 2 and is left out',
    ]);
  });

  it('of one expiry that differ are refused whichever stands first, as is the one that is off', () => {
    const [off = '', again = '', ...others] = problemsWith({
      'delivery.csv': deliveries(times(DELIVERED, 0.1), DELIVERED),
    });
    expect(off).toMatch(/^delivery\.csv:2: the delivery price of BTC .* is a tenth of the price then/);
    expect(again).toMatch(/^delivery\.csv:3: tells of BTC .* again, and not what line 2 tells$/);
    expect(others).toEqual([]);
  });

  it.each([0.8, 1.04])('%d times the price at that hour are told', (factor) => {
    expect(tapeWith({ 'delivery.csv': deliveries(times(DELIVERED, factor)) }).remarks).toEqual([
      expect.stringMatching(
        /^delivery\.csv:2: the delivery price of BTC .* the price then, \S+ \((perp|spot)\.csv:\d+\)$/,
      ),
    ]);
  });

  it.each([0.1, 10, 1.5])('%d times the price at that hour are refused', (factor) => {
    expect(problemsWith({ 'delivery.csv': deliveries(times(DELIVERED, factor)) })[0]).toMatch(
      /^delivery\.csv:2: the delivery price of BTC .* the price then, \S+ \((perp|spot)\.csv:\d+\)$/,
    );
  });

  it('that are missing for an expiry that is quoted are told', () => {
    expect(tapeWith({ 'delivery.csv': 'currency,expiry,delivery_price\n' }).remarks).toEqual([
      'tape mini: quotes options of BTC@deribit/2026-01-03T08:00:00Z, and has no delivery price for them',
    ]);
  });
});

describe('any market that agrees with itself', () => {
  const market = fc.record({
    spot: fc.integer({ min: 2000, max: 400_000 }),
    barDeviation: fc.double({ min: 0, max: 0.04, noNaN: true }),
    volatility: fc.double({ min: 0.05, max: 4, noNaN: true }),
    minutes: fc.constantFrom(1, 5, 15, 60),
    basis: fc.double({ min: 0.97, max: 1.03, noNaN: true }),
    carry: fc.double({ min: -0.5, max: 0.8, noNaN: true }),
    halfSpread: fc.double({ min: 0, max: 0.6, noNaN: true }),
    rates: fc.array(fc.double({ min: -0.0025, max: 0.0025, noNaN: true }), { minLength: 5, maxLength: 5 }),
    seed: fc.string(),
  });

  it('is read, however wild it is', () => {
    fc.assert(
      fc.property(market, (drawn) => {
        expect(
          problemsWith(wildFiles(drawn), {
            'perp.csv': { interval: `${drawn.minutes}m` },
            'spot.csv': { interval: `${drawn.minutes}m` },
          }),
        ).toEqual([]);
      }),
      { seed: 71, numRuns: process.env['EK_SOAK'] === '1' ? 400 : 15 },
    );
  });
});

interface WildMarket {
  readonly spot: number;
  readonly barDeviation: number;
  readonly volatility: number;
  readonly minutes: number;
  readonly basis: number;
  readonly carry: number;
  readonly halfSpread: number;
  readonly rates: readonly number[];
  readonly seed: string;
}

/** A random walk with wicks, options of a year and of a day around it, their sides anywhere about the mark. */
function wildFiles(drawn: WildMarket): Record<string, string> {
  const { spot, barDeviation, volatility, minutes, basis, carry, halfSpread } = drawn;
  const random = createRandom(drawn.seed);
  const path = [spot];
  while (path.length <= (36 * 60) / minutes)
    path.push((path.at(-1) ?? spot) * (1 + barDeviation * (2 * random.next() - 1)));
  const priceAt = (minute: number): number =>
    path[Math.min(path.length - 1, Math.floor(minute / minutes))] ?? spot;
  const bars = (factor: number): string =>
    ['date,open,high,low,close,volume']
      .concat(
        path.slice(1).map((close, index) => {
          const [open, end] = [(path[index] ?? spot) * factor, close * factor];
          const [high, low] = [
            Math.max(open, end) * (1 + random.next()),
            Math.min(open, end) * (1 - random.next() / 2),
          ];
          const at = formatInstant(START + BigInt(index * minutes) * MINUTE);
          return [
            at,
            ...[open, high, low, end].map((price) => price.toFixed(2)),
            index % 7 === 0 ? 0 : 3,
          ].join();
        }),
      )
      .join('\n');
  const chain: string[] = [(FILES['chain.csv'] ?? '').split('\n', 1)[0] ?? ''];
  for (let hours = 0; hours < 30; hours += 6) {
    const at = START + BigInt(hours) * HOUR;
    const index = priceAt(hours * 60);
    for (const [name, expiry] of [
      ['3JAN26', EXPIRY],
      ['25DEC26', parseInstant('2026-12-25T08:00:00Z')],
    ] as const) {
      const T = yearsBetween(at, expiry);
      const F = Number((index * (1 + carry * T)).toFixed(2));
      for (const moneyness of [0.2, 0.7, 1, 1.4, 4]) {
        const K = Math.round(spot * moneyness);
        for (const type of ['call', 'put'] as const) {
          const value = priceInverse({ type, F, K, T, sigma: volatility }).valueCoin;
          const bid = Math.floor(value * (1 - halfSpread) * 1e4) / 1e4;
          const ask = Math.ceil(value * (1 + halfSpread * 3) * 1e4) / 1e4;
          const row = [
            formatInstant(at),
            `BTC-${name}-${K}-${type === 'call' ? 'C' : 'P'}`,
            F,
            bid > 0 ? bid : '',
          ];
          chain.push([...row, ask, value.toFixed(6), volatility, index.toFixed(2), 'BTC'].join());
        }
      }
    }
  }
  const fundings = drawn.rates.map(
    (rate, index) => `${formatInstant(START + BigInt(index * 8) * HOUR)},${rate.toFixed(8)}`,
  );
  return {
    'chain.csv': chain.join('\n'),
    'perp.csv': bars(basis),
    'spot.csv': bars(1),
    'funding.csv': ['date,funding_rate', ...fundings].join('\n'),
    'delivery.csv': `currency,expiry,delivery_price\nBTC,2026-01-03T08:00:00Z,${priceAt(32 * 60).toFixed(2)}\n`,
  };
}
