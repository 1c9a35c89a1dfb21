import { setTimeout as delay } from 'node:timers/promises';
import { JetStreamApiError, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { ConsumerMessages, JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { isAboutKeys } from '@evenkeel/engine';
import type { Authors } from '@evenkeel/engine';
import { contextSubjects } from '@evenkeel/eventing';
import type { StoredCommit } from '@evenkeel/eventing';
import type { Context } from '@evenkeel/facts';
import { DeadLetters } from './dead-letters';
import { ensureDurable } from './durable-consumer';
import { hearsKeys } from './journal-authors';
import { UnreadableCommit, storedOf } from './journal';
import { KEYS_SUBJECT } from './keys-subject';
import { isClosing, isTransient } from './publish-outcome';
import type { Epoch } from './epochs';

const RETRY_MS = 50;
const CONSUMER_NOT_FOUND = 10014;

export interface PartitionConsumerOptions {
  readonly service: string;
  readonly partition: string;
  /** The contexts whose commits this service reacts to. */
  readonly contexts: readonly Context[];
  /** Judge who wrote what; absent in tests of the stream alone. */
  readonly authors?: Authors | undefined;
  /** Whether people have agreed that a message counts for nothing. */
  readonly passesOver?: (unreadable: UnreadableCommit) => Promise<boolean>;
  /** Returns once the commit has taken its whole effect; only then is it acknowledged. A throw halts the partition. */
  readonly handle: (stored: StoredCommit) => Promise<void>;
}

/** The handler, or the message itself, is at fault: no new attempt mends it. */
class Refused {
  constructor(readonly error: unknown) {}
}

/**
 * Durable pull consumer of one partition: one message at a time, double acknowledgement. Redelivery is harmless because
 * the handler remembers the last sequence it reacted to.
 */
export class PartitionConsumer {
  private messages: ConsumerMessages | undefined;
  private stopped = false;
  private readonly deadLetters: DeadLetters;

  constructor(
    private readonly connection: NatsConnection,
    private readonly epoch: Epoch,
    private readonly options: PartitionConsumerOptions,
  ) {
    this.deadLetters = new DeadLetters(connection, options.service);
  }

  get durable(): string {
    return `${this.options.service}-p${this.options.partition}`;
  }

  /**
   * Runs until `stop`; rejects when the handler did, when a commit cannot be read, and when the server refuses the consumer.
   */
  async run(): Promise<void> {
    while (!this.stopped) {
      try {
        await this.consume();
      } catch (error) {
        if (error instanceof Refused) {
          this.stopped = true;
          await this.messages?.close();
          throw error.error;
        }
        if (isClosing(error)) return;
        // Somebody took the consumer away: it is made again.
        const gone = error instanceof JetStreamApiError && error.code === CONSUMER_NOT_FOUND;
        if (!gone && !isTransient(error)) throw error;
      }
      if (!this.stopped) await delay(RETRY_MS);
    }
    await this.messages?.close();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.messages?.close();
  }

  private async consume(): Promise<void> {
    const { journalStream } = this.epoch;
    const manager = await jetstreamManager(this.connection, { checkAPI: false });
    const { partition, contexts, authors } = this.options;
    const filters = contextSubjects(partition, contexts);
    // Keys change for all partitions at one place of the journal, and are heard there by each.
    if (authors?.signed === true && !hearsKeys(partition, contexts)) filters.push(KEYS_SUBJECT);
    await ensureDurable(manager, { stream: journalStream, name: this.durable, filters });
    const consumer = await jetstream(this.connection).consumers.get(journalStream, this.durable);
    // Without this the client waits for ever for a consumer that is gone.
    const missing = { abort_on_missing_resource: true };
    this.messages = await consumer.consume({ max_messages: 64, expires: 2_000, ...missing });
    // Stopped while it was being opened: nobody else would close it, and only reading on lets it end.
    if (this.stopped) void this.messages.close();
    for await (const message of this.messages) {
      await this.take(message);
      if (this.stopped) return;
    }
  }

  private async take(message: JsMsg): Promise<void> {
    const stored = await this.read(message);
    try {
      // What another partition says about keys was taken in as it was read.
      const foreign =
        stored === undefined ||
        (isAboutKeys(stored.commit) && stored.commit.partition !== this.options.partition);
      if (!foreign) await this.options.handle(stored);
    } catch (error) {
      throw new Refused(error);
    }
    // A lost acknowledgement only means a redelivery, which is recognised.
    await message.ackAck({ timeout: 2_000 }).catch(() => undefined);
  }

  /** Undefined for what is passed over. */
  private async read(message: JsMsg): Promise<StoredCommit | undefined> {
    const { authors, partition, contexts, passesOver } = this.options;
    try {
      return storedOf(message, authors);
    } catch (error) {
      const { seq, subject } = message;
      if (error instanceof UnreadableCommit) {
        // It says nothing about keys, and stops the partition that it lies in.
        const lies = subject === KEYS_SUBJECT && !hearsKeys(partition, contexts);
        if (lies && !error.isOfNewerBuild) return undefined;
        if ((await passesOver?.(error)) === true) return undefined;
      }
      const place = { stream: this.epoch.journalStream, seq, subject };
      throw new Refused(await this.deadLetters.note(this.options.partition, place, error));
    }
  }
}
