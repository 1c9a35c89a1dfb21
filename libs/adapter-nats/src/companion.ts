import type { GivenInstant } from '@evenkeel/engine';
import type { Instant } from '@evenkeel/kernel';
import type { PartitionHost } from './partition-host';

/** What a service does beside reacting, partition by partition: execution's way to the venues. */
export interface Companion<State, Effect> {
  /**
   * Before a partition recovers, with its core as a snapshot had it, or as the first facts make it. True where something has
   * to be shown the market from its beginning.
   */
  open(host: PartitionHost<State, Effect>): Promise<boolean>;
  /** After it has recovered, before it takes anything new. */
  resume(host: PartitionHost<State, Effect>): Promise<void>;
  /** Once the partitions that are owned at the start have resumed; `hosts` are those of the moment. */
  started(hosts: () => readonly PartitionHost<State, Effect>[]): void;
  /** Before a partition sees an instant, in recovery too. */
  before(host: PartitionHost<State, Effect>, given: GivenInstant): void;
  /** After it has taken it. */
  after(host: PartitionHost<State, Effect>, given: GivenInstant): Promise<void>;
  /** Carries out what a core decided, once it is durable. */
  perform(effect: Effect, host: PartitionHost<State, Effect>): Promise<void>;
  /** When it wants a wake-up in a partition, besides the core's own. */
  due(partition: string): Instant | undefined;
  /** Nothing more is taken in the partition: it cannot go on, or the service ends and no other process of it lives. */
  standsStill(partition: string, why: 'halted' | 'ends'): void;
  /** Lets go of a partition. `none`: no living process of the service is there to take it over. */
  release(partition: string, successor: 'takes-over' | 'none'): Promise<void>;
  /** The service ends; its hosts take nothing more by then. */
  close(): Promise<void>;
}
