import { resolve } from 'node:path';
import type { Command } from 'commander';
import { requireWritable, writeNamedFile } from '@evenkeel/config';
import { LIVE_VENUES } from '@evenkeel/adapter-venues';
import { InvalidInputError } from '@evenkeel/kernel';
import { RESTLESS, buildReport, haltedBooks, reexecuteJournal, renderReport } from '@evenkeel/engine';
import type { RunReport } from '@evenkeel/engine';
import { runInProcess } from '@evenkeel/lab';
import { EXCHANGE_FLAG, readExchangeSettings } from '../run/exchange-settings';
import { loadRunInputs } from '../run/inputs';
import type { RunInputs } from '../run/inputs';
import type { Yardsticks } from '../run/yardsticks';
import { ProgressLine } from '../run/progress-line';
import { homeOf } from '../stack/home';
import { EXIT } from './exit-codes';
import { terminalWidth } from './terminal-width';

export interface MarketFlags {
  readonly tape?: string;
  readonly book: readonly string[];
  readonly policy?: string;
  readonly approval?: readonly string[];
  readonly instruments?: string;
  readonly json?: boolean;
  readonly seed: string;
  readonly days: string;
}

interface RunFlags extends MarketFlags {
  readonly report?: string;
  readonly compare?: boolean;
  readonly speed: string;
  readonly logLevel: string;
  readonly exchange?: string;
  readonly venue?: string;
  readonly paper?: boolean;
  readonly for?: string;
  readonly hedge?: string;
  readonly at?: string;
  readonly calm?: boolean;
}

const COMPARE_FLAG = [
  '--compare',
  'also set the result against no hedging and simple rules on the same market, run in the lab meanwhile',
] as const;

const collectBook = (path: string, all: readonly string[]): readonly string[] => [...all, path];

export function withMarketFlags(command: Command): Command {
  return command
    .option('--tape <manifest>', 'tape manifest; without it the built-in seeded market runs')
    .option('--book <file>', 'book file; repeat for several books', collectBook, [])
    .option('--policy <file>', 'hedging policy to use instead of the books’ own')
    .option(
      '--approval <file>',
      'who agreed to the books (`keel propose book`); repeat for several',
      collectBook,
      [],
    )
    .option('--instruments <file>', 'contract terms that override the built-in ones')
    .option('--report <file>', 'write the report as JSON')
    .option('--seed <text>', 'seed of the built-in market', 'evenkeel')
    .option('--days <number>', 'length of the built-in market in days', '7')
    .option('--json', 'print the report as JSON on stdout');
}

export function addRunCommand(program: Command): void {
  withMarketFlags(
    program.command('run').description('a book over a market through all five services, in lockstep'),
  )
    .option('--speed <max|number>', 'event seconds per wall second, or max', 'max')
    .option('--log-level <level>', 'of the services', 'warn')
    .option(...EXCHANGE_FLAG)
    .option('--venue <name>', `in real time instead of over a tape: ${[...LIVE_VENUES.keys()].join(' or ')}`)
    .option('--paper', 'with --venue: live public data, orders filled on paper; needs no keys')
    .option('--for <duration>', 'with --venue: how long, e.g. 60s or 15m', '60s')
    .option('--hedge <instrument>', 'with --venue: hedge with this instead of what the books say')
    .option('--at <time>', 'with an exchange of this machine: the date at which it lives')
    .option(...COMPARE_FLAG)
    .option(
      '--go-on',
      'with --venue: in the epoch that is open (`keel epoch open --from-ledger`) instead of a fresh one',
    )
    .option('--calm', 'with an exchange of this machine: no price jumps and no accidents')
    .addHelpText(
      'after',
      '\nExample:\n  keel run --tape samples/tape.json --book samples/books/btc-options.json --report out/report.json\n  keel run --venue deribit-sim --book samples/books/btc-options.json --for 60s\n',
    )
    .action(async (flags: RunFlags) => {
      const { venue } = flags;
      if (venue === undefined) return runThroughServices(flags);
      return (await import('./live.command')).runLive({ ...flags, venue });
    });
}

export function addLabRunCommand(lab: Command): void {
  withMarketFlags(
    lab
      .command('run')
      .description('the same cores in one process on a virtual clock; same decision digest as `keel run`'),
  )
    .option(...EXCHANGE_FLAG)
    .option(...COMPARE_FLAG)
    .addHelpText(
      'after',
      '\nExample:\n  keel lab run --tape samples/tape.json --book samples/books/btc-options.json --report out/report.json\n',
    )
    .action((flags: RunFlags) => runInLab(flags));
}

/** What a command runs on, its tape kept for the next time. */
export function inputsOf(flags: MarketFlags & { readonly report?: string }): RunInputs {
  const inputs = readInputs(flags);
  noteAll(inputs.keepTape());
  return inputs;
}

function noteAll(remarks: readonly string[]): void {
  for (const line of remarks) process.stderr.write(`note: ${line}\n`);
}

