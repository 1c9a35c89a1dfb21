import { JetStreamApiError, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, StoredMsg, StreamAPI } from '@nats-io/jetstream';
import { headers } from '@nats-io/nats-core';
import type { NatsConnection } from '@nats-io/nats-core';
import { LATCHES_LOST } from '@evenkeel/execution';
import type { Engagement } from '@evenkeel/execution';
import type { ControlCommand } from '@evenkeel/governance';
import { OperationalError } from '@evenkeel/kernel';
import { encodeCommand, keyOfCommand, waitingCommand } from './control-commands';
import type { WaitingCommand } from './control-commands';
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
const COMMANDS_MAX = 200;
const STREAM_NOT_FOUND = 10059;
const WRONG_LAST_SEQUENCE = 10071;
/** A mark that a command was settled, after which nothing is left of it. */
const SETTLED_TTL = '1h';

/**
 * The EK_CONTROL bucket: latches that must not queue behind the journal, and what people ask of execution. It is polled,
 * so it is read by asking the leader for single messages: listing keys would leave a consumer on the server each time, and
 * a direct get may be answered by a follower that lags.
 */
export class ControlBucket {
  private readonly js: JetStreamClient;
  private readonly stream: string;

  private constructor(
    connection: NatsConnection,
    private readonly streams: StreamAPI,
    private readonly name: string,
  ) {
    this.js = jetstream(connection, { timeout: 5_000 });
    this.stream = `KV_${name}`;
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
    return (await this.streams.info(this.stream)).created;
  }

  /** Every latch there is, lost ones included. Throws when the bucket cannot be read: the caller fails closed. */
  async readLatches(known: KnownBucket): Promise<readonly WrittenLatch[]> {
    const { created, keys } = await this.keysUnder('kill.>');
    const found = new Map<string, WrittenLatch>();
    const add = (latch: WrittenLatch): void => {
      const before = found.get(latch.scope);
      // Keys that are none of ours all mean the firm.
      found.set(latch.scope, before === undefined ? latch : joined(before, latch));
    };
    const entries = await Promise.all(keys.map(async (key) => [key, await this.newest(key)] as const));
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

  /** Puts a person's command where the service that carries it out will find it. Throws `INPUT.INVALID` for one that is none. */
  async writeCommand(command: ControlCommand): Promise<void> {
    const text = encodeCommand(command);
    if ((await this.readCommands()).length >= COMMANDS_MAX)
      throw new OperationalError({
        code: 'NATS.COMMANDS_WAITING',
        message: `${COMMANDS_MAX} commands wait for execution already: is it running?`,
      });
    const key = keyOfCommand(command.id);
    const last = await this.newest(key);
    if (last === undefined) await this.put(key, text, 0);
  }

  /** Commands that nobody has carried out yet, oldest first. One that is none is among them, with what is wrong. */
  async readCommands(): Promise<readonly WaitingCommand[]> {
    const { keys } = await this.keysUnder('command.>');
    const entries = await Promise.all(keys.map(async (key) => [key, await this.newest(key)] as const));
    return entries
      .flatMap(([key, entry]) => (entry === undefined || isMark(entry) ? [] : [waitingCommand(key, entry)]))
      .sort((a, b) => a.revision - b.revision);
  }

  /** The command is on the journal, or was turned down for good. */
  async settleCommand({ key, revision }: WaitingCommand): Promise<void> {
    const mark = headers();
    mark.set('KV-Operation', 'PURGE');
    mark.set('Nats-Rollup', 'sub');
    mark.set('Nats-TTL', SETTLED_TTL);
    const expect = { lastSubjectSequence: revision };
    await this.js.publish(this.subjectOf(key), '', { headers: mark, expect }).catch((error: unknown) => {
      // Another process has settled it.
      if (!isBehind(error)) throw error;
    });
  }

  /** Changes a latch where nobody else did meanwhile; otherwise reads it again. */
  private async change(
    scope: string,
    change: (latch: WrittenLatch) => WrittenLatch | undefined,
  ): Promise<void> {
    const key = keyOfScope(scope);
    for (let attempt = 1; ; attempt += 1) {
      const entry = await this.newest(key);
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
    await this.js.publish(this.subjectOf(key), text, { expect: { lastSubjectSequence: after } });
  }

  private async keysUnder(filter: string): Promise<{ created: string; keys: string[] }> {
    const { created, state } = await this.streams.info(this.stream, {
      subjects_filter: this.subjectOf(filter),
    });
    const prefix = this.subjectOf('');
    return {
      created,
      keys: Object.keys(state.subjects ?? {})
        .sort()
        .map((subject) => subject.slice(prefix.length)),
    };
  }

  private subjectOf(key: string): string {
    return `$KV.${this.name}.${key}`;
  }

  /** The newest message of a key as the leader has it, marks of deletion included. */
  private async newest(key: string): Promise<StoredMsg | undefined> {
    return (await this.streams.getMessage(this.stream, { last_by_subj: this.subjectOf(key) })) ?? undefined;
  }
}

function joined(a: WrittenLatch, b: WrittenLatch): WrittenLatch {
  return { ...a, engagements: [...a.engagements, ...b.engagements] };
}

function isMark(entry: StoredMsg): boolean {
  return entry.header.get('KV-Operation') !== '';
}

function isBehind(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === WRONG_LAST_SEQUENCE;
}
