import type { NatsConnection } from '@nats-io/nats-core';
import type { ContextRules, GivenInstant, MarketEntry, PartitionReport } from '@evenkeel/engine';
import type { StoredCommit } from '@evenkeel/eventing';
import { OperationalError, formatInstant, parseInstant, required } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { MarketFollower, readMarket } from './market-log';
import type { MarketPlace } from './market-log';
import { PartitionConsumer } from './partition-consumer';
import type { PartitionHost } from './partition-host';
import { PartitionLane } from './partition-lane';
import { publishProgress } from './progress';
import type { Epoch } from './streams';

const PROGRESS_INTERVAL_MS = 250;

/** What a service does beside reacting, partition by partition: execution's way to the venues. */
export interface Companion<State, Effect> {
  /** Before a partition recovers, with what it was given of the market so far. */
  open(partition: string, given: readonly GivenInstant[]): Promise<void>;
  /** After it has recovered, before it takes anything new. */
  resume(host: PartitionHost<State, Effect>): Promise<void>;
  /** Once every partition has resumed. */
  started(hosts: readonly PartitionHost<State, Effect>[]): void;
  /** Before a partition sees an instant. */
  before(partition: string, given: GivenInstant): void;
  /** After it has taken it. */
  after(host: PartitionHost<State, Effect>, given: GivenInstant): Promise<void>;
  /** Carries out what a core decided, once it is durable. */
  perform(effect: Effect, host: PartitionHost<State, Effect>): Promise<void>;
  /** When it wants a wake-up in a partition, besides the core's own. */
  due(partition: string): Instant | undefined;
  /** The service ends; its hosts take nothing more by then. */
  close(): Promise<void>;
}

export interface ServiceRuntimeOptions<State, Effect> {
  readonly connection: NatsConnection;
  readonly epoch: Epoch;
  /** Named as its core's context. */
  readonly service: string;
  readonly rules: Pick<ContextRules, 'reads' | 'followsMarket'>;
  readonly hosts: readonly PartitionHost<State, Effect>[];
  readonly companion?: Companion<State, Effect>;
  /**
   * A partition cannot go on; with none named, none of the service can. It stays up to be looked at, and does nothing
   * more there.
   */
  readonly onFault: (error: unknown, partition: string | undefined) => void;
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

/** Recovers a service's partitions and keeps each of them fed, apart from the others; says what they have settled. */
export class ServiceRuntime<State, Effect> {
  private readonly lanes: ReadonlyMap<string, PartitionLane<State, Effect>>;
  private handlers: InboundHandlers | undefined;
  private follower: MarketFollower | undefined;
  private consumers: PartitionConsumer[] = [];
  private running: Promise<unknown>[] = [];
  private ticker: NodeJS.Timeout | undefined;
  private stopping = false;
  private halted = false;
  private reporting = false;

  constructor(private readonly options: ServiceRuntimeOptions<State, Effect>) {
    this.lanes = new Map(options.hosts.map((host) => [host.partition, this.laneOf(host)]));
  }

  async start(handlers: InboundHandlers): Promise<void> {
    this.handlers = handlers;
    const { connection, epoch, rules, companion } = this.options;
    const entries: MarketEntry[] = [];
    let place: MarketPlace | undefined;
    if (rules.followsMarket) {
      for await (const { entry, seq } of readMarket(connection, epoch)) {
        entries.push(entry);
        const number = entry.kind === 'instant' ? entry.given.instant.number : (place?.number ?? 0);
        place = { seq, number };
      }
    }
    for (const lane of this.lanes.values()) await this.recover(lane, entries);
    companion?.started(this.options.hosts);
    if (rules.followsMarket) this.followMarket(place);
    for (const lane of this.lanes.values()) this.consume(lane);
    this.report();
    this.ticker = setInterval(() => this.report(), PROGRESS_INTERVAL_MS);
  }

