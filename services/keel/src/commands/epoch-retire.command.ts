import type { Command } from 'commander';
import { homeOf } from '../stack/home';
import { archiveDirOf } from './audit-archive.command';

interface RetireFlags {
  readonly archive?: string;
  readonly json?: boolean;
}

export function addEpochRetireCommand(epoch: Command): void {
  epoch
    .command('retire <epoch>')
    .description(
      'remove the journal of an epoch that is over; only when it is in the ledger, archived, and witnessed',
    )
    .option('--archive <folder>', 'the archive (default: EK_ARCHIVE_DIR, or archive in the home folder)')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExit code 1 when anything speaks against it.\n\nExample:\n  keel epoch retire 3\n',
    )
    .action((number: string, flags: RetireFlags) => retire(number, flags));
}

async function retire(number: string, flags: RetireFlags): Promise<void> {
  const [{ createLedgerPool }, { withServers }, { retireOn }] = await Promise.all([
    import('@evenkeel/adapter-postgres'),
    import('../stack/server-access'),
    import('../stack/epoch-parts'),
  ]);
  const places = { auditDir: homeOf().audit, archiveDir: archiveDirOf(flags.archive) };
  const retired = await withServers('operator', async ({ connection, databaseUrl }) => {
    const pool = createLedgerPool({ url: databaseUrl, role: 'evenkeel_reader', max: 1 });
    try {
      return await retireOn(connection, pool, number, places);
    } finally {
      await pool.end();
    }
  });
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(retired)}\n`
      : `the journal of epoch ${retired.epoch} (${retired.commits} commits) is removed; the ledger and the archive keep it\n`,
  );
}
