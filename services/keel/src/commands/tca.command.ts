import type { Command } from 'commander';
import { requireWritable, writeNamedFile } from '@evenkeel/config';
import { viewOf } from '@evenkeel/eventing';
import { JournalTca, observationsOf, tcaHtml, tcaReport, tcaText } from '@evenkeel/execution';
import { InvalidInputError, parseDuration } from '@evenkeel/kernel';
import type { Nanoseconds } from '@evenkeel/kernel';
import type { ReadFrom } from '@evenkeel/reconstruction';
import { askEpoch } from '../history/asked-history';
import { EXCHANGE_FLAG, readExchangeSettings } from '../run/exchange-settings';
import { ProgressLine } from '../run/progress-line';
import { terminalWidth } from './terminal-width';
import { inputsOf, withMarketFlags } from './run.command';
import type { MarketFlags } from './run.command';

interface TcaFlags extends MarketFlags {
  readonly fromLedger?: boolean;
  readonly epoch?: string;
  readonly exchange?: string;
  readonly horizons: string;
  readonly report?: string;
  readonly html?: string;
}

interface FitFlags extends TcaFlags {
  readonly out: string;
  readonly modelVersion: string;
  readonly dailyVolume: readonly string[];
  readonly impact: string;
}

const FALLBACK_DAILY_VOLATILITY = 0.03;
const IMPACTS = ['square-root', 'linear', 'both', 'none'] as const;
const collect = (entry: string, all: readonly string[]): readonly string[] => [...all, entry];

export function addTcaCommands(program: Command): void {
  const tca = withSource(program.command('tca'))
    .description('what the trades of a record cost: implementation shortfall in its parts, and markouts')
    .option('--html <file>', 'write the report as one HTML page')
    .addHelpText(
      'after',
      '\nExamples:\n  keel tca --from-ledger --json\n  keel tca --tape samples/tape.json --book samples/books/btc-options.json --html out/costs.html\n',
    )
    .action((flags: TcaFlags) => report(flags));
  withSource(tca.command('fit'))
    .description('fits a versioned cost model, with standard errors, on the fills of a record')
    .requiredOption('--out <file>', 'where to write the cost model')
    .option('--model-version <text>', 'what people call the model', 'fitted')
    .option('--daily-volume <instrument=USD>', 'volume of a day; impact needs it; repeat', collect, [])
    .option('--impact <shape>', `${IMPACTS.join(', ')}`, 'square-root')
    .addHelpText(
      'after',
      '\nExample:\n  keel tca fit --tape samples/tape.json --book samples/books/btc-options.json --daily-volume BTCUSDT-PERP@binance=15000000000 --out out/cost-model.json\n',
    )
    .action((_flags: FitFlags, command: Command) => fit(command.optsWithGlobals<FitFlags>()));
}

function withSource(command: Command): Command {
  return withMarketFlags(command)
    .option(
      '--from-ledger',
      'read the ledger instead of running the cores over a market; --book then takes ids',
    )
    .option(...EXCHANGE_FLAG)
    .option('--epoch <n>', 'with --from-ledger: which epoch; the newest unless told')
    .option('--horizons <list>', 'when to look at the market again after a fill', 'PT1M,PT5M,PT30M,PT1H');
}

async function report(flags: TcaFlags): Promise<void> {
  for (const file of [flags.report, flags.html]) if (file !== undefined) requireWritable(file);
  const { tca, from } = await readRecord(flags);
  const found = { ...from, ...tcaReport(tca) };
  if (flags.report !== undefined) writeNamedFile(flags.report, `${JSON.stringify(found, null, 2)}\n`);
  if (flags.html !== undefined) writeNamedFile(flags.html, tcaHtml(found));
  process.stdout.write(flags.json === true ? `${JSON.stringify(found)}\n` : tcaText(found, terminalWidth()));
}

