import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jetstream } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  JetStreamEventLog,
  MarketPublisher,
  PartitionHost,
  ServiceRuntime,
  authorsOf,
  connectNats,
  findNatsServer,
  openEpoch,
  startEmbeddedNats,
} from '@evenkeel/adapter-nats';
import type { EmbeddedNats, Epoch, Lease } from '@evenkeel/adapter-nats';
import { sealWith } from '@evenkeel/contracts';
import { verifyNatively } from '@evenkeel/signing-keys';
import { TOPOLOGY, bootDrafts, sealBoot } from '@evenkeel/engine';
import { subjectOf } from '@evenkeel/eventing';
import type { SealedCommit, StoredCommit } from '@evenkeel/eventing';
import { createOrderCore } from '@evenkeel/execution';
import type { ExecutionState, VenueEffect } from '@evenkeel/execution';
import type { CommitDraft, MarketInstant } from '@evenkeel/facts';
import { formatInstant, partitionOf } from '@evenkeel/kernel';
import { SignedEpoch, TEST_PRODUCER, busyDemonstration, decisionDraft, signerNamed } from '@evenkeel/testkit';

const toolsDir = resolve(__dirname, '..', '..', '..', '.evenkeel', 'bin');
const PERP = 'BTCUSDT-PERP@evenkeel-sim';
const { book: demonstration, tape } = busyDemonstration('forged', 1);
const START = formatInstant(tape.from);
const AT = formatInstant(tape.from + 300n * 1_000_000_000n);
const BOOKS = ['honest', 'attacked'] as const;
const [HONEST, ATTACKED] = BOOKS.map(partitionOf) as [string, string];

const instant: MarketInstant = {
  number: 1,
  eventTime: AT,
  marks: [
    {
      instrument: PERP,
      index: '90000',
      kind: 'price',
      price: '90000',
      eventTime: AT,
      receivedTime: AT,
      source: 'evenkeel-sim',
      status: 'OK',
      reasons: [],
    },
  ],
  fundings: [],
  deliveries: [],
  wakes: [],
};

/** Five bitcoin at the market: what a stranger would like. */
function bigTrade(book: string): CommitDraft {
  const draft = decisionDraft(book, `${book}-d`, AT);
  const trade = { instrument: PERP, quantity: '5', referencePrice: '90000', delta: 5, urgency: 'normal' };
  const events = draft.events.map((event) =>
    event.type === 'HedgeDecided' ? { ...event, payload: { ...event.payload, trades: [trade] } } : event,
  ) as CommitDraft['events']; // the trade has the shape of one
  return { ...draft, events };
}

