import type { Companion } from '@evenkeel/adapter-nats';
import type { GivenInstant } from '@evenkeel/engine';
import type { ExecutionState, LatchBoard, VenueEffect } from '@evenkeel/execution';
import { required } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { Stalls } from '@evenkeel/telemetry';
import type { Registry } from 'prom-client';
import { KillSweep } from './kill-sweep';
import { watchVenues } from './venue-metrics';
import { PartitionVenues } from './partition-venues';
import type { Host } from '../host';
import type { PartitionVenuesOptions, VenueHost } from './partition-venues';

export interface VenueGatewayOptions extends PartitionVenuesOptions {
  /** The kill latches at the door, and as they are known now. */
  readonly latches: PartitionVenuesOptions['latches'] & { readonly latches: LatchBoard['latches'] };
  /** Folder of the file latches. */
  readonly killFolder: string;
  readonly registry: Registry;
  /** Hears of a venue that is waited for. */
  readonly stalls: Pick<Stalls, 'watch'>;
  /** What people want of execution, from the moment its partitions have resumed. */
  readonly desk: {
    start(hosts: () => readonly Host[]): void;
    stop(): void;
  };
}

/** Everything that leaves the house for a venue goes through here, and everything that comes back, partition by partition. */
export class VenueGateway implements Companion<ExecutionState, VenueEffect> {
  private readonly partitions = new Map<string, PartitionVenues>();

  private readonly sweep: KillSweep;

  constructor(private readonly options: VenueGatewayOptions) {
    const { latches, killFolder: folder, logger, registry, stalls } = options;
    const partitions = (): Iterable<PartitionVenues> => this.partitions.values();
    this.sweep = new KillSweep({ folder, latches: () => latches.latches, partitions, logger });
    watchVenues(registry, partitions);
    stalls.watch(() => [...this.partitions.values()].flatMap((venues) => [...venues.waits()]));
  }

  open(host: VenueHost): Promise<boolean> {
    const venues = new PartitionVenues(this.options);
    this.partitions.set(host.partition, venues);
    this.sweep.start();
    return Promise.resolve(venues.open(host));
  }

  resume(host: VenueHost): Promise<void> {
    return this.of(host.partition).resume(host);
  }

  started(hosts: () => readonly Host[]): void {
    this.options.desk.start(hosts);
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

  standsStill(partition: string, why: 'halted' | 'ends'): void {
    this.partitions.get(partition)?.standStill(why === 'halted' ? 'PARTITION_HALTED' : 'SERVICE_ENDS');
  }

  /** Lets go of a partition. What rests at venues stays where another process goes on with it, and is taken back where none does. */
  async release(partition: string, successor: 'takes-over' | 'none'): Promise<void> {
    const venues = this.partitions.get(partition);
    await venues?.close(successor === 'none' ? 'over' : 'handed-over');
    if (this.partitions.get(partition) === venues) this.partitions.delete(partition);
  }

  async close(): Promise<void> {
    await Promise.all([...this.partitions.keys()].map((partition) => this.release(partition, 'none')));
    this.sweep.stop();
    this.options.desk.stop();
  }

  private of(partition: string): PartitionVenues {
    return required(this.partitions.get(partition), `the venues of partition ${partition}`);
  }
}
