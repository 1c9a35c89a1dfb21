import { connect } from '@nats-io/transport-node';
import type { NatsConnection } from '@nats-io/nats-core';
import { OperationalError } from '@evenkeel/kernel';
import { isNewEnough } from './server/nats-server-binary';

/** A connection that reconnects for ever; a server that is too old is refused with one sentence. */
export async function connectNats(url: string, name: string): Promise<NatsConnection> {
  let connection: NatsConnection;
  try {
    connection = await connect({
      servers: url.split(','),
      name,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 100,
      reconnectJitter: 50,
      pingInterval: 5_000,
      timeout: 5_000,
    });
  } catch (cause) {
    throw new OperationalError({
      code: 'NATS.UNREACHABLE',
      message: `no NATS server answers at ${url}: start one, or unset NATS_URL to use the embedded one`,
      cause,
    });
  }
  const version = connection.info?.version ?? '0.0.0';
  if (!isNewEnough(version)) {
    await connection.close();
    throw new OperationalError({
      code: 'NATS.SERVER_TOO_OLD',
      message: `the NATS server at ${url} is version ${version}; Evenkeel needs 2.14 or newer: upgrade it, or unset NATS_URL to use the embedded one`,
    });
  }
  return connection;
}