  /** Takes an instant in the partition that it was given to. What the inbound consumer calls. */
  async handleInstant({ partition, given }: InboundInstant): Promise<void> {
    const { companion } = this.options;
    const { host } = this.lane(partition);
    companion?.before(partition, given);
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
    await this.follower?.stop();
    const lanes = [...this.lanes.values()];
    const stopped = lanes.map((lane) => lane.stop());
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
    await Promise.all(stopped);
    await Promise.all(this.running);
  }

  /** Says how things stand, because something outside the streams has changed (a venue has spoken and wants a wake-up). */
  announce(): void {
    if (this.ticker !== undefined) this.reportSoon();
  }

  /** Something went wrong that no partition may go on after. */
  halt(error: unknown): void {
    if (this.halted || this.stopping) return;
    this.halted = true;
    for (const lane of this.lanes.values()) lane.halt(error);
    this.options.onFault(error, undefined);
  }

  private laneOf(host: PartitionHost<State, Effect>): PartitionLane<State, Effect> {
    const { partition } = host;
    return new PartitionLane({
      host,
      handle: (given) =>
        this.dispatch(() => required(this.handlers, 'inbound handlers').onInstant({ partition, given })),
      onFault: (error) => {
        if (!this.halted) this.options.onFault(error, partition);
        this.report();
      },
    });
  }

  private lane(partition: string): PartitionLane<State, Effect> {
    return required(this.lanes.get(partition), `partition ${partition} of ${this.options.service}`);
  }

  /** A record that cannot be gone on from stops its partition; a server that does not answer ends the process. */
  private async recover(lane: PartitionLane<State, Effect>, entries: readonly MarketEntry[]): Promise<void> {
    const { companion } = this.options;
    try {
      const given = lane.replay(entries);
      await companion?.open(lane.host.partition, given);
      await lane.host.recover(given);
      await companion?.resume(lane.host);
    } catch (error) {
      if (error instanceof OperationalError) throw error;
      lane.halt(error);
    }
  }

  private consume(lane: PartitionLane<State, Effect>): void {
    const { connection, epoch, service, rules } = this.options;
    if (lane.fault !== undefined) return;
    const consumer = new PartitionConsumer(connection, epoch, {
      service,
      partition: lane.host.partition,
      contexts: rules.reads,
      handle: async (stored) => {
        // What is not acknowledged is there for its successor.
        if (lane.fault !== undefined)
          throw new OperationalError({ code: 'NATS.SERVICE_HALTED', message: lane.fault });
        await this.dispatch(() => required(this.handlers, 'inbound handlers').onCommit(stored));
      },
    });
    this.consumers.push(consumer);
    this.running.push(consumer.run().catch((error: unknown) => lane.halt(error)));
  }

  private followMarket(after: MarketPlace | undefined): void {
    const { connection, epoch, service } = this.options;
    this.follower = new MarketFollower(connection, epoch, service, (entry) => {
      for (const lane of this.lanes.values()) lane.offer(entry);
    });
    this.running.push(this.follower.follow(after).catch((error: unknown) => this.halt(error)));
  }

  private async dispatch(work: () => Promise<void>): Promise<void> {
    await work();
    this.reportSoon();
  }

  /** One report for whatever settles in the same turn of the loop, after the acknowledgements have gone out. */
  private reportSoon(): void {
    if (this.reporting) return;
    this.reporting = true;
    setImmediate(() => {
      this.reporting = false;
      this.report();
    });
  }

  private report(): void {
    const partitions: Record<string, PartitionReport> = {};
    for (const [partition, lane] of this.lanes) partitions[partition] = this.reportOf(partition, lane.report);
    publishProgress(this.options.connection, { service: this.options.service, partitions });
  }

  private reportOf(partition: string, report: PartitionReport): PartitionReport {
    const due = this.options.companion?.due(partition);
    const own = report.nextWake === undefined ? undefined : parseInstant(report.nextWake);
    if (due === undefined || (own !== undefined && own <= due)) return report;
    return { ...report, nextWake: formatInstant(due) };
  }
}
