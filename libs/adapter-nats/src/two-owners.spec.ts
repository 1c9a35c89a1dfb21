import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { NatsConnection } from '@nats-io/nats-core';
import { sealCommit } from '@evenkeel/contracts';
import type { EventLog, StoredCommit } from '@evenkeel/eventing';
import { MemoryEventLog } from '@evenkeel/eventing';
import { createRandom, partitionOf } from '@evenkeel/kernel';
import { TEST_PRODUCER, commitOf, createToyCore, decisionDraft, describeEventLog } from '@evenkeel/testkit';
import { connectNats } from './connection';
import { JetStreamEventLog } from './journal';
import { StaleToken } from './lease';
import { PartitionHost } from './partition-host';
import { startEmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import { startNatsCluster } from './server/nats-cluster.test-support';
import type { Epoch } from './epochs';
import { openEpoch } from './epochs';

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

/** One decision after another, each as it lies on the journal. */
async function* decisions(log: EventLog, count: number): AsyncIterable<StoredCommit> {
  let last: StoredCommit | undefined;
  for (let version = 1; version <= count; version += 1) {
    const draft = decisionDraft(BOOK, `d${version}`, '2026-01-01T00:00:00Z');
    const prevHash = last?.hash ?? new Uint8Array(0);
    const sealed = sealCommit(commitOf(draft, { version, prevHash }));
    const { seq } = await log.append(sealed, last?.seq ?? 0);
    last = { ...sealed, seq, subject: '' };
    yield last;
  }
}

interface Ownership {
  readonly log: EventLog;
  readonly epoch: string;
  readonly performed: string[];
}

/** An owner that believes in its lease for ever: a process whose clock stood still while another took over. */
async function enter({ log, epoch, performed }: Ownership, token: bigint) {
  let now = token * 1_000_000n;
  const host = new PartitionHost({
    core: createToyCore(BOOK),
    partition: PARTITION,
    lease: { partition: PARTITION, token, assertHeld: () => Promise.resolve() },
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
  try {
    await host.beginRecovery();
    await host.finishRecovery();
  } catch (error) {
    // As a service does: readers that are left open keep the process from ending.
    await host.abandonRecovery();
    throw error;
  }
  return { token, host };
}

type Owner = Awaited<ReturnType<typeof enter>>;

/** Takes an input as a runtime would: after a conflict it begins anew. The error that ends it, once it is fenced. */
async function take(ownership: Ownership, owner: Owner, input: StoredCommit): Promise<Owner | Error> {
  let current = owner;
  for (let tries = 0; tries < 20; tries += 1) {
    try {
      await current.host.handleCommit(input);
      return current;
    } catch (conflict) {
      expect(conflict).toMatchObject({ code: 'EVENTING.CONFLICT' });
    }
    try {
      current = await enter(ownership, owner.token);
    } catch (error) {
      // Beginning anew may meet the rival again.
      if (error instanceof StaleToken) return error;
      expect(error).toMatchObject({ code: 'EVENTING.CONFLICT' });
    }
  }
  throw new Error('two owners settle their differences');
}

/**
 * For as long as there are inputs, two owners with different clocks each take every one of them at once. When one is fenced, a new
 * one is let in after a while. The chain holds, tokens only rise, every effect happens once.
 */
async function twoOwnersAtOnce(log: EventLog, epoch: string, count: number): Promise<void> {
  const random = createRandom('two-owners');
  const ownership: Ownership = { log, epoch, performed: [] };
  const fenced: Error[] = [];
  let owners: Owner[] = [];
  let token = 0n;
  let taken = 0;
  for await (const input of decisions(log, count)) {
    if (taken % Math.floor(count / 10) === 0)
      while (owners.length < 2) owners.push(await enter(ownership, (token += 1n)));
    taken += 1;
    const first = random.next() < 0.5 ? owners : [...owners].reverse();
    const ends = await Promise.all(first.map((owner) => take(ownership, owner, input)));
    owners = ends.filter((end): end is Owner => !(end instanceof Error));
    fenced.push(...ends.filter((end): end is Error => end instanceof Error));
  }
  expect(fenced.length).toBeGreaterThanOrEqual(5);
  for (const error of fenced) expect(error).toMatchObject({ code: 'NATS.STALE_TOKEN' });
  const stored = await commitsOf(log, 'execution');
  expect(stored).toHaveLength(2 * count);
  let previous: Uint8Array = new Uint8Array(0);
  let newest = 0n;
  for (const [index, { commit, hash }] of stored.entries()) {
    expect(commit.fromVersion).toBe(index + 1);
    expect(Buffer.from(commit.prevHash).equals(Buffer.from(previous))).toBe(true);
    expect((commit.fencingToken ?? 0n) >= newest).toBe(true);
    newest = commit.fencingToken ?? 0n;
    previous = hash;
  }
  expect(new Set(ownership.performed).size).toBe(2 * count);
  expect(ownership.performed).toHaveLength(2 * count);
}

describe('two owners of one partition, in memory', () => {
  it('are told apart by bytes', () => twoOwnersAtOnce(new MemoryEventLog('memory'), '1', 1_000));
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

  it('are told apart by bytes', async () => {
    const [connection] = connections;
    if (connection === undefined) throw new Error('two connections were made');
    epoch = await openEpoch(connection, 1, replicas);
    await twoOwnersAtOnce(log(), epoch.epoch, 1_000);
  }, 120_000);
});
