import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { InvalidInputError, createRandom, required } from '@evenkeel/kernel';
import { parseBookFile } from '../src/files/book-file';
import { parseInstrumentsFile } from '../src/files/instruments-file';
import { parseTapeManifest } from '../src/files/tape-manifest';
import { termsRemarks } from '../src/files/terms-remarks';
import { parseTradesFile } from '../src/files/trade-file';
import { checkBookAgainstTape, positionRemarks } from '../src/tape/book-against-tape';
import { createTape } from '../src/tape/tape';
import type { Tape } from '../src/tape/tape';
import { entryMutations, intervalMutations, tableMutations } from './mutations.test-support';
import type { Entry, Mutation } from './mutations.test-support';

// Good files of the repository, one thing in them spoilt: how many of them are refused, or told of before a run. The page
// docs/evidence/mutants.md holds the long form; EK_SOAK=1 EK_UPDATE_MUTANTS=1 writes it anew.
const LONG = process.env['EK_SOAK'] === '1';
const ROWS = LONG ? 30 : 2;
/** Lines of the chain that the short form reads: half a day of it. */
const CHAIN_LINES = LONG ? Infinity : 400;
const TIMEOUT_MS = LONG ? 3_600_000 : 60_000;
const SEED = 'mutants-1';
const ROOT = join(__dirname, '..', '..', '..');
const PAGE = join(ROOT, 'docs', 'evidence', 'mutants.md');
/** Of everything, and of what anything else in the files contradicts. */
const LEAST = 0.9;
const LEAST_OF_CONTRADICTED = 0.97;
/**
 * What nothing else in a file contradicts: sizes and signs of a desk's own trades, their prices without a market, a row of a list
 * that nobody counts, volumes of bars (recorded ones reach 300 times their median), the sign of a funding.
 */
const NOTHING_CONTRADICTS = [
  /^bars\/volume\/scaled/,
  /^fundings\/funding_rate\/sign flipped/,
  /^trades\/(quantity|price|quantity with price, one row)\//,
  /^book\/quantity\//,
  /^(trades|book|instruments)\/one\/row dropped/,
];

const sample = (name: string): string => {
  const path = join(ROOT, 'samples', name);
  return (name.endsWith('.gz') ? gunzipSync(readFileSync(path)) : readFileSync(path)).toString('utf8');
};
const MANIFEST = parseTapeManifest(sample('tape.json'), 'tape.json');
/** Delivery prices of what the tape does not price are left out, so nothing can be wrong with them. */
const priced = (text: string): string =>
  text
    .split('\n')
    .filter((line) => !line.startsWith('ETH,'))
    .slice(0, text.startsWith('timestamp,') ? CHAIN_LINES : Infinity)
    .join('\n');
const TEXTS = new Map(MANIFEST.sources.map(({ file }) => [file, priced(sample(file))]));
const BOOK = JSON.parse(sample('books/btc-options.json')) as { positions: Entry[] }; // as the parser reads it below
const TERMS = JSON.parse(sample('instruments.json')) as { instruments: Entry[] };

/** What a person is told of files, in the order of the telling; undefined where they are refused. */
type Verdict = readonly string[] | undefined;

function verdictOf(read: () => readonly string[]): Verdict {
  try {
    return read();
  } catch (error) {
    if (error instanceof InvalidInputError) return undefined;
    throw error;
  }
}

const tape: Tape = createTape(MANIFEST, TEXTS);
const onTape = (of: Tape, book: unknown): readonly string[] => {
  const parsed = parseBookFile(book, 'book.json');
  checkBookAgainstTape(parsed, 'book.json', of);
  return [...of.remarks, ...positionRemarks(parsed, 'book.json', of)];
};

/** Each kind of input with its columns and how it is judged. */
const TABLES = [
  { input: 'chain', file: 'market/btc-chain.csv.gz', time: 'timestamp' },
  { input: 'bars', file: 'market/btc-perpetual.csv', time: 'date' },
  { input: 'fundings', file: 'market/btc-funding.csv', time: 'date' },
  { input: 'deliveries', file: 'market/delivery.csv', time: 'expiry' },
] as const;

interface Outcome {
  readonly input: string;
  readonly kind: string;
  readonly field: string;
  readonly caught: boolean;
}

function outcomesOf<Content>(
  input: string,
  mutations: readonly Mutation<Content>[],
  judge: (content: Content) => readonly string[],
  told: Verdict,
): Outcome[] {
  const random = createRandom(`${SEED}/${input}`);
  return mutations.flatMap(({ kind, field, times, mutate }) => {
    const outcomes: Outcome[] = [];
    for (let round = 0; round < Math.min(ROWS, times ?? ROWS); round += 1) {
      const content = mutate(random.fork(`${kind}/${field}/${round}`));
      if (content === undefined) continue; // the same file: there was nothing to spoil
      const verdict = verdictOf(() => judge(content));
      const caught = verdict === undefined || verdict.join('\n') !== required(told, 'a good file').join('\n');
      outcomes.push({ input, kind, field, caught });
    }
    return outcomes;
  });
}

