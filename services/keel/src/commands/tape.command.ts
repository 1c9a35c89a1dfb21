import { basename, resolve } from 'node:path';
import type { Command } from 'commander';
import { requireWritable } from '@evenkeel/config';
import { InvalidInputError, tryParseDuration, tryParseInstant } from '@evenkeel/kernel';
import type { ImportOptions } from '@evenkeel/market';
import { ProgressLine } from '../run/progress-line';

interface ImportFlags {
  readonly out: string;
  readonly name?: string;
  readonly format?: string;
  readonly instrument?: string;
  readonly every: string;
  readonly bar?: string;
  readonly root?: string;
  readonly chainEvery: string;
  readonly index?: string;
  readonly decimal?: string;
  readonly volumes: boolean;
  readonly from?: string;
  readonly to?: string;
  readonly json?: boolean;
}

/** `keel tape`: markets that were recorded elsewhere. */
export function addTapeCommands(program: Command): void {
  const tape = program.command('tape').description('tapes, and markets that were recorded elsewhere');
  tape
    .command('import <files...>')
    .description('make a tape of files of Tardis, Binance, …; says what was read, dropped and lacking')
    .requiredOption('--out <folder>', 'a new folder: tape.json, its files, and the report')
    .option('--name <tape>', 'name of the tape; that of the folder unless told')
    .option('--format <name>', 'what the files are, where their header does not say it')
    .option(
      '--instrument <id>',
      'what files without symbols are of (or before one of them: BTCUSDT@binance=spot.csv)',
    )
    .option('--every <duration>', 'length of the bars made of trades and quotes', '1m')
    .option('--bar <duration>', 'length of the bars of files that do not say it (OKX, Bybit)')
    .option('--root <root>', 'root of the options of chains that do not name it, such as SPXW (OptionsDX)')
    .option('--chain-every <duration>', 'time between snapshots of option quotes', '1h')
    .option('--index <id|forward>', 'price of the underlying for chains that do not say it')
    .option('--decimal <mark>', 'point, or comma where the files have decimal commas')
    .option('--no-volumes', 'volumes mean nothing (bars of mark or index prices)')
    .option('--from <time>', 'leave out what is earlier')
    .option('--to <time>', 'leave out what is later')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      '\nFormats with their columns, units and sources: docs/import.md and `keel tape formats`.\n\nExample:\n  keel tape import samples/foreign/deribit_* --chain-every 1m --out out/imported-deribit\n',
    )
    .action((files: readonly string[], flags: ImportFlags) => importFiles(files, flags));
  tape
    .command('formats [name]')
    .description('what can be imported: columns that are read, units, and where they are published')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  keel tape formats tardis-options_chain\n')
    .action((name: string | undefined, flags: { readonly json?: boolean }) =>
      showFormats(name, flags.json === true),
    );
}

async function importFiles(files: readonly string[], flags: ImportFlags): Promise<void> {
  requireWritable(flags.out, 'folder');
  const options = optionsOf(flags);
  const [{ importTape }, { reportText }] = await Promise.all([
    import('../tape/import-tape'),
    import('@evenkeel/market'),
  ]);
  const progress = new ProgressLine(flags.json === true);
  const { report } = await importTape(files.map(namedFile), flags.out, options, (path, index) =>
    progress.show(index / files.length, `reading ${basename(path)}`),
  );
  progress.clear();
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ folder: resolve(flags.out), ...report })}\n`
      : `${reportText(report)}\n${flags.out}: tape.json, report.txt, report.json, report.html\n`,
  );
}

/** `BTCUSDT@binance=spot.csv` says what a file without symbols is of. */
function namedFile(argument: string): { readonly path: string; readonly instrument?: string } {
  const [, instrument, path] = /^([^=/]+@[a-z0-9-]+)=(.+)$/.exec(argument) ?? [];
  return instrument === undefined || path === undefined ? { path: argument } : { path, instrument };
}

function optionsOf(flags: ImportFlags): ImportOptions {
  const duration = (text: string, path: string): bigint => {
    const value = tryParseDuration(text);
    if (value === undefined || value < 1_000_000_000n || 86_400_000_000_000n % value !== 0n)
      throw invalid(
        path,
        `must part a day into equal stretches of at least a second, such as 1m or 1h, not "${text}"`,
      );
    return value;
  };
  const time = (text: string, path: string): number => {
    const value = tryParseInstant(text);
    if (value === undefined) throw invalid(path, `"${text}" is not a time such as 2026-01-05T08:00:00Z`);
    return Number(value / 1000n);
  };
  if (flags.decimal !== undefined && flags.decimal !== 'point' && flags.decimal !== 'comma')
    throw invalid('--decimal', `is point or comma, not "${flags.decimal}"`);
  const { format, instrument, index, from, to } = flags;
  return {
    tape: flags.name ?? basename(resolve(flags.out)),
    every: duration(flags.every, '--every'),
    chainEvery: duration(flags.chainEvery, '--chain-every'),
    decimalComma: flags.decimal === 'comma',
    volumes: flags.volumes,
    ...(flags.bar === undefined ? {} : { bar: duration(flags.bar, '--bar') }),
    ...(flags.root === undefined ? {} : { root: flags.root }),
    ...(format === undefined ? {} : { format }),
    ...(instrument === undefined ? {} : { instrument }),
    ...(index === undefined ? {} : { index }),
    ...(from === undefined ? {} : { from: time(from, '--from') }),
    ...(to === undefined ? {} : { to: time(to, '--to') }),
  };
}

function invalid(path: string, message: string): InvalidInputError {
  return new InvalidInputError('the command', [{ path, message }]);
}

async function showFormats(name: string | undefined, asJson: boolean): Promise<void> {
  const [{ FORMATS }, { unknownName }] = await Promise.all([
    import('@evenkeel/market'),
    import('@evenkeel/kernel'),
  ]);
  const chosen = name === undefined ? FORMATS : FORMATS.filter((format) => format.name === name);
  if (chosen.length === 0)
    throw invalid(
      '[name]',
      unknownName(
        'format',
        name ?? '',
        'is read',
        FORMATS.map((format) => format.name),
      ),
    );
  if (asJson) {
    const shown = chosen.map((format) => ({
      name: format.name,
      title: format.title,
      header: format.header,
      columns: format.columns,
      source: format.source,
    }));
    process.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
    return;
  }
  for (const format of chosen) {
    process.stdout.write(`${format.name}: ${format.title}\n`);
    if (name === undefined) continue;
    for (const column of format.columns) process.stdout.write(`  ${column.name}: ${column.is}\n`);
    process.stdout.write(`  published at ${format.source}\n`);
  }
}
