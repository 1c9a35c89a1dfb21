import type { Command } from 'commander';
import { InvalidInputError } from '@evenkeel/kernel';
import { ProgressLine } from '../run/progress-line';
import type { RebuiltLedger } from '../stack/epoch-parts';
import { homeOf } from '../stack/home';
import { archiveDirOf } from './audit-archive.command';
import { addLedgerDetachCommand } from './ledger-detach.command';
import { addLedgerListCommand } from './ledger-list.command';

interface RebuildFlags {
  readonly from: string;
  readonly archive?: string;
  readonly drop?: boolean;
  readonly json?: boolean;
}

export function addLedgerCommands(program: Command): void {
  const ledger = program.command('ledger').description('the ledger’s database');
  addLedgerListCommand(ledger);
  addLedgerDetachCommand(ledger);
  ledger
    .command('rebuild')
    .description(
      'build the read models anew from the commit log, or the whole database from the journal or an archive; compare',
    )
    .option('--from <log|journal|archive>', 'what to build from', 'log')
    .option('--archive <folder>', 'the archive (default: EK_ARCHIVE_DIR, or archive in the home folder)')
    .option('--drop', 'with journal or archive: throw the ledger’s database away first')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExit code 0 once it is built; it then says of each table whether it is as it was. What was wrong before is mended by it:\n`keel audit verify` is the check.\n\nExample:\n  keel ledger rebuild\n  keel ledger rebuild --from archive --drop\n',
    )
    .action((flags: RebuildFlags) => rebuild(flags));
}

function rebuild(flags: RebuildFlags): Promise<void> {
  if (flags.from === 'log') return rebuildModels(flags.json === true);
  if (flags.from === 'journal' || flags.from === 'archive') return rebuildAll(flags, flags.from);
  throw new InvalidInputError('the command', [
    { path: '--from', message: `must be log, journal or archive, not "${flags.from}"` },
  ]);
}

async function rebuildAll(flags: RebuildFlags, from: 'journal' | 'archive'): Promise<void> {
  const progress = new ProgressLine(flags.json === true);
  const { rebuildOn } = await import('../stack/epoch-parts');
  const common = {
    auditDir: homeOf().audit,
    drop: flags.drop === true,
    onProgress: (done: number) => progress.show(0, `${done} commits`),
  };
  let result: RebuiltLedger;
  if (from === 'archive') {
    const { withLedgerUrl } = await import('../stack/ledger-access');
    const archive = archiveDirOf(flags.archive);
    result = await withLedgerUrl((databaseUrl) => rebuildOn({ ...common, databaseUrl, from: { archive } }));
  } else {
    const { withServers } = await import('../stack/server-access');
    result = await withServers('observer', ({ connection, databaseUrl }) =>
      rebuildOn({ ...common, databaseUrl, from: { journal: connection } }),
    );
  }
  progress.clear();
  process.stdout.write(flags.json === true ? `${JSON.stringify(result)}\n` : renderRebuild(result, from));
}

function renderRebuild(result: RebuiltLedger, from: string): string {
  const { before, after, identical } = result;
  const verdict =
    identical === undefined
      ? 'nothing was there before'
      : identical
        ? 'as it was'
        : 'what differed is mended';
  const lines = [
    `rebuilt from the ${from}: ${result.read} commits; ${verdict}`,
    `  root    ${after.root}${before === undefined ? '' : before.root === after.root ? '  (as before)' : `  (before: ${before.root})`}`,
    ...after.tables.map((table, at) => tableLine(table, before?.tables[at])),
  ];
  if (result.auditRestored) lines.push('  the audit folder was restored from the archive too');
  return `${lines.join('\n')}\n`;
}

interface TableState {
  readonly rows: number;
  readonly hash: string;
}

/** A table as it is now, and what it was where that was another. */
function tableLine(
  { table, rows, hash }: TableState & { readonly table: string },
  before?: TableState,
): string {
  const now = `  ${table.padEnd(18)} ${String(rows).padStart(8)} rows  ${hash.slice(0, 16)}`;
  if (before === undefined) return now;
  return before.hash === hash && before.rows === rows
    ? `${now}  as it was`
    : `${now}  mended (before: ${before.rows} rows  ${before.hash.slice(0, 16)})`;
}

async function rebuildModels(json: boolean): Promise<void> {
  const progress = new ProgressLine(json);
  const [{ rebuildReadModels }, { withLedger }] = await Promise.all([
    import('@evenkeel/adapter-postgres'),
    import('../stack/ledger-access'),
  ]);
  const report = await withLedger(
    (pool) =>
      rebuildReadModels(pool, {
        onProgress: (done, total) => progress.show(done / Math.max(1, total), `${done} of ${total} commits`),
      }),
    'evenkeel_ledger',
  );
  progress.clear();
  const lines = report.tables.map((table) => tableLine(table, table.before));
  process.stdout.write(
    json
      ? `${JSON.stringify(report)}\n`
      : `rebuilt from ${report.commits} commits: ${report.identical ? 'as they were' : 'what differed is mended'}\n${lines.join('\n')}\n`,
  );
}
