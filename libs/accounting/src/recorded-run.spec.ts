import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { DomainEvent } from '@evenkeel/facts';
import { Decimal, sum } from '@evenkeel/kernel';
import { runInProcess } from '@evenkeel/lab';
import { createTape, parseBookFile, parseTapeManifest } from '@evenkeel/market';
import { itWithSharedData, sharedDir } from '@evenkeel/testkit';
import { postingsOf, contractsOfBook } from './journal-entries';
import type { JournalEntry } from './journal-entries';
import { trialBalance } from './trial-balance.test-support';
import { ATTRIBUTION_TERMS } from './attribution-terms';
import { createRunAttribution } from './explained-pnl';
import { createRunPositions } from './position-pnl';
import { createRunStatistics } from './run-statistics';

const FOLDER = 'data/crypto-options-2026-01';

interface Story {
  readonly events: readonly { readonly book: string; readonly event: DomainEvent }[];
}

/** A whole month through every core, in process. */
async function tell(tapeName: string, bookName: string): Promise<Story> {
  const path = join(sharedDir() ?? '', FOLDER, tapeName);
  const manifest = parseTapeManifest(readFileSync(path, 'utf8'), tapeName);
  const texts = new Map<string, string>();
  for (const { file } of manifest.sources) {
    const bytes = readFileSync(join(dirname(path), file));
    texts.set(file, (file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8'));
  }
  const file = parseBookFile(readFileSync(join(sharedDir() ?? '', 'books', bookName), 'utf8'), bookName);
  const run = runInProcess({ tape: createTape(manifest, texts), books: [{ file, source: bookName }] });
  const events: { book: string; event: DomainEvent }[] = [];
  for await (const { commit } of run.journal.read({}))
    for (const { event } of commit.events) events.push({ book: commit.book, event });
  return { events };
}

function account(story: Story) {
  const statistics = createRunStatistics();
  const attribution = createRunAttribution();
  const run = createRunPositions();
  const entries: JournalEntry[] = [];
  let terms: ReturnType<typeof contractsOfBook> | undefined;
  let balances: readonly { currency: string; amount: string }[] = [];
  for (const { book, event } of story.events) {
    if (event.type === 'BookOpened') terms = contractsOfBook(event.payload);
    if (event.type === 'RiskSnapshotTaken') balances = event.payload.balances;
    statistics.add({ book, events: [event] });
    attribution.add({ book, events: [event] });
    run.add({ book, events: [event] });
    if (terms !== undefined) entries.push(...postingsOf(event, terms));
  }
  const [report] = statistics.report();
  const [explained] = attribution.report();
  if (report === undefined || explained === undefined) throw new Error('a book was opened');
  return { report, explained, entries, balances, found: run.of(report.book) };
}

function checkBooks({ report, explained, entries, balances, found }: ReturnType<typeof account>): void {
  const cash = new Map(
    trialBalance(entries).flatMap(({ account: name, currency, amount }) =>
      name === 'assets/cash' ? [[currency, amount]] : [],
    ),
  );
  for (const { currency, amount } of balances) expect(cash.get(currency) ?? '0').toBe(amount);
  expect(sum(ATTRIBUTION_TERMS.map((term) => Decimal.parse(explained.terms[term]))).toString()).toBe(
    explained.total,
  );
  expect(explained.total).toBe(report.pnl.hedged);
  expect(explained.residualPercentOfGross).toBeLessThan(0.5);
  const byPosition = [...found.positions.map(({ pnl }) => pnl), found.positionsRounding];
  expect(sum(byPosition.map((amount) => Decimal.parse(amount))).toString()).toBe(report.pnl.hedged);
  expect(Math.abs(Number(found.positionsRounding))).toBeLessThan(1e-5);
  const { pnl } = report;
  expect(
    sum(
      [pnl.options, pnl.settlement, pnl.hedge, pnl.fees, pnl.funding].map((line) => Decimal.parse(line)),
    ).toString(),
  ).toBe(pnl.hedged);
}

describe('a month of recorded market', () => {
  itWithSharedData(FOLDER)(
    'straddles are settled, explained and hedged to a small fraction of their variance',
    async () => {
      const done = account(await tell('tape-btc.json', 'btc-weekly-straddles.json'));
      checkBooks(done);
      const { report } = done;
      // Four straddles to the recorded delivery prices, in dollars: −(1,825.47 + 5,563.14 + 6,529.39 + 6,448.06).
      expect(Number(report.pnl.settlement)).toBeCloseTo(-20366.06, 2);
      expect(report.varianceRatio).toBeLessThan(0.06);
      expect(report.absDelta.after.timeWeighted).toBeLessThan(0.05);
      expect(report.decisions.hedged).toBeGreaterThan(100);
      expect(report.evaluationsIncomplete).toBe(0);
      const fees = done.entries.flatMap(({ lines }) =>
        lines.filter(({ account: name }) => name === 'expenses/fees'),
      );
      const turnover = Decimal.parse(report.turnoverUsd).toNumber();
      expect(sum(fees.map(({ amount }) => Decimal.parse(amount))).toNumber() / turnover).toBeCloseTo(
        0.0005,
        8,
      );
    },
  );

  const desk = process.env['EK_SOAK'] === '1' ? itWithSharedData(FOLDER) : it.skip;
  desk('the desk’s 64 legs on two underlyings are explained as well', async () => {
    const done = account(await tell('tape-btc-eth.json', 'btc-eth-desk.json'));
    checkBooks(done);
    expect(done.report.varianceRatio).toBeLessThan(0.06);
  });
});
