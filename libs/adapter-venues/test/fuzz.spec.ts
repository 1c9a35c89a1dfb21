import { itWithSharedData } from '@evenkeel/testkit';
import fc from 'fast-check';

import { parseFeed } from './parse-feed';
import { decimalTextOfString, shiftDecimal } from '@evenkeel/venue-wire';
import type { Feed } from '@evenkeel/venue-wire';
import { recordedLines } from './recorded-files';

const maybe = itWithSharedData('data/wire/crypto-msg-parser');
const SOAK = process.env['EK_SOAK'] === '1';
const RUNS = SOAK ? 200_000 : 3_000;

/** Messages of every shape: recorded where the recorded data is present, and a few of our own that need nothing. */
function corpus(): (readonly [Feed, string])[] {
  const own: (readonly [Feed, string])[] = [
    [
      { venue: 'deribit', market: 'mixed' },
      '{"jsonrpc":"2.0","method":"subscription","params":{"channel":"quote.BTC-PERPETUAL","data":{"timestamp":1567296000183,"instrument_name":"BTC-PERPETUAL","best_bid_price":9600.5,"best_bid_amount":162800,"best_ask_price":9601,"best_ask_amount":49710}}}',
    ],
    [
      { venue: 'binance', market: 'linear' },
      '{"stream":"btcusdt@depth@0ms","data":{"e":"depthUpdate","E":1723161256299,"T":1723161256298,"s":"BTCUSDT","U":10,"u":12,"pu":9,"b":[["61800.10","0.5"]],"a":[["61800.20","0.000"]]}}',
    ],
    [
      { venue: 'hyperliquid', market: 'linear' },
      '{"channel":"bbo","data":{"coin":"BTC","time":1750948919838,"bbo":[{"px":"107575.0","sz":"3.87947","n":17}]}}',
    ],
  ];
  if (maybe !== it) return own;
  const recorded = (['deribit', 'binance', 'bybit', 'okx'] as const).flatMap((venue) =>
    recordedLines(`crypto-msg-parser/${venue}.jsonl`).map((line): readonly [Feed, string] => [
      { venue, market: venue === 'binance' || venue === 'bybit' ? 'linear' : 'mixed' },
      (JSON.parse(line) as { raw: string }).raw, // the recorded file's own frame
    ]),
  );
  const files = [
    ['hyperliquid', 'hyperliquid'],
    ['bybit', 'bybit'],
    ['okx', 'okex-swap'],
    ['okx', 'okex-options'],
    ['deribit', 'deribit'],
  ] as const;
  const framed = files.flatMap(([venue, name]) =>
    recordedLines(`tardis/${name}.jsonl`).map((line): readonly [Feed, string] => {
      const at = line.indexOf('"message":') + '"message":'.length;
      return [{ venue, market: 'linear' }, line.slice(at, line.lastIndexOf('}'))];
    }),
  );
  return [...own, ...recorded, ...framed];
}

type Mutation = readonly [kind: number, at: number, patch: string];

function mutate(text: string, mutations: readonly Mutation[]): string {
  let mutated = text;
  for (const [kind, at, patch] of mutations) {
    const where = at % (mutated.length + 1);
    if (kind === 0) mutated = mutated.slice(0, where);
    else if (kind === 1) mutated = mutated.slice(0, where) + patch + mutated.slice(where + 1);
    else if (kind === 2) mutated = mutated.slice(0, where) + patch + mutated.slice(where);
    else if (kind === 3) mutated = mutated.slice(0, where) + mutated.slice(where + 1);
    else mutated = replaceLiteral(mutated, at, patch);
  }
  return mutated;
}

