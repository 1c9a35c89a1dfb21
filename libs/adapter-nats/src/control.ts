import { JetStreamApiError, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, StreamAPI } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { LATCHES_LOST } from '@evenkeel/execution';
import type { Engagement } from '@evenkeel/execution';
import { OperationalError } from '@evenkeel/kernel';
import { BucketKeys, isBehind } from './bucket-keys';
import {
  VALUES_MAX,
  encodeWritten,
  keyOfScope,
  lostBucket,
  untouched,
  vanishedLatch,
  writtenLatch,
} from './latch-values';
import type { WrittenLatch, WrittenRelease } from './latch-values';
import { isTransient } from './publish-outcome';
import { ensureStream, replicas } from './stream-settings';
import { loadStreamDefinitions } from './streams';

/** What the journal of an epoch remembers of the bucket that it was opened with. */
export interface KnownBucket {
  /** When that bucket was made, by the server's word; undefined in epochs opened by an earlier release. */
  readonly createdAt: string | undefined;
  /** Scopes that had a latch by then, released or not. */
  readonly scopes: readonly string[];
}

/** At the opening of an epoch by somebody who has none before it. */
export const NO_KNOWN_BUCKET: KnownBucket = { createdAt: undefined, scopes: [] };

const CHANGES_MAX = 10;
const STREAM_NOT_FOUND = 10059;

/**
 * The kill latches of the EK_CONTROL bucket, which must not queue behind the journal. Nothing of that bucket can be purged, rolled
 * up or made to expire, by whoever may write a key of it.
 */
export class ControlBucket {
  private readonly js: JetStreamClient;
  private readonly keys: BucketKeys;

  private constructor(connection: NatsConnection, streams: StreamAPI, name: string) {
    this.js = jetstream(connection, { timeout: 5_000 });
    this.keys = new BucketKeys(streams, name);
  }

  /** As it is. Throws `NATS.CONTROL_BUCKET_MISSING`: what is made anew holds no latches, so only an operator makes it. */
  static async open(connection: NatsConnection): Promise<ControlBucket> {
    const { name } = loadStreamDefinitions().controlBucket;
    const { streams } = await jetstreamManager(connection, { checkAPI: false });
    try {
      await streams.info(`KV_${name}`);
    } catch (error) {
      if (!(error instanceof JetStreamApiError) || error.code !== STREAM_NOT_FOUND) throw error;
      throw new OperationalError({
        code: 'NATS.CONTROL_BUCKET_MISSING',
        message: `the bucket ${name} with the kill latches is not there: nothing trades until \`keel release ${LATCHES_LOST}\` has made it anew`,
      });
    }
    return new ControlBucket(connection, streams, name);
  }

  /** Made where it is missing, and brought to its settings: by whoever may change streams, when an epoch is opened. */
  static async create(connection: NatsConnection, replicaCount = replicas()): Promise<ControlBucket> {
    const settings = loadStreamDefinitions().controlBucket;
    const { name } = settings;
    const manager = await jetstreamManager(connection, { checkAPI: false });
    await ensureStream(manager, { name: `KV_${name}`, subjects: [`$KV.${name}.>`], settings }, replicaCount);
    return new ControlBucket(connection, manager.streams, name);
  }

  /** When this bucket was made, by the server's word: what tells it from one that was made in its place. */
  async createdAt(): Promise<string> {
    return (await this.keys.under('kill.>')).created;
  }

  /** Every latch there is, lost ones included. Throws when the bucket cannot be read: the caller fails closed. */
  async readLatches(known: KnownBucket): Promise<readonly WrittenLatch[]> {
    const { created, keys } = await this.keys.under('kill.>');
    const found = new Map<string, WrittenLatch>();
    const add = (latch: WrittenLatch): void => {
      const before = found.get(latch.scope);
      // Keys that are none of ours all mean the firm.
      found.set(latch.scope, before === undefined ? latch : joined(before, latch));
    };
    const entries = await Promise.all(keys.map(async (key) => [key, await this.keys.newest(key)] as const));
    for (const [key, entry] of entries) if (entry !== undefined) add(writtenLatch(key, entry));
    for (const scope of known.scopes) if (!found.has(scope)) add(vanishedLatch(scope, created));
    if (known.createdAt !== undefined && known.createdAt !== created)
      found.set(LATCHES_LOST, lostBucket(found.get(LATCHES_LOST) ?? untouched(LATCHES_LOST), created));
    return [...found.values()];
  }

  /** Stops a scope, beside whatever stops it already. Stopping it twice under one id is once. */
  async engage(scope: string, engagement: Engagement): Promise<void> {
    await this.change(scope, (latch) =>
      latch.engagements.some((one) => one.engagement === engagement.engagement)
        ? undefined
        : { ...latch, engagements: [...latch.engagements, engagement].slice(-VALUES_MAX) },
    );
  }

  /** Says that engagements are over. Whether that counts is for whoever reads it to find out. */
  async release(scope: string, release: WrittenRelease): Promise<void> {
    await this.change(scope, (latch) => ({
      ...latch,
      engagements: latch.engagements.filter(({ engagement }) => !release.engagements.includes(engagement)),
      releases: [...latch.releases, release].slice(-VALUES_MAX),
    }));
  }

  /** What a scope begins the next epoch with: releases of this one are judged, and need not be remembered. */
  async rewrite(scope: string, engagements: readonly Engagement[]): Promise<void> {
    await this.change(scope, (latch) => ({
      ...latch,
      engagements: engagements.slice(-VALUES_MAX),
      releases: [],
    }));
  }

  /** Changes a latch where nobody else did meanwhile; otherwise reads it again. */
  private async change(
    scope: string,
    change: (latch: WrittenLatch) => WrittenLatch | undefined,
  ): Promise<void> {
    const key = keyOfScope(scope);
    for (let attempt = 1; ; attempt += 1) {
      const entry = await this.keys.newest(key);
      const latch = entry === undefined ? untouched(scope) : writtenLatch(key, entry);
      const next = change(latch);
      if (next === undefined) return;
      try {
        await this.put(key, encodeWritten(next), latch.revision);
        return;
      } catch (error) {
        // What the server did not answer may be stored: the next look says so.
        if (attempt === CHANGES_MAX || !(isBehind(error) || isTransient(error))) throw error;
      }
    }
  }

  private async put(key: string, text: string, after: number): Promise<void> {
    await this.js.publish(this.keys.subjectOf(key), text, { expect: { lastSubjectSequence: after } });
  }
}

function joined(a: WrittenLatch, b: WrittenLatch): WrittenLatch {
  return { ...a, engagements: [...a.engagements, ...b.engagements] };
}