function allOutcomes(): Outcome[] {
  const good = verdictOf(() => onTape(tape, BOOK));
  const tables = TABLES.flatMap(({ input, file, time }) =>
    outcomesOf(
      input,
      tableMutations(required(TEXTS.get(file), file), input, time),
      (text) => onTape(createTape(MANIFEST, new Map([...TEXTS, [file, text]])), BOOK),
      good,
    ),
  );
  const intervals = outcomesOf(
    'manifest',
    intervalMutations(MANIFEST),
    (manifest) => onTape(createTape(manifest, TEXTS), BOOK),
    good,
  );
  const trades = sample('trades.csv');
  return [
    ...tables,
    ...intervals,
    ...outcomesOf('trades', tableMutations(trades, 'trades', 'at'), (text) => read(text), read(trades)),
    ...outcomesOf(
      'book',
      entryMutations(BOOK.positions, ['quantity', 'price'], 'at'),
      (positions) => onTape(tape, { ...BOOK, positions }),
      good,
    ),
    ...outcomesOf(
      'instruments',
      entryMutations(TERMS.instruments, TERM_FIELDS, undefined),
      (instruments) => termsRemarks(parseInstrumentsFile({ instruments }, 'terms.json'), 'terms.json'),
      termsRemarks(parseInstrumentsFile(TERMS, 'terms.json'), 'terms.json'),
    ),
  ];
}

const TERM_FIELDS = [
  'contractSize',
  'tickSize',
  'lotSize',
  'minQuantity',
  'makerFee',
  'takerFee',
  'halfSpreadBps',
];

function read(text: string): readonly string[] {
  parseTradesFile(text, 'trades.csv');
  return [];
}

interface Tally {
  caught: number;
  all: number;
}

function tallied(outcomes: readonly Outcome[], keyOf: (outcome: Outcome) => string): Map<string, Tally> {
  const tallies = new Map<string, Tally>();
  for (const outcome of outcomes) {
    const key = keyOf(outcome);
    const tally = tallies.get(key) ?? { caught: 0, all: 0 };
    tally.all += 1;
    if (outcome.caught) tally.caught += 1;
    tallies.set(key, tally);
  }
  return tallies;
}

function tableOf(outcomes: readonly Outcome[]): string {
  const inputs = [...new Set(outcomes.map(({ input }) => input))];
  const cells = tallied(outcomes, ({ input, kind }) => `${kind}/${input}`);
  const byKind = tallied(outcomes, ({ kind }) => kind);
  const cell = (tally: Tally | undefined): string =>
    tally === undefined ? '' : `${tally.caught} of ${tally.all}`;
  const rows = [...byKind].map(
    ([kind, sum]) =>
      `| ${[kind, ...inputs.map((input) => cell(cells.get(`${kind}/${input}`))), cell(sum)].join(' | ')} |`,
  );
  return [
    `| spoilt | ${inputs.join(' | ')} | all |`,
    `|---${'|---'.repeat(inputs.length + 1)}|`,
    ...rows,
  ].join('\n');
}

/** What is not always found, by input, field and kind. */
function missedOf(outcomes: readonly Outcome[]): string {
  const tallies = tallied(outcomes, ({ input, field, kind }) => `| ${input} | ${field} | ${kind} |`);
  const missed = [...tallies].filter(([, { caught, all }]) => caught < all);
  return [
    '| input | field | spoilt | found |',
    '|---|---|---|---|',
    ...missed.map(([key, { caught, all }]) => `${key} ${caught} of ${all} |`),
  ].join('\n');
}

describe('a good file with one thing spoilt', () => {
  it(
    'is refused or told of, but for what nothing else in it contradicts',
    () => {
      const outcomes = allOutcomes();
      const caught = outcomes.filter((outcome) => outcome.caught).length;
      const rate = `${caught} of ${outcomes.length} (${((caught / outcomes.length) * 100).toFixed(1)} %)`;
      const text = `${tableOf(outcomes)}\n\nMissed:\n\n${missedOf(outcomes)}`;
      process.stdout.write(`seed ${SEED}: ${rate} refused or told\n${text}\n`);
      const contradicted = outcomes.filter(
        ({ input, field, kind }) =>
          !NOTHING_CONTRADICTS.some((pattern) => pattern.test(`${input}/${field}/${kind}`)),
      );
      const found = contradicted.filter((outcome) => outcome.caught).length;
      process.stdout.write(`of what something contradicts: ${found} of ${contradicted.length}\n`);
      expect(caught / outcomes.length).toBeGreaterThanOrEqual(LEAST);
      expect(found / contradicted.length).toBeGreaterThanOrEqual(LEAST_OF_CONTRADICTED);
      if (LONG && process.env['EK_UPDATE_MUTANTS'] === '1')
        writePage(
          `${rate} refused or told; of what something in the files contradicts, ${found} of ${contradicted.length}`,
          outcomes,
        );
    },
    TIMEOUT_MS,
  );
});

const MARK = '<!-- figures -->';

/** Everything behind the mark is written anew. */
function writePage(rate: string, outcomes: readonly Outcome[]): void {
  const page = existsSync(PAGE) ? readFileSync(PAGE, 'utf8') : `${MARK}\n`;
  const head = page.slice(0, page.indexOf(MARK) + MARK.length);
  writeFileSync(
    PAGE,
    `${head}\n\n${rate}.\n\n${tableOf(outcomes)}\n\n## What is missed\n\n${missedOf(outcomes)}\n`,
  );
}
