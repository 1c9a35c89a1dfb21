import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import {
  JetStreamEventLog,
  connectNats,
  currentEpoch,
  findNatsServer,
  startEmbeddedNats,
} from '@evenkeel/adapter-nats';
import { JOURNAL_GAP } from '@evenkeel/execution';
import type { DomainEvent } from '@evenkeel/facts';
import { homeOf, REPOSITORY } from '../stack/home';
import { startStack } from '../stack/stack';
import type { ServiceName } from '../stack/service-environment';
import { loadRunInputs } from './inputs';
import { ProgressLine } from './progress-line';
import { ServiceRun } from './service-run';

const PATIENCE_MS = 30_000;

type Environment = Readonly<Record<string, string>>;

/** Starts a service until `happened` of what it has said, or it ends; what it said by then. */
async function said(
  name: ServiceName,
  environment: Environment,
  happened: (text: string) => boolean | Promise<boolean>,
): Promise<string> {
  const child = spawn(process.execPath, [join(REPOSITORY, 'services', name, 'dist', 'service.js')], {
    env: { ...process.env, EK_PROCESS: name, EK_LOG_LEVEL: 'info', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const hear = (part: Buffer): void => void (text += part.toString());
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise((resolve) => child.once('exit', resolve));
  const deadline = performance.now() + PATIENCE_MS;
  while (child.exitCode === null && performance.now() < deadline && !(await happened(text))) await delay(20);
  if (child.exitCode === null) {
    child.kill('SIGKILL');
    await ended;
  }
  return text;
}

async function withJournal(
  url: string,
  work: (journal: JetStreamEventLog, epoch: string) => Promise<void>,
): Promise<void> {
  const connection = await connectNats(url, 'older-spec');
  try {
    const { epoch, journalStream } = await currentEpoch(connection);
    await work(new JetStreamEventLog(connection, journalStream), epoch);
  } finally {
    await connection.close();
  }
}

describe('a restore of an older copy of the JetStream folder', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-older-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('is refused by every service and by the ledger, by name, before anything is taken; a person accepts exactly one end of it', async () => {
    const home = homeOf({ EK_HOME: dir });
    const binary = findNatsServer(home.tools, () => undefined);
    const folder = join(dir, 'jetstream');
    let server = await startEmbeddedNats({ binary, dir: folder });
    const { port, url } = server;
    const stack = await startStack({ home, say: () => undefined, environment: { NATS_URL: url } });
    try {
      const run = new ServiceRun({
        home,
        stack,
        inputs: loadRunInputs({ books: [], seed: 'older', days: 1 }),
        progress: new ProgressLine(true),
        speed: 0,
        venue: {},
        logLevel: 'warn',
      });
      const running = run.run();
      const reached = async (): Promise<void> => {
        while (run.fraction < 0.4) await delay(5);
      };
      await Promise.race([reached(), running]);
      await server.stop();
      cpSync(folder, join(dir, 'older'), { recursive: true });
      server = await startEmbeddedNats({ binary, dir: folder, port });
      expect((await running).verification.status).toBe('clean');
      await server.stop();
      server = await startEmbeddedNats({ binary, dir: join(dir, 'older'), port });

      const services = run.services();
      const isRefused = (text: string): boolean => text.includes('EVENTING.LOG_BEHIND');
      const refused = await Promise.all(
        services.map(async ({ name, environment }) => {
          const text = await said(name, environment, isRefused);
          return isRefused(text) ? name : `${name}: ${text.slice(-600)}`;
        }),
      );
      expect(refused.sort()).toEqual(['execution', 'ledger', 'price-ingest', 'risk', 'strategy']);

      const { environment = {} } = services.find(({ name }) => name === 'execution') ?? {};
      await withJournal(url, async (journal, epoch) => {
        const last = await journal.lastSeq();
        const accepting = (seq: number): Environment => ({
          ...environment,
          EK_ACCEPT_GAP: `${epoch}:${seq}`,
        });
        expect(isRefused(await said('execution', accepting(last - 1), isRefused))).toBe(true);
        expect(await journal.lastSeq()).toBe(last);
        const after = async (): Promise<DomainEvent[]> => {
          const events: DomainEvent[] = [];
          for await (const { commit } of journal.read({ fromSeq: last + 1 }))
            events.push(...commit.events.map(({ event }) => event));
          return events;
        };
        const isHalted = async (): Promise<boolean> =>
          (await after()).some(({ type }) => type === 'VenueHalted');
        const text = await said('execution', accepting(last), isHalted);
        const recorded = await after();
        if (recorded.length === 0) process.stderr.write(`execution: ${text.slice(-600)}\n`);
        // What the last input on record still asked for may be intended first; it does not leave.
        const intended = recorded.filter(({ type }) => type === 'OrderIntended');
        expect(recorded.slice(intended.length)).toMatchObject([
          { type: 'VenueHalted', payload: { reason: JOURNAL_GAP } },
        ]);
      });
    } finally {
      await stack.stop();
      await server.stop();
    }
  }, 120_000);
});
