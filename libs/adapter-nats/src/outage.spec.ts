import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { sealCommit } from '@evenkeel/contracts';
import { partitionOf } from '@evenkeel/kernel';
import { TEST_PRODUCER, commitOf, createToyCore, decisionDraft } from '@evenkeel/testkit';
import { connectNats } from './connection';
import { JetStreamEventLog } from './journal';
import { MarketPublisher, readMarket } from './market-log';
import { PartitionHost } from './partition-host';
import type { PublishWait, PublishWaits } from './resolving-publisher';
import { startEmbeddedNats } from './server/embedded-nats';
import type { EmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import { ServiceRuntime } from './service-runtime';
import { openEpoch } from './epochs';
import type { Epoch } from './epochs';

const binary = findNatsServer(join(__dirname, '../../../.evenkeel/bin'), () => undefined);
const BOOK = 'outage';
const PARTITION = partitionOf(BOOK);
/** Three seconds pass for forty times as long: longer than the minute after which a publish used to be given up. */
const QUICKENED = 40;
const OUTAGE_MS = 3_000;

/** What waits now, and whatever has waited. */
class Waits implements PublishWaits {
  readonly now = new Map<string, PublishWait>();
  readonly codes = new Set<string>();
  longestMs = 0;

  waiting(wait: PublishWait): void {
    this.now.set(wait.id, wait);
    this.longestMs = Math.max(this.longestMs, wait.forMs);
    const { why } = wait;
    if (typeof why === 'object' && why !== null && 'code' in why) this.codes.add(String(why.code));
  }

  over(id: string): void {
    this.now.delete(id);
  }
}

const instant = (number: number) => ({
  number,
  eventTime: `2026-01-01T00:0${number}:00Z`,
  marks: [],
  fundings: [],
  deliveries: [],
  wakes: [],
});

describe('a server that is away, or has no room', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-outage-'));
  let server: EmbeddedNats;
  let connection: NatsConnection;
  let epoch: Epoch;
  let waits: Waits;
  const from = performance.now();
  const patience = (): { waits: PublishWaits; nowMs: () => number } => ({
    waits,
    nowMs: () => (performance.now() - from) * QUICKENED,
  });
  const startIn = async (folder: string): Promise<void> => {
    server = await startEmbeddedNats({ binary, dir: folder });
    connection = await connectNats(server.url, 'spec');
    epoch = await openEpoch(connection);
    waits = new Waits();
  };
  const again = async (): Promise<void> => {
    const { port, dir: folder } = { port: server.port, dir: current };
    server = await startEmbeddedNats({ binary, dir: folder, port });
  };
  let current = dir;
  const journal = (): JetStreamEventLog => new JetStreamEventLog(connection, epoch.journalStream, patience());
  const sealed = (id: string, version = 1) =>
    sealCommit(commitOf(decisionDraft(BOOK, id, '2026-01-01T00:01:00Z'), { epoch: epoch.epoch, version }));
  async function idsOf(log: JetStreamEventLog): Promise<string[]> {
    const ids: string[] = [];
    for await (const { commit } of log.read({})) ids.push(commit.commitId);
    return ids;
  }
  async function until(happened: () => boolean): Promise<void> {
    for (const deadline = performance.now() + 20_000; !happened(); await delay(5))
      if (performance.now() > deadline) throw new Error('it has not happened in time');
  }
  beforeEach(async () => {
    current = mkdtempSync(join(dir, 'server-'));
    await startIn(current);
  });
  afterEach(async () => {
    await connection.close();
    await server.stop();
  });
  afterAll(() => rmSync(dir, { recursive: true, force: true }));

  it('is waited for by journal and market, which go on by themselves and store nothing twice', async () => {
    const log = journal();
    const market = new MarketPublisher(connection, epoch, patience());
    await market.publish(instant(1));
    await server.stop();
    const appended = log.append(sealed('d'), 0);
    const published = market.publish(instant(2));
    await delay(OUTAGE_MS);
    expect(waits.longestMs).toBeGreaterThan(60_000);
    expect(waits.now.size).toBeGreaterThan(1);
    await again();
    expect(await appended).toMatchObject({ seq: 1 });
    await published;
    expect(waits.now.size).toBe(0);
    expect(await idsOf(log)).toHaveLength(1);
    const numbers = [];
    for await (const { entry } of readMarket(connection, epoch))
      if (entry.kind === 'instant') numbers.push(entry.given.instant.number);
    expect(numbers).toEqual([1, 2]);
  });

  it('stops no partition: a service under its lease takes up where it was', async () => {
    const log = journal();
    const faults: unknown[] = [];
    const performed: string[] = [];
    let goOn = (): void => undefined;
    const away = new Promise<void>((resolve) => (goOn = resolve));
    const runtime: ServiceRuntime<
      ReturnType<ReturnType<typeof createToyCore>['initial']>,
      string
    > = new ServiceRuntime({
      connection,
      epoch,
      service: 'execution',
      rules: { reads: ['strategy'], followsMarket: false },
      process: 'only',
      partitions: [PARTITION],
      leaseMs: 1_000,
      waits,
      createHost: (lease) =>
        new PartitionHost({
          core: createToyCore(BOOK),
          partition: PARTITION,
          lease,
          epoch: epoch.epoch,
          journal: log,
          marketStream: epoch.marketStream,
          inputs: ['strategy'],
          followsMarket: false,
          producer: TEST_PRODUCER,
          nowNs: () => 0n,
          perform: (effect) => {
            performed.push(effect);
            return performed.length === 1 ? away : Promise.resolve();
          },
        }),
      onFault: (error) => faults.push(error),
      onOwned: () => undefined,
      onTrouble: () => undefined,
    });
    await runtime.start({
      onInstant: (inbound) => runtime.handleInstant(inbound),
      onCommit: (stored) => runtime.handleCommit(stored),
    });
    await log.append(sealed('d'), 0);
    // The second answer is appended while the server is away.
    await until(() => performed.length === 1);
    await server.stop();
    goOn();
    await delay(OUTAGE_MS);
    expect(waits.longestMs).toBeGreaterThan(60_000);
    await again();
    await until(() => performed.length === 2);
    expect(faults).toEqual([]);
    const ids = await idsOf(log);
    expect(new Set(ids).size).toBe(ids.length);
    expect(performed).toEqual(['d-1', 'd-2']);
    await runtime.stop();
  });

  it('that has no room is an alarm by that name, and goes on when there is room', async () => {
    const log = journal();
    await log.append(sealed('first'), 0);
    const { streams } = await jetstreamManager(connection);
    const { config, state } = await streams.info(epoch.journalStream);
    await streams.update(epoch.journalStream, { ...config, max_bytes: state.bytes + 10 });
    const second = log.append(sealed('second', 2), 1);
    await until(() => waits.codes.has('NATS.STORAGE_FULL'));
    await streams.update(epoch.journalStream, { ...config, max_bytes: -1 });
    expect(await second).toMatchObject({ seq: 2 });
    expect(waits.now.size).toBe(0);
    expect(await idsOf(log)).toHaveLength(2);
  });

  const isRoot = process.getuid?.() === 0 && process.platform === 'linux';
  (isRoot ? it : it.skip)(
    'whose disk is full loses nothing and stores nothing twice, once it is started again with room',
    async () => {
      await connection.close();
      await server.stop();
      current = join(dir, 'small');
      mkdirSync(current);
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', current]);
      try {
        await startIn(current);
        const log = journal();
        const large = (version: number) => {
          const draft = decisionDraft(BOOK, `large-${version}`, '2026-01-01T00:01:00Z');
          return sealCommit(
            commitOf({ ...draft, limitsVersion: 'x'.repeat(400_000) }, { epoch: epoch.epoch, version }),
          );
        };
        let stored = 0;
        const filling = (async () => {
          for (let version = 1; version <= 25; version += 1)
            stored = (await log.append(large(version), stored)).seq;
        })();
        await until(() => waits.now.size > 0);
        const before = stored;
        expect(before).toBeGreaterThan(3);
        execFileSync('mount', ['-o', 'remount,size=64m', current]);
        // The server keeps the stream shut after a failed write until it is started again.
        await server.stop();
        await again();
        await filling;
        expect(stored).toBe(25);
        expect(new Set(await idsOf(log)).size).toBe(25);
      } finally {
        await server.stop();
        execFileSync('umount', [current]);
        current = dir;
      }
    },
    60_000,
  );
});
