import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { endProcess, isRunning, processIdentity } from '@evenkeel/config';
import { EvenkeelError, OperationalError } from '@evenkeel/kernel';
import { embeddedDurability, settings } from '../stack/environment';
import { isClaim } from '../stack/home-claim';
import { homeOf, layOut } from '../stack/home';
import type { Home } from '../stack/home';
import { keeperRecord } from '../stack/keeper-protocol';
import { runGoingOn } from '../stack/run-claim';
import { keeperLog, leaseOn, leaseOnRunning, serversOf, serversToStart } from '../stack/stack-lease';
import { status } from './status.command';

const DOWN_DEADLINE_MS = 30_000;
const RUN_DEADLINE_MS = 60_000;
const LOOK_EVERY_MS = 20;

export function addStackCommands(program: Command): void {
  program
    .command('up')
    .description(
      'start the NATS and Postgres of this home in the background, and keep them until `keel down`',
    )
    .option('--foreground', 'stay and keep them until Ctrl-C')
    .option('--json', 'print the addresses as JSON')
    .addHelpText(
      'after',
      '\nWhatever needs them starts them for itself, and they end a few seconds after the last command that used them; `keel up` keeps\nthem beyond that.\n\nExample:\n  keel up && keel audit verify && keel down\n',
    )
    .action((flags: { foreground?: boolean; json?: boolean }) =>
      flags.foreground === true ? keepHere() : up(flags.json === true),
    );
  program
    .command('down')
    .description('stop the NATS and Postgres of this home')
    .option('--with-run', 'end the run that goes on here first, in order')
    .addHelpText('after', '\nExample:\n  keel down\n')
    .action((flags: { withRun?: boolean }) => down(flags.withRun === true));
}

async function up(json: boolean): Promise<void> {
  const home = homeOf();
  const servers = serversToStart(settings());
  if (servers.length === 0 && !json) {
    process.stdout.write(
      'NATS_URL and DATABASE_URL are set: nothing to keep; `keel doctor` looks at those servers\n',
    );
    return;
  }
  if (servers.length > 0) {
    await serversOf(home, servers);
    await (await leaseOn(home)).pin();
    await warnOfLostLog(home);
  }
  await status(json);
}

/** The servers may be up beside a lost audit folder; a ledger and a run would refuse to begin. */
async function warnOfLostLog(home: Home): Promise<void> {
  const [{ withServers }, { requireOwnLog }] = await Promise.all([
    import('../stack/server-access'),
    import('../stack/signed-history'),
  ]);
  try {
    await withServers('observer', ({ connection, databaseUrl }) =>
      requireOwnLog(connection, databaseUrl, home.audit),
    );
  } catch (error) {
    if (!(error instanceof EvenkeelError) || !error.code.startsWith('AUDIT.')) throw error;
    process.stderr.write(`WARNING: ${error.code}: ${error.message}\n`);
  }
}

/** The keeper in this process, for whoever watches over processes himself. */
async function keepHere(): Promise<void> {
  const [{ Keeper }, { keep, keeperClaim }] = await Promise.all([
    import('../stack/keeper'),
    import('../stack/keeper-process'),
  ]);
  const home = homeOf();
  const claim = await keeperClaim(home);
  if (!isClaim(claim))
    throw new OperationalError({
      code: 'KEEL.STACK_UP',
      message: `process ${claim.process.pid} keeps the servers of ${home.dir} already, since ${claim.since}: \`keel down\` ends them`,
    });
  layOut(home);
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const keeper = new Keeper({ home, pinned: true, say });
  const kept = keep(home, claim, keeper);
  await keeper.listen();
  try {
    const given = settings();
    await keeper.need({ servers: [...serversToStart(given)], durability: embeddedDurability(given) });
    say(`NATS and Postgres of ${home.dir} are up`);
  } catch (error) {
    await keeper.end();
    throw error;
  }
  await kept;
}

async function down(withRun: boolean): Promise<void> {
  const home = homeOf();
  await endRun(home, withRun);
  const record = keeperRecord(home);
  if (record === undefined) {
    process.stdout.write('nothing is running here\n');
    return;
  }
  const lease = await leaseOnRunning(home);
  if (lease === undefined) await endProcess(record.keeper, ['SIGTERM'], DOWN_DEADLINE_MS);
  else await lease.end();
  const deadline = performance.now() + DOWN_DEADLINE_MS;
  while (isRunning(record.keeper)) {
    if (performance.now() > deadline)
      throw new OperationalError({
        code: 'KEEL.STACK_NOT_DOWN',
        message: `process ${record.keeper.pid} did not end in time; its log is ${keeperLog(home)}`,
      });
    await delay(LOOK_EVERY_MS);
  }
  process.stdout.write('stopped\n');
}

/** The servers are not taken away from under a run that hedges. */
async function endRun(home: Home, wanted: boolean): Promise<void> {
  const run = runGoingOn(home);
  if (run === undefined) return;
  if (!wanted)
    throw new OperationalError({
      code: 'KEEL.RUN_GOES_ON',
      message: `a run uses the servers of ${home.dir}: \`${run.command}\` (process ${run.pid}, since ${run.since}). \`kill ${run.pid}\` ends it in order; \`keel down --with-run\` ends it and then the servers`,
    });
  const its = processIdentity(run.pid);
  if (its !== undefined) await endProcess(its, ['SIGTERM'], RUN_DEADLINE_MS);
}
