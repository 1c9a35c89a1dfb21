import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { StoredLetter } from '@evenkeel/adapter-nats';
import { InvalidInputError } from '@evenkeel/kernel';
import { homeOf } from '../stack/home';
import type { Home } from '../stack/home';

interface Flags {
  readonly by: string;
  readonly reason: string;
  readonly proposal?: string;
  readonly json?: boolean;
}

/** `keel dlq`, `keel quarantine`: messages of the journal that nobody can believe. */
export function addQuarantineCommands(program: Command): void {
  program
    .command('dlq')
    .description('messages that services could not read or believe')
    .command('list')
    .description('the pointers in EK_DLQ: where each message lies, and what is wrong with it')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  keel dlq list\n')
    .action(({ json }: { json?: boolean }) => listLetters(json === true));
  program
    .command('quarantine <sequence>')
    .description('let a message of the running journal that nobody can believe count for nothing')
    .requiredOption('--reason <text>', 'goes on record')
    .option('--by <name>', 'on whose behalf', userInfo().username)
    .option('--proposal <id>', 'of `keel propose quarantine`, which a second person approved')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nWhoever is stopped at it goes on by itself within seconds. What can be read and was written by whom it says stays.\n\nExample:\n  keel dlq list\n  keel propose quarantine 4711 --as rita --reason "a stray message"\n  keel approve <proposal> --as tess\n  keel quarantine 4711 --proposal <proposal> --reason "a stray message"\n',
    )
    .action((sequence: string, flags: Flags) => quarantine(sequence, flags));
}

export function sequenceOf(text: string): number {
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw new InvalidInputError('the command', [
    { path: 'sequence', message: `"${text}" is no sequence of the journal` },
  ]);
}

export async function readLetters(home: Home): Promise<readonly StoredLetter[]> {
  const [{ connectNats, deadLetters }, { requiredBus }] = await Promise.all([
    import('@evenkeel/adapter-nats'),
    import('../stack/background'),
  ]);
  const connection = await connectNats(await requiredBus(home, 'observer'), 'keel-dlq');
  try {
    return await deadLetters(connection);
  } finally {
    await connection.close();
  }
}

async function listLetters(json: boolean): Promise<void> {
  const letters = await readLetters(homeOf());
  const lines = letters.map(({ from, at, stream = '', seq = '', code = '', message, problem }) =>
    [at, from, `${stream} ${seq}`.trim(), code, message ?? problem].join('  '),
  );
  process.stdout.write(json ? `${JSON.stringify(letters)}\n` : lines.map((line) => `${line}\n`).join(''));
  if (letters.length === 0 && !json) process.stderr.write('nothing waits in EK_DLQ\n');
}

async function quarantine(text: string, { by, reason, proposal, json }: Flags): Promise<void> {
  const sequence = sequenceOf(text);
  const [{ quarantineMessage }, { approvalDesk, withDeskJournal }] = await Promise.all([
    import('@evenkeel/desk'),
    import('../governance/nats-desk'),
  ]);
  const home = homeOf();
  const request = {
    sequence,
    reason,
    by,
    at: new Date().toISOString(),
    ...(proposal === undefined ? {} : { proposal }),
  };
  const done = await withDeskJournal(home, (journal) =>
    quarantineMessage(journal, approvalDesk(home), request),
  );
  process.stdout.write(
    json === true
      ? `${JSON.stringify(done)}\n`
      : `${done.stream} ${done.sequence} (${done.code}, SHA-256 ${done.sha256}) counts for nothing\n`,
  );
}
