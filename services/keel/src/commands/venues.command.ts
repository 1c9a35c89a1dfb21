import type { Command } from 'commander';
import { InvalidInputError } from '@evenkeel/kernel';
import { EXIT } from './exit-codes';

interface ListFlags {
  readonly json?: boolean;
  readonly offline?: boolean;
}

interface CheckFlags {
  readonly json?: boolean;
  readonly timeout: string;
}

export function addVenuesCommand(program: Command): void {
  const venues = program
    .command('venues')
    .description('the venues Evenkeel can follow and trade at, and whether they can be reached')
    .option('--json', 'print as JSON on stdout')
    .option('--offline', 'do not ask the venues how many instruments they list')
    .addHelpText('after', '\nExample:\n  keel venues\n  keel venues check deribit-sim\n')
    .action((flags: ListFlags) => list(flags));
  venues
    .command('check <venue>')
    .description('connects over REST and WebSocket, logs in where there are keys, and measures the clock')
    .option('--json', 'print as JSON on stdout')
    .option('--timeout <seconds>', 'for each of them', '8')
    .addHelpText('after', '\nExample:\n  keel venues check deribit\n')
    .action((venue: string, flags: CheckFlags, command: Command) =>
      check(venue, { ...flags, ...(command.optsWithGlobals()['json'] === true ? { json: true } : {}) }),
    );
}

async function list(flags: ListFlags): Promise<void> {
  const { countInstruments, venueCatalogue, renderCatalogue } = await import('../run/live-venues');
  const rows = await Promise.all(
    venueCatalogue(process.env).map(async (row) => ({
      ...row,
      instruments: flags.offline === true ? undefined : await countInstruments(row.name),
    })),
  );
  process.stdout.write(flags.json === true ? `${JSON.stringify({ venues: rows })}\n` : renderCatalogue(rows));
}

async function check(venue: string, flags: CheckFlags): Promise<void> {
  const seconds = Number(flags.timeout);
  if (!(seconds > 0 && seconds <= 300))
    throw new InvalidInputError('the command', [
      { path: '--timeout', message: `must be seconds from 1 to 300, not "${flags.timeout}"` },
    ]);
  const { checkVenue, renderCheck } = await import('../run/live-venues');
  const found = await checkVenue(venue, seconds * 1000, process.env);
  process.stdout.write(flags.json === true ? `${JSON.stringify(found)}\n` : renderCheck(found));
  if (!found.sound) process.exitCode = EXIT.failed;
}
