import { setTimeout as delay } from 'node:timers/promises';
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { ConsumerMessages } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { ClosedConnectionError, DrainingConnectionError, nanos } from '@nats-io/nats-core';
import { contextSubjects } from '@evenkeel/eventing';
import type { StoredCommit } from '@evenkeel/eventing';
import type { Context } from '@evenkeel/facts';
import { storedOf } from './journal';
import type { Epoch } from './streams';

// A process that dies holds its message this long; a handler that takes longer only sees it again, and recognises it.
const ACK_WAIT_MS = 1_500;
const RETRY_MS = 50;

export interface PartitionConsumerOptions {
  readonly service: string;
  readonly partition: string;
  /** The contexts whose commits this service reacts to. */
  readonly contexts: readonly Context[];
  /** Returns once the commit has taken its whole effect; only then is it acknowledged. A throw halts the partition. */
  readonly handle: (stored: StoredCommit) => Promise<void>;
}

/**
 * Durable pull consumer of one partition: one message at a time, double acknowledgement. Redelivery is harmless because
 * the handler remembers the last sequence it reacted to.
 */
export class PartitionConsumer {
  private messages: ConsumerMessages | undefined;
  private stopped = false;

  constructor(
    private readonly connection: NatsConnection,
    private readonly epoch: Epoch,
    private readonly options: PartitionConsumerOptions,
  ) {}

  get durable(): string {
    return `${this.options.service}-p${this.options.partition}`;
  }

  async ensure(): Promise<void> {
    const manager = await jetstreamManager(this.connection);
    await manager.consumers.add(this.epoch.journalStream, {
      durable_name: this.durable,
      filter_subjects: contextSubjects(this.options.partition, this.options.contexts),
      ack_policy: AckPolicy.Explicit,
      deliver_policy: DeliverPolicy.All,
      max_ack_pending: 1,
      max_deliver: -1,
      ack_wait: nanos(ACK_WAIT_MS),
    });
  }

  /** Runs until `stop`; rejects when the handler did. */
  async run(): Promise<void> {
    let handlerFailure: unknown;
    while (!this.stopped) {
      try {
        await this.ensure();
        const consumer = await jetstream(this.connection).consumers.get(
          this.epoch.journalStream,
          this.durable,
        );
        this.messages = await consumer.consume({ max_messages: 64, expires: 2_000 });
        for await (const message of this.messages) {
          const stored = storedOf(message);
          try {
            await this.options.handle(stored);
          } catch (error) {
            handlerFailure = error;
            this.stopped = true;
            break;
          }
          // A lost acknowledgement only means a redelivery, which is recognised.
          await message.ackAck({ timeout: 2_000 }).catch(() => undefined);
        }
      } catch (error) {
        if (error instanceof ClosedConnectionError || error instanceof DrainingConnectionError) return;
        if (isIntegrity(error)) throw error;
      }
      if (!this.stopped) await delay(RETRY_MS);
    }
    await this.messages?.close();
    if (handlerFailure !== undefined) throw handlerFailure;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.messages?.close();
  }
}

function isIntegrity(error: unknown): boolean {
  return error instanceof Error && error.name === 'IntegrityFault';
}
