import { join, resolve } from 'node:path';
import type { Command } from 'commander';
import { ProgressLine } from '../run/progress-line';
import { settings } from '../stack/environment';
import { homeOf } from '../stack/home';
import { EXIT } from './exit-codes';

interface ArchiveFlags {
  readonly to?: string;
  readonly verify?: boolean;
  readonly key: readonly string[];
  readonly witnessKey: readonly string[];
  readonly json?: boolean;
}

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];

/** `EK_ARCHIVE_DIR`, or `archive` in the home folder. */
export function archiveDirOf(flag?: string): string {
  return resolve(flag ?? settings().archiveDir ?? join(homeOf().dir, 'archive'));
}

export function addAuditArchiveCommand(audit: Command): void {
  audit
    .command('archive')
    .description('put every commit that is signed for into compressed, hashed files that are never replaced')
    .option('--to <folder>', 'the archive (default: EK_ARCHIVE_DIR, or archive in the home folder)')
    .option('--verify', 'write nothing; verify the archive from itself alone')
    .option('--key <key>', 'with --verify: the log’s first verifier key; repeat for several', collect, [])
    .option('--witness-key <key>', 'with --verify: a witness’s verifier key; repeat', collect, [])
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  keel audit archive --to out/archive\n  keel audit archive --verify --to out/archive --key <key>\n',
    )
    .action((flags: ArchiveFlags) => (flags.verify === true ? verify(flags) : archive(flags)));
}

async function archive(flags: ArchiveFlags): Promise<void> {
  const progress = new ProgressLine(flags.json === true);
  const [{ withLedger }, { archiveLedger }, { leavesBetween }] = await Promise.all([
    import('../stack/ledger-access'),
    import('@evenkeel/adapter-audit'),
    import('@evenkeel/adapter-postgres'),
  ]);
  const place = archiveDirOf(flags.to);
  const result = await withLedger((pool) =>
    archiveLedger(
      (from, until) => leavesBetween(pool, from, until),
      homeOf().audit,
      place,
      (done, total) => progress.show(done / Math.max(1, total), `${done} of ${total} commits`),
    ),
  );
  progress.clear();
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ ...result, place })}\n`
      : `${result.archived} commits archived in ${result.segments} segments; ${result.size} altogether in ${place}\n`,
  );
}

async function verify(flags: ArchiveFlags): Promise<void> {
  const { ArchiveFolder, verifyArchive, witnessKeysOf } = await import('@evenkeel/adapter-audit');
  const report = await verifyArchive(new ArchiveFolder(archiveDirOf(flags.to)), {
    ...(flags.key.length === 0 ? {} : { keys: flags.key }),
    witnesses: witnessKeysOf(flags.witnessKey, '--witness-key'),
  });
  const lines = [
    `${report.status}: ${report.commits} commits, root ${report.root}${report.witnessed.length > 0 ? `, cosigned by ${report.witnessed.join(', ')}` : ''}`,
    ...report.defects.map(({ where, message }) => `  ${where}  ${message}`),
  ];
  process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : `${lines.join('\n')}\n`);
  if (report.status !== 'clean') process.exitCode = EXIT.failed;
}
