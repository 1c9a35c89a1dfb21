import type { PartitionHost } from '@evenkeel/adapter-nats';
import type { ExecutionState, VenueEffect } from '@evenkeel/execution';

/** The host of one partition of execution. */
export type Host = PartitionHost<ExecutionState, VenueEffect>;
