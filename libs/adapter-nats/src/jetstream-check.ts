import type { NatsConnection } from '@nats-io/nats-core';
import { OperationalError } from '@evenkeel/kernel';

/**
 * Makes sure that the server keeps streams. Throws `NATS.NO_JETSTREAM`. A server that says it does may be electing: that is waited for
 * where streams are asked for.
 */
export async function assertJetStream(connection: NatsConnection): Promise<void> {
  if (connection.info?.jetstream === true) return;
  try {
    await connection.request('$JS.API.INFO');
  } catch (cause) {
    if (cause instanceof OperationalError) throw cause;
    throw new OperationalError({
      code: 'NATS.NO_JETSTREAM',
      message: `the NATS server at ${connection.getServer()} keeps no streams (${cause instanceof Error ? cause.message : String(cause)}): start it with JetStream, or with the configuration that \`keel bus <folder> --host <name>\` writes to server/nats.conf`,
      cause,
    });
  }
}
