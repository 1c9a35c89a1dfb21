import type { NatsConnection } from '@nats-io/nats-core';
import { connectNats } from '@evenkeel/adapter-nats';
import type { BusAccess, BusIdentity } from '@evenkeel/adapter-nats';
import { busOf, runningStack } from './background';
import { settings } from './environment';
import { homeOf, lockHome } from './home';
import { startStack } from './stack';

export interface Servers {
  readonly connection: NatsConnection;
  readonly databaseUrl: string;
}

/**
 * Runs something on NATS, as one identity, and on Postgres: external ones, those `keel up` keeps running, or embedded ones
 * started for this.
 */
export async function withServers<T>(
  identity: BusIdentity,
  work: (servers: Servers) => Promise<T>,
  say: (line: string) => void = () => undefined,
): Promise<T> {
  const home = homeOf();
  const running = runningStack(home);
  const given = settings();
  const bus = await busOf(home, identity);
  const databaseUrl = given.databaseUrl ?? running?.databaseUrl;
  if (bus !== undefined && databaseUrl !== undefined) return onServers(bus, databaseUrl, work);
  const unlock = lockHome(home);
  try {
    const stack = await startStack({ home, say });
    try {
      return await onServers(stack.access(identity), stack.databaseUrl, work);
    } finally {
      await stack.stop();
    }
  } finally {
    unlock();
  }
}

async function onServers<T>(
  bus: BusAccess,
  databaseUrl: string,
  work: (servers: Servers) => Promise<T>,
): Promise<T> {
  const connection = await connectNats(bus, 'keel');
  try {
    return await work({ connection, databaseUrl });
  } finally {
    await connection.close();
  }
}
