import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  jetstreamManager,
} from '@nats-io/jetstream';
import type { JetStreamManager, StreamConfig, StreamInfo } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { nanos } from '@nats-io/nats-core';
import { OperationalError } from '@evenkeel/kernel';

interface StreamDefinitions {
  readonly journal: {
    readonly namePrefix: string;
    readonly subjects: string[];
    readonly sealedSubjectPrefix: string;
    readonly duplicateWindowSeconds: number;
  };
  readonly market: {
    readonly name: string;
    readonly subjects: string[];
    readonly maxAgeHours: number;
    readonly duplicateWindowSeconds: number;
  };
  readonly audit: { readonly name: string; readonly subjects: string[] };
  readonly deadLetters: { readonly name: string; readonly subjects: string[] };
  readonly controlBucket: { readonly name: string; readonly history: number };
  readonly snapshotsBucket: {
    readonly name: string;
    readonly maxBytes: number;
    readonly maxAgeHours: number;
  };
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

const STREAM_NOT_FOUND = 10059;

/** Replicas: R3 in production (`EK_NATS_REPLICAS=3`), R1 on one machine. */
export function replicas(): number {
  return Number(process.env['EK_NATS_REPLICAS'] ?? '1');
}

async function ensureStream(
  manager: JetStreamManager,
  config: Partial<StreamConfig> & { name: string; subjects: string[] },
): Promise<StreamInfo> {
  try {
    const info = await manager.streams.info(config.name);
    return info;
  } catch (error) {
    if (!(error instanceof JetStreamApiError) || error.code !== STREAM_NOT_FOUND) throw error;
    return manager.streams.add(config);
  }
}

/** Creates what is missing besides the journal; idempotent. */
export async function ensureStreams(connection: NatsConnection, replicaCount = replicas()): Promise<void> {
  const definitions = loadStreamDefinitions();
  const manager = await jetstreamManager(connection);
  const file = { storage: StorageType.File, retention: RetentionPolicy.Limits, num_replicas: replicaCount };
  await ensureStream(manager, {
    ...file,
    name: definitions.market.name,
    subjects: definitions.market.subjects,
    max_age: nanos(definitions.market.maxAgeHours * 3_600_000),
    duplicate_window: nanos(definitions.market.duplicateWindowSeconds * 1000),
  });
  await ensureStream(manager, {
    ...file,
    name: definitions.audit.name,
    subjects: definitions.audit.subjects,
    deny_delete: true,
    deny_purge: true,
  });
  await ensureStream(manager, {
    ...file,
    name: definitions.deadLetters.name,
    subjects: definitions.deadLetters.subjects,
    deny_delete: true,
  });
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
    storage: StorageType.File,
    retention: RetentionPolicy.Limits,
    discard: DiscardPolicy.New,
    num_replicas: replicaCount,
    deny_delete: true,
    deny_purge: true,
    duplicate_window: nanos(definitions.journal.duplicateWindowSeconds * 1000),
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
  return {
    epoch: String(numberOf(newest.config.name, prefix)),
    journalStream: newest.config.name,
    marketStream: definitions.market.name,
    marketFromSeq: Number(newest.config.metadata?.['evenkeel.marketFromSeq'] ?? '1'),
  };
}
