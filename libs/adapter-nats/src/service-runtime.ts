import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import type {
  Authors,
  ContextRules,
  GivenInstant,
  MarketEntry,
  MarketPlace,
  PartitionReport,
} from '@evenkeel/engine';
import type { StoredCommit } from '@evenkeel/eventing';
import { IntegrityFault, OperationalError, formatInstant, parseInstant, required } from '@evenkeel/kernel';
import type { Companion } from './companion';
import { DeadLetters } from './dead-letters';
import { UnreadableCommit } from './journal';
import type { JournalQuarantine } from './journal-quarantine';
import { Fenced, StaleToken, isSupersession } from './lease';
import type { Lease } from './lease';
import { LeaseTable } from './lease-table';
import type { LeaseTrouble } from './lease-table';
import { MarketFollower } from './market-log';
import { PartitionConsumer } from './partition-consumer';
import type { PartitionHost } from './partition-host';
import { PartitionLane } from './partition-lane';
import { publishProgress } from './progress';
import type { PublishWaits } from './resolving-publisher';
import { recoverLanes } from './service-recovery';
import type { UnreadableMessage } from './unreadable';
import type { Epoch } from './epochs';

/** Somebody is waited for from now on; returns the way to say that it is over. */
export type OnWait = (whom: 'nats' | 'people', what: 'stream' | 'quarantine', detail: string) => () => void;

const PROGRESS_INTERVAL_MS = 250;
/** Between two looks whether the message that a partition is stopped at was quarantined. */
const QUARANTINE_LOOK_MS = 1_000;
const RECOVERY_PAUSE_MS = 1_000;
const REOPENED_MAX = 10;
const REOPENED_WITHIN_MS = 60_000;

export interface ServiceRuntimeOptions<State, Effect> {
  readonly connection: NatsConnection;
  readonly epoch: Epoch;
  /** Named as its core's context. */
  readonly service: string;
  /** Names this process among those of the service. */
  readonly process: string;
  /** Partitions that the processes of the service divide among them. */
  readonly partitions: readonly string[];
  readonly leaseMs: number;
  /** Hears of what waits for the server. */
  readonly waits?: PublishWaits;
  readonly rules: Pick<ContextRules, 'reads' | 'followsMarket'>;
  /** Judge who wrote what is read; absent in tests of the stream alone. */
  readonly authors?: Authors | undefined;
  /** Whether people have agreed that a message counts for nothing; asked again while a partition is stopped at one. */
  readonly quarantine?: Pick<JournalQuarantine, 'covers'>;
  readonly createHost: (lease: Lease) => PartitionHost<State, Effect>;
  readonly companion?: Companion<State, Effect>;
  /** What must be true before anything is taken. */
  readonly prepare?: () => Promise<void>;
  /**
   * A partition cannot go on; with none named, none of the service can. It stays up to be looked at, and does nothing
   * more there.
   */
  readonly onFault: (error: unknown, partition: string | undefined) => void;
  /** A partition that could not go on goes on. */
  readonly onMended?: (partition: string) => void;
  /** It waits for somebody, and may wait for long. */
  readonly onWait?: OnWait;
  /** What this process owns has changed. */
  readonly onOwned: (partitions: readonly string[]) => void;
  /** Something that is tried again, or is over, but should be known: a deposed owner, a conflict, a table out of reach. */
  readonly onTrouble: (error: unknown, partition: string | undefined) => void;
}

/** An instant for the partition that it was given to. */
export interface InboundInstant {
  readonly partition: string;
  readonly given: GivenInstant;
}

export interface InboundHandlers {
  readonly onInstant: (inbound: InboundInstant) => Promise<void>;
  readonly onCommit: (stored: StoredCommit) => Promise<void>;
}

/** A partition while this process owns it. */
interface Tenure<State, Effect> {
  readonly lease: Lease;
  readonly lane: PartitionLane<State, Effect>;
  /** Resolves once it has recovered, or cannot. */
  opening?: Promise<void>;
  consumer?: PartitionConsumer;
  consuming?: Promise<void>;
}

/**
 * Owns partitions of a service for as long as their leases last: recovers each, keeps it fed apart from the others, lets
 * go of it when it moves to another process, and says what they have settled.
 */
export class ServiceRuntime<State, Effect> {
  private readonly tenures = new Map<string, Tenure<State, Effect>>();
  private readonly leases: LeaseTable;
  private readonly reopened = new Map<string, number[]>();
  private handlers: InboundHandlers | undefined;
  private follower: MarketFollower | undefined;
  private streamIsBack: (() => void) | undefined;
  private following: Promise<void> | undefined;
  private ticker: NodeJS.Timeout | undefined;
  private stopping = false;
  private halted: unknown;
  /** Partitions in which something has settled that was not reported yet. */
  private readonly moved = new Set<string>();
  private recovering: string | undefined = 'the streams are not read yet';

