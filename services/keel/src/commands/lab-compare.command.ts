import { basename, join, resolve } from 'node:path';
import type { Command } from 'commander';
import { requireWritable, writeNamedFile } from '@evenkeel/config';
import { InvalidInputError } from '@evenkeel/kernel';
import type { Comparison } from '@evenkeel/lab';
import { terminalWidth } from './terminal-width';
import { ProgressLine } from '../run/progress-line';
import { quoted } from './quoted';
import { workersOf } from './lab-simulate.command';
import type { MarketName } from '../lab/outcome-jobs';

interface CompareFlags {
  readonly tape?: string;
  readonly book: readonly string[];
  readonly policies: string;
  readonly out: string;
  readonly instruments?: string;
  readonly scenario: readonly string[];
  readonly stressOnly?: boolean;
  readonly seed: string;
  readonly seeds: string;
  readonly days: string;
  readonly riskAversion: string;
  readonly folds: string;
  readonly reference?: string;
  readonly workers?: string;
  readonly json?: boolean;
}

const gather = (path: string, all: readonly string[]): readonly string[] => [...all, path];

export function addLabCompareCommand(lab: Command): void {
  lab
    .command('compare')
    .description(
      'many policies over the same markets: table, charts, efficient frontier, confidence intervals',
    )
    .requiredOption('--policies <folder>', 'one JSON file per policy; { policy, fit } is fitted walk-forward')
    .requiredOption('--out <folder>', 'where comparison.json, comparison.md, index.html and the charts go')
    .option('--tape <manifest>', 'tape manifest; without it built-in seeded markets')
    .option('--book <file>', 'book file; repeat for several', gather, [])
    .option('--instruments <file>', 'contract terms that override the built-in ones')
    .option('--scenario <file>', 'also under this stress; repeat for several', gather, [])
    .option('--stress-only', 'leave out the markets without stress')
    .option('--seed <text>', 'seed of the built-in markets', 'evenkeel')
    .option('--seeds <number>', 'how many built-in markets', '1')
    .option('--days <number>', 'length of a built-in market in days', '7')
    .option('--risk-aversion <number>', 'weight of variance in the score, per unit of numeraire', '0.0001')
    .option('--folds <number>', 'stretches of the walk-forward; the first is only learnt from', '4')
    .option('--reference <policy>', 'policy that the others are set against; the first by name unless told')
    .option(
      '--workers <number>',
      'threads, as many as there are cores unless told; the result is the same for any number',
    )
    .option('--json', 'print the comparison as JSON on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  keel lab compare --tape samples/tape.json --book samples/books/btc-options.json --policies samples/policies --out out/comparison\n',
    )
    .action((flags: CompareFlags) => comparePolicies(flags));
}

async function comparePolicies(flags: CompareFlags): Promise<void> {
  requireWritable(flags.out, 'folder');
  const count = (text: string, name: string, max: number): number => {
    const value = Number(text);
    if (Number.isInteger(value) && value >= 1 && value <= max) return value;
    throw new InvalidInputError('the command', [
      { path: name, message: `must be a whole number from 1 to ${max}, not "${text}"` },
    ]);
  };
  const riskAversion = Number(flags.riskAversion);
  if (!(riskAversion >= 0))
    throw new InvalidInputError('the command', [
      { path: '--risk-aversion', message: `must be a number of at least 0, not "${flags.riskAversion}"` },
    ]);
  const folds = count(flags.folds, '--folds', 50);
  const workers = workersOf(flags.workers);
  if (folds < 2)
    throw new InvalidInputError('the command', [{ path: '--folds', message: 'must be at least 2' }]);
  const markets = marketsOf(flags, count(flags.seeds, '--seeds', 1000), count(flags.days, '--days', 60));
  const [{ readPolicies }, { OutcomeRunner }, { withOutcomeThreads }, { compare }] = await Promise.all([
    import('../lab/policy-folder'),
    import('../lab/outcome-jobs'),
    import('../lab/outcome-pool'),
    import('../lab/compare'),
  ]);
  const here = new OutcomeRunner();
  const progress = new ProgressLine(flags.json === true);
  const comparison = await withOutcomeThreads({ beside: workers - 1, here }, (run) => {
    const policies = readPolicies(resolve(flags.policies));
    if (flags.reference !== undefined && !policies.some(({ name }) => name === flags.reference))
      throw new InvalidInputError('the command', [
        { path: '--reference', message: `names no policy of the folder: ${flags.reference}` },
      ]);
    const [first] = markets;
    const books = first === undefined ? [] : here.books(first).map(({ file }) => file.book);
    for (const remark of first === undefined ? [] : here.remarks(first))
      process.stderr.write(`note: ${remark}\n`);
    return compare({
      command: commandOf(flags),
      markets,
      books,
      policies,
      riskAversion,
      folds,
      run,
      ...(flags.reference === undefined ? {} : { reference: flags.reference }),
      onProgress: (done, total, what) => progress.show(done / total, `${done} of ${total} ${what}`),
    });
  });
  progress.clear();
  await deliver(comparison, resolve(flags.out), flags.json === true);
}

