import type { Command } from 'commander';
import { runningStack } from '../stack/background';
import { standingStops } from '../stack/engage-latch';
import type { Stop } from '../stack/engage-latch';
import { homeOf } from '../stack/home';
import type { Home } from '../stack/home';

export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('what is running here, and what is stopped by a kill latch')
    .option('--json', 'print as JSON')
    .addHelpText('after', '\nExample:\n  keel status --json\n')
    .action((flags: { json?: boolean }) => status(flags.json === true));
}

export async function status(json: boolean): Promise<void> {
  const home = homeOf();
  const running = runningStack(home);
  // Nobody's password is printed, whatever the output is for.
  const databaseUrl = running?.databaseUrl.replace(/\/\/([^:]+):[^@]+@/, '//$1:…@');
  const natsUrl = running?.natsUrl;
  const { stops, known } = await standingStops(home);
  const deadLetters = running === undefined ? undefined : await lettersOf(home);
  const servers =
    running === undefined
      ? `nothing is running in ${home.dir}\n`
      : `NATS      ${natsUrl ?? ''}\nPostgres  ${databaseUrl ?? ''}\nhome      ${home.dir}\n`;
  process.stdout.write(
    json
      ? `${JSON.stringify({ up: running !== undefined, natsUrl, databaseUrl, home: home.dir, stops, deadLetters })}\n`
      : `${servers}${stopsText(stops)}${lettersText(deadLetters)}`,
  );
  if (!json && running !== undefined && !known)
    process.stderr.write('the control bucket could not be read: only files of the kill folder are shown\n');
}

/** How many pointers lie in EK_DLQ; undefined where they cannot be read. */
async function lettersOf(home: Home): Promise<number | undefined> {
  const { readLetters } = await import('./quarantine.command');
  return readLetters(home).then(
    (letters) => letters.length,
    () => undefined,
  );
}

function lettersText(letters: number | undefined): string {
  if (letters === undefined || letters === 0) return '';
  return `unread    ${letters} messages that services could not read or believe: keel dlq list\n`;
}

function stopsText(stops: readonly Stop[]): string {
  const lines = stops.map(
    ({ scope, engagement, by, reason, at, source }) =>
      `stopped   ${scope} by ${by} at ${at}: ${reason}\n          ${engagement} (${source})\n`,
  );
  const rule =
    'A stop ends by `keel release`. Once execution has seen a file, taking it away releases nothing; a file it has not seen yet never counted.\n';
  return stops.length === 0 ? '' : `${lines.join('')}${rule}`;
}