  constructor(private readonly options: ServiceRuntimeOptions<State, Effect>) {
    const { connection, service, process, partitions, leaseMs, waits, onTrouble } = options;
    this.leases = new LeaseTable({
      connection,
      service,
      process,
      partitions,
      leaseMs,
      waits,
      onGained: (leases) => this.open(leases),
      onGive: (partition) => this.close(partition),
      onFenced: (why) => this.deposed(why),
      onTrouble: (error) => onTrouble(error, undefined),
    });
  }

  /** How far its recovery is; undefined when it is over. */
  get recovery(): string | undefined {
    return this.recovering;
  }

  async start(handlers: InboundHandlers): Promise<void> {
    this.handlers = handlers;
    await this.options.prepare?.();
    await this.leases.start();
    this.recovering = undefined;
    this.options.companion?.started(() => this.openHosts());
    this.report();
    this.ticker = setInterval(() => this.report(), PROGRESS_INTERVAL_MS);
  }

  /** Takes an instant in the partition that it was given to. What the inbound consumer calls. */
  async handleInstant({ partition, given }: InboundInstant): Promise<void> {
    const { companion } = this.options;
    const { host } = this.lane(partition);
    companion?.before(host, given);
    await host.handleInstant(given);
    await companion?.after(host, given);
  }

  /** Takes a foreign commit in its partition. What the inbound consumer calls. */
  async handleCommit(stored: StoredCommit): Promise<void> {
    await this.lane(stored.commit.partition).host.handleCommit(stored);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearInterval(this.ticker);
    // Bounded in time, and before anything else is waited for: what is waited for may never come.
    await this.leases.announceEnd();
    if (!this.leases.hasPeers)
      for (const partition of this.tenures.keys()) this.options.companion?.standsStill(partition, 'ends');
    await this.follower?.stop();
    await Promise.all([...this.tenures.keys()].map((partition) => this.close(partition)));
    await this.leases.stop();
    await this.following;
  }

  /** Says how things stand, because something outside the streams has changed (a venue has spoken and wants a wake-up). */
  announce(): void {
    if (this.ticker !== undefined) this.reportSoon(this.tenures.keys());
  }

  /** How many of each thing the partition keeps that keeps most of it. */
  kept(): ReadonlyMap<string, number> {
    const most = new Map<string, number>();
    for (const { lane } of this.tenures.values())
      for (const [what, count] of Object.entries(lane.host.kept()))
        most.set(what, Math.max(count, most.get(what) ?? 0));
    return most;
  }

  /** The newest market instant that all partitions have taken which this process owns; undefined where it owns none. */
  get lastInstant(): number | undefined {
    const taken = this.openHosts().map(({ lastInstant }) => lastInstant);
    return taken.length === 0 ? undefined : Math.min(...taken);
  }

  /** Since when its leases are not as they should be, and how; undefined when they are. */
  get leaseTrouble(): LeaseTrouble | undefined {
    return this.leases.trouble;
  }

  /** Something went wrong that no partition may go on after. */
  halt(error: unknown): void {
    if (this.halted !== undefined || this.stopping) return;
    this.halted = error;
    for (const { lane } of this.tenures.values()) lane.halt(error);
    this.options.onFault(error, undefined);
  }

  private openHosts(): PartitionHost<State, Effect>[] {
    return [...this.tenures.values()].filter(({ lane }) => lane.isOpen).map(({ lane }) => lane.host);
  }

  private lane(partition: string): PartitionLane<State, Effect> {
    return required(this.tenures.get(partition), `partition ${partition} of ${this.options.service}`).lane;
  }

  /** Partitions that this process owns from now on. What comes while they recover waits for them. */
  private async open(leases: readonly Lease[]): Promise<void> {
    const opened = leases.map((lease) => {
      const tenure: Tenure<State, Effect> = { lease, lane: this.laneOf(lease) };
      this.tenures.set(lease.partition, tenure);
      return tenure;
    });
    const opening = this.recover(opened);
    for (const tenure of opened) tenure.opening = opening.catch(() => undefined);
    await opening;
    for (const tenure of opened) {
      if (this.halted !== undefined) tenure.lane.halt(this.halted);
      this.consume(tenure);
    }
    this.owned();
  }

