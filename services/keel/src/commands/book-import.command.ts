import { resolve } from 'node:path';
import type { Command } from 'commander';
import { InvalidInputError, tryParseInstant } from '@evenkeel/kernel';
import type { BookImportOptions } from '@evenkeel/market';

interface Flags {
  readonly out: string;
  readonly book: string;
  readonly at: string;
  readonly hedge: readonly string[];
  readonly policy: string;
  readonly numeraire: string;
  readonly leaveOut?: readonly string[];
  readonly instruments?: string;
  readonly json?: boolean;
}

/** `keel book import`: a book file of what accounts at venues hold. */
export function addBookImport(book: Command): void {
  book
    .command('import <files...>')
    .description('make a book file of the positions that accounts at Deribit, OKX, Bybit or Binance export')
    .requiredOption('--out <file>', 'the book file')
    .requiredOption('--book <name>', 'name of the book')
    .requiredOption('--at <time>', 'when the positions enter the book, at their average entry prices')
    .requiredOption('--hedge <ids...>', 'what the book is hedged with')
    .requiredOption('--policy <file>', 'how it is hedged')
    .option('--numeraire <currency>', 'currency of its P&L', 'USD')
    .option('--leave-out <ids...>', 'positions that are not to be in the book')
    .option('--instruments <file>', 'contract terms that override the built-in ones')
    .option('--json', 'print the report as JSON')
    .addHelpText(
      'after',
      '\nAnswers of the venues’ APIs, tables with the same columns, and a table instrument,quantity,price. What is read and what is refused: docs/books.md.\n\nExample:\n  keel book import samples/accounts/deribit.json --book from-deribit --at 2026-01-05T06:00:00Z --hedge BTC-PERPETUAL@deribit --policy samples/policies/delta-band.json --out out/from-deribit.json\n',
    )
    .action((files: readonly string[], flags: Flags) => importFiles(files, flags));
}

async function importFiles(files: readonly string[], flags: Flags): Promise<void> {
  const [{ readNamedText, requireNewFile, writeNamedFile }, { bookReportText, importBook }] =
    await Promise.all([import('@evenkeel/config'), import('@evenkeel/market')]);
  requireNewFile(flags.out);
  const options = await optionsOf(flags);
  const read = files.map((file) => ({ file, text: readNamedText(resolve(file)) }));
  const { book, ...report } = importBook(read, options);
  writeNamedFile(flags.out, `${JSON.stringify(book, null, 2)}\n`, 'wx');
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ out: resolve(flags.out), book: book.book, positions: book.positions, ...report })}\n`
      : bookReportText({ book, ...report }),
  );
}

async function optionsOf(flags: Flags): Promise<BookImportOptions> {
  const [{ readNamedText }, { parsePolicy }, { overridesOf, parseInstrumentsFile }] = await Promise.all([
    import('@evenkeel/config'),
    import('@evenkeel/hedging'),
    import('@evenkeel/market'),
  ]);
  if (tryParseInstant(flags.at) === undefined) throw invalid('--at', `"${flags.at}" is not an ISO 8601 time`);
  const policyText = readNamedText(resolve(flags.policy));
  const policy = parsePolicy(policyText);
  if (!policy.ok)
    throw invalid(`${flags.policy}: ${policy.failure.path ?? '(file)'}`, policy.failure.message);
  const { book, numeraire, at, hedge, leaveOut = [], instruments } = flags;
  return {
    book,
    numeraire,
    at,
    leaveOut,
    hedge: { instruments: hedge, policy: JSON.parse(policyText) as object }, // a policy was read from it
    ...(instruments === undefined
      ? {}
      : { overrides: overridesOf(parseInstrumentsFile(readNamedText(resolve(instruments)), instruments)) }),
  };
}

function invalid(path: string, message: string): InvalidInputError {
  return new InvalidInputError('the command', [{ path, message }]);
}
