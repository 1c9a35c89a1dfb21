import type { Command } from 'commander';
import type { ReadFilter, ReadModels } from '@evenkeel/adapter-postgres';
import { InvalidInputError, tryParseInstant } from '@evenkeel/kernel';

interface ListFlags {
  readonly epoch?: string;
  readonly book?: string;
  readonly from?: string;
  readonly to?: string;
  readonly limit: string;
  readonly json?: boolean;
}

/** What can be listed, and how it is read. */
const LISTS = {
  positions: (models, filter) => models.positions(filter),
  orders: (models, filter) => models.orders(filter),
  fills: (models, filter) => models.fills(filter),
  pnl: (models, filter) => models.pnl(filter),
  explained: (models, filter) => models.explained(filter),
  incidents: (models, filter) => models.incidents(filter),
  halts: (models, filter) => models.halts(filter),
  balances: (models, filter) => models.balances(filter),
} satisfies Record<string, (models: ReadModels, filter: ReadFilter) => Promise<readonly object[]>>;

type Listed = keyof typeof LISTS;

export function addLedgerListCommand(ledger: Command): void {
  ledger
    .command('list <what>')
    .description(`what the ledger's read models say: ${Object.keys(LISTS).join(', ')}`)
    .option('--epoch <id>', 'of one run')
    .option('--book <id>', 'of one book')
    .option('--from <time>', 'event time, inclusive')
    .option('--to <time>', 'event time, exclusive')
    .option('--limit <number>', 'at most so many, the newest', '100')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  keel ledger list halts\n  keel ledger list fills --book btc-weekly-straddles --from 2026-01-05T00:00:00Z\n',
    )
    .action((what: string, flags: ListFlags) => list(what, flags));
}

async function list(what: string, flags: ListFlags): Promise<void> {
  if (!isListed(what))
    throw new InvalidInputError('the command', [
      { path: 'what', message: `"${what}" is not ${Object.keys(LISTS).join(', ')}` },
    ]);
  const filter = filterOf(flags);
  const [{ ReadModels }, { withLedger }] = await Promise.all([
    import('@evenkeel/adapter-postgres'),
    import('../stack/ledger-access'),
  ]);
  const rows: readonly object[] = await withLedger(async (pool) => {
    const models = new ReadModels(pool);
    try {
      return await LISTS[what](models, filter);
    } finally {
      await models.close();
    }
  });
  process.stdout.write(flags.json === true ? `${JSON.stringify(rows)}\n` : rows.map(lineOf).join(''));
  if (rows.length === 0 && flags.json !== true) process.stderr.write(`no ${what} match\n`);
}

function isListed(what: string): what is Listed {
  return what in LISTS;
}

function filterOf({ epoch, book, from, to, limit }: ListFlags): ReadFilter {
  const problems = [
    ...[
      { path: '--from', text: from },
      { path: '--to', text: to },
    ].flatMap(({ path, text }) =>
      text === undefined || tryParseInstant(text) !== undefined
        ? []
        : [{ path, message: `"${text}" is not a time such as 2026-01-05T08:00:00Z` }],
    ),
    ...(/^[1-9]\d{0,5}$/.test(limit)
      ? []
      : [{ path: '--limit', message: 'must be a whole number from 1 to 999999' }]),
  ];
  if (problems.length > 0) throw new InvalidInputError('the command', problems);
  return {
    limit: Number(limit),
    ...(epoch === undefined ? {} : { epoch }),
    ...(book === undefined ? {} : { book }),
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
  };
}

/** Every column that says something, by name. */
function lineOf(row: object): string {
  const cells = Object.entries(row).flatMap(([name, value]: [string, unknown]) =>
    value === undefined || (Array.isArray(value) && value.length === 0)
      ? []
      : [`${name} ${Array.isArray(value) ? value.join('+') : String(value)}`],
  );
  return `${cells.join('  ')}\n`;
}
