import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { OperationalError } from '@evenkeel/kernel';
import type { Accident } from '@evenkeel/venues';
import { REPOSITORY } from '../stack/home';
import { plainEnvironment } from '../stack/service-environment';
import type { FromExchange, ToExchange, WaysIn } from './live-exchange';

const START_DEADLINE_MS = 15_000;

/** The local exchange, seen from the process that started it. */
export class ExchangeChild {
  readonly accidents: Accident[] = [];

  private constructor(
    private readonly child: ChildProcess,
    readonly ways: WaysIn,
  ) {
    child.on('message', (message: FromExchange) => {
      if (message.say === 'accident') this.accidents.push(message.accident);
    });
  }

  /** `config`: as the exchange's own adapter prepared it. */
  static async start(venue: string, config: unknown, logs: string): Promise<ExchangeChild> {
    const log = openSync(join(logs, 'exchange.log'), 'a');
    const child = fork(join(REPOSITORY, 'services', 'keel', 'dist', 'run', 'live-exchange.js'), [], {
      stdio: ['ignore', log, log, 'ipc'],
      env: plainEnvironment(process.env),
      execArgv: ['--enable-source-maps'],
    });
    closeSync(log);
    try {
      const ways = await opened(child, { say: 'open', venue, config });
      return new ExchangeChild(child, ways);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  begin(script: readonly Accident[]): void {
    const message: ToExchange = { say: 'begin', script };
    if (this.child.connected) this.child.send(message);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    await new Promise<void>((resolve) => {
      const late = setTimeout(() => this.child.kill('SIGKILL'), 5_000);
      this.child.once('exit', () => {
        clearTimeout(late);
        resolve();
      });
      this.child.kill('SIGTERM');
    });
  }
}

function opened(child: ChildProcess, open: ToExchange): Promise<WaysIn> {
  return new Promise((resolve, reject) => {
    const fail = (message: string): void => {
      clearTimeout(late);
      reject(new OperationalError({ code: 'KEEL.EXCHANGE_NOT_STARTED', message }));
    };
    const late = setTimeout(() => fail('the local exchange did not open in time'), START_DEADLINE_MS);
    child.once('exit', (code, signal) => fail(`the local exchange ended with ${signal ?? code}`));
    child.on('message', (message: FromExchange) => {
      if (message.say === 'ready') child.send(open);
      if (message.say !== 'opened') return;
      clearTimeout(late);
      resolve(message);
    });
  });
}