  /** Lets go of a partition: what it is taking is taken whole, what it has not taken is there for the next owner. */
  private async close(partition: string): Promise<void> {
    const tenure = this.tenures.get(partition);
    if (tenure === undefined) return;
    const stopped = tenure.lane.stop();
    // What still recovers is let go of when it has; a process that ends does not wait for it.
    if (!this.stopping) await tenure.opening;
    await tenure.consumer?.stop();
    await stopped;
    await tenure.consuming;
    await tenure.lane.leave();
    const isLast = this.stopping && !this.leases.hasPeers;
    await this.options.companion?.release(partition, isLast ? 'none' : 'takes-over');
    if (this.tenures.get(partition) === tenure) this.tenures.delete(partition);
    this.owned();
  }

  /** Another process owns everything now. */
  private async deposed(why: Fenced): Promise<void> {
    this.options.onTrouble(why, undefined);
    await Promise.all([...this.tenures.keys()].map((partition) => this.close(partition)));
  }

  private owned(): void {
    this.options.onOwned([...this.tenures.keys()].sort());
    if (!this.stopping) this.report();
  }

  private laneOf(lease: Lease): PartitionLane<State, Effect> {
    const { partition } = lease;
    const lane: PartitionLane<State, Effect> = new PartitionLane({
      host: this.options.createHost(lease),
      handle: (given) =>
        this.dispatch(partition, () =>
          required(this.handlers, 'inbound handlers').onInstant({ partition, given }),
        ),
      onFault: (error) => {
        this.options.companion?.standsStill(partition, 'halted');
        if (this.halted === undefined) this.options.onFault(error, partition);
        this.report();
        const unreadable = unreadableIn(error);
        if (unreadable !== undefined) void this.untilQuarantined(lease, unreadable);
      },
      onSuperseded: (error) => {
        this.options.onTrouble(error, partition);
        // Not from within what is being taken: that has to end first.
        setImmediate(() => void this.succeed(lease, error));
      },
    });
    return lane;
  }

  /** Another owner has spoken. Whoever still holds the lease begins anew from what is on record; whoever does not, is done. */
  private async succeed(lease: Lease, error: unknown): Promise<void> {
    const { partition } = lease;
    try {
      await this.close(partition);
      if (this.stopping) return;
      const now = performance.now();
      const recent = (this.reopened.get(partition) ?? []).filter((at) => now - at < REOPENED_WITHIN_MS);
      this.reopened.set(partition, [...recent, now]);
      if (recent.length >= REOPENED_MAX) throw error;
      const next = error instanceof StaleToken ? await this.leases.raise(partition, error.seen) : lease;
      await next.assertHeld();
      await this.open([next]);
    } catch (failure) {
      if (failure instanceof Fenced) this.options.onTrouble(failure, partition);
      else this.options.onFault(failure, partition);
    }
  }

  /** Stopped at a message that nobody can believe: once people have quarantined it, the partition begins anew from the record. */
  private async untilQuarantined(lease: Lease, unreadable: UnreadableCommit): Promise<void> {
    const { quarantine, onWait } = this.options;
    if (quarantine === undefined) return;
    const { seq } = unreadable;
    const over = onWait?.(
      'people',
      'quarantine',
      `partition ${lease.partition} is stopped at message ${seq}`,
    );
    try {
      await this.whileUnbelieved(lease, unreadable, quarantine);
    } finally {
      over?.();
    }
  }

  private async whileUnbelieved(
    lease: Lease,
    unreadable: UnreadableCommit,
    quarantine: Pick<JournalQuarantine, 'covers'>,
  ): Promise<void> {
    const { onTrouble, onMended } = this.options;
    const { partition } = lease;
    const tenure = this.tenures.get(partition);
    for (;;) {
      await delay(QUARANTINE_LOOK_MS);
      if (this.stopping || this.halted !== undefined || this.tenures.get(partition) !== tenure) return;
      try {
        if (!(await quarantine.covers(unreadable))) continue;
      } catch (error) {
        onTrouble(error, partition);
        continue;
      }
      onMended?.(partition);
      return this.succeed(lease, unreadable);
    }
  }

  private async recover(opened: readonly Tenure<State, Effect>[]): Promise<void> {
    const { connection, epoch, rules, companion } = this.options;
    const leases = new Map(opened.map(({ lane, lease }) => [lane, lease]));
    await recoverLanes({
      connection,
      epoch,
      followsMarket: rules.followsMarket,
      lanes: opened.map(({ lane }) => lane),
      companion,
      onMarketRead: (place) => this.followMarket(place),
      onProgress: (done, total) => (this.recovering = `${done} of ${total}`),
      onFailure: (lane, error) => this.notRecovered(lane, required(leases.get(lane), 'its lease'), error),
    });
  }

