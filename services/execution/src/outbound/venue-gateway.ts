import type { Companion } from '@evenkeel/adapter-nats';
import type { GivenInstant } from '@evenkeel/engine';
import type { ExecutionState, VenueEffect } from '@evenkeel/execution';
import { required } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { PartitionVenues } from './partition-venues';
import type { Host, PartitionVenuesOptions, VenueHost } from './partition-venues';

export interface VenueGatewayOptions extends PartitionVenuesOptions {
  /** What people want of execution, from the moment its partitions have resumed. */
  readonly desk: {
    start(hosts: () => readonly Host[], perform: (effect: VenueEffect, host: Host) => Promise<void>): void;
    stop(): void;
  };
}

/** Everything that leaves the house for a venue goes through here, and everything that comes back, partition by partition. */
export class VenueGateway implements Companion<ExecutionState, VenueEffect> {
  private readonly partitions = new Map<string, PartitionVenues>();

  constructor(private readonly options: VenueGatewayOptions) {}

  open(host: VenueHost): Promise<boolean> {
    const venues = new PartitionVenues(this.options);
    this.partitions.set(host.partition, venues);
    return Promise.resolve(venues.open(host));
  }

  resume(host: VenueHost): Promise<void> {
    return this.of(host.partition).resume(host);
  }

  started(hosts: () => readonly Host[]): void {
    this.options.desk.start(hosts, (effect, host) => this.perform(effect, host));
  }

  before(host: VenueHost, { instant }: GivenInstant): void {
    this.of(host.partition).before(host, instant);
  }

  after(host: VenueHost, { instant }: GivenInstant): Promise<void> {
    return this.of(host.partition).after(host, instant);
  }

  perform(effect: VenueEffect, host: VenueHost): Promise<void> {
    return this.of(host.partition).perform(effect, host);
  }

  due(partition: string): Instant | undefined {
    return this.partitions.get(partition)?.due();
  }

  /** Lets go of a partition that another process takes over. */
  async release(partition: string): Promise<void> {
    const venues = this.partitions.get(partition);
    this.partitions.delete(partition);
    await venues?.close();
  }

  async close(): Promise<void> {
    this.options.desk.stop();
    await Promise.all([...this.partitions.keys()].map((partition) => this.release(partition)));
  }

  private of(partition: string): PartitionVenues {
    return required(this.partitions.get(partition), `the venues of partition ${partition}`);
  }
}