function marketsOf(flags: CompareFlags, seeds: number, days: number): MarketName[] {
  if (flags.stressOnly === true && flags.scenario.length === 0)
    throw new InvalidInputError('the command', [
      { path: '--stress-only', message: 'needs a stress: name it with --scenario' },
    ]);
  const books = flags.book.map((path) => resolve(path));
  const common = {
    books,
    days,
    ...(flags.instruments === undefined ? {} : { instruments: resolve(flags.instruments) }),
  };
  const plain: MarketName[] =
    flags.tape === undefined
      ? Array.from({ length: seeds }, (_, index) => {
          const seed = seeds === 1 ? flags.seed : `${flags.seed}-${index + 1}`;
          return { ...common, name: `generated-${seed}`, seed };
        })
      : [{ ...common, name: basename(flags.tape, '.json'), tape: resolve(flags.tape), seed: flags.seed }];
  const stressed = flags.scenario.flatMap((path) =>
    plain.map((market): MarketName => {
      return { ...market, name: `${market.name} under ${basename(path, '.json')}`, scenario: resolve(path) };
    }),
  );
  return flags.stressOnly === true ? stressed : [...plain, ...stressed];
}

/** The command that makes this again, from the same folder: files as they were named. */
function commandOf(flags: CompareFlags): string {
  const parts = ['npx keel lab compare'];
  if (flags.tape !== undefined) parts.push(`--tape ${quoted(flags.tape)}`);
  else parts.push(`--seed ${quoted(flags.seed)} --seeds ${flags.seeds} --days ${flags.days}`);
  for (const book of flags.book) parts.push(`--book ${quoted(book)}`);
  for (const scenario of flags.scenario) parts.push(`--scenario ${quoted(scenario)}`);
  if (flags.stressOnly === true) parts.push('--stress-only');
  if (flags.instruments !== undefined) parts.push(`--instruments ${quoted(flags.instruments)}`);
  parts.push(
    `--policies ${quoted(flags.policies)} --risk-aversion ${flags.riskAversion} --folds ${flags.folds}`,
  );
  if (flags.reference !== undefined) parts.push(`--reference ${quoted(flags.reference)}`);
  parts.push(`--out ${quoted(flags.out)}`);
  return parts.join(' ');
}

async function deliver(comparison: Comparison, out: string, json: boolean): Promise<void> {
  const { comparisonText, frontierChart, renderComparison, renderComparisonPage } =
    await import('@evenkeel/lab');
  const write = (name: string, text: string): void => writeNamedFile(join(out, name), text);
  write('comparison.json', `${JSON.stringify(comparison, null, 2)}\n`);
  write('comparison.md', renderComparison(comparison));
  write('index.html', renderComparisonPage(comparison));
  for (const { book, rows } of comparison.books)
    write(`frontier-${book}.svg`, `${frontierChart(rows, `${book}: cost against residual risk`)}\n`);
  process.stdout.write(
    json
      ? `${JSON.stringify(comparison)}\n`
      : `${comparisonText(comparison, terminalWidth())}\ncharts and all columns: ${join(out, 'index.html')}\n`,
  );
}
