import { userInfo } from 'node:os';
import type { NatsConnection } from '@nats-io/nats-core';
import type { Command } from 'commander';
import { EXIT, explain } from './exit-codes';
import { LATCHES_LOST, isKillScope } from '@evenkeel/execution';
import type { Engagement } from '@evenkeel/execution';
import { InvalidInputError } from '@evenkeel/kernel';
import type { BusAccess } from '@evenkeel/adapter-nats';
import type { Became } from '@evenkeel/desk';
import { askedHere, awaitedAnswer, becameText } from '../stack/awaited-answer';
import { busOf, requiredBus } from '../stack/background';
import {
  engageLatch,
  forgetFiles,
  newEngagement,
  onLatches,
  remadeBucket,
  standingLatch,
} from '../stack/engage-latch';
import { settings } from '../stack/environment';
import { inTime, knownInTime } from '../stack/known-names';
import { homeOf } from '../stack/home';
import type { DirectAnswer } from '../stack/direct-kill';
import type { Home } from '../stack/home';

interface KillFlags {
  readonly proposal?: string;
  readonly reason: string;
  readonly by: string;
  readonly direct?: string | true;
  readonly future?: boolean;
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
    .option('--future', 'of a book, venue or instrument that is not there yet')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nWorks with NATS and the journal down: a file latch in the home folder is honoured by every execution service that shares it.\nA name that the open epoch does not have is refused, where that can be known at once; the firm is always stopped.\n\nExample:\n  keel kill book:btc-options --reason "venue misbehaves"\n  keel kill --by tess --direct http://execution-0:9464,http://execution-1:9464 --reason "bus is down"\n',
    )
    .action(async (scope: string | undefined, flags: KillFlags) => engage(await scopeOf(scope), flags));
  program
    .command('release [scope]')
    .description('release what stops a scope now, and nothing that stops it later; needs NATS')
    .requiredOption('--reason <text>', 'why')
    .option('--by <name>', 'who', userInfo().username)
    .option(
      '--proposal <id>',
      'the approved `keel propose release`; needed unless the epoch was opened with EK_GOVERNANCE=optional',
    )
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      `\nThe scope \`${LATCHES_LOST}\` stops everything when the control bucket was lost: look at what should be stopped, engage it again, and\nrelease \`${LATCHES_LOST}\`.\n\nExample:\n  keel release book:btc-options --reason "reconciled with the venue"\n`,
    )
    .action(async (scope: string | undefined, flags: KillFlags) => release(await scopeOf(scope), flags));
}

async function scopeOf(scope = 'firm'): Promise<string> {
  if (isKillScope(scope)) return scope;
  const { nearestScope } = await import('@evenkeel/desk');
  const known = await knownInTime(await inTime(busOf(homeOf(), 'desk')), '');
  const meant = nearestScope(scope, typeof known === 'string' ? undefined : known);
  const hint = meant === undefined ? '' : `: did you mean ${meant}?`;
  throw invalidScope(`"${scope}" is not ${SCOPES}${hint}`);
}

function invalidScope(message: string): InvalidInputError {
  return new InvalidInputError('the command', [{ path: 'scope', message }]);
}

