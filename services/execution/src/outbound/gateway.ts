import type { PartitionHost, PublishedInstant } from '@evenkeel/adapter-nats';
import type { ExecutionState, VenueEffect } from '@evenkeel/execution';
import type { InstrumentSpec } from '@evenkeel/instruments';
import type { Instant } from '@evenkeel/kernel';

export type Host = PartitionHost<ExecutionState, VenueEffect>;

/** The contracts of one book's account. */
export interface OpenedAccount {
  readonly book: string;
  readonly venue: string;
  readonly specifications: readonly InstrumentSpec[];
}

/** Everything that leaves the house goes through one of these, and everything that comes back. */
export interface Gateway {
  /** Before recovery: with the accounts of the journal and everything the market has said so far. */
  open(accounts: readonly OpenedAccount[], instants: readonly PublishedInstant[]): Promise<void> | void;
  /** After recovery: takes up what a crash may have left open. */
  resume(hosts: readonly Host[]): Promise<void>;
  /** Carries out what the core decided, once it is durable. */
  perform(effect: VenueEffect): Promise<void>;
  beforeInstant(published: PublishedInstant): void;
  /** Hears one report per wake-up, so that its consequences are settled before the next is heard. */
  afterInstant(published: PublishedInstant, hosts: readonly Host[]): Promise<void>;
  /** When a venue has something to say next. */
  due(): Instant | undefined;
  close(): Promise<void> | void;
}
