import type { Command } from 'commander';
import { writeNamedFile } from '@evenkeel/config';
import { createRunAttribution, explainedPnl, explainedText, mapTerms } from '@evenkeel/accounting';
import type { BookPnl, ExplainedDay } from '@evenkeel/accounting';
import type { ExplainedPnlView } from '@evenkeel/adapter-postgres';
import { viewOf } from '@evenkeel/eventing';
import { Decimal } from '@evenkeel/kernel';
import { askEpoch } from '../history/asked-history';
import { EXCHANGE_FLAG, readExchangeSettings } from '../run/exchange-settings';
import { ProgressLine } from '../run/progress-line';
import { inputsOf, withMarketFlags } from './run.command';
import type { MarketFlags } from './run.command';

interface PnlFlags extends MarketFlags {
  readonly fromLedger?: boolean;
  readonly epoch?: string;
  readonly exchange?: string;
  readonly report?: string;
}

/** A book's P&L, and of which epoch of the ledger it is. */
type Found = BookPnl & { readonly epoch?: string };

export function addPnlCommand(program: Command): void {
  withMarketFlags(program.command('pnl'))
    .description(
      'where the P&L came from: Greeks, financing, funding, fees, slippage, residual; by underlying and day',
    )
    .option(
      '--from-ledger',
      'read the ledger instead of running the cores over a market; --book then takes ids',
    )
    .option('--epoch <n>', 'with --from-ledger: which epoch; the newest unless told')
    .option(...EXCHANGE_FLAG)
    .addHelpText(
      'after',
      '\nThe parts add up to the hedged P&L exactly. Per cent is the residual ÷ the size of all parts.\n\nExamples:\n  keel run && keel pnl --from-ledger\n  keel pnl --tape samples/tape.json --book samples/books/btc-options.json --json\n',
    )
    .action((flags: PnlFlags) => tell(flags));
}

async function tell(flags: PnlFlags): Promise<void> {
  const found = flags.fromLedger === true ? await ofLedger(flags) : await ofMarket(flags);
  if (flags.report !== undefined) writeNamedFile(flags.report, `${JSON.stringify(found, null, 2)}\n`);
  process.stdout.write(flags.json === true ? `${JSON.stringify(found)}\n` : textOf(found));
}

function textOf(found: readonly Found[]): string {
  return explainedText(
    found.map(({ epoch, ...pnl }) =>
      epoch === undefined ? pnl : { ...pnl, book: `${pnl.book} of epoch ${epoch}` },
    ),
  );
}

async function ofLedger(flags: PnlFlags): Promise<Found[]> {
  const [{ LedgerEpochs, ReadModels }, { requireBook }, { withLedger }] = await Promise.all([
    import('@evenkeel/adapter-postgres'),
    import('@evenkeel/reconstruction'),
    import('../stack/ledger-access'),
  ]);
  return withLedger(async (pool) => {
    const asked = await askEpoch(pool, flags);
    for (const book of flags.book) await requireBook(new LedgerEpochs(pool), asked, book);
    const { epoch } = asked;
    const models = new ReadModels(pool);
    try {
      const rows = (await models.explained({ epoch })).filter(
        ({ book }) => flags.book.length === 0 || flags.book.includes(book),
      );
      return explainedPnl(rows.map(dayOf)).map((pnl) => ({ epoch, ...pnl }));
    } finally {
      await models.close();
    }
  });
}

function dayOf(row: ExplainedPnlView): ExplainedDay {
  const { book, numeraire, day, underlying } = row;
  return {
    book,
    numeraire,
    day,
    underlying,
    terms: mapTerms(row, (amount) => Decimal.parse(amount)),
    total: Decimal.parse(row.total),
    gross: Decimal.parse(row.gross),
    unexplained: Decimal.parse(row.unexplained),
  };
}

/** A run of the cores in this process. */
async function ofMarket(flags: PnlFlags): Promise<Found[]> {
  const { runInProcess } = await import('@evenkeel/lab');
  const progress = new ProgressLine(flags.json === true);
  const { tape, books } = inputsOf(flags);
  const run = runInProcess({
    tape,
    books,
    journal: 'light',
    venue: readExchangeSettings(flags.exchange),
    onProgress: (fraction, eventTime) => progress.show(fraction, `event time ${eventTime}`),
  });
  const attribution = createRunAttribution();
  for (const { commit } of run.journal.all) attribution.add(viewOf(commit));
  progress.clear();
  return attribution.report();
}
