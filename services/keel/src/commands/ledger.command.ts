import type { Command } from 'commander';
import { InvalidInputError } from '@evenkeel/kernel';
import { ProgressLine } from '../run/progress-line';
import type { RebuiltLedger } from '../stack/epoch-parts';
import { homeOf } from '../stack/home';
import { archiveDirOf } from './audit-archive.command';
import { EXIT } from './exit-codes';
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
      '\nExit code 0 identical to before (or nothing was there), 1 different.\n\nExample:\n  keel ledger rebuild\n  keel ledger rebuild --from archive --drop\n',
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
  if (result.identical === false) process.exitCode = EXIT.failed;
}

function renderRebuild(result: RebuiltLedger, from: string): string {
  const { before, after, identical } = result;
  const verdict =
    identical === undefined ? 'nothing was there before' : identical ? 'identical' : 'DIFFERENT from before';
  const lines = [
    `rebuilt from the ${from}: ${result.read} commits; ${verdict}`,
    `  root    ${after.root}${before === undefined ? '' : before.root === after.root ? '  (as before)' : `  (before: ${before.root})`}`,
    ...after.tables.map(({ table, rows, hash }, at) => {
      const old = before?.tables[at];
      const same = old === undefined ? '' : old.hash === hash ? '  identical' : '  DIFFERENT';
      return `  ${table.padEnd(18)} ${String(rows).padStart(8)} rows  ${hash.slice(0, 16)}${same}`;
    }),
  ];
  if (result.auditRestored) lines.push('  the audit folder was restored from the archive too');
  return `${lines.join('\n')}\n`;
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
  const text = report.tables
    .map(
      (table) =>
        `  ${table.before?.hash === table.hash ? 'identical' : 'DIFFERENT'}  ${JSON.stringify(table)}`,
    )
    .join('\n');
  process.stdout.write(
    json
      ? `${JSON.stringify(report)}\n`
      : `rebuilt from ${report.commits} commits: ${report.identical ? 'identical' : 'DIFFERENT from before'}\n${text}\n`,
  );
  if (!report.identical) process.exitCode = EXIT.failed;
}
