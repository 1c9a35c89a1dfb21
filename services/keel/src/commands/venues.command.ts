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

interface TermsFlags {
  readonly json?: boolean;
  readonly markdown?: boolean;
}

interface ListingFlags {
  readonly json?: boolean;
  readonly timeout: string;
  readonly file?: string;
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
      check(venue, { ...flags, ...inherited(command) }),
    );
  addTerms(venues);
}

function addTerms(venues: Command): void {
  venues
    .command('terms [venue]')
    .description(
      'what we know of the contracts of a venue: sizes, ticks, lots and fees, each with its source',
    )
    .option('--json', 'print as JSON on stdout')
    .option('--markdown', 'print the page docs/terms.md')
    .addHelpText('after', '\nExample:\n  keel venues terms okx\n  keel venues terms --json\n')
    .action((venue: string | undefined, flags: TermsFlags, command: Command) =>
      terms(venue, { ...flags, ...inherited(command) }),
    );
  venues
    .command('listings <feed>')
    .description('compares what a venue lists, now or in a recorded answer, with what we know')
    .option('--file <answer>', 'a recorded answer of its REST interface instead of the venue itself')
    .option('--timeout <seconds>', 'how long the venue may take', '20')
    .option('--json', 'print as JSON on stdout')
    .addHelpText(
      'after',
      '\nExample:\n  keel venues listings okx\n  keel venues listings deribit --file instruments.json\n',
    )
    .action((feed: string, flags: ListingFlags, command: Command) =>
      listings(feed, { ...flags, ...inherited(command) }),
    );
}

const inherited = (command: Command): { readonly json?: true } =>
  command.optsWithGlobals()['json'] === true ? { json: true } : {};

async function terms(venue: string | undefined, flags: TermsFlags): Promise<void> {
  const { VENUE_TABLES } = await import('@evenkeel/instruments');
  const { renderTerms, termsPage } = await import('../terms/terms-page');
  if (flags.markdown === true) return void process.stdout.write(termsPage());
  const tables = VENUE_TABLES.filter((table) => venue === undefined || table.venue === venue);
  if (tables.length === 0) {
    const known = VENUE_TABLES.map((table) => table.venue).join(', ');
    throw new InvalidInputError('the command', [
      { path: '<venue>', message: `must be one of ${known}, not "${venue ?? ''}"` },
    ]);
  }
  process.stdout.write(
    flags.json === true ? `${JSON.stringify({ tables })}\n` : tables.map(renderTerms).join('\n'),
  );
}

async function listings(feed: string, flags: ListingFlags): Promise<void> {
  const { checkListing, renderListingCheck } = await import('../terms/listing-check');
  const timeoutMs = secondsOf(flags.timeout) * 1000;
  const found = await checkListing(feed, {
    timeoutMs,
    ...(flags.file === undefined ? {} : { file: flags.file }),
  });
  process.stdout.write(flags.json === true ? `${JSON.stringify(found)}\n` : renderListingCheck(found));
  if (found.differences.length > 0) process.exitCode = EXIT.failed;
}

function secondsOf(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 300) return seconds;
  throw new InvalidInputError('the command', [
    { path: '--timeout', message: `must be seconds from 1 to 300, not "${text}"` },
  ]);
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
  const seconds = secondsOf(flags.timeout);
  const { checkVenue, renderCheck } = await import('../run/live-venues');
  const found = await checkVenue(venue, seconds * 1000, process.env);
  process.stdout.write(flags.json === true ? `${JSON.stringify(found)}\n` : renderCheck(found));
  if (!found.sound) process.exitCode = EXIT.failed;
}
