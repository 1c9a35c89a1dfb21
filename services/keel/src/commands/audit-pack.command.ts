import { resolve } from 'node:path';
import type { Command } from 'commander';
import { homeOf } from '../stack/home';

interface PackFlags {
  readonly from: string;
  readonly to: string;
  readonly out: string;
  readonly json?: boolean;
}

export function addAuditPackCommand(audit: Command): void {
  audit
    .command('pack')
    .description(
      'the regulator’s export: orders, decisions, checks, overrides, changes, kills, incidents, with proofs',
    )
    .requiredOption('--from <time>', 'event time, inclusive')
    .requiredOption('--to <time>', 'event time, exclusive')
    .requiredOption('--out <dir>', 'an empty folder')
    .option('--json', 'print the manifest as JSON')
    .addHelpText(
      'after',
      '\nCSV and JSON lines; docs/regulatory.md says which rule each field serves, and where it does not.\n\nExample:\n  keel audit pack --from 2026-01-01T00:00:00Z --to 2026-02-01T00:00:00Z --out out/january\n',
    )
    .action((flags: PackFlags) => pack(flags));
}

async function pack(flags: PackFlags): Promise<void> {
  const [{ AuditFolder, openPackFolder }, { LedgerHistory }, { writePack }, { withLedger }] =
    await Promise.all([
      import('@evenkeel/adapter-audit'),
      import('@evenkeel/adapter-postgres'),
      import('@evenkeel/reconstruction'),
      import('../stack/ledger-access'),
    ]);
  const log = AuditFolder.open(homeOf().audit);
  const { from, to } = flags;
  const openFolder = () => openPackFolder(resolve(flags.out));
  const manifest = await withLedger((pool) =>
    writePack({
      source: new LedgerHistory(pool),
      log,
      from,
      to,
      openFolder,
      madeAt: new Date().toISOString(),
    }),
  );
  const counts = Object.entries(manifest.rows).map(([table, rows]) => `${rows} ${table.replace('_', ' ')}`);
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(manifest)}\n`
      : `${flags.out}: ${counts.join(', ')}; ${manifest.commits} commits proven in the tree of ${manifest.tree.size}\n`,
  );
}