  /** A record that cannot be gone on from stops its partition; a server that does not answer is asked again. */
  private async notRecovered(
    lane: PartitionLane<State, Effect>,
    lease: Lease,
    error: unknown,
  ): Promise<void> {
    // It is let go of already.
    if (lane.isStopping) return;
    if (error instanceof UnreadableCommit) {
      const { connection, epoch, service } = this.options;
      const { seq, subject } = error;
      const place = { stream: epoch.journalStream, seq, subject };
      return lane.halt(await new DeadLetters(connection, service).note(lease.partition, place, error));
    }
    if (!(error instanceof OperationalError) || isSupersession(error)) return lane.halt(error);
    // At the start the process ends with it and is started again.
    if (this.ticker === undefined) throw error;
    this.options.onTrouble(error, lease.partition);
    setTimeout(() => void this.succeed(lease, error), RECOVERY_PAUSE_MS);
  }

  private consume(tenure: Tenure<State, Effect>): void {
    const { connection, epoch, service, rules, authors, quarantine } = this.options;
    const { lane } = tenure;
    if (!lane.isOpen || lane.fault !== undefined || lane.isStopping) return;
    tenure.consumer = new PartitionConsumer(connection, epoch, {
      service,
      partition: lane.host.partition,
      fromSeq: lane.host.progress.seen + 1,
      contexts: rules.reads,
      authors,
      ...(quarantine === undefined ? {} : { passesOver: (found) => quarantine.covers(found) }),
      handle: async (stored) => {
        // What is not taken is there for its successor.
        if (lane.fault !== undefined || !lane.isOpen)
          throw new OperationalError({ code: 'NATS.SERVICE_HALTED', message: lane.fault ?? 'superseded' });
        await this.dispatch(lane.host.partition, () =>
          required(this.handlers, 'inbound handlers').onCommit(stored),
        );
      },
    });
    tenure.consuming = tenure.consumer.run().catch((error: unknown) => lane.halt(error));
  }

  /** From the first partition that is opened on, for all of them. */
  private followMarket(after: MarketPlace | undefined): void {
    if (this.follower !== undefined) return;
    const { connection, epoch, service } = this.options;
    const onEntry = (entry: MarketEntry): void => {
      this.streamIsBack?.();
      if (entry.kind === 'instant' && entry.begins === true)
        this.options.onTrouble(marketLost(entry.given.instant.number), undefined);
      for (const { lane } of this.tenures.values()) lane.offer(entry);
    };
    const { onTrouble, onWait } = this.options;
    const onUnreadable = (error: UnreadableMessage): void => onTrouble(error, undefined);
    const onMissing = (error: OperationalError): void => {
      onTrouble(error, undefined);
      if (this.streamIsBack !== undefined) return;
      const over = onWait?.('nats', 'stream', error.message);
      this.streamIsBack = () => {
        over?.();
        this.streamIsBack = undefined;
      };
    };
    this.follower = new MarketFollower(connection, epoch, service, onEntry, onUnreadable, onMissing);
    this.following = this.follower.follow(after).catch((error: unknown) => this.halt(error));
  }

  private async dispatch(partition: string, work: () => Promise<void>): Promise<void> {
    await work();
    this.reportSoon([partition]);
  }

  /** One report for whatever settles in the same turn of the loop, of what has moved: the whole is said four times a second. */
  private reportSoon(partitions: Iterable<string>): void {
    if (this.moved.size === 0) setImmediate(() => this.report([...this.moved]));
    for (const partition of partitions) this.moved.add(partition);
  }

  /** A partition that is still recovering, or that another has taken, is not spoken for. */
  private report(among: Iterable<string> = this.tenures.keys()): void {
    this.moved.clear();
    const partitions: Record<string, PartitionReport> = {};
    for (const partition of among) {
      const lane = this.tenures.get(partition)?.lane;
      if (lane !== undefined && (lane.isOpen || lane.fault !== undefined))
        partitions[partition] = this.reportOf(partition, lane.report);
    }
    publishProgress(this.options.connection, { service: this.options.service, partitions });
  }

  private reportOf(partition: string, report: PartitionReport): PartitionReport {
    const due = this.options.companion?.due(partition);
    const own = report.nextWake === undefined ? undefined : parseInstant(report.nextWake);
    if (due === undefined || (own !== undefined && own <= due)) return report;
    return { ...report, nextWake: formatInstant(due) };
  }
}

/** What could not be stored of a pointer to it is told with it as its cause. */
function unreadableIn(error: unknown): UnreadableCommit | undefined {
  const found = error instanceof IntegrityFault && !(error instanceof UnreadableCommit) ? error.cause : error;
  return found instanceof UnreadableCommit ? found : undefined;
}

function marketLost(number: number): OperationalError {
  return new OperationalError({
    code: 'NATS.MARKET_LOST',
    message: `the market before instant ${number} is lost; the journal has what was decided on it, and it goes on from here`,
  });
}
