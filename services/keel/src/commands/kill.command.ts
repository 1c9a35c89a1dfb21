import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { EXIT, explain } from './exit-codes';
import { LATCHES_LOST, isKillScope } from '@evenkeel/execution';
import type { Engagement } from '@evenkeel/execution';
import { InvalidInputError } from '@evenkeel/kernel';
import type { BusAccess } from '@evenkeel/adapter-nats';
import { busOf, runningStack } from '../stack/background';
import {
  engageLatch,
  forgetFiles,
  newEngagement,
  onLatches,
  remadeBucket,
  requiredBus,
  stopsNothing,
  standingLatch,
} from '../stack/engage-latch';
import { settings } from '../stack/environment';
import { homeOf } from '../stack/home';
import type { DirectAnswer } from '../stack/direct-kill';
import type { Home } from '../stack/home';

interface KillFlags {
  readonly proposal?: string;
  readonly reason: string;
  readonly by: string;
  readonly direct?: string | true;
  readonly json?: boolean;
}

const SCOPES = 'firm, book:<id>, strategy:<policy kind>, venue:<id> or instrument:<id>';

export function addKillCommands(program: Command): void {
  program
    .command('kill [scope]')
    .description(
      'stop all new orders and take back open ones: firm (default), book:<id>, strategy:<policy kind>, venue:<id>, instrument:<id>',
    )
    .requiredOption('--reason <text>', 'why')
    .option('--by <name>', 'who', userInfo().username)
    .option(
      '--direct [urls]',
      'ask these execution processes themselves too, signed with the key of --by; EK_EXECUTION_URLS unless told',
    )
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nWorks with NATS and the journal down: a file latch in the home folder is honoured by every execution service that shares it.\n\nExample:\n  keel kill book:btc-weekly-straddles --reason "venue misbehaves"\n  keel kill --by tess --direct http://execution-0:9464,http://execution-1:9464 --reason "bus is down"\n',
    )
    .action((scope: string | undefined, flags: KillFlags) => engage(scopeOf(scope), flags));
  program
    .command('release [scope]')
    .description('release what stops a scope now, and nothing that stops it later; needs NATS')
    .requiredOption('--reason <text>', 'why')
    .option('--by <name>', 'who', userInfo().username)
    .option('--proposal <id>', 'the approved `keel propose release`; needed unless EK_GOVERNANCE=optional')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `\nThe scope \`${LATCHES_LOST}\` stops everything when the control bucket was lost: look at what should be stopped, engage it again, and\nrelease \`${LATCHES_LOST}\`.\n\nExample:\n  keel release book:btc-weekly-straddles --reason "reconciled with the venue"\n`,
    )
    .action((scope: string | undefined, flags: KillFlags) => release(scopeOf(scope), flags));
}

function scopeOf(scope = 'firm'): string {
  if (isKillScope(scope)) return scope;
  throw new InvalidInputError('the command', [{ path: 'scope', message: `"${scope}" is not ${SCOPES}` }]);
}