async function fit(flags: FitFlags): Promise<void> {
  const { fitCostModel } = await import('@evenkeel/hedging');
  const volumes = new Map(flags.dailyVolume.map(volumeOf));
  const impact = IMPACTS.find((shape) => shape === flags.impact);
  if (impact === undefined)
    throw new InvalidInputError('the command', [
      { path: '--impact', message: `must be one of ${IMPACTS.join(', ')}, not "${flags.impact}"` },
    ]);
  requireWritable(flags.out);
  const { tca, from } = await readRecord(flags);
  const fills = observationsOf(tca, {
    dailyVolumeUsd: (instrument) => volumes.get(instrument) ?? 0,
    fallbackVolatility: FALLBACK_DAILY_VOLATILITY,
  });
  if (fills.length === 0)
    throw new InvalidInputError('the record', [{ path: '(fills)', message: 'holds none to fit on' }]);
  const { model, notes, deviation } = fitCostModel(fills, { version: flags.modelVersion, impact });
  writeNamedFile(flags.out, `${JSON.stringify(model, null, 2)}\n`);
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify({ ...from, model, notes, deviation, fills: fills.length })}\n`);
    return;
  }
  const lines = [`${flags.out}: version ${model.version}, ${fills.length} fills, hash ${model.hash}`];
  for (const [instrument, costs] of Object.entries(model.instruments)) {
    for (const [name, { value, standardError, samples }] of Object.entries(costs))
      lines.push(
        `  ${instrument.padEnd(24)} ${name.padEnd(18)} ${value.toExponential(4)} ± ${standardError.toExponential(2)} (${samples})`,
      );
  }
  lines.push(...notes.map((note) => `  ${note}`));
  process.stdout.write(`${lines.join('\n')}\n`);
}

interface Read {
  readonly tca: JournalTca;
  /** Where it was read, when it was the ledger. */
  readonly from?: ReadFrom;
}

/** The commits of one epoch of the ledger, or of a run of the cores in this process. */
async function readRecord(flags: TcaFlags): Promise<Read> {
  const horizons = horizonsOf(flags.horizons);
  return flags.fromLedger === true ? readLedger(flags, horizons) : readMarket(flags, horizons);
}

async function readLedger(flags: TcaFlags, horizons: readonly Nanoseconds[]): Promise<Read> {
  const [{ LedgerEpochs, readCommits }, { readFrom, requireBook }, { withLedger }] = await Promise.all([
    import('@evenkeel/adapter-postgres'),
    import('@evenkeel/reconstruction'),
    import('../stack/ledger-access'),
  ]);
  const tca = new JournalTca({ horizons, ...(flags.book.length === 0 ? {} : { books: flags.book }) });
  return withLedger(async (pool) => {
    const asked = await askEpoch(pool, flags);
    for (const book of flags.book) await requireBook(new LedgerEpochs(pool), asked, book);
    const client = await pool.connect();
    try {
      for await (const { commit } of readCommits(client, { epoch: asked.epoch })) tca.add(viewOf(commit));
    } finally {
      client.release();
    }
    return { tca, from: readFrom(asked) };
  });
}

async function readMarket(flags: TcaFlags, horizons: readonly Nanoseconds[]): Promise<Read> {
  const { runInProcess } = await import('@evenkeel/lab');
  const tca = new JournalTca({ horizons });
  const progress = new ProgressLine(flags.json === true);
  const { tape, books } = inputsOf(flags);
  const run = runInProcess({
    tape,
    books,
    journal: 'light',
    venue: readExchangeSettings(flags.exchange),
    onProgress: (fraction, eventTime) => progress.show(fraction, `event time ${eventTime}`),
  });
  for (const { commit } of run.journal.all) tca.add(viewOf(commit));
  progress.clear();
  return { tca };
}

function horizonsOf(list: string): Nanoseconds[] {
  return list.split(',').map((text) => {
    try {
      const horizon = parseDuration(text.trim());
      if (horizon > 0n) return horizon;
    } catch {
      // Named below like any other text that is no duration.
    }
    throw new InvalidInputError('the command', [
      { path: '--horizons', message: `holds "${text}", which is no duration such as PT5M` },
    ]);
  });
}

function volumeOf(entry: string): [string, number] {
  const [instrument = '', volume = ''] = entry.split('=');
  if (!instrument.includes('@') || !(Number(volume) > 0))
    throw new InvalidInputError('the command', [
      { path: '--daily-volume', message: `must be <instrument>=<USD>, not "${entry}"` },
    ]);
  return [instrument, Number(volume)];
}