/** The same, with nothing left behind: for a command that may still be refused. */
function readInputs(flags: MarketFlags & { readonly report?: string }): RunInputs {
  if (flags.report !== undefined) requireWritable(flags.report);
  const days = Number(flags.days);
  if (!Number.isInteger(days) || days < 1 || days > 60)
    throw new InvalidInputError('the command', [
      { path: '--days', message: `must be a whole number from 1 to 60, not "${flags.days}"` },
    ]);
  const inputs = loadRunInputs({
    books: flags.book.map((path) => resolve(path)),
    seed: flags.seed,
    days,
    ...(flags.tape === undefined ? {} : { tape: resolve(flags.tape) }),
    ...(flags.policy === undefined ? {} : { policy: resolve(flags.policy) }),
    ...(flags.approval === undefined ? {} : { approvals: flags.approval.map((path) => resolve(path)) }),
    ...(flags.instruments === undefined ? {} : { instruments: resolve(flags.instruments) }),
  });
  noteAll(inputs.remarks);
  return inputs;
}

function speedOf(text: string): number {
  if (text === 'max') return 0;
  const speed = Number(text);
  if (!(speed > 0))
    throw new InvalidInputError('the command', [
      { path: '--speed', message: `must be max or a positive number, not "${text}"` },
    ]);
  return speed;
}

async function runThroughServices(flags: RunFlags): Promise<void> {
  const progress = new ProgressLine(flags.json === true);
  const speed = speedOf(flags.speed);
  const inputs = readInputs(flags);
  const yardsticks = await yardsticksOf(flags, inputs);
  const [{ ServiceRun, marketOf }, { hostRun }, { Supervisor }] = await Promise.all([
    import('../run/service-run'),
    import('../run/hosted-run'),
    import('../stack/supervisor'),
  ]);
  const home = homeOf();
  const venue = readExchangeSettings(flags.exchange);
  const started = performance.now();
  const say = (line: string): void => progress.say(line);
  const supervisor = new Supervisor(home.logs, say);
  const report = await hostRun({
    home,
    pace: 'tape',
    say,
    begin: () => {
      supervisor.expect(['price-ingest', 'risk', 'strategy', 'execution', 'ledger'], {
        'price-ingest': marketOf(inputs),
      });
      return () => supervisor.stop();
    },
    prepare: (stack, onEpoch) => {
      noteAll(inputs.keepTape());
      return Promise.resolve(
        new ServiceRun({
          home,
          stack,
          inputs,
          progress,
          supervisor,
          speed,
          venue,
          logLevel: flags.logLevel,
          onEpoch,
          // Not before: two more busy threads would hold up the start of everything else.
          onUnderWay: () => yardsticks?.begin(),
        }),
      );
    },
  });
  if (report === undefined) {
    process.exitCode = EXIT.interrupted;
    return;
  }
  progress.say(`finished in ${((performance.now() - started) / 1000).toFixed(1)} s`);
  deliver(report, flags);
  await tellCompared(yardsticks, report, progress);
}

async function runInLab(flags: RunFlags): Promise<void> {
  const progress = new ProgressLine(flags.json === true);
  const inputs = inputsOf(flags);
  const yardsticks = await yardsticksOf(flags, inputs);
  yardsticks?.begin();
  const run = runInProcess({
    tape: inputs.tape,
    books: inputs.books,
    journal: 'light',
    venue: readExchangeSettings(flags.exchange),
    onProgress: (fraction, eventTime) => progress.show(fraction, `event time ${eventTime}`),
  });
  progress.clear();
  const commits = run.journal.all;
  const { divergences } = reexecuteJournal(commits);
  const report = buildReport(inputs.tape.name, commits, divergences.length === 0 ? 'clean' : 'divergent');
  const restless = run.restless.map((partition) => [partition, RESTLESS]);
  const books = inputs.books.map(({ file }) => file.book);
  deliver({ ...report, ...haltedBooks(books, Object.fromEntries(restless)) }, flags);
  await tellCompared(yardsticks, report, progress);
}

/** The simple rules of `--compare`; undefined where nobody asked for them. */
async function yardsticksOf(flags: RunFlags, inputs: RunInputs): Promise<Yardsticks | undefined> {
  if (flags.compare !== true) return undefined;
  const problems = [
    ...(flags.json === true ? [{ path: '--compare', message: 'is for people: leave out --json' }] : []),
    ...(flags.exchange === undefined
      ? []
      : [{ path: '--compare', message: 'runs on the plain exchange: leave out --exchange' }]),
  ];
  if (problems.length > 0) throw new InvalidInputError('the command', problems);
  const { yardsticksFor } = await import('../run/yardsticks');
  return yardsticksFor(inputs, {
    books: flags.book.map((path) => resolve(path)),
    ...(flags.instruments === undefined ? {} : { instruments: resolve(flags.instruments) }),
  });
}

async function tellCompared(
  yardsticks: Yardsticks | undefined,
  report: RunReport,
  progress: ProgressLine,
): Promise<void> {
  if (yardsticks === undefined) return;
  const text = await yardsticks.text(report, terminalWidth());
  progress.clear();
  process.stdout.write(`\n${text}`);
}

function deliver(report: RunReport, flags: RunFlags): void {
  if (flags.report !== undefined) writeNamedFile(flags.report, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : renderReport(report));
  if (report.verification.status !== 'clean' || report.halted !== undefined) process.exitCode = EXIT.failed;
}
