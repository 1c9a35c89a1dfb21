import { rmSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { isKillScope } from '@evenkeel/execution';
import { InvalidInputError, OperationalError } from '@evenkeel/kernel';
import { natsUrlOf } from '../stack/background';
import { engageLatch, latchFile } from '../stack/engage-latch';
import { homeOf } from '../stack/home';

interface KillFlags {
  readonly proposal?: string;
  readonly reason: string;
  readonly by: string;
  readonly json?: boolean;
}

export function addKillCommands(program: Command): void {
  program
    .command('kill [scope]')
    .description(
      'stop all new orders and take back open ones: firm (default), book:<id>, strategy:<policy kind>, venue:<id>, instrument:<id>',
    )
    .requiredOption('--reason <text>', 'why')
    .option('--by <name>', 'who', userInfo().username)
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nWorks with NATS and the journal down: a file latch in the home folder is honoured by every execution service that shares it.\n\nExample:\n  keel kill book:btc-weekly-straddles --reason "venue misbehaves"\n',
    )
    .action((scope: string | undefined, flags: KillFlags) => engage(scopeOf(scope), flags));
  program
    .command('release [scope]')
    .description('release a kill latch; needs NATS, because a release must not be believed half')
    .requiredOption('--reason <text>', 'why')
    .option('--by <name>', 'who', userInfo().username)
    .option('--proposal <id>', 'the approved `keel propose release`; needed with EK_GOVERNANCE=required')
    .option('--json', 'print as JSON')
    .addHelpText(
      'after',
      '\nExample:\n  keel release book:btc-weekly-straddles --reason "reconciled with the venue"\n',
    )
    .action((scope: string | undefined, flags: KillFlags) => release(scopeOf(scope), flags));
}

function scopeOf(scope = 'firm'): string {
  if (isKillScope(scope)) return scope;
  throw new InvalidInputError('the command', [
    {
      path: 'scope',
      message: `"${scope}" is not firm, book:<id>, strategy:<policy kind>, venue:<id> or instrument:<id>`,
    },
  ]);
}

async function engage(scope: string, flags: KillFlags): Promise<void> {
  const home = homeOf();
  const latch = { scope, by: flags.by, reason: flags.reason, at: new Date().toISOString() };
  const told = await engageLatch(home.kill, latch, natsUrlOf(home));
  const where = told ? 'file latch and control bucket' : 'file latch; NATS could not be told';
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify({ ...latch, engaged: true, bucket: told })}\n`
      : `${scope} is stopped (${where})\n`,
  );
}

async function release(scope: string, flags: KillFlags): Promise<void> {
  const [{ useApprovedRelease }, { approvalDesk }] = await Promise.all([
    import('@evenkeel/desk'),
    import('../governance/nats-desk'),
  ]);
  const proposalId = await useApprovedRelease(approvalDesk(homeOf()), scope, flags.proposal);
  const latch = {
    engaged: false,
    by: flags.by,
    reason: flags.reason,
    at: new Date().toISOString(),
    ...(proposalId === undefined ? {} : { proposalId }),
  };
  await tellBucket(scope, latch);
  rmSync(latchFile(homeOf().kill, scope), { force: true });
  process.stdout.write(
    flags.json === true ? `${JSON.stringify({ scope, ...latch })}\n` : `${scope} is released\n`,
  );
}

async function tellBucket(
  scope: string,
  latch: { engaged: boolean; by: string; reason: string; at: string; proposalId?: string },
): Promise<void> {
  const url = natsUrlOf(homeOf());
  if (url === undefined)
    throw new OperationalError({
      code: 'KEEL.NO_NATS',
      message: 'no NATS server is known here: set NATS_URL, or start one with `keel up` or `keel run`',
    });
  const { ControlBucket, connectNats } = await import('@evenkeel/adapter-nats');
  const connection = await connectNats(url, 'keel-kill');
  try {
    await (await ControlBucket.open(connection)).writeLatch({ scope, ...latch });
  } finally {
    await connection.close();
  }
}
