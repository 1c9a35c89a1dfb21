import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Command } from 'commander';
import { writeNamedFile } from '@evenkeel/config';
import { InvalidInputError } from '@evenkeel/kernel';
import { publicKeysOf } from '../identity/public-keys';
import { EXIT } from './exit-codes';

const VERDICT_EXIT = { clean: EXIT.ok, divergent: EXIT.failed, unreadable: EXIT.invalid } as const;

interface CheckFlags {
  readonly key: readonly string[];
  readonly witnessKey: readonly string[];
  readonly quorum: string;
  readonly origin?: string;
  readonly deskKey: readonly string[];
  readonly rosterHash?: string;
  readonly page?: string;
  readonly json?: boolean;
}

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];

export function addAuditCheckCommand(audit: Command): void {
  audit
    .command('check [file]')
    .description(
      'judge an evidence bundle with nothing but the file and a public key: no network, no database',
    )
    .option('--key <key|file>', 'the log’s verifier key; repeat for several', collect, [])
    .option('--witness-key <key|file>', 'a witness’s verifier key; repeat for several', collect, [])
    .option('--quorum <n>', 'cosignatures without which the bundle fails', '0')
    .option('--origin <name>', 'the log it must be of; otherwise the bundle’s own is taken and named')
    .option(
      '--desk-key <hex|file>',
      'the desk’s key, under which the services’ keys must have been enrolled; repeat for several',
      collect,
      [],
    )
    .option(
      '--roster-hash <sha256>',
      'what the roster of the people must descend from; otherwise it is only named',
    )
    .option('--page <out.html>', 'write the page that does the same in a browser')
    .option('--json', 'print the findings as JSON')
    .addHelpText(
      'after',
      '\nExit code 0 nothing broken, 1 something broken, 2 not a bundle.\n\nExample:\n  keel audit check out/evidence.jsonl --key <key>\n  keel audit check --page out/check.html\n',
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
  if (file === undefined) throw invalid('file', 'is needed: the bundle to check');
  const quorum = Number(flags.quorum);
  if (!Number.isInteger(quorum) || quorum < 0) throw invalid('--quorum', 'must be a whole number from 0');
  const bytes = readBundleFile(file);
  const { checkEvidence, checkJson, checkText } = await import('@evenkeel/reconstruction');
  const report = checkEvidence({
    bytes,
    keys: flags.key.map(textOrFile),
    witnessKeys: flags.witnessKey.map(textOrFile),
    quorum,
    deskKeys: publicKeysOf(flags.deskKey),
    ...(flags.origin === undefined ? {} : { origin: flags.origin }),
    ...(flags.rosterHash === undefined ? {} : { rosterHash: flags.rosterHash }),
  });
  process.stdout.write(
    flags.json === true ? `${JSON.stringify(checkJson(report))}\n` : checkText(report, file),
  );
  process.exitCode = VERDICT_EXIT[report.verdict];
}

/** A key as it is given, or the lines of the file that is named. */
function textOrFile(given: string): string {
  return existsSync(given) ? readFileSync(given, 'utf8') : given;
}

function readBundleFile(file: string): Uint8Array {
  try {
    return readFileSync(resolve(file));
  } catch (error) {
    throw invalid(
      'file',
      `${file} cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

function invalid(path: string, message: string): InvalidInputError {
  return new InvalidInputError('the command', [{ path, message }]);
}
