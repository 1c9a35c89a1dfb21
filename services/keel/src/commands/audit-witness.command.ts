import { writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { makeFolder } from '@evenkeel/config';
import type { Command } from 'commander';

interface WitnessFlags {
  readonly config: string;
  readonly init?: string;
  readonly logKey: readonly string[];
  readonly name: string;
  readonly port: string;
  readonly json?: boolean;
}

const collect = (value: string, all: readonly string[]): readonly string[] => [...all, value];

export function addAuditWitnessCommand(audit: Command): void {
  audit
    .command('witness')
    .description(
      'the small server an auditor runs: cosigns checkpoints that extend what it saw, refuses forks (tlog-witness)',
    )
    .option('--config <file>', 'its configuration (JSON)', 'witness.json')
    .option('--init <origin>', 'write a configuration for this log first; needs --log-key')
    .option('--log-key <key>', 'with --init: the log’s verifier key; repeat for several', collect, [])
    .option('--name <name>', 'with --init: the name it signs with', 'witness.local/w1')
    .option('--port <port>', 'with --init: where it listens', '8441')
    .option('--json', 'print the address and key as JSON')
    .addHelpText(
      'after',
      '\nKeep its key and state folder where the desk cannot reach them: they are what catches a rewritten history.\nThe ledger asks the witnesses in EK_WITNESSES ("<key> <url>", separated by commas).\n\nExample:\n  keel audit witness --init evenkeel.example/desk-1 --log-key <key>\n  keel audit witness --config witness.json\n',
    )
    .action((flags: WitnessFlags) => witness(flags));
}

async function witness(flags: WitnessFlags): Promise<void> {
  const path = resolve(flags.config);
  const { loadWitnessConfig, startWitness } = await import('@evenkeel/adapter-audit');
  const { formatVerifierKey } = await import('@evenkeel/audit');
  if (flags.init !== undefined) writeConfig(path, flags, flags.init);
  const config = loadWitnessConfig(path);
  const running = await startWitness(
    config,
    () => Math.floor(Date.now() / 1000),
    (message, file) => process.stderr.write(`MISBEHAVIOUR: ${message} The request is kept in ${file}\n`),
  );
  const key = formatVerifierKey(running.key);
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ url: running.url, key, logs: config.logs.map(({ origin }) => origin) })}\n`
      : `witness ${config.name} at ${running.url}\n  key        ${key}\n  for a log  EK_WITNESSES="${key} ${running.url}"\n`,
  );
  await new Promise<void>((done) => {
    process.once('SIGINT', () => done());
    process.once('SIGTERM', () => done());
  });
  await running.close();
}

function writeConfig(path: string, flags: WitnessFlags, origin: string): void {
  makeFolder(dirname(path));
  const config = {
    name: flags.name,
    keyFile: 'witness-key.pem',
    stateFolder: 'witness-state',
    port: Number(flags.port),
    logs: [{ origin, keys: [...flags.logKey], rotations: [] }],
  };
  // An existing configuration names a key and a memory that must not be swapped by accident.
  writeFileSync(path, `${JSON.stringify(config, null, 2)}\n`, { flag: 'wx', mode: 0o600 });
}
