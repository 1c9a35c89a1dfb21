import { randomUUID } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  ControlBucket,
  ReleaseJudge,
  connectNats,
  currentEpoch,
  findNatsServer,
  openEpoch,
  startEmbeddedNats,
} from '@evenkeel/adapter-nats';
import type { EmbeddedNats, KnownBucket } from '@evenkeel/adapter-nats';
import { latchFileName } from '@evenkeel/execution';
import type { Engagement } from '@evenkeel/execution';
import { KillLatches } from './kill-latches';

const binary = findNatsServer(resolve(__dirname, '../../../../.evenkeel/bin'), () => undefined);
const SCOPES = ['firm', 'latches', 'book:btc', 'book:btc-100%'];

const stop = (engagement: string = randomUUID()): Engagement => ({
  engagement,
  by: 'tess',
  reason: 'drill',
  at: new Date().toISOString(),
});

describe('the kill latches of a process', () => {
  let dir: string;
  let folder: string;
  let server: EmbeddedNats;
  let connection: NatsConnection;
  let known: KnownBucket;
  let said: string[];
  const started: KillLatches[] = [];

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-latches-'));
    server = await startEmbeddedNats({ binary, dir });
    connection = await connectNats(server.url, 'test');
  });

  beforeEach(async () => {
    const { streams } = await jetstreamManager(connection);
    for await (const { config } of streams.list()) await streams.delete(config.name);
    await openEpoch(connection);
    known = (await currentEpoch(connection)).bucket;
    folder = join(dir, `kill-${randomUUID()}`);
    mkdirSync(folder);
    said = [];
  });

  afterEach(() => {
    for (const latches of started.splice(0)) latches.stop();
  });

  afterAll(async () => {
    await connection.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  /** A process that begins now, where one person may release. */
  async function start(): Promise<KillLatches> {
    const note = (_: unknown, text?: string): void => void said.push(text ?? '');
    const logger = { warn: note, error: note, info: () => undefined };
    const judge = new ReleaseJudge({ approvalOf: () => Promise.resolve('NOT_PROPOSED') }, false);
    const latches = new KillLatches({ connection, folder, maxAgeMs: 60_000, judge, known, logger });
    started.push(latches);
    await latches.start();
    return latches;
  }

  const allows = (latches: KillLatches, scopes = SCOPES): boolean => latches.permits(scopes).allowed;
  const bucket = (): Promise<ControlBucket> => ControlBucket.open(connection);

  async function inForce(scope: string): Promise<readonly string[]> {
    const found = (await (await bucket()).readLatches(known)).find((latch) => latch.scope === scope);
    return found?.engagements.map(({ engagement }) => engagement) ?? [];
  }

  async function release(latches: KillLatches, scope: string): Promise<void> {
    const engagements = await inForce(scope);
    const at = new Date().toISOString();
    await (await bucket()).release(scope, { engagements, by: 'tess', reason: 'over', at });
    await latches.refresh();
  }

  it.each(['book:btc-100%.json', '%', 'FIRM.json', 'firm', 'notes.txt'])(
    'stop for a file called "%s", say so, and go on running',
    async (name) => {
      const latches = await start();
      expect(allows(latches)).toBe(true);
      writeFileSync(join(folder, name), 'stop');
      expect(allows(latches)).toBe(false);
      expect(said).toContain('a file of the kill folder stops this scope');
      expect(allows(await start())).toBe(false);
    },
  );

  it('stop for a folder where a file should be', async () => {
    const latches = await start();
    mkdirSync(join(folder, 'book%3Abtc.json'));
    expect(latches.permits(['book:btc'])).toMatchObject({ code: 'KILL_ENGAGED' });
    expect(latches.permits(['book:eth'])).toEqual({ allowed: true });
  });

  it('stop everything when the kill folder is gone, until it is back and a person has released that', async () => {
    const latches = await start();
    renameSync(folder, `${folder}-away`);
    expect(allows(latches)).toBe(false);
    await latches.refresh();
    await release(latches, 'firm');
    expect(allows(latches)).toBe(false); // it is still gone
    renameSync(`${folder}-away`, folder);
    expect(allows(latches)).toBe(false);
    expect(allows(await start())).toBe(false);
    await latches.refresh();
    await release(latches, 'firm');
    expect(allows(latches)).toBe(true);
    expect(allows(await start())).toBe(true);
  });

  it('begin stopped without a kill folder, and make none', async () => {
    rmSync(folder, { recursive: true });
    expect(allows(await start())).toBe(false);
    expect(readdirSync(dir)).not.toContain(folder.slice(dir.length + 1));
  });

  it('stay engaged when a file they have seen is removed by hand, also for a process that begins later', async () => {
    const latches = await start();
    const file = join(folder, 'firm.json');
    writeFileSync(file, '{}');
    await latches.refresh();
    rmSync(file);
    expect(allows(latches)).toBe(false);
    expect(allows(await start())).toBe(false);
    await release(latches, 'firm');
    expect(allows(latches)).toBe(true);
  });

  it('take a file away once what it says is released, and not before', async () => {
    const latches = await start();
    latches.engage('book:btc', stop());
    latches.engage('firm', stop());
    await latches.refresh();
    await release(latches, 'book:btc');
    expect(allows(latches)).toBe(false);
    expect(latches.permits(['book:btc'])).toEqual({ allowed: true });
    expect(readdirSync(folder).map((name) => name.slice(0, 4))).toEqual(['firm']);
  });

  it('do not take up again what was released', async () => {
    const latches = await start();
    const order = stop();
    expect(latches.engage('firm', order)).toBe('engaged');
    expect(latches.engage('firm', order)).toBe('engaged already');
    await latches.refresh();
    await release(latches, 'firm');
    expect(latches.engage('firm', order)).toBe('released before');
    writeFileSync(join(folder, latchFileName('firm', order.engagement)), '{}');
    expect(allows(latches)).toBe(true);
  });

  it('keep what the journal knows and the bucket has forgotten, and put it back there', async () => {
    const latches = await start();
    const forgotten = stop();
    latches.remember('book:btc', forgotten);
    await latches.refresh();
    expect(latches.permits(['book:btc']).allowed).toBe(false);
    expect(await inForce('book:btc')).toEqual([forgotten.engagement]);
  });

  it('put back an engagement that somebody wrote out of the bucket', async () => {
    const latches = await start();
    const engagement = stop();
    await (await bucket()).engage('firm', engagement);
    await latches.refresh();
    await (await bucket()).rewrite('firm', []);
    await latches.refresh();
    expect(allows(latches)).toBe(false);
    expect(await inForce('firm')).toEqual([engagement.engagement]);
  });

  it('are written down when the same order is sent again, where that failed the first time', async () => {
    const latches = await start();
    const order = stop();
    rmSync(folder, { recursive: true });
    expect(() => latches.engage('book:btc', order)).toThrow();
    expect(() => latches.engage('book:btc', order)).toThrow();
    mkdirSync(folder);
    expect(latches.engage('book:btc', order)).toBe('engaged already');
    expect(readdirSync(folder)).toHaveLength(1);
  });

  it('are engaged with the server down by a direct order, through a restart, and tell the bucket when it is back', async () => {
    const { port } = server;
    const latches = await start();
    await server.stop();
    const order = stop();
    try {
      expect(latches.engage('firm', order)).toBe('engaged');
      expect(allows(latches)).toBe(false);
      latches.stop();
    } finally {
      server = await startEmbeddedNats({ binary, dir, port });
    }
    const reborn = await start();
    expect(allows(reborn)).toBe(false);
    for (let tries = 0; tries < 100 && (await inForce('firm').catch(() => [])).length === 0; tries += 1)
      await reborn.refresh();
    expect(await inForce('firm')).toEqual([order.engagement]);
  });
});
