import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { sealCommit } from '@evenkeel/contracts';
import type { GivenInstant, PartitionReport } from '@evenkeel/engine';
import { OperationalError, formatInstant, parseInstant, partitionOf, required } from '@evenkeel/kernel';
import { TEST_PRODUCER, commitOf, createToyCore, decisionDraft } from '@evenkeel/testkit';
import { connectNats } from './connection';
import { ControlEntries } from './control-entries';
import { JetStreamEventLog } from './journal';
import type { Lease } from './lease';
import { LeaseTable } from './lease-table';
import { MarketPublisher } from './market-log';
import { PartitionHost } from './partition-host';
import { followProgress } from './progress';
import type { EmbeddedNats } from './server/embedded-nats';
import { startEmbeddedNats } from './server/embedded-nats';
import { findNatsServer } from './server/nats-server-binary';
import { ServiceRuntime } from './service-runtime';
import type { Companion } from './companion';
import type { Epoch } from './epochs';
import { openEpoch } from './epochs';

type ToyState = ReturnType<ReturnType<typeof createToyCore>['initial']>;
type Toy = ServiceRuntime<ToyState, string>;

const toolsDir = resolve(__dirname, '..', '..', '..', '.evenkeel', 'bin');
const binary = findNatsServer(toolsDir, (line) => process.stderr.write(`${line}\n`));
const [A, B] = ['runtime-a', 'runtime-b'] as const;
const [PA, PB] = [partitionOf(A), partitionOf(B)] as const;
const minute = (number: number): string => `2026-01-01T00:0${number}:00Z`;
const instant = (number: number) => ({
  number,
  eventTime: minute(number),
  marks: [],
  fundings: [],
  deliveries: [],
  wakes: [],
});

