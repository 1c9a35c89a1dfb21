import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { AckPolicy, DeliverPolicy, jetstreamManager } from '@nats-io/jetstream';
import type { ConsumerConfig, JetStreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { nanos } from '@nats-io/nats-core';
import { sealCommit } from '@evenkeel/contracts';
import { partitionOf } from '@evenkeel/kernel';
import { commitOf, decisionDraft } from '@evenkeel/testkit';
import { connectNats } from './connection';
import { ensureDurable } from './durable-consumer';
import { JetStreamEventLog } from './journal';
import { PartitionConsumer } from './partition-consumer';
import type { EmbeddedNats } from './server/embedded-nats';
import { startEmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import type { Epoch } from './epochs';
import { openEpoch } from './epochs';

const toolsDir = resolve(__dirname, '..', '..', '..', '.evenkeel', 'bin');
const binary = findNatsServer(toolsDir, (line) => process.stderr.write(`${line}\n`));
const BOOK = 'consumer';
const PARTITION = partitionOf(BOOK);
const subjects = ['risk', 'strategy'].map((context) => `ek.evt.v1.${PARTITION}.${context}.>`);

describe('the consumer of a partition', () => {
  let dir: string;
  let server: EmbeddedNats;
  let connection: NatsConnection;
  let epoch: Epoch;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-consumer-'));
    server = await startEmbeddedNats({ binary, dir });
    connection = await connectNats(server.url, 'test');
  });

  beforeEach(async () => {
    epoch = await openEpoch(connection);
  });

  afterAll(async () => {
    await connection.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  async function decide(count: number): Promise<void> {
    const log = new JetStreamEventLog(connection, epoch.journalStream);
    for (let index = 1; index <= count; index += 1)
      await log.append(
        sealCommit(
          commitOf({
            ...decisionDraft(BOOK, `d${index}`, '2026-01-01T00:00:00Z'),
            aggregate: { context: 'strategy', type: 'hedge-program', id: `${BOOK}-${index}` },
          }),
        ),
        0,
      );
  }

  const durable = (settings: Partial<ConsumerConfig> = {}): Partial<ConsumerConfig> => ({
    durable_name: `execution-p${PARTITION}`,
    filter_subjects: subjects,
    ack_policy: AckPolicy.Explicit,
    max_ack_pending: 1,
    max_deliver: -1,
    ack_wait: nanos(1_500),
    ...settings,
  });

  /** Takes what comes until `until` sequences were seen. */
  async function take(until: number): Promise<number[]> {
    const seen: number[] = [];
    const consumer = new PartitionConsumer(connection, epoch, {
      service: 'execution',
      partition: PARTITION,
      contexts: ['risk', 'strategy'],
      handle: async ({ seq }) => {
        seen.push(seq);
        if (seen.length === until) void consumer.stop();
      },
    });
    await consumer.run();
    return seen;
  }

  const manager = () => jetstreamManager(connection);

  it.each([
    ['another ack_wait', { ack_wait: nanos(30_000) }],
    ['other filters', { filter_subjects: [subjects[0] ?? ''] }],
    ['the filters in another order', { filter_subjects: [...subjects].reverse() }],
    ['more in flight', { max_ack_pending: 100 }],
  ])('left by another build with %s goes on where it had acknowledged', async (_, settings) => {
    await decide(3);
    const { consumers } = await manager();
    await consumers.add(epoch.journalStream, durable({ ack_wait: nanos(1_500) }));
    expect(await take(2)).toEqual([1, 2]);
    const { ack_floor } = await consumers.info(epoch.journalStream, `execution-p${PARTITION}`);
    await consumers.delete(epoch.journalStream, `execution-p${PARTITION}`);
    await consumers.add(
      epoch.journalStream,
      durable({
        ...settings,
        opt_start_seq: ack_floor.stream_seq + 1,
        deliver_policy: DeliverPolicy.StartSequence,
      }),
    );
    expect(await take(1)).toEqual([3]);
    const { config } = await consumers.info(epoch.journalStream, `execution-p${PARTITION}`);
    expect(config).toMatchObject({ ack_wait: nanos(1_500), max_ack_pending: 1 });
    expect([...(config.filter_subjects ?? [])].sort()).toEqual(subjects);
  });

  it('is made again when somebody takes it away while it runs', async () => {
    await decide(1);
    const seen: number[] = [];
    const consumer = new PartitionConsumer(connection, epoch, {
      service: 'execution',
      partition: PARTITION,
      contexts: ['strategy'],
      handle: async ({ seq }) => {
        seen.push(seq);
        if (seen.length === 1) {
          const { consumers } = await manager();
          await consumers.delete(epoch.journalStream, `execution-p${PARTITION}`);
          await decideMore();
        }
        if (seq === 2) void consumer.stop();
      },
    });
    const decideMore = async (): Promise<void> => {
      const log = new JetStreamEventLog(connection, epoch.journalStream);
      await log.append(sealCommit(commitOf(decisionDraft(BOOK, 'more', '2026-01-01T00:00:00Z'))), 0);
    };
    await consumer.run();
    expect(seen.at(-1)).toBe(2);
  }, 20_000);

  it('halts when it has acknowledged more than the journal holds', async () => {
    await decide(3);
    const { consumers, streams } = await manager();
    // As a journal restored from an older copy looks to a consumer that has gone further.
    const before = { ...epoch };
    const ahead = { ack_floor: { stream_seq: 9, consumer_seq: 9 } };
    const { config } = await streams.info(before.journalStream);
    const info = await consumers.add(before.journalStream, durable());
    const restored = {
      streams: { info: () => streams.info(config.name) },
      consumers: { info: () => Promise.resolve({ ...info, ...ahead }) },
    } as unknown as JetStreamManager; // the two questions that are asked
    await expect(
      ensureDurable(restored, { stream: config.name, name: `execution-p${PARTITION}`, filters: subjects }),
    ).rejects.toMatchObject({ code: 'EVENTING.LOG_BEHIND' });
  });

  it('halts at a commit that cannot be read, and leaves a pointer to it, once', async () => {
    await decide(1);
    await connection.request(`ek.evt.v1.${PARTITION}.strategy.hedge-program.broken`, 'nonsense');
    await expect(take(9)).rejects.toMatchObject({ code: 'CONTRACTS.UNDECODABLE' });
    await expect(take(9)).rejects.toMatchObject({ code: 'CONTRACTS.UNDECODABLE' });
    const { streams } = await manager();
    const subject = `ek.dlq.v1.execution.${PARTITION}`;
    const { state } = await streams.info('EK_DLQ', { subjects_filter: subject });
    expect(state.subjects).toEqual({ [subject]: 1 });
    const letter = await streams.getMessage('EK_DLQ', { last_by_subj: subject });
    expect(letter?.json()).toMatchObject({
      stream: epoch.journalStream,
      seq: 2,
      subject: `ek.evt.v1.${PARTITION}.strategy.hedge-program.broken`,
      code: 'CONTRACTS.UNDECODABLE',
    });
  });

  it('halts when the server refuses it', async () => {
    const gone = { ...epoch, journalStream: 'EK_JOURNAL_gone' };
    const consumer = new PartitionConsumer(connection, gone, {
      service: 'execution',
      partition: PARTITION,
      contexts: ['strategy'],
      handle: () => Promise.resolve(),
    });
    await expect(consumer.run()).rejects.toMatchObject({ code: 10059 });
  });
});
