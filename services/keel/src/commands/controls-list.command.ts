import type { Command } from 'commander';
import type { AskedOf, becameOfControl } from '@evenkeel/desk';
import type { StoredCommit } from '@evenkeel/eventing';
import { InvalidInputError } from '@evenkeel/kernel';
import { askedHere } from '../stack/awaited-answer';
import { requiredBus } from '../stack/background';
import { homeOf } from '../stack/home';

interface ListFlags {
  readonly book?: string;
  readonly waiting?: boolean;
  readonly json?: boolean;
}

/** `keel controls`: what people asked of the services in the open epoch, and what became of it. */
export function addControlsListCommand(program: Command): void {
  program
    .command('controls [id]')
    .description('what people asked of execution and risk in the open epoch, and what became of each')
    .option('--book <id>', 'about one book')
    .option('--waiting', 'only what nobody has answered yet')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nKills are in `keel status`, proposals in `keel proposals`.\n\nExample:\n  keel controls --waiting\n',
    )
    .action((id: string | undefined, flags: ListFlags) => list(id, flags));
}

async function list(id: string | undefined, { book, waiting, json }: ListFlags): Promise<void> {
  const home = homeOf();
  const [{ CommandBucket, connectNats, namesOnRecord }, desk] = await Promise.all([
    import('@evenkeel/adapter-nats'),
    import('@evenkeel/desk'),
  ]);
  const connection = await connectNats(await requiredBus(home, 'desk'), 'keel-controls');
  try {
    const record = await askedHere(connection, home);
    const bucket = await CommandBucket.open(connection);
    // The bucket first: what is taken off it meanwhile is on the journal by then.
    const commands = (await bucket.readCommands()).flatMap(({ command }) =>
      command === undefined ? [] : [command],
    );
    const words = await record.words();
    const { books } = await namesOnRecord(connection, () => false);
    const handedOver = commands.filter(
      (command) => !words.some((stored) => desk.becameOfControl(command, stored) !== undefined),
    );
    const waits = await Promise.all(
      handedOver.map(async (command): Promise<AskedOf> => {
        const { id: commandId, book: about, by, reason } = command;
        const waitsFor = await record.waitsFor(about, books.has(about));
        return { id: commandId, book: about, what: desk.wordsOf(command), by, reason, waitsFor };
      }),
    );
    const answered = desk.askedOnRecord(words);
    const named =
      id === undefined ? undefined : oneOf([...answered, ...waits], id, words, desk.becameOfControl);
    const all = named ?? [...answered, ...waits];
    const shown = all.filter(
      (one) => (book === undefined || one.book === book) && (waiting !== true || one.became === undefined),
    );
    print(record.epoch.epoch, shown, json === true);
  } finally {
    await connection.close();
  }
}

/** By its id, or by the fact that the id has become. Throws `INPUT.INVALID` where the epoch knows of none. */
function oneOf(
  all: readonly AskedOf[],
  id: string,
  words: readonly StoredCommit[],
  becameOf: typeof becameOfControl,
): readonly AskedOf[] {
  const fact = words
    .map((stored) => becameOf({ id, proposalId: id }, stored))
    .find((one) => one !== undefined);
  const found = all.filter(
    (one) => one.id === id || (fact !== undefined && one.became?.sequence === fact.sequence),
  );
  if (found.length > 0) return found;
  throw new InvalidInputError('the command', [
    {
      path: 'id',
      message: `nothing by the id ${id} was asked for in the open epoch; \`keel controls\` lists what was`,
    },
  ]);
}

function print(epoch: string, asked: readonly AskedOf[], json: boolean): void {
  if (json) {
    process.stdout.write(`${JSON.stringify({ epoch, asked })}\n`);
    return;
  }
  process.stderr.write(`epoch ${epoch}${asked.length === 0 ? ': nothing was asked for' : ''}\n`);
  for (const { id, book, what, by, reason, became, waitsFor } of asked) {
    const state =
      became === undefined
        ? `waits for ${waitsFor ?? 'risk'}`
        : became.refused.length === 0
          ? `taken at ${became.at} (sequence ${became.sequence})`
          : `refused at ${became.at}: ${became.refused.join(', ')} (sequence ${became.sequence})`;
    process.stdout.write(
      `${book}  ${what}\n  by ${by}: ${reason}${id === undefined ? '' : ` (${id})`}\n  ${state}\n`,
    );
  }
}
