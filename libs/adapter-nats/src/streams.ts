import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { OperationalError } from '@evenkeel/kernel';
import { configOf, differences, ensureStream, replicas, streamDiffers } from './stream-settings';
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

/** Where one epoch lives. */
export interface Epoch {
  readonly epoch: string;
  readonly journalStream: string;
  readonly marketStream: string;
  /** First EK_MARKET sequence that belongs to this epoch. */
  readonly marketFromSeq: number;
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

async function journals(manager: JetStreamManager, prefix: string): Promise<StreamInfo[]> {
  const found: StreamInfo[] = [];
  for await (const info of manager.streams.list()) if (info.config.name.startsWith(prefix)) found.push(info);
  return found;
}

const numberOf = (name: string, prefix: string): number => Number(name.slice(prefix.length));

/**
 * Opens a new epoch: the journal so far (if any) stops listening and keeps its messages under sealed subjects, and a
 * new `EK_JOURNAL_<epoch>` takes over. Epochs count from 1; `atLeast` lets the ledger, which may remember epochs that
 * this server never had, have its say.
 */
export async function openEpoch(
  connection: NatsConnection,
  atLeast = 1,
  replicaCount = replicas(),
): Promise<Epoch> {
  const definitions = loadStreamDefinitions();
  await ensureStreams(connection, replicaCount);
  const manager = await jetstreamManager(connection);
  const prefix = definitions.journal.namePrefix;
  let newest = atLeast - 1;
  for (const info of await journals(manager, prefix)) {
    const number = numberOf(info.config.name, prefix);
    newest = Math.max(newest, number);
    if (
      info.config.subjects.some((subject) => !subject.startsWith(definitions.journal.sealedSubjectPrefix))
    ) {
      await manager.streams.update(info.config.name, {
        ...info.config,
        subjects: [`${definitions.journal.sealedSubjectPrefix}.${number}.>`],
      });
    }
  }
  const epoch = String(newest + 1);
  const market = await manager.streams.info(definitions.market.name);
  const marketFromSeq = market.state.last_seq + 1;
  await manager.streams.add({
    name: `${prefix}${epoch}`,
    subjects: definitions.journal.subjects,
    ...configOf(definitions.journal),
    num_replicas: replicaCount,
    metadata: { 'evenkeel.epoch': epoch, 'evenkeel.marketFromSeq': String(marketFromSeq) },
  });
  return { epoch, journalStream: `${prefix}${epoch}`, marketStream: definitions.market.name, marketFromSeq };
}

/** The epoch that is open now. Throws `NATS.NO_EPOCH` before the first `openEpoch`. */
export async function currentEpoch(connection: NatsConnection): Promise<Epoch> {
  const definitions = loadStreamDefinitions();
  const manager = await jetstreamManager(connection);
  const prefix = definitions.journal.namePrefix;
  const all = (await journals(manager, prefix)).sort(
    (a, b) => numberOf(a.config.name, prefix) - numberOf(b.config.name, prefix),
  );
  const newest = all[all.length - 1];
  if (newest === undefined)
    throw new OperationalError({
      code: 'NATS.NO_EPOCH',
      message: 'no journal has been opened on this NATS server yet',
    });
  const found = differences(newest.config, definitions.journal, replicas());
  if (found.length > 0) throw streamDiffers(newest.config.name, found);
  return {
    epoch: String(numberOf(newest.config.name, prefix)),
    journalStream: newest.config.name,
    marketStream: definitions.market.name,
    marketFromSeq: Number(newest.config.metadata?.['evenkeel.marketFromSeq'] ?? '1'),
  };
}
