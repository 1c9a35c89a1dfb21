import type { Command } from 'commander';
import { InvalidInputError } from '@evenkeel/kernel';
import { EXIT } from './exit-codes';

interface ListFlags {
  readonly book?: string;
  readonly json?: boolean;
}

/** `keel restrict list`: what is in force, as `keel status` has it. */
export function addRestrictListCommand(restrict: Command): void {
  restrict
    .command('list')
    .description('restrictions, overrides and throttles in force, with who, why and since when')
    .option('--book <id>', 'of one book')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  keel restrict list --book btc-weekly-straddles\n')
    .action((flags: ListFlags) => list(flags));
}

async function list({ book, json }: ListFlags): Promise<void> {
  const [{ DeskLooker }, { Lines, controlsIn, isAnswered, linesText }, { terminalOf }] = await Promise.all([
    import('../status/desk-looker'),
    import('@evenkeel/desk'),
    import('../status/terminal'),
  ]);
  const looker = new DeskLooker();
  try {
    const { glance } = await looker.look();
    const { epoch, books, restrictions, overrides, throttles } = glance;
    if (book !== undefined && isAnswered(books) && !books.value.some((one) => one.book === book)) {
      const known = books.value.map((one) => one.book).join(', ');
      throw new InvalidInputError('the command', [
        {
          path: '--book',
          message: `"${book}" is no book of the newest epoch (${known === '' ? 'it has none' : known})`,
        },
      ]);
    }
    const ours = <T extends { readonly book: string }>(all: readonly T[]): readonly T[] =>
      all.filter((one) => book === undefined || one.book === book);
    const of = <T extends { readonly book: string }>(
      answer: Parameters<typeof isAnswered<readonly T[]>>[0],
    ) => (isAnswered(answer) ? { value: ours(answer.value) } : answer);
    const found = { restrictions: of(restrictions), overrides: of(overrides), throttles: of(throttles) };
    const id = isAnswered(epoch) ? epoch.value.epoch : undefined;
    if (json === true) process.stdout.write(`${JSON.stringify({ epoch: id, ...found })}\n`);
    else {
      process.stderr.write(id === undefined ? '' : `epoch ${id}\n`);
      const { columns, colour } = terminalOf(process.stdout, process.env);
      const lines = new Lines(columns);
      controlsIn(lines, found);
      process.stdout.write(linesText(lines.all, colour));
    }
    if (!isAnswered(restrictions)) process.exitCode = EXIT.failed;
  } finally {
    await looker.close();
  }
}