async function engage(scope: string, flags: KillFlags): Promise<void> {
  const home = homeOf();
  // A key that is missing, or an address that is none, keeps nobody from stopping what can be stopped.
  const { ask, cannotAsk } = await prepared(flags, home);
  const engagement = newEngagement(flags.by, flags.reason);
  // The processes themselves first of all: nothing slow is on the way to them.
  const asked = ask?.(scope, engagement);
  const bus = await busOf(home, 'desk');
  const { file, bucket } = await engageLatch(home.kill, scope, engagement, bus);
  const answers = (await asked) ?? [];
  const asking = answers.every(({ stopped }) => stopped);
  const heard = file || bucket || answers.some(({ stopped }) => stopped);
  const where = [
    file ? 'file latch' : 'NO file latch: the kill folder cannot be written',
    bucket ? 'control bucket' : 'NATS could not be told',
  ].join('; ');
  const warning = await warningOf(scope, home, bucket ? bus : undefined);
  const lines = answers.map(({ url, said }) => `  ${url}: ${said}\n`);
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ scope, ...engagement, engaged: heard, file, bucket, direct: answers, ...(warning === undefined ? {} : { warning }) })}\n`
      : `${scope} is ${heard ? 'stopped' : 'NOT stopped'} (${where}); engagement ${engagement.engagement}\n${lines.join('')}`,
  );
  if (warning !== undefined)
    process.stderr.write(
      `WARNING: ${warning}. The stop stands all the same: is it the one that was meant?\n`,
    );
  if (cannotAsk !== undefined)
    process.stderr.write(`the processes themselves were not asked: ${cannotAsk}\n`);
  if (!heard || !asking) process.exitCode = EXIT.failed;
  else if (cannotAsk !== undefined) process.exitCode = EXIT.invalid;
}

async function warningOf(scope: string, home: Home, bus: BusAccess | undefined): Promise<string | undefined> {
  if (bus !== undefined) return stopsNothing(scope, bus);
  return runningStack(home) === undefined
    ? `nothing is known to run in ${home.dir}: only a process that reads its kill folder is stopped`
    : undefined;
}

type Ask = (scope: string, engagement: Engagement) => Promise<readonly DirectAnswer[]>;

async function prepared(
  { direct, by }: KillFlags,
  home: Home,
): Promise<{ readonly ask?: Ask; readonly cannotAsk?: string }> {
  if (direct === undefined) return {};
  try {
    return { ask: await directly(direct, by, home) };
  } catch (error) {
    return { cannotAsk: explain(error).message };
  }
}

/** How to ask the processes themselves. Throws `INPUT.INVALID` for an address or a key that is of no use. */
async function directly(given: string | true, by: string, home: Home): Promise<Ask> {
  const [{ directUrls, killDirectly }, { Roster }] = await Promise.all([
    import('../stack/direct-kill'),
    import('../governance/roster'),
  ]);
  const urls = directUrls(given === true ? settings().executionUrls : given);
  const signer = new Roster(home.governance).signerOf(by);
  return (scope, engagement) => killDirectly(urls, scope, engagement, signer);
}

async function release(scope: string, flags: KillFlags): Promise<void> {
  const home = homeOf();
  // Who makes a bucket anew makes a stream.
  if (scope === LATCHES_LOST && (await remadeBucket(await requiredBus(home, 'operator'))))
    process.stdout.write(
      flags.json === true
        ? `${JSON.stringify({ scope, released: [], left: [], made: true })}\n`
        : `the control bucket was gone and is made anew; everything is stopped. Engage what has to stay stopped, then release \`${LATCHES_LOST}\` once more\n`,
    );
  else await releaseStops(home, scope, flags);
}

async function releaseStops(
  home: Home,
  scope: string,
  { by, reason, proposal, json }: KillFlags,
): Promise<void> {
  const [{ useApprovedRelease }, { approvalDesk }] = await Promise.all([
    import('@evenkeel/desk'),
    import('../governance/nats-desk'),
  ]);
  const done = await onLatches(await requiredBus(home, 'desk'), async (desk) => {
    const { engagements } = await standingLatch(desk, home.kill, scope);
    const inForce = engagements.map(({ engagement }) => engagement);
    if (inForce.length === 0) return { released: [], left: [] };
    const approved = await useApprovedRelease(approvalDesk(home), scope, inForce, proposal);
    const { engagements: released, proposalId } = approved;
    const at = new Date().toISOString();
    const whose = proposalId === undefined ? {} : { proposalId };
    await desk.bucket.release(scope, { engagements: released, by, reason, at, ...whose });
    return { released, left: engagements.filter(({ engagement }) => !released.includes(engagement)) };
  });
  forgetFiles(home.kill, done.released);
  const { released, left } = done;
  const still = left.map((one) => `  ${one.engagement} by ${one.by} at ${one.at}: ${one.reason}\n`);
  process.stdout.write(
    json === true
      ? `${JSON.stringify({ scope, released, left })}\n`
      : released.length === 0
        ? `${scope} is not stopped\n`
        : left.length === 0
          ? `${scope} is released\n`
          : `${scope} is still stopped by what the approval does not name:\n${still.join('')}`,
  );
}
