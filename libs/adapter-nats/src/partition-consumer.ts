import { jetstream } from '@nats-io/jetstream';
import type { JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { isAboutKeys } from '@evenkeel/engine';
import type { Authors } from '@evenkeel/engine';
import { contextSubjects } from '@evenkeel/eventing';
import type { StoredCommit } from '@evenkeel/eventing';
import type { Context } from '@evenkeel/facts';
import { DeadLetters } from './dead-letters';
import { hearsKeys, takeInKeys } from './journal-authors';
import { UnreadableCommit, storedOf } from './journal';
import { KEYS_SUBJECT } from './keys-subject';
import { StreamFollower } from './stream-reading';
import type { Epoch } from './epochs';

/** Commits that are on their way to a host ahead of the one that it takes. */
const AHEAD = 64;

export interface PartitionConsumerOptions {
  readonly service: string;
  readonly partition: string;
  /** Everything before this place was taken already. */
  readonly fromSeq: number;
  /** The contexts whose commits this service reacts to. */
  readonly contexts: readonly Context[];
  /** Judge who wrote what; absent in tests of the stream alone. */
  readonly authors?: Authors | undefined;
  /** Whether people have agreed that a message counts for nothing. */
  readonly passesOver?: (unreadable: UnreadableCommit) => Promise<boolean>;
  /** Returns once the commit has taken its whole effect; only then comes the next. A throw halts the partition. */
  readonly handle: (stored: StoredCommit) => Promise<void>;
}

/**
 * Reads the commits that a host hears, in the order of the journal, pushed ahead and taken one at a time. Where it stands
 * is the host's to know: nothing is acknowledged, and whoever owns the partition next begins where its own recovery ended.
 */
export class PartitionConsumer {
  private readonly follower: StreamFollower;
  private readonly deadLetters: DeadLetters;
  private stopped = false;

  constructor(
    private readonly connection: NatsConnection,
    private readonly epoch: Epoch,
    private readonly options: PartitionConsumerOptions,
  ) {
    const { partition, contexts, authors, service } = options;
    const filter = contextSubjects(partition, contexts);
    // Keys change for all partitions at one place of the journal, and are heard there by each.
    if (authors?.signed === true && !hearsKeys(partition, contexts)) filter.push(KEYS_SUBJECT);
    this.follower = new StreamFollower(connection, epoch.journalStream, { filter, ahead: AHEAD });
    this.deadLetters = new DeadLetters(connection, service);
  }

  /** Runs until `stop`; rejects when the handler did, when a commit cannot be read, and when the journal is not there. */
  async run(): Promise<void> {
    const { authors, fromSeq } = this.options;
    // What was said about keys before the place that it begins at.
    if (authors?.signed === true)
      await takeInKeys(jetstream(this.connection), this.epoch.journalStream, authors);
    for await (const message of this.follower.from(fromSeq)) {
      if (this.stopped) return;
      await this.take(message);
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.follower.stop();
  }

  private async take(message: JsMsg): Promise<void> {
    const stored = await this.read(message);
    // What another partition says about keys was taken in as it was read.
    const foreign =
      stored === undefined ||
      (isAboutKeys(stored.commit) && stored.commit.partition !== this.options.partition);
    if (!foreign) await this.options.handle(stored);
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
      throw await this.deadLetters.note(this.options.partition, place, error);
    }
  }
}
