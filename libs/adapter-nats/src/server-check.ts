import type { NatsConnection } from '@nats-io/nats-core';
import { OperationalError } from '@evenkeel/kernel';
import { loadStreamDefinitions } from './streams';

/** What a server takes less of than we need: a commit that it refuses for its size would stop a book for ever. */
export function serverFaults(connection: NatsConnection): readonly string[] {
  const { maxPayloadBytes } = loadStreamDefinitions().server;
  const taken = connection.info?.max_payload ?? 0;
  return taken >= maxPayloadBytes ? [] : [`max_payload is ${taken}, not ${maxPayloadBytes}`];
}

/** Throws `NATS.SERVER_DIFFERS`. */
export function assertServer(connection: NatsConnection): void {
  const faults = serverFaults(connection);
  if (faults.length === 0) return;
  throw new OperationalError({
    code: 'NATS.SERVER_DIFFERS',
    message: `the NATS server is not configured as infra/nats/streams.json says: ${faults.join('; ')}; \`keel bus <folder> --host <name>\` writes a configuration that is`,
  });
}
