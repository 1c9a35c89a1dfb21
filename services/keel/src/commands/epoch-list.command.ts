import type { Command } from 'commander';
import type { EpochContents } from '@evenkeel/adapter-postgres';
import type { EpochOnRecord } from '@evenkeel/reconstruction';
import { formatInstant } from '@evenkeel/kernel';
import { grouped, limitOf } from '../history/asked-history';

interface ListFlags {
  readonly limit: string;
  readonly json?: boolean;
}

/** One row of the list. */
interface ListedEpoch extends EpochOnRecord, Partial<EpochContents> {
  /** Event times of the first and the newest commit. */
  readonly eventTimes?: { readonly from: string; readonly to: string };
}

export function addEpochListCommand(epoch: Command): void {
  epoch
    .command('list')
    .description('the epochs of the ledger: when opened, what time and books they hold, what they decided')
    .option('--limit <n>', 'at most so many, the newest, which come last', '20')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nThe digest is that of the report of a run: the same digest, the same decisions in every byte.\n\nExample:\n  keel epoch list\n',
    )
    .action((flags: ListFlags) => list(flags));
}

async function list(flags: ListFlags): Promise<void> {
  const limit = limitOf(flags.limit);
  const [{ LedgerEpochs }, { withLedger }] = await Promise.all([
    import('@evenkeel/adapter-postgres'),
    import('../stack/ledger-access'),
  ]);
  const { rows, total } = await withLedger(async (pool) => {
    const ledger = new LedgerEpochs(pool);
    const epochs = await ledger.epochs();
    const found: ListedEpoch[] = [];
    for (const one of epochs.slice(-limit)) {
      const span = await ledger.spanOf(one.epoch);
      const eventTimes = span && { from: formatInstant(span.from), to: formatInstant(span.to) };
      found.push(
        eventTimes === undefined ? one : { ...one, eventTimes, ...(await ledger.contentsOf(one.epoch)) },
      );
    }
    return { rows: found, total: epochs.length };
  });
  process.stdout.write(flags.json === true ? `${JSON.stringify(rows)}\n` : rows.map(render).join(''));
  if (rows.length < total)
    process.stderr.write(`${grouped(rows.length)} of ${grouped(total)}, the newest; --limit shows more\n`);
  if (total === 0 && flags.json !== true) process.stderr.write('no epoch yet; keel run opens one\n');
}

function render(one: ListedEpoch): string {
  const { epoch, commits, detached, pace, books, eventTimes, openedAt, decisions = 0, carried } = one;
  if (detached) return `epoch ${epoch}  ${grouped(commits)} commits, detached: the archive has them\n`;
  const market = pace === undefined ? '' : pace === 'tape' ? ', from a tape' : ', in real time';
  const lines = [
    `epoch ${epoch}  opened ${openedAt ?? '?'}${market}`,
    `  event time  ${eventTimes?.from ?? '?'} to ${eventTimes?.to ?? '?'}`,
    `  books       ${books.length === 0 ? 'none' : books.join(', ')}`,
    `  holds       ${grouped(commits)} commits, ${grouped(decisions)} decisions, digest ${one.decisionDigest ?? ''}`,
    ...(carried === undefined
      ? []
      : [
          `  carried     from epoch ${carried.fromEpoch} up to ${carried.lastSequence}, by ${carried.carriedBy}: ${carried.reason}`,
        ]),
  ];
  return `${lines.join('\n')}\n`;
}
