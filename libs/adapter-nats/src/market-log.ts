import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import type { ConsumerMessages, JetStreamClient } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { ClosedConnectionError, DrainingConnectionError } from '@nats-io/nats-core';
import { setTimeout as delay } from 'node:timers/promises';
import { InstantAssembler, encodeInstant } from '@evenkeel/contracts';
import type { MarketInstant } from '@evenkeel/facts';
import { readToEnd } from './journal';
import type { Epoch } from './streams';

/** A market instant as it lies on EK_MARKET. */
export interface PublishedInstant {
  readonly instant: MarketInstant;
  /** Sequence of its clock message. */
  readonly seq: number;
  readonly traceparent: string;
}

const RETRY_MS = 50;

/** Publishes instants, each whole and once, whatever happens to the connection meanwhile. */
export class MarketPublisher {
  private readonly js: JetStreamClient;

  constructor(
    connection: NatsConnection,
    private readonly epoch: Epoch,
  ) {
    this.js = jetstream(connection, { timeout: 2_000 });
  }

  async publish(instant: MarketInstant, traceparent = ''): Promise<void> {
    const messages = encodeInstant(instant, traceparent);
    for (;;) {
      try {
        const acks = messages.map(({ subject, bytes }, part) =>
          this.js.publish(subject, bytes, {
            msgID: `${this.epoch.epoch}:${instant.number}:${part}`,
            timeout: 2_000,
          }),
        );
        const settled = await Promise.allSettled(acks);
        const failed = settled.find((outcome) => outcome.status === 'rejected');
        if (failed === undefined) return;
        throw failed.reason;
      } catch (error) {
        if (error instanceof ClosedConnectionError || error instanceof DrainingConnectionError) throw error;
        await delay(RETRY_MS);
      }
    }
  }
}

/** Every whole instant of the epoch so far, in order. */
export async function* readInstants(
  connection: NatsConnection,
  epoch: Epoch,
): AsyncIterable<PublishedInstant> {
  const assembler = new InstantAssembler();
  for await (const message of readToEnd(jetstream(connection), epoch.marketStream, epoch.marketFromSeq)) {
    const whole = assembler.add(message.subject, message.data);
    if (whole !== undefined) yield { ...whole, seq: message.seq };
  }
}

/** Follows the market from a stream sequence on; `onInstant` is called in order and never concurrently awaited. */
export class MarketFollower {
  private messages: ConsumerMessages | undefined;
  private stopped = false;

  constructor(
    private readonly connection: NatsConnection,
    private readonly epoch: Epoch,
    private readonly onInstant: (published: PublishedInstant) => void,
  ) {}

  async follow(afterSeq: number): Promise<void> {
    const assembler = new InstantAssembler();
    let position = Math.max(afterSeq + 1, this.epoch.marketFromSeq);
    while (!this.stopped) {
      try {
        const consumer = await jetstream(this.connection).consumers.get(this.epoch.marketStream, {
          deliver_policy: DeliverPolicy.StartSequence,
          opt_start_seq: position,
        });
        this.messages = await consumer.consume({ max_messages: 2_000, expires: 2_000 });
        for await (const message of this.messages) {
          position = message.seq + 1;
          const whole = assembler.add(message.subject, message.data);
          if (whole !== undefined) this.onInstant({ ...whole, seq: message.seq });
        }
      } catch (error) {
        if (error instanceof ClosedConnectionError || error instanceof DrainingConnectionError) return;
      }
      if (!this.stopped) await delay(RETRY_MS);
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.messages?.close();
  }
}
