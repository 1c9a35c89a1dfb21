import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamManager, MsgRequest, StoredMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { checkpointRecordHash } from '@evenkeel/audit';
import type { CheckpointRecord } from '@evenkeel/audit';
import { canonicalJson } from '@evenkeel/kernel';
import { z } from 'zod';
import { isMissing } from './stream-reading';
import { loadStreamDefinitions } from './streams';
import { UnreadableMessage, readJson } from './unreadable';
import type { OnUnreadable } from './unreadable';

const PREFIX = 'ek.audit.v1.checkpoint.';

const recordSchema = z.strictObject({
  number: z.number().int().min(1),
  previous: z.string().max(100),
  note: z.string().max(100_000),
});

/** What one log has on the stream. */
export interface StreamedHistory {
  readonly newest: CheckpointRecord;
  all(): Promise<readonly CheckpointRecord[]>;
}

/**
 * The checkpoints of one log on EK_AUDIT: one record a message, in order. What is none is passed over and said: records are
 * chained, so that one that is missing is missed.
 */
export class CheckpointStream {
  private readonly subject: string;

  private constructor(
    private readonly connection: NatsConnection,
    private readonly manager: JetStreamManager,
    private readonly stream: string,
    origin: string,
    private readonly onUnreadable: OnUnreadable,
  ) {
    this.subject = `${PREFIX}${tokenOf(origin)}`;
  }

  static async open(
    connection: NatsConnection,
    origin: string,
    onUnreadable: OnUnreadable,
  ): Promise<CheckpointStream> {
    const { name } = loadStreamDefinitions().audit;
    return new CheckpointStream(connection, await jetstreamManager(connection), name, origin, onUnreadable);
  }

  /** The histories of every log that the stream holds, each by its newest record; one that nobody can read is none. */
  static async all(
    connection: NatsConnection,
    onUnreadable: OnUnreadable,
  ): Promise<readonly StreamedHistory[]> {
    const { name } = loadStreamDefinitions().audit;
    const manager = await jetstreamManager(connection);
    const info = await manager.streams
      .info(name, { subjects_filter: `${PREFIX}>` })
      .catch((error: unknown) => {
        if (isMissing(error)) return undefined; // a server at first contact
        throw error;
      });
    const found = await Promise.all(
      Object.keys(info?.state.subjects ?? {}).map(async (subject) => {
        const token = subject.slice(PREFIX.length);
        const stream = new CheckpointStream(connection, manager, name, token, onUnreadable);
        const newest = await stream.newest();
        return newest === undefined ? [] : [{ newest, all: () => stream.readAll() }];
      }),
    );
    return found.flat();
  }

  /**
   * The history on the stream, oldest first. Records are chained, so where the newest one is also in `known` it vouches
   * for all before it, and only a longer history is read message by message.
   */
  async history(known: readonly CheckpointRecord[]): Promise<readonly CheckpointRecord[]> {
    const message = await this.manager.streams.getMessage(this.stream, { last_by_subj: this.subject });
    if (message === null) return [];
    const newest = this.recordOf(message);
    if (newest !== undefined && newest.number <= known.length)
      return [...known.slice(0, newest.number - 1), newest];
    return this.readAll();
  }

  /** The newest record, where there is one. */
  async newest(): Promise<CheckpointRecord | undefined> {
    const message = await this.manager.streams.getMessage(this.stream, { last_by_subj: this.subject });
    if (message === null) return undefined;
    return this.recordOf(message) ?? (await this.readAll()).at(-1);
  }

  private async readAll(): Promise<readonly CheckpointRecord[]> {
    const found: CheckpointRecord[] = [];
    for (let seq = 1; ;) {
      // The server's MSG.GET takes this; the client types it for direct gets alone.
      const query = { next_by_subj: this.subject, seq } as unknown as MsgRequest;
      const message = await this.manager.streams.getMessage(this.stream, query);
      if (message === null) return found;
      const record = this.recordOf(message);
      if (record !== undefined) found.push(record);
      seq = message.seq + 1;
    }
  }

  private recordOf({ data, subject }: StoredMsg): CheckpointRecord | undefined {
    try {
      return readJson('checkpoint', subject, data, recordSchema);
    } catch (error) {
      if (!(error instanceof UnreadableMessage)) throw error;
      this.onUnreadable(error);
      return undefined;
    }
  }

  /** Publishes one record; a repetition within the dedupe window is one message. */
  async publish(record: CheckpointRecord): Promise<void> {
    const { number, previous, note } = record;
    await jetstream(this.connection).publish(this.subject, canonicalJson({ number, previous, note }), {
      msgID: `${this.subject}#${number}#${checkpointRecordHash(record).slice(0, 16)}`,
    });
  }
}

function tokenOf(origin: string): string {
  return origin.replace(/[^A-Za-z0-9_-]/g, '_');
}
