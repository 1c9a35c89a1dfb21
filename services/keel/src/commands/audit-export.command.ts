import type { Command } from 'commander';
import { writeNamedFile } from '@evenkeel/config';
import { homeOf } from '../stack/home';

interface ExportFlags {
  readonly out: string;
  readonly epoch?: string;
  readonly json?: boolean;
}

export function addAuditExportCommand(audit: Command): void {
  audit
    .command('export <decision|range>')
    .description(
      'one file with everything a stranger needs to check a decision, or a range FROM..TO of sequences',
    )
    .requiredOption('--out <file>', 'where to write the bundle')
    .option('--epoch <n>', 'in one epoch; the newest unless told')
    .option('--json', 'print what was written as JSON')
    .addHelpText(
      'after',
      '\nThe log’s public key is printed, not enclosed: give it to the auditor another way.\n\nExample:\n  keel audit export <decision> --out out/evidence.jsonl\n  keel audit export 100..200 --out out/evidence.jsonl\n',
    )
    .action((what: string, flags: ExportFlags) => exportEvidence(what, flags));
}

async function exportEvidence(what: string, flags: ExportFlags): Promise<void> {
  const [{ AuditFolder }, { LedgerEvidence }, { VERSION }, { exportBundle }, { withLedger }] =
    await Promise.all([
      import('@evenkeel/adapter-audit'),
      import('@evenkeel/adapter-postgres'),
      import('@evenkeel/config'),
      import('@evenkeel/reconstruction'),
      import('../stack/ledger-access'),
    ]);
  const log = AuditFolder.open(homeOf().audit);
  const exported = await withLedger((pool) =>
    exportBundle({
      evidence: new LedgerEvidence(pool),
      log,
      what,
      exporter: `keel ${VERSION}`,
      exportedAt: new Date().toISOString(),
      ...(flags.epoch === undefined ? {} : { epoch: flags.epoch }),
    }),
  );
  writeNamedFile(flags.out, exported.bytes);
  const { decisions, commits, treeSize, witnesses, keys, bytes } = exported;
  const summary = { out: flags.out, bytes: bytes.length, decisions, commits, treeSize, witnesses, keys };
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(summary)}\n`
      : [
          `${flags.out}: ${decisions.length} decision${decisions.length === 1 ? '' : 's'}, ${commits} commits, ${(bytes.length / 1e6).toFixed(1)} MB`,
          `  proven in the tree of ${treeSize} commits; cosigned by ${witnesses.length === 0 ? 'no witness' : witnesses.join(', ')}`,
          ...keys.map((key) => `  check it with  keel audit check ${flags.out} --key ${key}`),
          '',
        ].join('\n'),
  );
}