describe('a service over its partitions', () => {
  let dir: string;
  let server: EmbeddedNats;
  let connection: NatsConnection;
  let epoch: Epoch;
  let market: MarketPublisher;
  let log: JetStreamEventLog;
  let reports: Readonly<Record<string, PartitionReport>> = {};
  const running: Toy[] = [];

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'evenkeel-runtime-'));
    server = await startEmbeddedNats({ binary, dir });
    connection = await connectNats(server.url, 'test');
    followProgress(connection, ['execution'], ({ partitions }) => (reports = { ...reports, ...partitions }));
  });
  beforeEach(async () => {
    epoch = await openEpoch(connection);
    market = new MarketPublisher(connection, epoch);
    log = new JetStreamEventLog(connection, epoch.journalStream);
    reports = {};
  });
  afterEach(async () => {
    for (const runtime of running.splice(0)) await runtime.stop();
  });
  afterAll(async () => {
    await connection.close();
    await server.stop();
    rmSync(dir, { recursive: true, force: true });
  });

  const decide = (book: string, at: string) =>
    log.append(sealCommit(commitOf(decisionDraft(book, `${book}-d`, at), { epoch: epoch.epoch })), 0);

  /** A commit that the toy core hears and has nothing to say to. */
  async function say(book: string, version: number): Promise<number> {
    const draft = decisionDraft(book, `${book}-${version}`, minute(1));
    const events = [{ type: 'ProgramHalted', payload: { book, at: minute(1), reasons: [] } } as const];
    const sealed = sealCommit(commitOf({ ...draft, events }, { epoch: epoch.epoch, version }));
    const { seq } = await log.append(sealed, version === 1 ? 0 : await log.lastSeq());
    return seq;
  }

  interface Started {
    readonly runtime: Toy;
    readonly hosts: readonly PartitionHost<ToyState, string>[];
    readonly performed: string[];
    readonly faults: (string | undefined)[];
    readonly troubles: unknown[];
    /** Partitions whose companion was told that they stand still, and why. */
    readonly stands: string[];
    /** What each was given of the market before it started. */
    readonly opened: ReadonlyMap<string, readonly GivenInstant[]>;
  }

  interface Start {
    /** The book whose effects fail. */
    readonly fails?: string;
    /** What the companion does after an instant. */
    readonly after?: Promise<void>;
    readonly through?: NatsConnection;
  }

  async function start(given: Start = {}): Promise<Started> {
    const { fails = '', after = Promise.resolve(), through = connection } = given;
    const performed: string[] = [];
    const faults: (string | undefined)[] = [];
    const troubles: unknown[] = [];
    const opened = new Map<string, GivenInstant[]>();
    const stands: string[] = [];
    let recovering = true;
    const companion: Companion<ToyState, string> = {
      open: ({ partition }) => {
        opened.set(partition, []);
        return Promise.resolve(false);
      },
      resume: () => Promise.resolve(),
      started: () => (recovering = false),
      before: ({ partition }, given) => {
        if (recovering) opened.get(partition)?.push(given);
      },
      after: () => after,
      perform: () => Promise.resolve(),
      due: (partition) => (partition === PB ? parseInstant(minute(9)) : undefined),
      standsStill: (partition, why) => stands.push(`${partition} ${why}`),
      release: () => Promise.resolve(),
      close: () => Promise.resolve(),
    };
    const hosts: PartitionHost<ToyState, string>[] = [];
    const createHost = (lease: Lease): PartitionHost<ToyState, string> => {
      const book = lease.partition === PA ? A : B;
      const host = new PartitionHost({
        core: createToyCore(book),
        partition: lease.partition,
        lease,
        epoch: epoch.epoch,
        journal: log,
        marketStream: epoch.marketStream,
        inputs: ['strategy'],
        followsMarket: true,
        producer: TEST_PRODUCER,
        nowNs: () => 0n,
        perform: (effect) => {
          if (book === fails) return Promise.reject(new Error('the venue is on fire'));
          performed.push(effect);
          return Promise.resolve();
        },
      });
      hosts.push(host);
      return host;
    };
    const runtime: Toy = new ServiceRuntime({
      connection: through,
      epoch,
      service: 'execution',
      rules: { reads: ['strategy'], followsMarket: true },
      process: 'only',
      partitions: [PA, PB],
      leaseMs: 6_000,
      createHost,
      companion,
      onFault: (_error, partition) => faults.push(partition),
      onOwned: () => undefined,
      onTrouble: (error) => troubles.push(error),
    });
    running.push(runtime);
    await runtime.start({
      onInstant: (inbound) => runtime.handleInstant(inbound),
      onCommit: (stored) => runtime.handleCommit(stored),
    });
    return { runtime, hosts, performed, faults, troubles, stands, opened };
  }

  async function until(happened: () => boolean): Promise<void> {
    for (const deadline = Date.now() + 20_000; !happened(); await delay(5))
      if (Date.now() > deadline) throw new Error(`it has not happened in time: ${JSON.stringify(reports)}`);
  }

  it('gives each its market as it is granted, and its own wake-ups', async () => {
    const { hosts } = await start();
    await market.publish(instant(1), [PA, PB]);
    await market.publish(instant(2), [PB]);
    await until(() => reports[PB]?.at === minute(2));
    expect(reports[PA]?.at).toBe(minute(1));
    const at = formatInstant(parseInstant(minute(1)) + 7n);
    await market.give([{ kind: 'wake', partition: PA, after: 1, at, wakes: ['execution'] }]);
    await until(() => reports[PA]?.at === at);
    await market.give([{ kind: 'market', partition: PA, upTo: 2 }]);
    await until(() => reports[PA]?.at === minute(2));
    expect(hosts.map(({ lastInstant }) => lastInstant)).toEqual([2, 2]);
    // What beside the core wants a wake-up is asked for in its partition alone.
    expect(reports[PB]?.nextWake).toBe(minute(9));
    expect(reports[PA]?.nextWake).toBeUndefined();
  });

  it('has taken an instant only when what comes after it in the companion is over', async () => {
    let release = (): void => undefined;
    const { hosts } = await start({ after: new Promise<void>((resolve) => (release = resolve)) });
    await market.publish(instant(1), [PA, PB]);
    await until(() => hosts.every(({ lastInstant }) => lastInstant === 1));
    // Reports go out every quarter second, whatever is under way.
    await delay(600);
    expect([reports[PA]?.at, reports[PB]?.at]).toEqual([undefined, undefined]);
    release();
    await until(() => reports[PA]?.at === minute(1) && reports[PB]?.at === minute(1));
  });

  it('halts in the partition that cannot go on, and in no other', async () => {
    const { performed, faults, stands, runtime } = await start({ fails: A });
    await market.publish(instant(1), [PA, PB]);
    await decide(A, minute(1));
    await until(() => reports[PA]?.fault === 'the venue is on fire');
    await decide(B, minute(1));
    await until(() => performed.length === 2);
    await market.publish(instant(2), [PA, PB]);
    await until(() => reports[PB]?.at === minute(2));
    expect(reports[PA]).toMatchObject({ at: minute(1), fault: 'the venue is on fire' });
    expect(reports[PB]?.fault).toBeUndefined();
    expect(faults).toEqual([PA]);
    expect(stands).toEqual([`${PA} halted`]);
    await runtime.stop();
    expect(stands.slice(1).sort()).toEqual([`${PA} ends`, `${PB} ends`].sort());
  });

  it('halts everywhere when no partition may go on, and says so once', async () => {
    const { runtime, faults } = await start();
    runtime.halt(new Error('the clock is wrong'));
    runtime.halt(new Error('and worse'));
    await until(() => reports[PA]?.fault !== undefined);
    expect([reports[PA]?.fault, reports[PB]?.fault]).toEqual(['the clock is wrong', 'the clock is wrong']);
    expect(faults).toEqual([undefined]);
  });

  it('stops at once although a commit waits for a market that never comes, and hears it in its next life', async () => {
    const { runtime, performed, faults } = await start();
    await market.publish(instant(1), [PA, PB]);
    await decide(A, minute(3));
    await until(() => reports[PA]?.at === minute(1));
    await delay(50);
    const began = Date.now();
    await runtime.stop();
    expect(Date.now() - began).toBeLessThan(5_000);
    expect([performed, faults]).toEqual([[], []]);
    await market.publish(instant(2), [PA, PB]);
    await market.publish(instant(3), [PA]);
    await market.publish(instant(4), []);
    const next = await start();
    await until(() => next.performed.length === 2);
    // It has recovered with what each was given, and keeps the rest of the market for later.
    expect([PA, PB].map((one) => next.opened.get(one)?.map(({ instant: { number } }) => number))).toEqual([
      [1, 2, 3],
      [1, 2],
    ]);
    await market.give([{ kind: 'market', partition: PB, upTo: 3 }]);
    await market.give([{ kind: 'market', partition: PB, upTo: 4 }]);
    await until(() => reports[PB]?.at === minute(4));
    expect(reports[PA]?.at).toBe(minute(3));
  });

  it('leaves to its owner what it hears after another has taken over, although it has nothing to say to it', async () => {
    const { hosts, troubles } = await start();
    await market.publish(instant(1), [PA, PB]);
    const heard = await say(A, 1);
    await until(() => reports[PA]?.seen === heard);
    const entries = new ControlEntries(connection, 'EK_CONTROL');
    const succeed = async (state: string): Promise<void> => {
      const { key, revision } = required(await entries.read('member.execution.only'), 'its heartbeat');
      await entries.change(key, JSON.stringify({ life: 'another', state, beat: 1 }), revision);
    };
    const later = jest.spyOn(performance, 'now');
    try {
      // It was paused for longer than its lease, and somebody else goes by its name.
      await succeed('alive');
      const now = performance.timeOrigin;
      later.mockImplementation(() => Date.now() - now + 60_000);
      await say(A, 2);
      await until(() => troubles.length > 0);
      await delay(200);
    } finally {
      later.mockRestore();
    }
    expect(hosts[0]?.reactor.state.seen ?? 0).toBeLessThanOrEqual(2);
    await succeed('left');
    // Nothing that the deposed one has heard is kept from the owner.
    reports = {};
    await start();
    await until(() => (reports[PA]?.seen ?? 0) > heard);
  });

  it('halts in the partition whose past cannot be read, in no other, and leaves one pointer however often it starts', async () => {
    const subject = `ek.evt.v1.${PA}.strategy.hedge-program.broken`;
    await connection.request(subject, 'nonsense');
    for (let life = 0; life < 2; life += 1) {
      const { runtime, faults } = await start();
      await until(() => reports[PA]?.fault !== undefined && reports[PB] !== undefined);
      expect(reports[PA]?.fault).toContain(`(at 1, ${subject})`);
      expect([faults, reports[PB]?.fault]).toEqual([[PA], undefined]);
      await runtime.stop();
      reports = {};
    }
    const letters = `ek.dlq.v1.execution.${PA}`;
    const { streams } = await jetstreamManager(connection);
    const { state } = await streams.info('EK_DLQ', { subjects_filter: letters });
    expect(state.subjects).toEqual({ [letters]: 1 });
    const letter = await streams.getMessage('EK_DLQ', { last_by_subj: letters });
    expect(letter?.json()).toMatchObject({ stream: epoch.journalStream, seq: 1, subject });
  });

  it('opens what it is given later although the market cannot be read at once', async () => {
    await market.publish(instant(1), [PA, PB]);
    const other = new LeaseTable({
      connection,
      service: 'execution',
      process: 'other',
      partitions: [PA, PB],
      leaseMs: 6_000,
      onGained: () => Promise.resolve(),
      onGive: () => Promise.resolve(),
      onFenced: () => Promise.resolve(),
      onTrouble: () => undefined,
    });
    await other.start();
    let failures = 0;
    const through = new Proxy(connection, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property, target);
        if (property !== 'request') return typeof value === 'function' ? value.bind(target) : value;
        return (...call: Parameters<NatsConnection['request']>) => {
          if (!/CONSUMER\.CREATE\.EK_MARKET/.test(call[0]) || failures > 0) return target.request(...call);
          failures += 1;
          throw new OperationalError({ code: 'NATS.READ_STALLED', message: 'it is away' });
        };
      },
    });
    try {
      await start({ through });
      await until(() => Object.values(reports).some(({ at }) => at === minute(1)));
      expect(failures).toBe(1);
    } finally {
      await other.stop();
    }
  });
});
