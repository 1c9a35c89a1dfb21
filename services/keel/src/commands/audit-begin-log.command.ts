import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { homeOf } from '../stack/home';

interface BeginFlags {
  readonly reason: string;
  readonly by: string;
  readonly json?: boolean;
}

export function addAuditBeginLogCommand(audit: Command): void {
  audit
    .command('begin-log')
    .description('begin a new audit log on purpose, beside an empty database, where another one was lost')
    .requiredOption('--reason <text>', 'why; stands in log.json, with the logs whose place it takes')
    .option('--by <name>', 'who', userInfo().username)
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nA ledger begins a log by itself where nothing was ever signed. Where EK_AUDIT holds another log and its key is lost, a person says so\nhere; see docs/runbooks/audit-folder-lost.md.\n\nExample:\n  keel audit begin-log --reason "disk and key of the old log are lost; its database is kept as evidence"\n',
    )
    .action((flags: BeginFlags) => begin(flags));
}

async function begin({ by, reason, json }: BeginFlags): Promise<void> {
  const [{ withServers }, { logOf, signedElsewhere }, { beginLogOver }] = await Promise.all([
    import('../stack/server-access'),
    import('../stack/signed-history'),
    import('@evenkeel/adapter-audit'),
  ]);
  const folder = homeOf().audit;
  const identity = await withServers('observer', async ({ connection, databaseUrl }) => {
    const elsewhere = await signedElsewhere(connection, databaseUrl);
    const who = { by, reason, at: new Date().toISOString() };
    return beginLogOver(logOf(folder), elsewhere, who).identity;
  });
  const before = (identity.begun?.follows ?? []).map(
    ({ origin, size, root }) => `  in the place of ${origin}, signed over ${size} commits, root ${root}\n`,
  );
  process.stdout.write(
    json === true
      ? `${JSON.stringify({ folder, ...identity })}\n`
      : `${identity.origin} begins in ${folder}\n${before.join('')}`,
  );
}
