import type { NatsConnection } from '@nats-io/nats-core';
import { connectNats } from '@evenkeel/adapter-nats';
import type { BusIdentity } from '@evenkeel/adapter-nats';
import { requiredBus } from './background';
import { settings } from './environment';
import { homeOf } from './home';
import { ledgerUrl } from './ledger-access';
import { serversOf, serversToStart } from './stack-lease';

export interface Servers {
  readonly connection: NatsConnection;
  readonly databaseUrl: string;
}

/** Runs something on NATS, as one identity, and on Postgres: external ones, or those of this home, started if they are not up. */
export async function withServers<T>(
  identity: BusIdentity,
  work: (servers: Servers) => Promise<T>,
): Promise<T> {
  const home = homeOf();
  const ours = serversToStart(settings());
  if (ours.length > 0) await serversOf(home, ours); // both at once
  const databaseUrl = await ledgerUrl();
  const connection = await connectNats(await requiredBus(home, identity), 'keel');
  try {
    return await work({ connection, databaseUrl });
  } finally {
    await connection.close();
  }
}
