import type { NatsConnection } from '@nats-io/nats-core';
import { connectNats } from '@evenkeel/adapter-nats';
import { runningStack } from './background';
import { settings } from './environment';
import { homeOf, lockHome } from './home';
import { startStack } from './stack';

export interface Servers {
  readonly connection: NatsConnection;
  readonly databaseUrl: string;
}

/** Runs something on NATS and Postgres: external ones, those `keel up` keeps running, or embedded ones started for this. */
export async function withServers<T>(
  work: (servers: Servers) => Promise<T>,
  say: (line: string) => void = () => undefined,
): Promise<T> {
  const home = homeOf();
  const running = runningStack(home);
  const given = settings();
  const natsUrl = given.natsUrl ?? running?.natsUrl;
  const databaseUrl = given.databaseUrl ?? running?.databaseUrl;
  if (natsUrl !== undefined && databaseUrl !== undefined) return onServers(natsUrl, databaseUrl, work);
  const unlock = lockHome(home);
  try {
    const stack = await startStack({ home, say });
    try {
      return await onServers(stack.natsUrl, stack.databaseUrl, work);
    } finally {
      await stack.stop();
    }
  } finally {
    unlock();
  }
}

async function onServers<T>(
  natsUrl: string,
  databaseUrl: string,
  work: (servers: Servers) => Promise<T>,
): Promise<T> {
  const connection = await connectNats(natsUrl, 'keel');
  try {
    return await work({ connection, databaseUrl });
  } finally {
    await connection.close();
  }
}
