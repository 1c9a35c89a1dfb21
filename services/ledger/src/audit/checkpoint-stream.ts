import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamManager, MsgRequest } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { loadStreamDefinitions } from '@evenkeel/adapter-nats';
import { checkpointRecordHash } from '@evenkeel/audit';
import type { CheckpointRecord } from '@evenkeel/audit';
import { IntegrityFault, canonicalJson } from '@evenkeel/kernel';
import { z } from 'zod';

const recordSchema = z.strictObject({
  number: z.number().int().min(1),
  previous: z.string(),
  note: z.string(),
});

/** The checkpoints of one log on EK_AUDIT: one record a message, in order. */
export class CheckpointStream {
  private readonly subject: string;

  private constructor(
    private readonly connection: NatsConnection,
    private readonly manager: JetStreamManager,
    private readonly stream: string,
    origin: string,
  ) {
    this.subject = `ek.audit.v1.checkpoint.${origin.replace(/[^A-Za-z0-9_-]/g, '_')}`;
  }

  static async open(connection: NatsConnection, origin: string): Promise<CheckpointStream> {
    const { name } = loadStreamDefinitions().audit;
    return new CheckpointStream(connection, await jetstreamManager(connection), name, origin);
  }

  /**
   * The history on the stream, oldest first. Records are chained, so where the newest one is also in `known` it vouches
   * for all before it, and only a longer history is read message by message.
   */
  async history(known: readonly CheckpointRecord[]): Promise<readonly CheckpointRecord[]> {
    const newest = await this.newest();
    if (newest === undefined) return [];
    if (newest.number <= known.length) return [...known.slice(0, newest.number - 1), newest];
    const found: CheckpointRecord[] = [];
    for (let seq = 1; ;) {
      // The server's MSG.GET takes this; the client types it for direct gets alone.
      const query = { next_by_subj: this.subject, seq } as unknown as MsgRequest;
      const message = await this.manager.streams.getMessage(this.stream, query);
      if (message === null) return found;
      found.push(recordOf(message.data, message.seq));
      seq = message.seq + 1;
    }
  }

  /** The newest record, where there is one. */
  async newest(): Promise<CheckpointRecord | undefined> {
    const message = await this.manager.streams.getMessage(this.stream, { last_by_subj: this.subject });
    return message === null ? undefined : recordOf(message.data, message.seq);
  }

  /** Publishes one record; a repetition within the dedupe window is one message. */
  async publish(record: CheckpointRecord): Promise<void> {
    const { number, previous, note } = record;
    await jetstream(this.connection).publish(this.subject, canonicalJson({ number, previous, note }), {
      msgID: `${this.subject}#${number}#${checkpointRecordHash(record).slice(0, 16)}`,
    });
  }
}

function recordOf(data: Uint8Array, seq: number): CheckpointRecord {
  try {
    return recordSchema.parse(JSON.parse(Buffer.from(data).toString('utf8')));
  } catch (cause) {
    throw new IntegrityFault({
      code: 'AUDIT.CHECKPOINT_STREAM_DAMAGED',
      message: `Message ${seq} of EK_AUDIT is not a checkpoint record.`,
      cause,
    });
  }
}
