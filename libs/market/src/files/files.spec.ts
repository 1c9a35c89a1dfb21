import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InvalidInputError } from '@evenkeel/kernel';
import { evaluationRulesOf, orderLimitsOf } from './book-defaults';
import { bookJsonSchema, checkBooks, parseBookFile } from './book-file';
import {
  instrumentsJsonSchema,
  overridesOf,
  parseInstrumentsFile,
  specificationsFor,
} from './instruments-file';
import { parseTapeManifest, tapeJsonSchema } from './tape-manifest';

const BOOK = {
  book: 'desk',
  numeraire: 'USD',
  positions: [
    {
      instrument: 'BTC-9JAN26-89000-C@deribit',
      quantity: '-1',
      price: '0.022',
      at: '2026-01-02T09:18:09.153333Z',
    },
  ],
  hedge: {
    instruments: ['BTCUSDT-PERP@binance'],
    policy: { kind: 'delta-band', band: '0.05' },
    target: { delta: '0' },
  },
  limits: { maxOrderQuantity: { 'BTCUSDT-PERP@binance': '5' }, maxGrossNotionalUsd: '2000000' },
};

const TAPE = {
  tape: 't',
  from: '2026-01-01T00:00:00Z',
  to: '2026-01-02T00:00:00Z',
  sources: [{ file: 'perp.csv.gz', format: 'ohlcv', instrument: 'BTCUSDT-PERP@binance', interval: '5m' }],
};

function problems(read: () => unknown): string[] {
  try {
    read();
  } catch (error) {
    if (error instanceof InvalidInputError)
      return error.problems.map(({ path, message }) => `${path}: ${message}`);
    throw error;
  }
  return [];
}

/** A copy with one place changed; `undefined` removes it. */
function changed(value: object, path: string, to: unknown): object {
  const copy: unknown = JSON.parse(JSON.stringify(value));
  const keys = path.split('.');
  let at = copy as Record<string, unknown>; // keys below are those of the literals above
  for (const key of keys.slice(0, -1)) at = at[key] as Record<string, unknown>;
  at[keys.at(-1) ?? ''] = to;
  return copy as object;
}

