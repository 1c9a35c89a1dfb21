import type { Command } from 'commander';
import { homeOf } from '../stack/home';
import { archiveDirOf } from './audit-archive.command';

interface DetachFlags {
  readonly archive?: string;
  readonly drop?: boolean;
  readonly json?: boolean;
}

export function addLedgerDetachCommand(ledger: Command): void {
  ledger
    .command('detach <epoch>')
    .description(
      'take the rows of an epoch that is over out of the ledger; only the oldest, and only when the archive holds them',
    )
    .option('--archive <folder>', 'the archive (default: EK_ARCHIVE_DIR, or archive in the home folder)')
    .option(
      '--drop',
      'free the space too; otherwise the rows stay in a table of their own, which nothing reads',
    )
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nNeeds the login that owns the database. Exit code 1 when anything speaks against it.\n\nExample:\n  keel ledger detach 3 --drop\n',
    )
    .action((epoch: string, flags: DetachFlags) => detach(epoch, flags));
}

async function detach(epoch: string, flags: DetachFlags): Promise<void> {
  const [{ withServers }, { detachOn }] = await Promise.all([
    import('../stack/server-access'),
    import('../stack/epoch-parts'),
  ]);
  const places = { auditDir: homeOf().audit, archiveDir: archiveDirOf(flags.archive) };
  const detached = await withServers('observer', ({ connection, databaseUrl }) =>
    detachOn(connection, databaseUrl, epoch, places, flags.drop === true),
  );
  const { commits, table, dropped } = detached;
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(detached)}\n`
      : `epoch ${epoch} (${commits} commits) is out of the ledger; ${dropped ? 'its rows are dropped' : `its rows lie in ledger.${table}, yours to drop`}; the archive keeps them\n`,
  );
}
