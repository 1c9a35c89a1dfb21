import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Command } from 'commander';
import { OperationalError } from '@evenkeel/kernel';
import { forgetRunningStack, runningStack, writeRunningStack } from '../stack/background';
import { homeOf, lockHome } from '../stack/home';
import { status } from './status.command';

const UP_DEADLINE_MS = 90_000;
const DOWN_DEADLINE_MS = 30_000;

export function addStackCommands(program: Command): void {
  program
    .command('up')
    .description('start the embedded NATS and Postgres in the background')
    .option('--foreground', 'stay and keep them until Ctrl-C')
    .option('--json', 'print the addresses as JSON')
    .addHelpText('after', '\nExample:\n  keel up && keel audit verify && keel down\n')
    .action((flags: { foreground?: boolean; json?: boolean }) =>
      flags.foreground === true ? keep() : up(flags.json === true),
    );
  program
    .command('down')
    .description('stop what `keel up` started')
    .addHelpText('after', '\nExample:\n  keel down\n')
    .action(down);
}

async function keep(): Promise<void> {
  const home = homeOf();
  const unlock = lockHome(home);
  try {
    const { startStack } = await import('../stack/stack');
    const stack = await startStack({ home, say: (line) => process.stderr.write(`${line}\n`) });
    const { natsUrl, databaseUrl, busKeys } = stack;
    writeRunningStack(home, {
      pid: process.pid,
      natsUrl,
      databaseUrl,
      ...(busKeys === undefined ? {} : { busKeys }),
    });
    const forever = setInterval(() => undefined, 60_000);
    await new Promise<void>((resolve) => {
      process.once('SIGINT', () => resolve());
      process.once('SIGTERM', () => resolve());
    });
    clearInterval(forever);
    forgetRunningStack(home);
    await stack.stop();
  } finally {
    unlock();
  }
}

async function up(json: boolean): Promise<void> {
  const home = homeOf();
  if (runningStack(home) === undefined) {
    const unlock = lockHome(home); // fails clearly where a run is going on
    unlock();
    const log = openSync(join(home.dir, 'stack.log'), 'a');
    const child = spawn(
      process.execPath,
      [join(__dirname, '..', '..', 'bin', 'keel.js'), 'up', '--foreground'],
      { detached: true, stdio: ['ignore', log, log] },
    );
    closeSync(log);
    let ended = false;
    child.once('exit', () => (ended = true));
    const deadline = performance.now() + UP_DEADLINE_MS;
    while (runningStack(home) === undefined) {
      if (ended || performance.now() > deadline)
        throw new OperationalError({
          code: 'KEEL.STACK_NOT_UP',
          message: `the stack did not come up; see ${join(home.dir, 'stack.log')}`,
        });
      await delay(50);
    }
    child.unref();
  }
  await status(json);
}

async function down(): Promise<void> {
  const home = homeOf();
  const running = runningStack(home);
  if (running === undefined) {
    process.stdout.write('nothing is running here\n');
    return;
  }
  process.kill(running.pid, 'SIGTERM');
  const deadline = performance.now() + DOWN_DEADLINE_MS;
  while (runningStack(home) !== undefined || isAlive(running.pid)) {
    if (performance.now() > deadline)
      throw new OperationalError({
        code: 'KEEL.STACK_NOT_DOWN',
        message: `process ${running.pid} did not end in time`,
      });
    await delay(50);
  }
  process.stdout.write('stopped\n');
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