async function engage(scope: string, flags: KillFlags): Promise<void> {
  const home = homeOf();
  // A key that is missing, or an address that is none, keeps nobody from stopping what can be stopped.
  const { ask, cannotAsk } = await prepared(flags, home);
  const engagement = newEngagement(flags.by, flags.reason);
  // The processes themselves first of all: nothing slow is on the way to them.
  const asked = ask?.(scope, engagement);
  const bus = await inTime(busOf(home, 'desk'));
  const mayRefuse = flags.direct === undefined && flags.future !== true;
  const before = mayRefuse ? await doubtAbout(scope, bus) : {};
  if (before.unknown !== undefined)
    throw invalidScope(
      `${before.unknown}. Nothing is stopped; --future stops it for one that is not there yet, \`keel kill\` alone stops the firm`,
    );
  // The file first; a server that is not up is started to be told.
  const told = await engageLatch(home.kill, scope, engagement, async () => bus ?? requiredBus(home, 'desk'));
  const { file, bucket } = told;
  const answers = (await asked) ?? [];
  const asking = answers.every(({ stopped }) => stopped);
  const heard = file || bucket || answers.some(({ stopped }) => stopped);
  const where = [
    file ? 'file latch' : 'NO file latch: the kill folder cannot be written',
    bucket ? 'control bucket' : 'NATS could not be told',
  ].join('; ');
  const doubt = mayRefuse && bus !== undefined ? before : await doubtAbout(scope, told.bus);
  const warning = warningOf(doubt, bucket, flags, home);
  const lines = answers.map(({ url, said }) => `  ${url}: ${said}\n`);
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ scope, ...engagement, engaged: heard, file, bucket, direct: answers, ...(warning === undefined ? {} : { warning }) })}\n`
      : `${scope} is ${heard ? 'stopped' : 'NOT stopped'} (${where}); engagement ${engagement.engagement}\n${lines.join('')}`,
  );
  if (warning !== undefined) process.stderr.write(`WARNING: ${warning}\n`);
  if (cannotAsk !== undefined)
    process.stderr.write(`the processes themselves were not asked: ${cannotAsk}\n`);
  const misnamed = doubt.unknown !== undefined && flags.future !== true;
  if (!heard || !asking) process.exitCode = EXIT.failed;
  else if (cannotAsk !== undefined || misnamed) process.exitCode = EXIT.invalid;
}

/** `unknown`: why the scope names nothing. `unchecked`: why nobody can say. Neither where it names something. */
interface Doubt {
  readonly unknown?: string;
  readonly unchecked?: string;
}

async function doubtAbout(scope: string, bus: BusAccess | undefined): Promise<Doubt> {
  if (scope === 'firm' || scope === LATCHES_LOST) return {};
  const { scopeProblem } = await import('@evenkeel/desk');
  const isStrategy = scope.startsWith('strategy:');
  const known = isStrategy ? undefined : await knownInTime(bus, scope);
  if (typeof known === 'string') return { unchecked: known };
  const unknown = scopeProblem(scope, known);
  return unknown === undefined ? {} : { unknown };
}

function warningOf(
  { unknown, unchecked }: Doubt,
  bucket: boolean,
  { future }: KillFlags,
  home: Home,
): string | undefined {
  if (unknown !== undefined)
    return future === true
      ? `${unknown}. The stop waits for it (--future)`
      : `${unknown}. The stop stands all the same: is it the one that was meant?`;
  const alone = bucket
    ? ''
    : ` Only a process that reads the kill folder of ${home.dir} is stopped${future === true ? '' : ', or one that was asked itself'}.`;
  if (unchecked !== undefined)
    return `whether there is anything of this name could not be checked: ${unchecked}.${alone}`;
  return bucket ? undefined : `NATS could not be told.${alone}`;
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
  const bus = await requiredBus(home, 'desk');
  const done = await onLatches(bus, async (desk): Promise<Released> => {
    const { engagements } = await standingLatch(desk, home.kill, scope);
    const inForce = engagements.map(({ engagement }) => engagement);
    if (inForce.length === 0) {
      const others = (await desk.latches()).flatMap((one) =>
        one.engagements.length === 0 ? [] : [one.scope],
      );
      await requireReleasable(scope, others, bus);
      return { released: [], left: [] };
    }
    const approved = await useApprovedRelease(approvalDesk(home), scope, inForce, proposal);
    const { engagements: released, proposalId } = approved;
    const at = new Date().toISOString();
    const whose = proposalId === undefined ? {} : { proposalId };
    const left = engagements.filter(({ engagement }) => !released.includes(engagement));
    // What is left goes on stopping the scope: there is no end of it to wait for.
    const taken = left.length > 0 ? undefined : await watchedRelease(desk.connection, home, scope);
    await desk.bucket.release(scope, { engagements: released, by, reason, at, ...whose });
    return { released, left, ...(await taken?.()) };
  });
  forgetFiles(home.kill, done.released);
  const { released, left, became, waitsFor } = done;
  const still = left.map((one) => `  ${one.engagement} by ${one.by} at ${one.at}: ${one.reason}\n`);
  if (waitsFor !== undefined) process.exitCode = EXIT.failed;
  process.stdout.write(
    json === true
      ? `${JSON.stringify({ scope, ...done })}\n`
      : released.length === 0
        ? `${scope} is not stopped\n`
        : waitsFor !== undefined
          ? `the release of ${scope} is handed over and not in force yet: it waits for ${waitsFor}; see keel status\n`
          : left.length === 0
            ? `${scope} is released${became === undefined ? '' : `, ${becameText('execution', became)}`}\n`
            : `${scope} is still stopped by what the approval does not name:\n${still.join('')}`,
  );
}

interface Released {
  readonly released: readonly string[];
  readonly left: readonly Engagement[];
  /** Execution has taken it, on record; absent where none runs that it could stop. */
  readonly became?: Became;
  readonly waitsFor?: string;
}

/** Where execution runs and has the stop on record: waits, once the release is written, until it has its end on record too. */
async function watchedRelease(
  connection: NatsConnection,
  home: Home,
  scope: string,
): Promise<() => Promise<Pick<Released, 'became' | 'waitsFor'>>> {
  const record = await askedHere(connection, home);
  const from = await record.end();
  const books = await record.stoppedBy(scope);
  return async () => {
    if (books.length === 0) return {};
    const became = await awaitedAnswer(
      () => record.releaseOf(scope, books, from),
      () => process.stderr.write(`the release of ${scope} is handed over; waiting for execution\n`),
    );
    return became === undefined ? { waitsFor: 'execution to take it' } : { became };
  };
}

/** Nothing stops the scope: what is named has to be there at least. `stopped`: the scopes that are. */
async function requireReleasable(scope: string, stopped: readonly string[], bus: BusAccess): Promise<void> {
  const { unknown } = await doubtAbout(scope, bus);
  if (unknown === undefined) return;
  const list = stopped.length === 0 ? 'Nothing is stopped' : `Stopped: ${stopped.join(', ')}`;
  throw invalidScope(`${scope} is not stopped, and ${unknown}. ${list}`);
}
