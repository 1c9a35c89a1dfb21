import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { ensureStream, replicas } from './stream-settings';
import type { StreamSettings } from './stream-settings';

interface StreamDefinitions {
  readonly journal: StreamSettings & {
    readonly namePrefix: string;
    readonly subjects: string[];
    readonly sealedSubjectPrefix: string;
  };
  readonly market: NamedStream;
  readonly audit: NamedStream;
  readonly deadLetters: NamedStream;
  readonly controlBucket: StreamSettings & { readonly name: string; readonly history: number };
  readonly snapshotsBucket: {
    readonly name: string;
    readonly maxBytes: number;
    readonly maxAgeHours: number;
  };
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

/** Creates what is missing besides the journal and brings the rest to its settings; idempotent. */
export async function ensureStreams(connection: NatsConnection, replicaCount = replicas()): Promise<void> {
  const { market, audit, deadLetters } = loadStreamDefinitions();
  const manager = await jetstreamManager(connection);
  for (const definition of [market, audit, deadLetters]) {
    const { name, subjects } = definition;
    await ensureStream(manager, { name, subjects, settings: definition }, replicaCount);
  }
}
