import type { Command } from 'commander';
import { ProgressLine } from '../run/progress-line';
import { EXIT } from './exit-codes';

export function addLedgerCommands(program: Command): void {
  program
    .command('ledger')
    .description('the ledger’s read models')
    .command('rebuild')
    .description('build the read models anew from the commit log, compare, and switch')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  keel ledger rebuild\n')
    .action((flags: { json?: boolean }) => rebuild(flags.json === true));
}

async function rebuild(json: boolean): Promise<void> {
  const progress = new ProgressLine(json);
  const [{ rebuildReadModels }, { withLedger }] = await Promise.all([
    import('@evenkeel/adapter-postgres'),
    import('../stack/ledger-access'),
  ]);
  const report = await withLedger((pool) =>
    rebuildReadModels(pool, {
      onProgress: (done, total) => progress.show(done / Math.max(1, total), `${done} of ${total} commits`),
    }),
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
