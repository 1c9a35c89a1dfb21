import { gzipSync } from 'node:zlib';
import type { Command } from 'commander';
import { requireNewFile, writeNamedFile } from '@evenkeel/config';
import { TIMES, withEpoch } from '../history/asked-history';
import { ProgressLine } from '../run/progress-line';
import { homeOf } from '../stack/home';
import { EXIT } from './exit-codes';

interface ExportFlags {
  readonly out: string;
  readonly epoch?: string;
  readonly partial?: boolean;
  readonly json?: boolean;
}

export function addAuditExportCommand(audit: Command): void {
  withEpoch(
    audit
      .command('export <decision|range>')
      .description(
        'one file with everything a stranger needs to check a decision, or a range FROM..TO of sequences or times',
      ),
  )
    .requiredOption(
      '--out <file>',
      'where to write the bundle, a new file; compressed where the name ends in .gz',
    )
    .option('--partial', 'also where a range reaches beyond what the epoch holds: what there is of it')
    .option('--json', 'print what was written as JSON')
    .addHelpText(
      'after',
      `\nSequences are both included; of times the last is not. The log’s public key is printed, not enclosed: give it to the
auditor another way. The bundle is checked before anything is claimed of it: exit code 1 where it does not stand the check.
${TIMES}
Example:
  keel audit export <decision> --out out/evidence.jsonl
  keel audit export 100..200 --out out/evidence.jsonl
  keel audit export 2026-01-05..2026-01-07 --out out/two-days.jsonl.gz
`,
    )
    .action((what: string, flags: ExportFlags) => exportEvidence(what, flags));
}

async function exportEvidence(what: string, flags: ExportFlags): Promise<void> {
  requireNewFile(flags.out);
  const [
    { openSignedFolder },
    { LedgerEpochs, LedgerEvidence, readSignedCheckpoints },
    { VERSION },
    reconstruction,
    { requireHome, withLedger },
  ] = await Promise.all([
    import('@evenkeel/adapter-audit'),
    import('@evenkeel/adapter-postgres'),
    import('@evenkeel/config'),
    import('@evenkeel/reconstruction'),
    import('../stack/ledger-access'),
  ]);
  const { brokenOf, checkEvidence, decisionsToExport, epochLine, exportBundle, readFrom } = reconstruction;
  const home = homeOf();
  requireHome(home);
  const progress = new ProgressLine(flags.json === true);
  const { asked, exported } = await withLedger(async (pool) => {
    const log = await openSignedFolder(home.audit, () => readSignedCheckpoints(pool));
    const evidence = new LedgerEvidence(pool);
    const found = await decisionsToExport(evidence, new LedgerEpochs(pool), { what, ...flags });
    progress.say(epochLine(found.epoch));
    const { decisions, partial } = found;
    return {
      asked: found,
      exported: await exportBundle({
        evidence,
        log,
        decisions,
        ...(partial === undefined ? {} : { partial }),
        onProgress: (collected) => progress.show(0, `${collected} commits`),
        exporter: `keel ${VERSION}`,
        exportedAt: new Date().toISOString(),
      }),
    };
  });
  progress.clear();
  const bytes = flags.out.endsWith('.gz') ? gzipSync(exported.bytes) : exported.bytes;
  writeNamedFile(flags.out, bytes, 'wx');
  const { commits, treeSize, witnesses, keys } = exported;
  const { verdict, findings } = checkEvidence({ bytes: exported.bytes, keys });
  const broken = brokenOf(findings);
  if (verdict !== 'clean') process.exitCode = EXIT.failed;
  const { decisions, notes, partial } = asked;
  const said = partial === undefined ? notes : [...notes, partial];
  process.stderr.write(said.map((line) => `${line}\n`).join(''));
  const summary = {
    ...readFrom(asked.epoch),
    out: flags.out,
    bytes: bytes.length,
    decisions,
    commits,
    treeSize,
    witnesses,
    keys,
    verdict,
    ...(partial === undefined ? {} : { partial }),
    ...(broken.length === 0 ? {} : { broken }),
  };
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(summary)}\n`
      : [
          `${flags.out}: ${decisions.length} decision${decisions.length === 1 ? '' : 's'} of epoch ${asked.epoch.epoch}, ${commits} commits, ${(bytes.length / 1e6).toFixed(1)} MB`,
          ...(verdict === 'clean'
            ? [
                `  proven in the tree of ${treeSize} commits; cosigned by ${witnesses.length === 0 ? 'no witness' : witnesses.join(', ')}`,
              ]
            : [
                '  BROKEN: what the ledger holds does not stand the check',
                ...broken.map((text) => `  ! ${text}`),
              ]),
          ...keys.map((key) => `  check it with  keel audit check ${flags.out} --key ${key}`),
          '',
        ].join('\n'),
  );
}
