import { setTimeout as delay } from 'node:timers/promises';
import type { NatsConnection } from '@nats-io/nats-core';
import { sequenceGap } from './journal';
import { StreamFollower } from './stream-reading';

export interface RawCommit {
  readonly seq: number;
  readonly subject: string;
  readonly bytes: Uint8Array;
}

const BATCH_MAX = 500;
const BUFFER_MAX = 5_000;
/** A few commits more in one transaction cost the reader nothing and spare the database much. */
const LINGER_MS = 25;

/**
 * Reads the whole journal, unfiltered, from a sequence on and for ever, in batches of what is there. Any gap is an
 * integrity fault: nothing is skipped.
 */
export class JournalTail {
  private readonly follower: StreamFollower;

  constructor(
    connection: NatsConnection,
    private readonly stream: string,
  ) {
    this.follower = new StreamFollower(connection, stream);
  }

  /** Runs until `stop`; rejects with the integrity fault, with what `take` threw, or with what the server refuses. */
  async run(fromSeq: number, take: (batch: readonly RawCommit[]) => Promise<void>): Promise<void> {
    let next = fromSeq;
    let taking: Promise<void> | undefined;
    let failure: { readonly error: unknown } | undefined;
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
      for await (const message of this.follower.from(next)) {
        if (message.seq !== next) throw sequenceGap(this.stream, next, message.seq);
        next = message.seq + 1;
        batch.push({ seq: message.seq, subject: message.subject, bytes: message.data });
        taking ??= pump()
          .catch((error: unknown) => {
            failure = { error };
            void this.stop();
          })
          .finally(() => (taking = undefined));
        if (batch.length >= BUFFER_MAX) await taking;
      }
    } finally {
      // What was read before a fault is whole and is taken.
      await taking;
    }
    if (failure !== undefined) throw failure.error;
  }

  async stop(): Promise<void> {
    await this.follower.stop();
  }
}
