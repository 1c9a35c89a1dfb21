import type { Command } from 'commander';
import type { CountedList, ReadFilter, ReadModels } from '@evenkeel/adapter-postgres';
import { InvalidInputError } from '@evenkeel/kernel';
import { TIMES, askList, withEpochs, withPeriod } from '../history/asked-history';
import type { ListFlags } from '../history/asked-history';

/** What can be listed, and how it is read. */
const LISTS = {
  positions: (models, filter) => models.positions(filter),
  orders: (models, filter) => models.orders(filter),
  fills: (models, filter) => models.fills(filter),
  pnl: (models, filter) => models.pnl(filter),
  explained: (models, filter) => models.explained(filter),
  incidents: (models, filter) => models.incidents(filter),
  halts: (models, filter) => models.halts(filter),
} satisfies Partial<
  Record<CountedList, (models: ReadModels, filter: ReadFilter) => Promise<readonly object[]>>
>;

type Counted = keyof typeof LISTS;

/** Sums, of which there are few: every one is shown. */
const BALANCES = 'balances';
const NAMES = [...Object.keys(LISTS), BALANCES].join(', ');
/** They are of now, and have no period. */
const OF_NOW: readonly string[] = ['positions', BALANCES];

export function addLedgerListCommand(ledger: Command): void {
  withPeriod(
    withEpochs(ledger.command('list <what>').description(`what the ledger's read models say: ${NAMES}`)),
  )
    .option('--book <id>', 'of one book')
    .option('--limit <number>', 'at most so many, the newest, which come last', '100')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `${TIMES}\nExample:\n  keel ledger list halts\n  keel ledger list fills --book btc-options --from -1d\n`,
    )
    .action((what: string, flags: ListFlags) => list(what, flags));
}

async function list(what: string, flags: ListFlags): Promise<void> {
  if (!isCounted(what) && what !== BALANCES)
    throw new InvalidInputError('the command', [{ path: 'what', message: `"${what}" is not ${NAMES}` }]);
  if (OF_NOW.includes(what)) refusePeriod(what, flags);
  const [{ ReadModels }, { withLedger }] = await Promise.all([
    import('@evenkeel/adapter-postgres'),
    import('../stack/ledger-access'),
  ]);
  const { rows } = await withLedger(async (pool) => {
    const models = new ReadModels(pool);
    const source = {
      rows: (filter: ReadFilter): Promise<readonly object[]> =>
        isCounted(what) ? LISTS[what](models, filter) : models.balances(filter),
      count: async (filter: ReadFilter): Promise<number> =>
        isCounted(what) ? models.count(what, filter) : (await models.balances(filter)).length,
    };
    try {
      return await askList(pool, source, flags);
    } finally {
      await models.close();
    }
  });
  process.stdout.write(flags.json === true ? `${JSON.stringify(rows)}\n` : rows.map(lineOf).join(''));
  if (rows.length === 0 && flags.json !== true) process.stderr.write(`no ${what} match\n`);
}

function isCounted(what: string): what is Counted {
  return Object.hasOwn(LISTS, what);
}

function refusePeriod(what: string, { from, to }: ListFlags): void {
  const given = from !== undefined ? '--from' : to !== undefined ? '--to' : undefined;
  if (given === undefined) return;
  const message = `${what} are those at the end of an epoch; \`keel audit reconstruct --book B --as-of TIME\` gives a book at any moment`;
  throw new InvalidInputError('the command', [{ path: given, message }]);
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
