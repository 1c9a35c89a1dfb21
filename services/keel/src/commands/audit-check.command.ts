import type { Command } from 'commander';
import { writeNamedFile } from '@evenkeel/config';
import { InvalidInputError } from '@evenkeel/kernel';
import { addTrustOptions, readEvidence, trustOf } from './evidence-input';
import type { TrustFlags } from './evidence-input';
import { EXIT } from './exit-codes';

const VERDICT_EXIT = { clean: EXIT.ok, divergent: EXIT.failed, unreadable: EXIT.invalid } as const;

interface CheckFlags extends TrustFlags {
  readonly page?: string;
  readonly json?: boolean;
  readonly full?: boolean;
}

export function addAuditCheckCommand(audit: Command): void {
  const command = audit
    .command('check [file]')
    .description(
      'judge an evidence bundle, or the folder of a pack, with nothing but it and a public key: no network, no database',
    );
  addTrustOptions(command)
    .option('--page <out.html>', 'write the page that does the same in a browser')
    .option('--full', 'name every decision of a range that was decided again')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      '\nExit code 0 nothing broken, 1 something broken, 2 not a bundle or a pack. Bundles may be gzipped.\n\nExample:\n  keel audit check out/evidence.jsonl --key <key>\n  keel audit check --page out/check.html\n',
    )
    .action((file: string | undefined, flags: CheckFlags) => check(file, flags));
}

async function check(file: string | undefined, flags: CheckFlags): Promise<void> {
  if (flags.page !== undefined) {
    const { checkPage } = await import('@evenkeel/adapter-audit');
    writeNamedFile(flags.page, checkPage());
    process.stderr.write(`wrote ${flags.page}: open it in any browser and drop a bundle on it\n`);
    if (file === undefined) return;
  }
  if (file === undefined) throw invalid('file', 'is needed: the bundle, or the folder of a pack, to check');
  const trust = trustOf(flags);
  const found = readEvidence(file);
  const { checkEvidence, checkJson, checkPack, checkText, packCheckText } =
    await import('@evenkeel/reconstruction');
  if (found.kind === 'pack') {
    const report = checkPack(found.files, trust);
    process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : packCheckText(report, file));
    process.exitCode = VERDICT_EXIT[report.verdict];
    return;
  }
  const report = checkEvidence({ bytes: found.bytes, ...trust });
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(checkJson(report))}\n`
      : checkText(report, file, flags.full === true),
  );
  process.exitCode = VERDICT_EXIT[report.verdict];
}

function invalid(path: string, message: string): InvalidInputError {
  return new InvalidInputError('the command', [{ path, message }]);
}
