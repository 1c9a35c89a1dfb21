import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { OperationalError } from '@evenkeel/kernel';
import { z } from 'zod';
import { untilAnswered } from './stream-reading';
import { loadStreamDefinitions } from './streams';
import type { Epoch } from './epochs';

/**
 * What an acknowledgement of the server survives. `synced`: the power of its machine, because it is on the disk.
 * `replicated`: the loss of any one server of three. `unsynced`: the end of the server's process, and no more.
 */
export type Durability = 'synced' | 'replicated' | 'unsynced';

export interface DurabilityFound {
  readonly durability: Durability;
  /** How that is known. */
  readonly because: string;
}

export interface DurabilityStated {
  /** What an operator vouches for (`EK_DURABILITY`), where the server is not asked. */
  readonly stated?: Durability;
  /** The server's monitoring address (`NATS_MONITOR_URL`), which says how it syncs. */
  readonly monitorUrl?: string;
}

const REPLICAS_ENOUGH = 3;
const MONITOR_PATIENCE_MS = 5_000;

/** In words for people. */
export const SURVIVES: Readonly<Record<Durability, string>> = {
  synced: 'an acknowledgement survives a power cut: each is on disk before it is given',
  replicated: 'an acknowledgement survives the loss of one server of three',
  unsynced:
    'an acknowledgement survives the end of nats-server, not a power cut (up to two minutes are lost)',
};

/**
 * What an acknowledgement survives, as far as can be seen: the replicas of journal and control bucket are on the server, how it syncs is
 * told by its monitoring address alone. Throws `NATS.NOT_DURABLE` where the server contradicts what was stated.
 */
export async function durabilityOf(
  connection: NatsConnection,
  epoch: Epoch,
  { stated, monitorUrl }: DurabilityStated = {},
): Promise<DurabilityFound> {
  const replicaCount = await fewestReplicas(connection, epoch);
  if (replicaCount >= REPLICAS_ENOUGH)
    return { durability: 'replicated', because: `the journal has ${replicaCount} replicas` };
  if (stated === 'replicated')
    throw notDurable(
      `EK_DURABILITY says replicated, and the fewest replicas of a stream are ${replicaCount}`,
    );
  const synced = monitorUrl === undefined ? undefined : await isSynced(monitorUrl);
  if (synced === undefined) return { durability: stated ?? 'unsynced', because: vouched(stated) };
  if (!synced && stated === 'synced')
    throw notDurable(`EK_DURABILITY says synced, and the server at ${monitorUrl} does not sync always`);
  return { durability: synced ? 'synced' : 'unsynced', because: `its monitoring at ${monitorUrl} says so` };
}

/** Orders at a real venue leave only after what an acknowledgement promises is true. Throws `NATS.NOT_DURABLE`. */
export function requireDurable({ durability, because }: DurabilityFound, venues: readonly string[]): void {
  if (venues.length === 0 || durability !== 'unsynced') return;
  throw notDurable(
    `orders would leave for ${venues.join(', ')}, but ${SURVIVES.unsynced} (${because}): set "sync_interval: always" ` +
      'on the server and say EK_DURABILITY=synced, or keep three replicas (EK_NATS_REPLICAS=3)',
  );
}

function vouched(stated: Durability | undefined): string {
  return stated === undefined ? 'nobody says how the server syncs' : 'EK_DURABILITY says so';
}

function notDurable(message: string, cause?: unknown): OperationalError {
  return new OperationalError({ code: 'NATS.NOT_DURABLE', message, cause });
}

async function fewestReplicas(connection: NatsConnection, epoch: Epoch): Promise<number> {
  const { streams } = await jetstreamManager(connection, { checkAPI: false });
  const control = `KV_${loadStreamDefinitions().controlBucket.name}`;
  const existing = (await untilAnswered(() => streams.names().next())).filter((name) => name === control);
  const counts = await Promise.all(
    [epoch.journalStream, ...existing].map(
      async (name) => (await untilAnswered(() => streams.info(name))).config.num_replicas,
    ),
  );
  return Math.min(...counts);
}

const jetstreamReport = z.object({ config: z.object({ sync_always: z.boolean().optional() }) });

async function isSynced(monitorUrl: string): Promise<boolean> {
  const url = new URL('/jsz?config=1', monitorUrl);
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(MONITOR_PATIENCE_MS) });
    return jetstreamReport.parse(await answer.json()).config.sync_always === true;
  } catch (cause) {
    throw notDurable(
      `the server's monitoring at ${url.href} does not say how it syncs: ${String(cause)}`,
      cause,
    );
  }
}
