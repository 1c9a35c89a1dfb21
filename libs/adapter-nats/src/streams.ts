import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { CORES } from '@evenkeel/engine';
import { assertJetStream } from './jetstream-check';
import { differences, ensureStream, replicas, streamDiffers, streamInfo } from './stream-settings';
import type { StreamSettings } from './stream-settings';

interface StreamDefinitions {
  /** What a server must take and offer. */
  readonly server: { readonly maxPayloadBytes: number; readonly maxFileBytes: number };
  readonly journal: StreamSettings & {
    readonly namePrefix: string;
    readonly subjects: string[];
    readonly sealedSubjectPrefix: string;
  };
  readonly market: NamedStream;
  readonly audit: NamedStream;
  readonly deadLetters: NamedStream;
  /** Latches and leases. What may write one key of a stream may empty all of it where rollups are allowed, so here none are. */
  readonly controlBucket: BucketSettings;
  readonly commandBucket: BucketSettings;
  /** One for each service that keeps snapshots: its name follows the prefix. */
  readonly snapshotBuckets: StreamSettings & { readonly namePrefix: string };
}

interface BucketSettings extends StreamSettings {
  readonly name: string;
  readonly history: number;
}

interface NamedStream extends StreamSettings {
  readonly name: string;
  readonly subjects: string[];
}

/** Streams are data: infra/nats/streams.json. */
export function loadStreamDefinitions(): StreamDefinitions {
  const path = resolve(__dirname, '..', '..', '..', 'infra', 'nats', 'streams.json');
  return JSON.parse(readFileSync(path, 'utf8')) as StreamDefinitions; // our own file, in the repository
}

/** The bucket of a service's state snapshots. */
export function snapshotBucketOf(service: string): string {
  return `${loadStreamDefinitions().snapshotBuckets.namePrefix}${service}`;
}

/** Every stream besides the journals, those under buckets included. */
export function declaredStreams(): readonly NamedStream[] {
  const { market, audit, deadLetters, controlBucket, commandBucket, snapshotBuckets } =
    loadStreamDefinitions();
  return [
    market,
    audit,
    deadLetters,
    ...[controlBucket, commandBucket].map((bucket) => ({
      ...bucket,
      name: `KV_${bucket.name}`,
      subjects: [`$KV.${bucket.name}.>`],
    })),
    ...CORES.map(snapshotBucketOf).map((bucket) => ({
      ...snapshotBuckets,
      name: `OBJ_${bucket}`,
      subjects: [`$O.${bucket}.C.>`, `$O.${bucket}.M.>`],
    })),
  ];
}

/** Creates what is missing besides the journal and brings the rest to its settings; idempotent. An operator's to do. */
export async function ensureStreams(connection: NatsConnection, replicaCount = replicas()): Promise<void> {
  await assertJetStream(connection);
  const manager = await jetstreamManager(connection);
  for (const definition of declaredStreams()) {
    const { name, subjects } = definition;
    await ensureStream(manager, { name, subjects, settings: definition }, replicaCount);
  }
}

/** Where a stream besides the journals is not as infra/nats/streams.json says. */
export async function streamFaults(
  connection: NatsConnection,
  replicaCount = replicas(),
): Promise<readonly { readonly stream: string; readonly differences: readonly string[] }[]> {
  const manager = await jetstreamManager(connection, { checkAPI: false });
  const looked = await Promise.all(
    declaredStreams().map(async (definition) => {
      const info = await streamInfo(manager, definition.name);
      const found =
        info === undefined ? ['it is missing'] : differences(info.config, definition, replicaCount);
      return { stream: definition.name, differences: found };
    }),
  );
  return looked.filter((one) => one.differences.length > 0);
}

/** What every service needs before it begins. Throws `NATS.STREAM_DIFFERS` with everything that is not so. */
export async function assertStreams(connection: NatsConnection, replicaCount = replicas()): Promise<void> {
  await assertJetStream(connection);
  const faults = await streamFaults(connection, replicaCount);
  if (faults.length === 0) return;
  const [first] = faults;
  throw streamDiffers(
    first === undefined || faults.length > 1 ? `${faults.length} streams` : first.stream,
    faults.flatMap(({ stream, differences: found }) => found.map((one) => `${stream}: ${one}`)),
  );
}
