import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { connectNats } from '../connection';
import { freePort, startEmbeddedNats } from './embedded-nats';
import type { EmbeddedNats } from './embedded-nats';

export interface NatsCluster {
  readonly servers: readonly EmbeddedNats[];
  /** All servers, comma-separated: a client finds whoever is there. */
  readonly url: string;
  stop(): Promise<void>;
}

const READY_DEADLINE_MS = 30_000;

/** Three nats-servers with JetStream on the loopback, one cluster; resolves once streams with three replicas can be made. */
export async function startNatsCluster(binary: string, dir: string): Promise<NatsCluster> {
  const names = ['a', 'b', 'c'];
  const routes = await Promise.all(names.map(() => freePort()));
  const urls = routes.map((port) => `"nats-route://127.0.0.1:${port}"`).join(', ');
  const servers = await Promise.all(
    names.map((name, index) =>
      startEmbeddedNats({
        binary,
        dir: join(dir, name),
        serverName: name,
        settings: [
          `cluster { name: evenkeel, listen: "127.0.0.1:${routes[index] ?? 0}", routes: [${urls}], no_advertise: true }`,
        ],
      }),
    ),
  );
  const url = servers.map((server) => server.url).join(',');
  await untilThreeReplicas(url);
  return {
    servers,
    url,
    async stop() {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

async function untilThreeReplicas(url: string): Promise<void> {
  const connection: NatsConnection = await connectNats(url, 'cluster');
  const deadline = performance.now() + READY_DEADLINE_MS;
  for (;;) {
    try {
      const manager = await jetstreamManager(connection, { timeout: 1_000 });
      await manager.streams.add({ name: 'PROBE', subjects: ['probe'], num_replicas: 3 });
      await manager.streams.delete('PROBE');
      break;
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await delay(100);
    }
  }
  await connection.close();
}