/** Puts another value in the place of one number or text: what a changed API would send. */
function replaceLiteral(text: string, at: number, patch: string): string {
  const literals = [...text.matchAll(/-?\d+(?:\.\d+)?|"[^"]*"|null|true|false/g)];
  const chosen = literals[at % Math.max(literals.length, 1)];
  if (chosen?.index === undefined) return text;
  return text.slice(0, chosen.index) + patch + text.slice(chosen.index + chosen[0].length);
}

const PATCHES = [
  '"',
  '0',
  '9',
  '-',
  '.',
  'e9',
  ',',
  '{}',
  '[]',
  'null',
  '"x"',
  '1e400',
  '1e-400',
  '0.1000000000000000055',
  '99999999999999999999',
  '""',
  '"NaN"',
  '∞',
  '\u0000',
  '\ud800',
  'true',
];

/** Every decimal in the events, with the ways a parser may have moved its point. */
function decimalsOf(value: unknown, found: string[]): void {
  if (typeof value === 'string' && decimalTextOfString(value) === value) found.push(value);
  else if (Array.isArray(value)) value.forEach((item) => decimalsOf(item, found));
  else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      // Names and identifiers may look like numbers; funding and other times are bigints.
      if (
        ![
          'symbol',
          'instrument',
          'id',
          'detail',
          'requestId',
          'code',
          'period',
          'message',
          'underlyingName',
          'state',
          'special',
        ].includes(key)
      ) {
        decimalsOf(item, found);
      }
    }
  }
}

const SHIFTS = [0, -2, -4, -6, -8];

/** The numbers written in the bytes: bare literals whole, and texts that are numbers whole. */
function numbersIn(text: string): Set<string> {
  const numbers = new Set<string>(['0']);
  for (const match of text.matchAll(/"((?:[^"\\]|\\.)*)"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g)) {
    const canonical = decimalTextOfString(match[1] ?? match[0]);
    if (canonical === undefined) continue;
    for (const shift of SHIFTS) numbers.add(shiftDecimal(canonical, shift));
  }
  return numbers;
}

describe('mutated and truncated bytes', () => {
  it(`give a named failure or numbers that stand in the bytes, never a throw (${RUNS} runs)`, () => {
    const messages = corpus();
    const outcomes = { parsed: 0, failed: 0 };
    const failures = new Set<string>();
    // Mostly whole values, because broken syntax never reaches the fields.
    const mutation = fc.tuple(
      fc.constantFrom(0, 1, 2, 3, 4, 4, 4, 4, 4, 4),
      fc.nat(),
      fc.constantFrom(...PATCHES),
    );
    fc.assert(
      fc.property(fc.nat(), fc.array(mutation, { minLength: 1, maxLength: 3 }), (pick, mutations) => {
        const [feed, original] = messages[pick % messages.length] ?? [undefined, ''];
        if (feed === undefined) return;
        const bytes = mutate(original, mutations);
        const parsed = parseFeed(feed, bytes, 'ASKED-FOR');
        if (!parsed.ok) {
          outcomes.failed += 1;
          failures.add(parsed.failure.code);
          expect(parsed.failure.code).toMatch(/^VENUES\.[A-Z_]+$/);
          return;
        }
        outcomes.parsed += 1;
        const found: string[] = [];
        decimalsOf(parsed.value, found);
        const written = numbersIn(bytes);
        for (const number of found)
          expect({ number, stands: written.has(number) }).toEqual({ number, stands: true });
      }),
      { seed: Number(process.env['EK_SEED'] ?? 20260122), numRuns: RUNS },
    );
    process.stderr.write(
      `fuzz: ${outcomes.parsed} still parsed, ${outcomes.failed} failed by name (${[...failures].join(', ')})\n`,
    );
    expect(outcomes.failed).toBeGreaterThan(RUNS / 10);
  });

  it('fails by name on any text at all', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<Feed['venue']>('deribit', 'binance', 'bybit', 'okx', 'hyperliquid'),
        fc.oneof(fc.string(), fc.json(), fc.string({ unit: 'binary' })),
        (venue, text) => {
          const parsed = parseFeed({ venue, market: 'linear' }, text);
          if (!parsed.ok) expect(parsed.failure.code).toMatch(/^VENUES\./);
        },
      ),
      { seed: 4, numRuns: SOAK ? 50_000 : 1_000 },
    );
  });
});
