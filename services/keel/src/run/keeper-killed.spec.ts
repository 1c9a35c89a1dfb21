import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { runInProcess } from '@evenkeel/lab';
import { required } from '@evenkeel/kernel';
import { REPOSITORY, homeOf } from '../stack/home';
import { keeperRecord } from '../stack/keeper-protocol';
import { runGoingOn } from '../stack/run-claim';
import { readExchangeSettings } from './exchange-settings';
import { loadRunInputs } from './inputs';

const KEEL = join(REPOSITORY, 'services', 'keel', 'bin', 'keel.js');

describe('keel run, whose keeper and whose self are killed', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-killed-'));
  const home = homeOf({ EK_HOME: dir });
  const started: ChildProcess[] = [];
  const keel = (...words: string[]) => {
    const child = spawn(process.execPath, [KEEL, ...words], { env: { ...process.env, EK_HOME: dir } });
    started.push(child);
    const said = { out: '', err: '' };
    child.stdout.on('data', (text: Buffer) => (said.out += text.toString()));
    child.stderr.on('data', (text: Buffer) => (said.err += text.toString()));
    const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
    return { child, said, ended };
  };
  const inMidRun = async (said: { err: string }, epoch: string): Promise<void> => {
    const deadline = Date.now() + 60_000;
    while (!(runGoingOn(home)?.epoch === epoch && / [1-9]\d?\.\d %/.test(said.err))) {
      if (Date.now() > deadline) throw new Error(`the run does not move: ${said.err}`);
      await delay(50);
    }
  };

  afterAll(async () => {
    for (const child of started) child.kill('SIGKILL');
    await keel('down').ended;
    rmSync(dir, { recursive: true, force: true });
  });

  it('leaves a home in which the next run goes on at once; a run goes on over a new keeper, with the same decisions', async () => {
    const first = keel('run', '--days', '1', '--speed', '3600');
    await inMidRun(first.said, '1');
    first.child.kill('SIGKILL');
    await first.ended;
    expect(runGoingOn(home)).toBeUndefined();

    const file = join(dir, 'report.json');
    const second = keel('run', '--days', '1', '--speed', '7200', '--report', file);
    await inMidRun(second.said, '2');
    process.kill(required(keeperRecord(home), 'a keeper').keeper.pid, 'SIGKILL');
    const code = await second.ended;
    expect(second.said.err).toContain('the keeper of NATS and Postgres ended; starting it again');
    expect([code, second.said.err]).toEqual([0, expect.anything()]);
    const { tape, books } = loadRunInputs({ books: [], seed: 'evenkeel', days: 1 });
    const undisturbed = runInProcess({ tape, books, venue: readExchangeSettings(undefined) });
    const report = JSON.parse(readFileSync(file, 'utf8')) as { decisionDigest: string };
    expect(report.decisionDigest).toBe(undisturbed.decisionDigest);
  }, 240_000);
});
