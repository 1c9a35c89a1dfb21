import type { Command } from 'commander';
import { InvalidInputError } from '@evenkeel/kernel';
import { addTrustOptions, readEvidence, trustOf } from './evidence-input';
import type { TrustFlags } from './evidence-input';
import { EXIT } from './exit-codes';

const VERDICT_EXIT = { clean: EXIT.ok, divergent: EXIT.failed, unreadable: EXIT.invalid } as const;

interface ShowFlags extends TrustFlags {
  readonly full?: boolean;
  readonly json?: boolean;
}

export function addAuditShowCommand(audit: Command): void {
  const command = audit
    .command('show <file>')
    .description(
      'read the decisions of an evidence bundle: the file is enough, a key of the log verifies it first',
    );
  addTrustOptions(command)
    .option('--full', 'everything: prices, positions, candidates, every check, every hash')
    .option('--json', 'print the stories as JSON, whole payloads')
    .addHelpText(
      'after',
      '\nWithout --key it says that nothing was verified. Exit code as of check: 0, 1 something broken, 2 not a bundle.\n\nExample:\n  keel audit show out/evidence.jsonl --key <key>\n',
    )
    .action((file: string, flags: ShowFlags) => show(file, flags));
}

async function show(file: string, flags: ShowFlags): Promise<void> {
  const trust = trustOf(flags);
  const found = readEvidence(file);
  if (found.kind === 'pack')
    throw new InvalidInputError('the command', [
      {
        path: 'file',
        message: `${file} is the folder of a pack, whose tables are for reading; check it with keel audit check`,
      },
    ]);
  const { bundleStories, checkEvidence, readUnverified, showText } = await import('@evenkeel/reconstruction');
  const verified = trust.keys.length > 0;
  const report = verified ? checkEvidence({ bytes: found.bytes, ...trust }) : readUnverified(found.bytes);
  const { verdict } = report;
  if (flags.json === true)
    process.stdout.write(`${JSON.stringify({ verified, verdict, stories: bundleStories(report) })}\n`);
  else process.stdout.write(showText(report, { name: file, full: flags.full === true, verified }));
  process.exitCode = VERDICT_EXIT[verdict];
}
