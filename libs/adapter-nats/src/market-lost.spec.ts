import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { sealCommit } from '@evenkeel/contracts';
import type { MarketPlace } from '@evenkeel/engine';
import { partitionOf } from '@evenkeel/kernel';
import { TEST_PRODUCER, commitOf, createToyCore, decisionDraft } from '@evenkeel/testkit';
import { connectNats } from './connection';
import { currentEpoch, openEpoch } from './epochs';
import type { Epoch } from './epochs';
import { JetStreamEventLog } from './journal';
import { MarketPublisher, isPlaceThere, readMarket } from './market-log';
import { PartitionHost } from './partition-host';
import { startEmbeddedNats } from './server/embedded-nats';
import type { EmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import { ServiceRuntime } from './service-runtime';
import { ensureStreams } from './streams';

type ToyState = ReturnType<ReturnType<typeof createToyCore>['initial']>;

const binary = findNatsServer(join(__dirname, '../../../.evenkeel/bin'), () => undefined);
const BOOK = 'lost';
const PARTITION = partitionOf(BOOK);
const timeOf = (number: number): string => `2026-01-01T${String(number).padStart(2, '0')}:00:00Z`;
const instant = (number: number, at = number) => ({
  number,
  eventTime: timeOf(at),
  marks: [],
  fundings: [],
  deliveries: [],
  wakes: [],
});

describe('EK_MARKET that is lost', () => {
  const dir = mkdtempSync(join(tmpdir(), 'evenkeel-market-lost-'));
  let server: EmbeddedNats;
  let connection: NatsConnection;
  let epoch: Epoch;
  let log: JetStreamEventLog;
  let running: ServiceRuntime<ToyState, string> | undefined;

  interface Service {
    readonly host: () => PartitionHost<ToyState, string>;
    readonly faults: string[];
    readonly troubles: string[];
  }
  async function start(): Promise<Service> {
    const faults: string[] = [];
    const troubles: string[] = [];
    let host: PartitionHost<ToyState, string> | undefined;
    const codeOf = (error: unknown): string =>
      error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const runtime: ServiceRuntime<ToyState, string> = new ServiceRuntime({
      connection,
      epoch,
      service: 'execution',
      rules: { reads: ['strategy'], followsMarket: true },
      process: 'only',
      partitions: [PARTITION],
      leaseMs: 2_000,
      createHost: (lease) =>
        (host = new PartitionHost({
          core: createToyCore(BOOK),
          partition: PARTITION,
          lease,
          epoch: epoch.epoch,
          journal: log,
          marketStream: epoch.marketStream,
          inputs: ['strategy'],
          followsMarket: true,
          producer: TEST_PRODUCER,
          nowNs: () => 0n,
        })),
      onFault: (error) => faults.push(codeOf(error)),
      onOwned: () => undefined,
      onTrouble: (error) => troubles.push(codeOf(error)),
    });
    running = runtime;
    await runtime.start({
      onInstant: (inbound) => runtime.handleInstant(inbound),
      onCommit: (stored) => runtime.handleCommit(stored),
    });
    return {
      host: () => {
        if (host === undefined) throw new Error('no host yet');
        return host;
      },
      faults,
      troubles,
    };
  }
  const stop = async (): Promise<void> => {
    await running?.stop();
    running = undefined;
  };
  async function until(happened: () => boolean): Promise<void> {
    for (const deadline = performance.now() + 15_000; !happened(); await delay(5))
      if (performance.now() > deadline) throw new Error('it has not happened in time');
  }
  const decide = async (id: string, version: number, at: string): Promise<void> => {
    const sealed = sealCommit(commitOf(decisionDraft(BOOK, id, at), { epoch: epoch.epoch, version }));
    let last = 0;
    for await (const { seq } of log.read({ partition: PARTITION, contexts: ['strategy'] })) last = seq;
    await log.append(sealed, last);
  };
  const commits = async (): Promise<string[]> => {
    const ids: string[] = [];
    for await (const { commit } of log.read({})) ids.push(commit.commitId);
    return ids;
  };

  beforeAll(async () => {
    server = await startEmbeddedNats({ binary, dir });
    connection = await connectNats(server.url, 'spec');
  });
  beforeEach(async () => {
    epoch = await openEpoch(connection);
    log = new JetStreamEventLog(connection, epoch.journalStream);
    const market = new MarketPublisher(connection, epoch);
    for (const number of [1, 2, 3]) await market.publish(instant(number), [PARTITION]);
    await decide('d1', 1, timeOf(3));
  });
  afterEach(stop);
  afterAll(async () => {
    await connection.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  it('while a service runs is said, and gone on after; a restart recovers', async () => {
    const first = await start();
    await until(() => first.host().reactor.state.acknowledged.length === 2);
    const { streams } = await jetstreamManager(connection);
    await streams.purge(epoch.marketStream);
    const before: MarketPlace = first.host().position.market;
    expect(await isPlaceThere(connection, epoch, before)).toBe(false);
    const market = new MarketPublisher(connection, epoch);
    await market.publish(instant(500, 4), [PARTITION], '', true);
    await market.publish(instant(501, 5), [PARTITION]);
    await until(() => first.host().lastInstant === 501);
    expect(first.troubles).toContain('NATS.MARKET_LOST');
    expect(first.faults).toEqual([]);
    await decide('d2', 2, timeOf(5));
    await until(() => first.host().reactor.state.acknowledged.length === 4);
    await stop();
    const second = await start();
    await market.publish(instant(502, 6), [PARTITION]);
    await until(() => second.host().lastInstant === 502);
    expect(second.host().reactor.state.acknowledged).toHaveLength(4);
    expect(second.faults).toEqual([]);
    const ids = await commits();
    expect(new Set(ids).size).toBe(ids.length);
  });

  it.each([
    ['and made anew at once', false],
    ['and made anew after a while', true],
  ])(
    'deleted %s while a service runs is gone on after, though its sequences begin again',
    async (_, late) => {
      const first = await start();
      await until(() => first.host().reactor.state.acknowledged.length === 2);
      const { streams } = await jetstreamManager(connection);
      await streams.delete(epoch.marketStream);
      if (late) await until(() => first.troubles.includes('NATS.STREAM_MISSING'));
      await ensureStreams(connection);
      await new MarketPublisher(connection, epoch).publish(instant(600, 4), [PARTITION], '', true);
      await until(() => first.host().lastInstant === 600);
      expect(first.troubles).toContain('NATS.MARKET_LOST');
      expect(first.faults).toEqual([]);
      await decide('d2', 2, timeOf(4));
      await until(() => first.host().reactor.state.acknowledged.length === 4);
    },
  );

  it('and made anew while a service is stopped lets it start', async () => {
    const first = await start();
    await until(() => first.host().reactor.state.acknowledged.length === 2);
    await stop();
    const { streams } = await jetstreamManager(connection);
    await delay(10);
    await streams.delete(epoch.marketStream);
    await ensureStreams(connection);
    epoch = await currentEpoch(connection);
    expect(epoch.marketFromSeq).toBe(1);
    await new MarketPublisher(connection, epoch).publish(instant(700, 7), [PARTITION], '', true);
    const second = await start();
    await until(() => second.host().lastInstant === 700);
    await decide('d2', 2, timeOf(7));
    await until(() => second.host().reactor.state.acknowledged.length === 4);
    expect(second.faults).toEqual([]);
  });

  it('is no licence to leave instants out: a gap that nobody declares still stops its readers', async () => {
    const { streams } = await jetstreamManager(connection);
    await new MarketPublisher(connection, epoch).publish(instant(4), [PARTITION]);
    const clock = await streams.getMessage(epoch.marketStream, { seq: epoch.marketFromSeq + 2 });
    await streams.deleteMessage(epoch.marketStream, clock?.seq ?? 0);
    await expect(
      (async () => {
        for await (const _entry of readMarket(connection, epoch));
      })(),
    ).rejects.toMatchObject({ code: 'CONTRACTS.INSTANT_GAP' });
  });
});
