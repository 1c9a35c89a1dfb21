import type { ConsumerConfig, ConsumerInfo, JetStreamManager } from '@nats-io/jetstream';
import { AckPolicy, DeliverPolicy, JetStreamApiError } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { IntegrityFault } from '@evenkeel/kernel';
import { untilAnswered } from './stream-reading';

const CONSUMER_NOT_FOUND = 10014;
// A process that dies holds its message this long; a handler that takes longer only sees it again, and recognises it.
const ACK_WAIT_MS = 1_500;

/** What a partition's durable must be, besides its position. Whatever is not listed must not be set. */
interface DurableSettings {
  readonly filters: readonly string[];
  readonly ackPolicy: string;
  readonly ackWait: number;
  readonly maxAckPending: number;
  readonly maxDeliver: number;
  readonly deliverSubject: string;
  readonly headersOnly: boolean;
  readonly inactiveThreshold: number;
  readonly backoff: readonly number[];
}

function wanted(filters: readonly string[]): DurableSettings {
  return {
    filters: [...filters].sort(),
    ackPolicy: AckPolicy.Explicit,
    ackWait: nanos(ACK_WAIT_MS),
    maxAckPending: 1,
    maxDeliver: -1,
    deliverSubject: '',
    headersOnly: false,
    inactiveThreshold: 0,
    backoff: [],
  };
}

function settingsOf(config: ConsumerConfig): DurableSettings {
  const filters =
    config.filter_subjects ?? (config.filter_subject === undefined ? [] : [config.filter_subject]);
  return {
    filters: [...filters].sort(),
    ackPolicy: config.ack_policy,
    ackWait: config.ack_wait ?? 0,
    maxAckPending: config.max_ack_pending ?? 0,
    maxDeliver: config.max_deliver ?? -1,
    deliverSubject: config.deliver_subject ?? '',
    headersOnly: config.headers_only ?? false,
    inactiveThreshold: config.inactive_threshold ?? 0,
    backoff: config.backoff ?? [],
  };
}

export interface Durable {
  readonly stream: string;
  readonly name: string;
  readonly filters: readonly string[];
}

/**
 * The durable as this build wants it. One that another build left with other settings is made anew from the position it
 * had acknowledged: the server refuses to add over it, and by an update a widened filter may pass over messages.
 * Redelivery is harmless, because the handler knows what it has taken.
 */
export async function ensureDurable(manager: JetStreamManager, durable: Durable): Promise<ConsumerInfo> {
  const { stream, name, filters } = durable;
  const existing = await infoOf(manager, stream, name);
  if (existing === undefined) return add(manager, durable, 1);
  const acknowledged = existing.ack_floor.stream_seq;
  const { state } = await untilAnswered(() => manager.streams.info(stream));
  if (acknowledged > state.last_seq)
    throw new IntegrityFault({
      code: 'EVENTING.LOG_BEHIND',
      message: `${name} has acknowledged ${stream} up to ${acknowledged}, but it ends at ${state.last_seq}`,
    });
  if (JSON.stringify(settingsOf(existing.config)) === JSON.stringify(wanted(filters))) return existing;
  await untilAnswered(() => manager.consumers.delete(stream, name));
  return add(manager, durable, acknowledged + 1);
}

function add(
  manager: JetStreamManager,
  { stream, name, filters }: Durable,
  from: number,
): Promise<ConsumerInfo> {
  const { ackWait, maxAckPending, maxDeliver } = wanted(filters);
  return untilAnswered(() =>
    manager.consumers.add(stream, {
      durable_name: name,
      filter_subjects: [...filters].sort(),
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: from,
      max_ack_pending: maxAckPending,
      max_deliver: maxDeliver,
      ack_wait: ackWait,
    }),
  );
}

async function infoOf(
  manager: JetStreamManager,
  stream: string,
  name: string,
): Promise<ConsumerInfo | undefined> {
  try {
    return await untilAnswered(() => manager.consumers.info(stream, name));
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === CONSUMER_NOT_FOUND) return undefined;
    throw error;
  }
}
