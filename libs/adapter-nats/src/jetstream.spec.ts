import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { sealCommit } from '@evenkeel/contracts';
import { partitionOf } from '@evenkeel/kernel';
import { TEST_PRODUCER, commitOf, createToyCore, decisionDraft, describeEventLog } from '@evenkeel/testkit';
import { connectNats } from './connection';
import { JetStreamEventLog } from './journal';
import { MarketPublisher, readMarket } from './market-log';
import { PartitionConsumer } from './partition-consumer';
import { PartitionHost } from './partition-host';
import type { EmbeddedNats } from './server/embedded-nats';
import { startEmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import type { Epoch } from './epochs';
import { currentEpoch, openEpoch } from './epochs';

const toolsDir = resolve(__dirname, '..', '..', '..', '.evenkeel', 'bin');
const binary = findNatsServer(toolsDir, (line) => process.stderr.write(`${line}\n`));

let dir: string;
let server: EmbeddedNats;
let connection: NatsConnection;
let epoch: Epoch;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'evenkeel-js-'));
  server = await startEmbeddedNats({ binary, dir });
  connection = await connectNats(server.url, 'test');
  epoch = await openEpoch(connection);
});

afterAll(async () => {
  await connection.close();
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

describeEventLog('JetStream', () => Promise.resolve(new JetStreamEventLog(connection, epoch.journalStream)));

const instantOf = (number: number, marks = 3) => ({
  number,
  eventTime: `2026-01-01T00:0${number}:00Z`,
  marks: Array.from({ length: marks }, (_, index) => ({
    instrument: index === 0 ? 'BTCUSDT@binance' : `BTC-23JAN26-${90_000 + index}-C@deribit`,
    kind: index === 0 ? ('price' as const) : ('option' as const),
    price: '1.5',
    eventTime: '2026-01-01T00:00:00Z',
    receivedTime: '2026-01-01T00:00:00Z',
    source: 'test',
    status: 'OK' as const,
    reasons: [],
  })),
  fundings: [],
  deliveries: [],
  wakes: [],
});

describe('the market stream', () => {
  it('gives back whole instants in order, once each', async () => {
    const publisher = new MarketPublisher(connection, epoch);
    await publisher.publish(instantOf(1));
    await publisher.publish(instantOf(2, 1));
    await publisher.publish(instantOf(2, 1));
    const back = [];
    for await (const { entry } of readMarket(connection, epoch))
      if (entry.kind === 'instant') back.push(entry.given.instant);
    expect(back).toEqual([instantOf(1), instantOf(2, 1)]);
  });
});

describe('a partition host', () => {
  const book = 'host';
  const partition = partitionOf(book);

  beforeAll(async () => {
    epoch = await openEpoch(connection);
  });

  function hostOf(
    log: JetStreamEventLog,
    performed: string[],
  ): PartitionHost<ReturnType<ReturnType<typeof createToyCore>['initial']>, string> {
    return new PartitionHost({
      core: createToyCore(book),
      partition,
      epoch: epoch.epoch,
      journal: log,
      marketStream: epoch.marketStream,
      inputs: ['strategy'],
      followsMarket: false,
      producer: TEST_PRODUCER,
      nowNs: () => process.hrtime.bigint(),
      perform: (effect) => {
        performed.push(effect);
        return Promise.resolve();
      },
    });
  }

  async function decide(log: JetStreamEventLog, count: number): Promise<void> {
    let seq = 0;
    let prevHash: Uint8Array = new Uint8Array(0);
    for (let version = 1; version <= count; version += 1) {
      const sealed = sealCommit(
        commitOf(decisionDraft(book, `d${version}`, `2026-01-01T00:00:0${version}Z`), { version, prevHash }),
      );
      seq = (await log.append(sealed, seq)).seq;
      prevHash = sealed.hash;
    }
  }

  async function ownCommits(log: JetStreamEventLog): Promise<string[]> {
    const ids: string[] = [];
    for await (const stored of log.read({ partition }))
      for (const { event } of stored.commit.events)
        if (event.type === 'OrderAcknowledged') ids.push(event.payload.clientOrderId);
    return ids;
  }

  it('reacts once to each commit through repeats, a second owner and a crash of server and host', async () => {
    const log = new JetStreamEventLog(connection, epoch.journalStream);
    await decide(log, 4);
    const performed: string[] = [];
    const first = hostOf(log, performed);
    let handled = 0;
    const consumer = new PartitionConsumer(connection, epoch, {
      service: 'toy',
      partition,
      fromSeq: 1,
      contexts: ['strategy'],
      handle: async (stored) => {
        await first.handleCommit(stored);
        await first.handleCommit(stored); // what comes twice
        handled += 1;
        if (handled === 2) throw new Error('crash between effect and next');
      },
    });
    await expect(consumer.run()).rejects.toThrow('crash between');
    expect(await ownCommits(log)).toEqual(['d1-1', 'd1-2', 'd2-1', 'd2-2']);

    server.kill();
    await server.exited;
    server = await startEmbeddedNats({ binary, dir, port: server.port });

    const revived = hostOf(log, performed);
    await revived.beginRecovery();
    await revived.finishRecovery();
    expect(await ownCommits(log)).toEqual(['d1-1', 'd1-2', 'd2-1', 'd2-2', 'd3-1', 'd3-2', 'd4-1', 'd4-2']);
    expect(revived.reactor.state.acknowledged).toHaveLength(8);
    // The deposed owner is fenced by the expected sequence: it cannot write what it believes.
    const [third] = await storedDecisions(log).then((all) => all.slice(2));
    if (third === undefined) throw new Error('four decisions were made');
    await expect(first.handleCommit(third)).rejects.toMatchObject({ code: 'EVENTING.CONFLICT' });
    expect(await ownCommits(log)).toHaveLength(8);
  }, 60_000);

  async function storedDecisions(log: JetStreamEventLog) {
    const all = [];
    for await (const stored of log.read({ partition }))
      if (stored.commit.aggregate.context === 'strategy') all.push(stored);
    return all;
  }
});

describe('epochs', () => {
  it('seal the old journal and open a new one that starts at 1', async () => {
    const before = await currentEpoch(connection);
    const next = await openEpoch(connection);
    expect(Number(next.epoch)).toBe(Number(before.epoch) + 1);
    const log = new JetStreamEventLog(connection, next.journalStream);
    const sealed = sealCommit(
      commitOf(decisionDraft('fresh', 'd', '2026-01-01T00:00:00Z'), { epoch: next.epoch }),
    );
    expect((await log.append(sealed, 0)).seq).toBe(1);
    expect(await new JetStreamEventLog(connection, before.journalStream).lastSeq()).toBeGreaterThan(1);
  });
});
