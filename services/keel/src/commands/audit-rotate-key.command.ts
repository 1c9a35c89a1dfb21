import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { homeOf } from '../stack/home';
import { claimRun } from '../stack/run-claim';

interface RotateFlags {
  readonly key?: string;
  readonly newKey?: string;
  readonly json?: boolean;
}

export function addAuditRotateKeyCommand(audit: Command): void {
  audit
    .command('rotate-key')
    .description('put a new signing key in office from the next checkpoint on; the present one signs that')
    .option('--key <file>', 'PEM of the present key (default: the development key in the audit folder)')
    .option('--new-key <file>', 'PEM of the new key (default: a fresh one)')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nNo ledger may be running meanwhile. Give the note to every witness and auditor: it goes under "rotations".\n\nExample:\n  keel audit rotate-key\n  keel audit rotate-key --key old.pem --new-key new.pem\n',
    )
    .action((flags: RotateFlags) => rotate(flags));
}

async function rotate(flags: RotateFlags): Promise<void> {
  const { rotateLogKey } = await import('@evenkeel/adapter-audit');
  const home = homeOf();
  const claim = claimRun(home, 'tape'); // no ledger signs meanwhile
  try {
    const options = {
      folder: home.audit,
      ...(flags.key === undefined ? {} : { keyFile: resolve(flags.key) }),
    };
    const newKey = flags.newKey === undefined ? undefined : readFileSync(resolve(flags.newKey), 'utf8');
    const rotated = await rotateLogKey(options, newKey);
    process.stdout.write(
      flags.json === true
        ? `${JSON.stringify(rotated)}\n`
        : `from tree size ${rotated.fromSize} on\n  signs    ${rotated.added}\n  retired  ${rotated.retired}\n\n${rotated.note}`,
    );
  } finally {
    claim.release();
  }
}
