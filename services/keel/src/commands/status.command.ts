import type { Command } from 'commander';
import type { Look } from '../status/desk-looker';
import { terminalOf } from '../status/terminal';
import { runningStack } from '../stack/background';
import { homeOf } from '../stack/home';
import { EXIT } from './exit-codes';

const HELP = `
Everything that cannot be asked is said, and the command then ends with 1. Where nothing runs, the ledger is started for the look and
says how the last epoch ended. Every field with its unit, sign and source: docs/status.md.

Example:
  keel status
  keel status --json
`;

export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description(
      'the desk at a glance: books against their bands, P&L, orders, stops, prices, services, lag, the last decisions',
    )
    .option('--json', 'print as JSON')
    .addHelpText('after', HELP)
    .action((flags: { json?: boolean }) => lookOnce(flags.json === true));
}

export async function lookOnce(json: boolean): Promise<void> {
  const { DeskLooker } = await import('../status/desk-looker');
  const looker = new DeskLooker();
  try {
    const look = await looker.look();
    process.stdout.write(json ? lookJson(look) : await lookText(look));
    if (isPartial(look)) process.exitCode = EXIT.failed;
  } finally {
    await looker.close();
  }
}

export function lookJson({ glance, place }: Look): string {
  return `${JSON.stringify({ ...place, ...glance })}\n`;
}

async function lookText({ glance, place }: Look): Promise<string> {
  const { glanceLines, linesText } = await import('@evenkeel/desk');
  const { columns, colour } = terminalOf(process.stdout, process.env);
  return linesText(glanceLines(glance, place, columns), colour);
}

/** Something should have been answered and was not. */
export function isPartial({ glance }: Look): boolean {
  return glance.state !== 'down' && glance.missing.length > 0;
}

/** The servers of this home, for whoever has just started them: no secret in it. */
export async function status(json: boolean): Promise<void> {
  const [{ busPlace }, { databasePlace }] = await Promise.all([
    import('../status/desk-looker'),
    import('@evenkeel/adapter-postgres'),
  ]);
  const home = homeOf();
  const running = runningStack(home);
  const nats = running?.natsUrl === undefined ? undefined : busPlace(running.natsUrl);
  const postgres = running?.databaseUrl === undefined ? undefined : databasePlace(running.databaseUrl);
  process.stdout.write(
    json
      ? `${JSON.stringify({ up: running !== undefined, nats, postgres, home: home.dir })}\n`
      : `NATS      ${nats ?? 'none'}\nPostgres  ${postgres ?? 'none'}\nhome      ${home.dir}\n`,
  );
}
