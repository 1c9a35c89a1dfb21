import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { sealCommit } from '@evenkeel/contracts';
import type { EventLog, StoredCommit } from '@evenkeel/eventing';
import { MemoryEventLog } from '@evenkeel/eventing';
import { partitionOf } from '@evenkeel/kernel';
import { TEST_PRODUCER, commitOf, createToyCore, decisionDraft, describeEventLog } from '@evenkeel/testkit';
import { connectNats } from './connection';
import { JetStreamEventLog } from './journal';
import { PartitionHost } from './partition-host';
import { startEmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import { startNatsCluster } from './server/nats-cluster.test-support';
import type { Epoch } from './streams';
import { openEpoch } from './streams';

const toolsDir = resolve(__dirname, '..', '..', '..', '.evenkeel', 'bin');
const binary = findNatsServer(toolsDir, (line) => process.stderr.write(`${line}\n`));
const BOOK = 'two-owners';
const PARTITION = partitionOf(BOOK);

async function commitsOf(log: EventLog, context: string): Promise<StoredCommit[]> {
  const all: StoredCommit[] = [];
  for await (const stored of log.read({ partition: PARTITION }))
    if (stored.commit.aggregate.context === context && stored.commit.book === BOOK) all.push(stored);
  return all;
}

async function decide(log: EventLog, count: number): Promise<StoredCommit[]> {
  let seq = 0;
  let prevHash: Uint8Array = new Uint8Array(0);
  for (let version = 1; version <= count; version += 1) {
    const draft = decisionDraft(BOOK, `d${version}`, '2026-01-01T00:00:00Z');
    const sealed = sealCommit(commitOf(draft, { version, prevHash }));
    seq = (await log.append(sealed, seq)).seq;
    prevHash = sealed.hash;
  }
  return commitsOf(log, 'strategy');
}

function ownerOf(log: EventLog, epoch: string, clockStart: bigint) {
  const performed: string[] = [];
  let now = clockStart;
  const host = new PartitionHost({
    core: createToyCore(BOOK),
    partition: PARTITION,
    epoch,
    journal: log,
    marketStream: 'EK_MARKET',
    inputs: ['strategy'],
    followsMarket: false,
    producer: TEST_PRODUCER,
    nowNs: () => (now += 1n),
    perform: (effect) => {
      performed.push(effect);
      return Promise.resolve();
    },
  });
  return { host, performed };
}

/** Feeds one owner until it is done or fenced; says which. */
async function feed(
  { host }: ReturnType<typeof ownerOf>,
  inputs: readonly StoredCommit[],
): Promise<'done' | 'fenced'> {
  try {
    for (const input of inputs) await host.handleCommit(input);
    return 'done';
  } catch (error) {
    expect(error).toMatchObject({ code: 'EVENTING.CONFLICT' });
    return 'fenced';
  }
}

/** Two owners with different clocks take the same inputs at once: one is fenced, the chain holds, no effect happens twice. */
async function twoOwnersAtOnce(log: EventLog, epoch: string): Promise<void> {
  const inputs = await decide(log, 100);
  const one = ownerOf(log, epoch, 1_000n);
  const two = ownerOf(log, epoch, 2_000_000n);
  const ends = await Promise.all([feed(one, inputs), feed(two, inputs)]);
  expect(ends.sort()).toEqual(['done', 'fenced']);
  const stored = await commitsOf(log, 'execution');
  expect(stored).toHaveLength(200);
  let previous: Uint8Array = new Uint8Array(0);
  for (const [index, { commit, hash }] of stored.entries()) {
    expect(commit.fromVersion).toBe(index + 1);
    expect(Buffer.from(commit.prevHash).equals(Buffer.from(previous))).toBe(true);
    previous = hash;
  }
  const effects = [...one.performed, ...two.performed];
  expect(new Set(effects).size).toBe(effects.length);
  expect(effects).toHaveLength(200);
}

describe('two owners of one partition, in memory', () => {
  it('are told apart by bytes', () => twoOwnersAtOnce(new MemoryEventLog('memory'), '1'));
});

describe.each([1, 3])('two owners of one partition, %i replica(s)', (replicas) => {
  let dir: string;
  let stop: () => Promise<void>;
  let connections: readonly NatsConnection[];
  let epoch: Epoch;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-owners-'));
    const server = await (replicas === 1
      ? startEmbeddedNats({ binary, dir })
      : startNatsCluster(binary, dir));
    connections = [await connectNats(server.url, 'one'), await connectNats(server.url, 'two')];
    stop = () => server.stop();
    const [first] = connections;
    if (first === undefined) throw new Error('two connections were made');
    epoch = await openEpoch(first, 1, replicas);
  }, 60_000);

  afterAll(async () => {
    await Promise.all(connections.map((connection) => connection.close()));
    await stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const log = (index = 0): JetStreamEventLog => {
    const connection = connections[index];
    if (connection === undefined) throw new Error('there are two connections');
    return new JetStreamEventLog(connection, epoch.journalStream, { staleLeaderMs: 300 });
  };

  describeEventLog(`JetStream with ${replicas} replica(s)`, () => Promise.resolve(log()));

  it('are told apart by bytes', () => twoOwnersAtOnce(log(), epoch.epoch), 60_000);
});
