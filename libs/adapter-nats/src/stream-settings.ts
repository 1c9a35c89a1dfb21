import {
  DiscardPolicy,
  JetStreamApiError,
  RetentionPolicy,
  StorageType,
  StoreCompression,
} from '@nats-io/jetstream';
import type { JetStreamManager, StreamConfig, StreamInfo } from '@nats-io/jetstream';
import { nanos } from '@nats-io/nats-core';
import { InvalidInputError, OperationalError } from '@evenkeel/kernel';
import { untilAnswered } from './stream-reading';

/** How a stream keeps what it is given, as infra/nats/streams.json says it. */
export interface StreamSettings {
  readonly storage: 'file' | 'memory';
  readonly retention: 'limits';
  /** What a full stream does: refuse the new, or forget the old. */
  readonly discard: 'new' | 'old';
  readonly denyDelete: boolean;
  readonly denyPurge: boolean;
  readonly duplicateWindowSeconds: number;
  /** Replicas may answer, which may be behind; otherwise the leader alone does. */
  readonly allowDirect: boolean;
  /** One message may take the place of all before it under its subject, as buckets need it. */
  readonly allowRollup?: boolean;
  readonly compressed?: boolean;
  /** What it may hold at most; absent: what the server has. */
  readonly maxBytes?: number;
  /** Messages older than this are forgotten; absent: never. */
  readonly maxAgeHours?: number;
  /** How many values of one subject are kept; absent: all. */
  readonly history?: number;
  /** A message may say for itself how long it is kept. */
  readonly allowMessageTtl?: boolean;
}

type Compared = Pick<
  StreamConfig,
  | 'storage'
  | 'retention'
  | 'discard'
  | 'deny_delete'
  | 'deny_purge'
  | 'max_age'
  | 'max_bytes'
  | 'max_msgs_per_subject'
  | 'allow_direct'
  | 'allow_rollup_hdrs'
  | 'allow_msg_ttl'
  | 'compression'
> & { readonly duplicate_window: number };

const HOUR_MS = 3_600_000;
const STREAM_NOT_FOUND = 10059;

/** The settings as the server wants them. */
export function configOf(settings: StreamSettings): Compared {
  return {
    storage: settings.storage === 'file' ? StorageType.File : StorageType.Memory,
    retention: RetentionPolicy.Limits,
    discard: settings.discard === 'new' ? DiscardPolicy.New : DiscardPolicy.Old,
    deny_delete: settings.denyDelete,
    deny_purge: settings.denyPurge,
    max_age: nanos((settings.maxAgeHours ?? 0) * HOUR_MS),
    max_bytes: settings.maxBytes ?? -1,
    max_msgs_per_subject: settings.history ?? -1,
    allow_direct: settings.allowDirect,
    allow_rollup_hdrs: settings.allowRollup ?? false,
    allow_msg_ttl: settings.allowMessageTtl ?? false,
    compression: settings.compressed === true ? StoreCompression.S2 : StoreCompression.None,
    duplicate_window: nanos(settings.duplicateWindowSeconds * 1000),
  };
}

/**
 * Replicas of every stream and bucket, from `EK_NATS_REPLICAS`: three in production, one on one machine. It is a minimum:
 * a stream that has more keeps them.
 */
export function replicas(): number {
  const text = process.env['EK_NATS_REPLICAS'] ?? '1';
  if (text !== '1' && text !== '3' && text !== '5')
    throw new InvalidInputError('the environment', [
      { path: 'EK_NATS_REPLICAS', message: `must be 1, 3 or 5, not "${text}"` },
    ]);
  return Number(text);
}

/** Where a stream is not kept as it should be: `deny_purge is false, not true`. */
export function differences(config: StreamConfig, settings: StreamSettings, replicaCount: number): string[] {
  const wanted = configOf(settings);
  const found: string[] = [];
  for (const [key, value] of Object.entries(wanted) as [keyof Compared, unknown][]) {
    // the keys of this very object; the server leaves out what is false
    const actual = config[key] ?? (value === false ? false : undefined);
    if (actual !== value) found.push(`${key} is ${String(config[key])}, not ${String(value)}`);
  }
  if (config.num_replicas < replicaCount)
    found.push(`num_replicas is ${config.num_replicas}, not ${replicaCount}`);
  return found;
}

/**
 * Brings a stream to its settings, and creates it where it is missing. What the server cannot change on a stream that
 * exists is an error that names each difference: nobody writes into a stream that keeps less than it should.
 */
export async function ensureStream(
  manager: JetStreamManager,
  stream: { readonly name: string; readonly subjects: string[]; readonly settings: StreamSettings },
  replicaCount: number,
): Promise<void> {
  const { name, subjects, settings } = stream;
  const existing = await streamInfo(manager, name);
  if (existing === undefined) {
    await manager.streams.add({ ...configOf(settings), name, subjects, num_replicas: replicaCount });
    return;
  }
  await bringTo(manager, existing.config, settings, replicaCount);
}

/** Changes a stream that exists where it differs. Throws `NATS.STREAM_DIFFERS` for what cannot be changed. */
export async function bringTo(
  manager: JetStreamManager,
  config: StreamConfig,
  settings: StreamSettings,
  replicaCount: number,
): Promise<void> {
  const found = differences(config, settings, replicaCount);
  if (found.length === 0) return;
  const num_replicas = Math.max(config.num_replicas, replicaCount);
  try {
    await manager.streams.update(config.name, { ...config, ...configOf(settings), num_replicas });
  } catch (error) {
    if (!(error instanceof JetStreamApiError)) throw error;
    throw streamDiffers(config.name, found, error);
  }
}

export function streamDiffers(name: string, found: readonly string[], cause?: unknown): OperationalError {
  return new OperationalError({
    code: 'NATS.STREAM_DIFFERS',
    message: `${name} does not keep what it should: ${found.join('; ')}; \`keel doctor --apply\` makes what is missing and changes what can be`,
    cause,
  });
}

export async function streamInfo(manager: JetStreamManager, name: string): Promise<StreamInfo | undefined> {
  try {
    return await untilAnswered(() => manager.streams.info(name));
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND) return undefined;
    throw error;
  }
}
