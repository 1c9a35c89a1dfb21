import { setTimeout as delay } from 'node:timers/promises';
import { DeliverPolicy, jetstream } from '@nats-io/jetstream';
import type { ConsumerMessages } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { ClosedConnectionError, DrainingConnectionError } from '@nats-io/nats-core';
import { IntegrityFault } from '@evenkeel/kernel';
import { sequenceGap } from './journal';

export interface RawCommit {
  readonly seq: number;
  readonly subject: string;
  readonly bytes: Uint8Array;
}

const BATCH_MAX = 500;
const BUFFER_MAX = 5_000;
const RETRY_MS = 100;
/** A few commits more in one transaction cost the reader nothing and spare the database much. */
const LINGER_MS = 25;

/**
 * Reads the whole journal, unfiltered, from a sequence on and for ever, in batches of what is there. Any gap is an
 * integrity fault: nothing is skipped.
 */
export class JournalTail {
  private messages: ConsumerMessages | undefined;
  private stopped = false;

  constructor(
    private readonly connection: NatsConnection,
    private readonly stream: string,
  ) {}

  /** Runs until `stop`; rejects with the integrity fault or with what `take` threw. */
  async run(fromSeq: number, take: (batch: readonly RawCommit[]) => Promise<void>): Promise<void> {
    let next = fromSeq;
    while (!this.stopped) {
      let taking: Promise<void> | undefined;
      let failure: unknown;
      let batch: RawCommit[] = [];
      const pump = async (): Promise<void> => {
        while (batch.length > 0) {
          if (batch.length < BATCH_MAX) await delay(LINGER_MS);
          const now = batch.slice(0, BATCH_MAX);
          batch = batch.slice(BATCH_MAX);
          await take(now);
        }
      };
      try {
        const consumer = await jetstream(this.connection).consumers.get(this.stream, {
          deliver_policy: DeliverPolicy.StartSequence,
          opt_start_seq: next,
        });
        this.messages = await consumer.consume({ max_messages: 2_000, expires: 2_000 });
        for await (const message of this.messages) {
          if (message.seq !== next) throw sequenceGap(this.stream, next, message.seq);
          next = message.seq + 1;
          batch.push({ seq: message.seq, subject: message.subject, bytes: message.data });
          taking ??= pump()
            .catch((error: unknown) => {
              failure = error;
              void this.messages?.close();
            })
            .finally(() => (taking = undefined));
          if (batch.length >= BUFFER_MAX) await taking;
        }
      } catch (error) {
        if (error instanceof IntegrityFault) failure = error;
        else if (error instanceof ClosedConnectionError || error instanceof DrainingConnectionError)
          this.stopped = true;
      }
      await taking;
      if (failure !== undefined) throw failure;
      if (!this.stopped) await delay(RETRY_MS);
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.messages?.close();
  }
}
