import type { NatsConnection } from '@nats-io/nats-core';
import type { StoredCommit } from '@evenkeel/eventing';
import type { Context } from '@evenkeel/facts';
import { OperationalError, formatInstant } from '@evenkeel/kernel';
import { MarketFollower, readInstants } from './market-log';
import type { PublishedInstant } from './market-log';
import { PartitionConsumer } from './partition-consumer';
import { HostReleased } from './partition-host';
import type { PartitionHost } from './partition-host';
import { publishProgress } from './progress';
import type { PartitionProgress, Progress } from './progress';
import type { Epoch } from './streams';

const PROGRESS_INTERVAL_MS = 250;

export interface ServiceRuntimeOptions<State, Effect> {
  readonly connection: NatsConnection;
  readonly epoch: Epoch;
  /** `risk`, `strategy`, `execution`. */
  readonly service: string;
  /** Contexts whose commits are inputs. */
  readonly inputs: readonly Context[];
  readonly followsMarket: boolean;
  readonly hosts: readonly PartitionHost<State, Effect>[];
  /** Before any host recovers, with everything the market has said so far. */
  readonly beforeRecovery?: (instants: readonly PublishedInstant[]) => Promise<void>;
  /** After every host has recovered, before anything new is taken. */
  readonly afterRecovery?: () => Promise<void>;
  /** Before the hosts see an instant. */
  readonly beforeInstant?: (published: PublishedInstant) => void;
  /** After every host has taken an instant. */
  readonly afterInstant?: (published: PublishedInstant) => Promise<void>;
  /** Wake-ups wanted besides the cores' own. */
  readonly extraWake?: () => bigint | undefined;
  /** A partition cannot go on. The service stays up to be looked at and does nothing more. */
  readonly onFault: (error: unknown) => void;
}

export interface InboundHandlers {
  readonly onInstant: (published: PublishedInstant) => Promise<void>;
  readonly onCommit: (stored: StoredCommit) => Promise<void>;
}

/** Recovers a service's partitions and keeps them fed; says what it has settled. */
export class ServiceRuntime<State, Effect> {
  private readonly byPartition: ReadonlyMap<string, PartitionHost<State, Effect>>;
  private follower: MarketFollower | undefined;
  private consumers: PartitionConsumer[] = [];
  private running: Promise<unknown>[] = [];
  private ticker: NodeJS.Timeout | undefined;
  private stopping = false;
  private marketTail: Promise<void> = Promise.resolve();
  private instant = 0;
  private fault: string | undefined;
  private reporting = false;

  constructor(private readonly options: ServiceRuntimeOptions<State, Effect>) {
    this.byPartition = new Map(options.hosts.map((host) => [host.partition, host]));
  }

  get lastInstant(): number {
    return this.instant;
  }

  async start(handlers: InboundHandlers): Promise<void> {
    const { connection, epoch, service, inputs, followsMarket } = this.options;
    const instants: PublishedInstant[] = [];
    if (followsMarket)
      for await (const published of readInstants(connection, epoch)) instants.push(published);
    await this.options.beforeRecovery?.(instants);
    for (const host of this.options.hosts) await host.recover(instants);
    await this.options.afterRecovery?.();
    const last = instants[instants.length - 1];
    this.instant = last?.instant.number ?? 0;
    if (followsMarket) this.followMarket(last, handlers);
    this.consumers = this.options.hosts.map(
      (host) =>
        new PartitionConsumer(connection, epoch, {
          service,
          partition: host.partition,
          contexts: inputs,
          handle: (stored) => {
            this.refuseWhenHalted();
            return this.dispatch(() => handlers.onCommit(stored));
          },
        }),
    );
    this.running.push(
      ...this.consumers.map((consumer) => consumer.run().catch((error: unknown) => this.halt(error))),
    );
    this.report();
    this.ticker = setInterval(() => this.report(), PROGRESS_INTERVAL_MS);
  }

  /** Takes an instant in every partition. What the inbound consumer calls. */
  async handleInstant(published: PublishedInstant): Promise<void> {
    this.options.beforeInstant?.(published);
    for (const host of this.options.hosts) await host.handleInstant(published);
    await this.options.afterInstant?.(published);
    this.instant = published.instant.number;
  }

  /** Takes a foreign commit in its partition. What the inbound consumer calls. */
  async handleCommit(stored: StoredCommit): Promise<void> {
    await this.byPartition.get(stored.commit.partition)?.handleCommit(stored);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    clearInterval(this.ticker);
    for (const host of this.options.hosts) host.release();
    await this.follower?.stop();
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
    await this.marketTail;
    await Promise.all(this.running);
  }

  /** Says how things stand, because something outside the streams has changed (a venue has spoken and wants a wake-up). */
  announce(): void {
    if (this.ticker !== undefined) this.reportSoon();
  }

  /** Something outside the streams went wrong that no partition may go on after. */
  halt(error: unknown): void {
    if (this.fault !== undefined || (this.stopping && error instanceof HostReleased)) return;
    this.fault = error instanceof Error ? error.message : String(error);
    this.options.onFault(error);
    this.report();
  }

  /** A halted service takes nothing more: what is not acknowledged is there for its successor. */
  private refuseWhenHalted(): void {
    if (this.fault !== undefined)
      throw new OperationalError({ code: 'NATS.SERVICE_HALTED', message: this.fault });
  }

  private followMarket(after: PublishedInstant | undefined, handlers: InboundHandlers): void {
    const { connection, epoch, service } = this.options;
    this.follower = new MarketFollower(connection, epoch, service, (published) => {
      this.marketTail = this.marketTail
        .then(() =>
          this.fault === undefined ? this.dispatch(() => handlers.onInstant(published)) : undefined,
        )
        .catch((error: unknown) => this.halt(error));
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
    publishProgress(this.options.connection, this.progress());
  }

  private progress(): Progress {
    const partitions: Record<string, PartitionProgress> = {};
    let wake = this.options.extraWake?.();
    for (const host of this.options.hosts) {
      partitions[host.partition] = host.progress;
      const wanted = host.reactor.nextWake();
      if (wanted !== undefined && (wake === undefined || wanted < wake)) wake = wanted;
    }
    return {
      service: this.options.service,
      instant: this.instant,
      partitions,
      ...(wake === undefined ? {} : { nextWake: formatInstant(wake) }),
      ...(this.fault === undefined ? {} : { fault: this.fault }),
    };
  }
}
