import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { isRunning, processIdentity } from '@evenkeel/config';
import type { ProcessIdentity } from '@evenkeel/config';
import { required } from '@evenkeel/kernel';
import { runningStack } from './background';
import { homeOf, layOut, REPOSITORY } from './home';
import { keeperRecord } from './keeper-protocol';
import { StackLease, serversOf } from './stack-lease';

/** Another program that needs the servers of the home, until it is ended; the address of its database. */
function holder(dir: string): { child: ChildProcess; database: Promise<string> } {
  const script = `
    const { homeOf } = require('./home.js');
    const { serversOf } = require('./stack-lease.js');
    serversOf(homeOf(), ['nats', 'postgres']).then(({ postgres }) => process.stdout.write(postgres.url));
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['-e', script], {
    cwd: join(REPOSITORY, 'services/keel/dist/stack'),
    env: { ...process.env, EK_HOME: dir },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const database = new Promise<string>((resolve) =>
    child.stdout.once('data', (text: Buffer) => resolve(text.toString())),
  );
  return { child, database };
}

async function gone(process: ProcessIdentity, withinMs: number): Promise<boolean> {
  const deadline = performance.now() + withinMs;
  while (isRunning(process) && performance.now() < deadline) await delay(20);
  return !isRunning(process);
}

async function answers(url: string): Promise<boolean> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

describe('the keeper of the servers of a home', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-keeper-'));
  const home = homeOf({ EK_HOME: dir });
  const servers = (): ProcessIdentity[] =>
    [join(home.nats, 'nats.pid'), join(home.postgres, 'data', 'postmaster.pid')].map((path) =>
      required(processIdentity(Number.parseInt(readFileSync(path, 'utf8'), 10)), path),
    );
  const keeper = (): ProcessIdentity => required(keeperRecord(home), 'a keeper').keeper;

  afterAll(async () => {
    const lease = await StackLease.onRunning(home);
    await lease?.end();
    await lease?.closed;
    rmSync(dir, { recursive: true, force: true });
  });

  it('is one, whoever asks at the same moment, over what a dead one left; it ends after its last holder, killed or not', async () => {
    // What a keeper left whose number another program has now.
    layOut(home);
    const stale = { keeper: { pid: process.pid, started: '1' }, port: 1, token: '', pinned: true };
    writeFileSync(join(dir, 'stack.json'), JSON.stringify(stale));
    expect(runningStack(home)).toBeUndefined();
    const holders = [holder(dir), holder(dir), holder(dir)];
    const urls = await Promise.all(holders.map(({ database }) => database));
    expect(new Set(urls).size).toBe(1);
    const all = [keeper(), ...servers()];
    expect(runningStack(home)).toMatchObject({ pid: all[0]?.pid, pinned: false, databaseUrl: urls[0] });
    for (const { child } of holders.slice(1)) child.kill('SIGKILL');
    await delay(9_000);
    expect(all.map(isRunning)).toEqual([true, true, true]);
    holders[0]?.child.kill('SIGKILL');
    expect(await Promise.all(all.map((one) => gone(one, 15_000)))).toEqual([true, true, true]);
    expect(runningStack(home)).toBeUndefined();
  }, 90_000);

  it('killed takes its servers along; who needs them finds them again where they were', async () => {
    const before = await serversOf(home, ['nats', 'postgres']);
    const all = [keeper(), ...servers()];
    process.kill(required(all[0], 'the keeper').pid, 'SIGKILL');
    expect(await Promise.all(all.map((one) => gone(one, 15_000)))).toEqual([true, true, true]);
    expect(runningStack(home)).toBeUndefined();
    expect(await serversOf(home, ['nats', 'postgres'])).toEqual(before);
    expect(await answers(required(before.postgres, 'a database').url)).toBe(true);
  }, 60_000);

  it('starts Postgres alone for who needs Postgres alone, and stays when it is pinned, until it is told to end', async () => {
    const first = await StackLease.open(home);
    await first.end();
    await first.closed;
    const lease = await StackLease.open(home);
    const { nats, postgres } = await lease.need(['postgres']);
    expect(nats).toBeUndefined();
    expect(await answers(required(postgres, 'a database').url)).toBe(true);
    expect(runningStack(home)?.natsUrl).toBeUndefined();
    await lease.pin();
    const pinned = keeper();
    lease.release();
    await delay(9_000);
    expect(isRunning(pinned)).toBe(true);
    const last = required(await StackLease.onRunning(home), 'the pinned one');
    await last.end();
    expect(await gone(pinned, 15_000)).toBe(true);
    expect(runningStack(home)).toBeUndefined();
  }, 60_000);
});