describe('a book file', () => {
  it('is read as written', () => {
    expect(parseBookFile(JSON.stringify(BOOK), 'book.json')).toEqual(BOOK);
  });

  it.each([
    ['extra', 1, 'extra: unknown field. There are book, numeraire, positions, hedge, limits, evaluation'],
    [
      'numeriare',
      'USD',
      'numeriare: unknown field: did you mean numeraire? There are book, numeraire, positions, hedge, limits, evaluation',
    ],
    [
      'hedge.polcy',
      {},
      'hedge.polcy: unknown field: did you mean policy? There are instruments, policy, execution, target',
    ],
    [
      'limits.maxOrderNotional',
      '1',
      'limits.maxOrderNotional: unknown field: did you mean maxOrderNotionalUsd? There are maxOrderQuantity, maxGrossNotionalUsd, priceCollarBps, maxOrdersPerMinute, maxOrderNotionalUsd, maxPosition, maxGreeks, maxDailyLoss, maxVenueNotionalUsd, maxRepeatedExecutions, throttleWindow, duplicateWindow, restrictedInstruments, reconciliation',
    ],
    [
      'positions.0.quantitiy',
      '1',
      'positions[0].quantitiy: unknown field: did you mean quantity? There are instrument, quantity, price, at',
    ],
    ['positions.0.quantity', '0', 'positions[0].quantity: must not be zero'],
    ['positions.0.quantity', '-0.00', 'positions[0].quantity: must not be zero'],
    ['positions.0.quantity', -1, 'positions[0].quantity: must be a decimal in quotes, such as "-1.5"'],
    ['positions.0.quantity', '1,5', 'positions[0].quantity: "1,5" is not a decimal such as "-1.5"'],
    ['positions.0.quantity', undefined, 'positions[0].quantity: is missing'],
    ['positions.0.price', '-1', 'positions[0].price: must not be negative'],
    [
      'positions.0.price',
      '990',
      'positions[0].price: 990 looks like a premium in USD: a call quoted in BTC is worth less than 1 BTC',
    ],
    [
      'positions.0.price',
      '1',
      'positions[0].price: 1 looks like a premium in USD: a call quoted in BTC is worth less than 1 BTC',
    ],
    [
      'positions.0',
      { ...BOOK.positions[0], instrument: 'ETH-9JAN26-3100-C@deribit', price: '62.5' },
      expect.stringMatching(
        /^positions\[0\]\.price: 62\.5 looks like a premium in USD: a call quoted in ETH/,
      ),
    ],
    [
      'positions.0',
      { ...BOOK.positions[0], instrument: 'BTC-USD-260109-89000-C@okx', price: '990' },
      expect.stringMatching(/^positions\[0\]\.price: 990 looks like a premium in USD/),
    ],
    ['positions.0.at', 'yesterday', 'positions[0].at: "yesterday" is not an ISO 8601 time'],
    [
      'positions.0.at',
      '2026-01-09T08:00:00Z',
      'positions[0].at: 2026-01-09T08:00:00Z is not before the expiry of BTC-9JAN26-89000-C@deribit, 2026-01-09T08:00:00Z',
    ],
    [
      'positions.0.instrument',
      'BTC-9JAN26--89000-C@deribit',
      'positions[0].instrument: "BTC-9JAN26--89000-C@deribit" has a negative strike',
    ],
    [
      'positions.0.instrument',
      'BTC-9JAN26-0-C@deribit',
      'positions[0].instrument: "BTC-9JAN26-0-C@deribit" has a strike that is not positive',
    ],
    [
      'positions.0.instrument',
      'BTC-31FEB26-89000-C@deribit',
      'positions[0].instrument: "BTC-31FEB26-89000-C@deribit" expires on a day that does not exist',
    ],
    ['positions.0.instrument', 'BTC', 'positions[0].instrument: "BTC" is not of the form <symbol>@<venue>'],
    ['positions', [], 'positions: holds no position'],
    ['hedge.instruments', [], 'hedge.instruments: names no hedge instrument'],
    [
      'hedge.instruments',
      ['BTCUSDT-PERP@binance', 'BTCUSDT-PERP@binance'],
      'hedge.instruments[1]: BTCUSDT-PERP@binance is named twice',
    ],
    ['hedge.policy', { band: '1' }, 'hedge.policy.kind: is missing'],
    ['limits.maxOrdersPerMinute', 0, 'limits.maxOrdersPerMinute: Too small: expected number to be >=1'],
    ['book', 'a b', 'book: "a b" must be letters, digits, - and _ (at most 64)'],
    [
      'limits.maxOrderQuantity',
      { 'BTCUSDT-PERP@okx': '5' },
      'limits.maxOrderQuantity.BTCUSDT-PERP@okx: is not one of the hedge instruments',
    ],
    [
      'evaluation',
      { maxInterval: 'soon' },
      'evaluation.maxInterval: "soon" is not a duration such as PT5M or 8h',
    ],
  ])('says what is wrong at %s = %j', (path, to, message) => {
    expect(problems(() => parseBookFile(changed(BOOK, path, to), 'book.json'))).toEqual([message]);
  });

  it('lists all problems at once, the file named first', () => {
    const bad = changed(changed(BOOK, 'positions.0.quantity', '0'), 'colour', 'red');
    expect(problems(() => parseBookFile(bad, 'book.json'))).toHaveLength(2);
    expect(() => parseBookFile(bad, 'book.json')).toThrow(/^book\.json is not valid:\n {2}/);
    expect(problems(() => parseBookFile('{"book":', 'book.json'))[0]).toMatch(/^\(file\): is not JSON/);
  });

  it('says how many positions it can hold', () => {
    const many = Array.from({ length: 10_001 }, () => BOOK.positions[0]);
    expect(problems(() => parseBookFile({ ...BOOK, positions: many }, 'book.json'))).toEqual([
      'positions: holds more than 10000 positions: its first fact would not fit a message',
    ]);
  });

  it('has defaults where it is silent', () => {
    const { limits, ...rest } = BOOK;
    const book = parseBookFile(rest, 'book.json');
    expect(orderLimitsOf(book)).toEqual({
      maxOrderQuantity: [],
      maxGrossNotionalUsd: '10000000',
      priceCollarBps: '50',
      maxOrdersPerMinute: 60,
    });
    expect(evaluationRulesOf(book).maxInterval).toBe('PT1H');
    expect(orderLimitsOf(parseBookFile({ ...rest, limits }, 'book.json')).maxGrossNotionalUsd).toBe(
      '2000000',
    );
  });

  it('may not share its name with another', () => {
    const book = parseBookFile(BOOK, 'a.json');
    expect(
      problems(() =>
        checkBooks([
          { source: 'a.json', book },
          { source: 'b.json', book },
        ]),
      ),
    ).toEqual(['b.json: book: the name "desk" is already taken by a.json']);
  });

  it.each([
    ['book', bookJsonSchema()],
    ['tape', tapeJsonSchema()],
    ['instruments', instrumentsJsonSchema()],
  ])('is described by the schema beside it: %s', (name, schema) => {
    const path = join(__dirname, '..', '..', 'schemas', `${name}.schema.json`);
    const text = `${JSON.stringify(schema, null, 2)}\n`;
    if (process.env['EK_UPDATE_SCHEMAS'] === '1') writeFileSync(path, text);
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(JSON.parse(text));
  });

  it('has a JSON Schema that closes every object', () => {
    expect(bookJsonSchema()).toMatchObject({
      type: 'object',
      additionalProperties: false,
      required: ['book', 'numeraire', 'positions', 'hedge'],
    });
    expect(tapeJsonSchema()).toMatchObject({ type: 'object', additionalProperties: false });
  });
});

