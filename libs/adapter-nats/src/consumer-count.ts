import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';

/** How many consumers each stream has. The server has room for a thousand a stream and then refuses. */
export async function consumersByStream(connection: NatsConnection): Promise<ReadonlyMap<string, number>> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const counts = new Map<string, number>();
  for await (const { config, state } of manager.streams.list()) counts.set(config.name, state.consumer_count);
  return counts;
}
