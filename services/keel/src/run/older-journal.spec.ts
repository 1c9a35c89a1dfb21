import { spawn } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findNatsServer, startEmbeddedNats } from '@evenkeel/adapter-nats';
import { homeOf, REPOSITORY } from '../stack/home';
import { startStack } from '../stack/stack';
import type { ServiceName } from '../stack/service-environment';
import { loadRunInputs } from './inputs';
import { ProgressLine } from './progress-line';
import { ServiceRun } from './service-run';

const PATIENCE_MS = 30_000;

/** Starts a service until it says the word, or ends; what it said by then. */
async function said(
  name: ServiceName,
  environment: Readonly<Record<string, string>>,
  word: string,
): Promise<string> {
  const child = spawn(process.execPath, [join(REPOSITORY, 'services', name, 'dist', 'main.js')], {
    env: { ...process.env, EK_PROCESS: name, EK_LOG_LEVEL: 'info', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let text = '';
  const spoken = new Promise<void>((resolve) => {
    const hear = (part: Buffer): void => {
      text += part.toString();
      if (text.includes(word)) resolve();
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.once('exit', () => resolve());
  });
  const late = new AbortController();
  await Promise.race([spoken, delay(PATIENCE_MS, undefined, { signal: late.signal }).catch(() => undefined)]);
  late.abort();
  const ended = new Promise((resolve) => child.once('exit', resolve));
  if (child.exitCode === null) {
    child.kill('SIGKILL');
    await ended;
  }
  return text;
}

describe('a restore of an older copy of the JetStream folder', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-older-'));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('is refused by every service and by the ledger, by name, before anything is taken', async () => {
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
      while (run.fraction < 0.4) await delay(5);
      await server.stop();
      cpSync(folder, join(dir, 'older'), { recursive: true });
      server = await startEmbeddedNats({ binary, dir: folder, port });
      expect((await running).verification.status).toBe('clean');
      await server.stop();
      server = await startEmbeddedNats({ binary, dir: join(dir, 'older'), port });

      const refused: Record<string, boolean> = {};
      for (const { name, environment } of run.services()) {
        const text = await said(name, environment, 'EVENTING.LOG_BEHIND');
        refused[name] = text.includes('EVENTING.LOG_BEHIND');
        if (refused[name] !== true) process.stderr.write(`${name}: ${text.slice(-600)}\n`);
      }
      expect(refused).toEqual({
        'price-ingest': true,
        risk: true,
        strategy: true,
        execution: true,
        ledger: true,
      });
    } finally {
      await stack.stop();
      await server.stop();
    }
  }, 120_000);
});