describe('a tape manifest', () => {
  it('is read as written', () => {
    expect(parseTapeManifest(TAPE, 'tape.json')).toEqual(TAPE);
  });

  it.each([
    [
      'sources.0.format',
      'parquet',
      expect.stringContaining(
        'sources[0].format: must be one of ohlcv, deribit-chain, funding, delivery, tardis-',
      ),
    ],
    ['sources.0.interval', undefined, 'sources[0].interval: is missing'],
    [
      'sources.0.currency',
      'BTC',
      'sources[0].currency: unknown field. There are file, format, instrument, interval, timeUnit, volumes',
    ],
    ['to', '2026-01-01T00:00:00Z', 'to: 2026-01-01T00:00:00Z is not after from, 2026-01-01T00:00:00Z'],
    ['sources.1', TAPE.sources[0], 'sources[1]: gives the same ohlcv as sources[0]'],
    ['from', 'now', 'from: "now" is not an ISO 8601 time'],
    [
      'sources.0.instrument',
      'BTCEUR@binance',
      'sources[0].instrument: prices of BTCEUR@binance are in EUR, and nothing here says what that is worth in dollars',
    ],
    [
      'sources.0.instrument',
      'ETH-BTC@okx',
      'sources[0].instrument: prices of ETH-BTC@okx are in BTC, and nothing here says what that is worth in dollars',
    ],
    ...['FDUSD', 'BUSD', 'TUSD', 'USDE', 'DAI', 'TRY'].map((quote): [string, string, string] => [
      'sources.0.instrument',
      `BTC${quote}@binance`,
      `sources[0].instrument: prices of BTC${quote}@binance are in ${quote}, and nothing here says what that is worth in dollars`,
    ]),
    ['sources.0.instrument', 'BTC-260109@okx', expect.stringMatching(/are in 260109, and nothing here/)],
    ['sources.0.instrument', 'BTC-USD-500@okx', expect.stringMatching(/is not an instrument we know/)],
  ])('says what is wrong at %s = %j', (path, to, message) => {
    expect(problems(() => parseTapeManifest(changed(TAPE, path, to), 'tape.json'))).toEqual([message]);
  });
});

describe('an instruments file', () => {
  it('overrides the catalogue and names what has no terms', () => {
    const file = parseInstrumentsFile(
      { instruments: [{ instrument: 'BTCUSDT-PERP@binance', takerFee: '0.0001' }] },
      'i.json',
    );
    const [spec] = specificationsFor(
      [{ instrument: 'BTCUSDT-PERP@binance', path: 'hedge.instruments[0]' }],
      'book.json',
      overridesOf(file),
    );
    expect(spec).toMatchObject({ takerFee: '0.0001', tickSize: '0.1' });
    expect(
      problems(() =>
        specificationsFor([{ instrument: 'DOGEUSDT@binance', path: 'hedge.instruments[0]' }], 'book.json'),
      ),
    ).toEqual([
      expect.stringMatching(
        /^hedge\.instruments\[0\]: no contract terms known for DOGEUSDT@binance .*give them in an instruments file/,
      ),
    ]);
  });
});
