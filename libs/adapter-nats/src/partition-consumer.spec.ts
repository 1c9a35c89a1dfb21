import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { sealCommit } from '@evenkeel/contracts';
import { partitionOf } from '@evenkeel/kernel';
import { commitOf, decisionDraft } from '@evenkeel/testkit';
import { connectNats } from './connection';
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

  /** Takes what comes until `until` sequences were seen. */
  async function take(until: number, fromSeq = 1): Promise<number[]> {
    const seen: number[] = [];
    const consumer = new PartitionConsumer(connection, epoch, {
      service: 'execution',
      partition: PARTITION,
      fromSeq,
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

  it('goes on where its host stands, and leaves no consumer behind', async () => {
    await decide(3);
    expect(await take(2)).toEqual([1, 2]);
    expect(await take(1, 3)).toEqual([3]);
    const { consumers } = await manager();
    expect(await consumers.list(epoch.journalStream).next()).toEqual([]);
  });

  it('is made again when somebody takes it away while it runs', async () => {
    await decide(1);
    const seen: number[] = [];
    const consumer = new PartitionConsumer(connection, epoch, {
      service: 'execution',
      partition: PARTITION,
      fromSeq: 1,
      contexts: ['strategy'],
      handle: async ({ seq }) => {
        seen.push(seq);
        if (seen.length === 1) {
          const { consumers } = await manager();
          for (const { name } of await consumers.list(epoch.journalStream).next())
            await consumers.delete(epoch.journalStream, name);
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

  it('stops where the journal is shorter than what its host has taken', async () => {
    await decide(3);
    // As a journal restored from an older copy looks to a host that has gone further.
    await expect(take(1, 10)).rejects.toMatchObject({ code: 'NATS.STREAM_MISSING' });
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
      fromSeq: 1,
      contexts: ['strategy'],
      handle: () => Promise.resolve(),
    });
    await expect(consumer.run()).rejects.toMatchObject({ code: 'NATS.STREAM_MISSING' });
  });
});