describe('a decision that strategy did not make', () => {
  let dir: string;
  let server: EmbeddedNats;
  let connection: NatsConnection;
  let opened: Epoch;
  let epoch: SignedEpoch;
  let runtime: ServiceRuntime<ExecutionState, VenueEffect> | undefined;
  const left: VenueEffect[] = [];
  const faults = new Map<string | undefined, unknown>();

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-forged-'));
    server = await startEmbeddedNats({ binary: findNatsServer(toolsDir, () => undefined), dir });
    connection = await connectNats(server.url, 'test');
  });
  beforeEach(async () => {
    left.length = 0;
    faults.clear();
    opened = await openEpoch(connection);
    epoch = new SignedEpoch(opened.epoch);
    await publish(epoch.opening());
    const drafts = BOOKS.flatMap((book) =>
      bootDrafts({ file: { ...demonstration, book }, source: 'spec' }, START),
    );
    const desk = { ...TEST_PRODUCER, service: 'keel' };
    for (const sealed of sealBoot(drafts, opened.epoch, desk, sealWith({ signer: signerNamed('keel') }), 0n))
      await publish(sealed);
    await start();
    await new MarketPublisher(connection, opened).publish(instant, [HONEST, ATTACKED]);
  });
  afterEach(() => runtime?.stop());
  afterAll(async () => {
    await connection.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  /** As anybody who can reach the server would. */
  async function publish({ bytes, commit }: SealedCommit): Promise<void> {
    await jetstream(connection).publish(subjectOf(commit.partition, commit.aggregate), bytes);
  }

  async function start(): Promise<void> {
    const trust = { verify: verifyNatively, deskKey: epoch.deskKey, required: true };
    const authors = await authorsOf(connection, opened, trust);
    const journal = new JetStreamEventLog(connection, opened.journalStream, { authors });
    const { reads, followsMarket } = TOPOLOGY.execution;
    const createHost = (lease: Lease): PartitionHost<ExecutionState, VenueEffect> =>
      new PartitionHost({
        core: createOrderCore(),
        partition: lease.partition,
        lease,
        epoch: opened.epoch,
        journal,
        marketStream: opened.marketStream,
        inputs: reads,
        followsMarket,
        producer: { ...TEST_PRODUCER, service: 'execution' },
        signer: signerNamed('execution'),
        nowNs: () => 0n,
        perform: (effect) => {
          left.push(effect);
          return Promise.resolve();
        },
      });
    const starting = new ServiceRuntime({
      connection,
      epoch: opened,
      service: 'execution',
      process: `of-epoch-${opened.epoch}`,
      partitions: [HONEST, ATTACKED],
      leaseMs: 6_000,
      rules: { reads, followsMarket },
      authors,
      createHost,
      onFault: (error, partition) => faults.set(partition, error),
      onOwned: () => undefined,
      onTrouble: () => undefined,
    });
    runtime = starting;
    await starting.start({
      onInstant: (inbound) => starting.handleInstant(inbound),
      onCommit: (stored) => starting.handleCommit(stored),
    });
  }

  async function until(happened: () => boolean): Promise<void> {
    for (const deadline = Date.now() + 20_000; !happened(); await delay(10))
      if (Date.now() > deadline) throw new Error('it has not happened in time');
  }

  async function onRecord(): Promise<StoredCommit[]> {
    const all: StoredCommit[] = [];
    for await (const stored of new JetStreamEventLog(connection, opened.journalStream).read({}))
      all.push(stored);
    return all;
  }

  it('is an order where strategy signed it', async () => {
    await publish(epoch.seal(bigTrade('attacked'), 'strategy'));
    await until(() => left.length > 0);
    expect(left).toMatchObject([{ kind: 'submit', order: { instrument: PERP, quantity: '5' } }]);
    expect(faults.size).toBe(0);
  });

  it.each([
    ['nobody signed', (): SealedCommit => epoch.seal(bigTrade('attacked'), undefined), 'AUTHORS.UNSIGNED'],
    ['a stranger signed', () => epoch.seal(bigTrade('attacked'), 'a stranger'), 'AUTHORS.UNKNOWN_KEY'],
    ['risk signed in its name', () => epoch.seal(bigTrade('attacked'), 'risk'), 'AUTHORS.WRONG_SERVICE'],
  ])('never becomes an order when %s; its partition stops, and the others go on', async (_, forge, code) => {
    await publish(forge());
    await until(() => faults.has(ATTACKED));
    expect(faults.get(ATTACKED)).toMatchObject({ code });
    await publish(epoch.seal(bigTrade('honest'), 'strategy'));
    await until(() => left.length > 0);
    expect([...faults.keys()]).toEqual([ATTACKED]);
    expect(left).toMatchObject([{ kind: 'submit', order: { book: 'honest' } }]);
    const intended = (await onRecord()).filter(({ commit }) => commit.aggregate.type === 'hedge-order');
    expect(intended.map(({ commit }) => commit.book)).toEqual(['honest']);
    // Started again it meets the same commit, and does the same.
    await runtime?.stop();
    faults.clear();
    await start();
    await until(() => faults.has(ATTACKED));
    expect(faults.get(ATTACKED)).toMatchObject({ code });
  });
});
