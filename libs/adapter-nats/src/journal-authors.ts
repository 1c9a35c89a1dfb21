import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, StoredMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { AuthorFault, Authors, COMMIT_KEYS } from '@evenkeel/engine';
import type { AuthorsOptions } from '@evenkeel/engine';
import type { Context } from '@evenkeel/facts';
import { believed, storedOf } from './journal';
import { KEYS_PARTITION, KEYS_SUBJECT } from './keys-subject';
import { readToEnd, untilAnswered } from './stream-reading';
import type { Epoch } from './epochs';

/** Whether a reader of these contexts hears about keys as it is; a consumer's filters may not overlap. */
export function hearsKeys(partition: string, contexts: readonly Context[]): boolean {
  return partition === KEYS_PARTITION && contexts.includes(COMMIT_KEYS.context);
}

export interface TrustOptions extends Omit<AuthorsOptions, 'epoch'> {
  /** Refuse an epoch that enrols no keys. */
  readonly required: boolean;
}

/**
 * Who may write in an epoch: its first commit and every later one about keys, as they stand on the journal now, wherever a
 * reader begins. What comes later is taken in as it is read. Throws `AuthorFault`.
 */
export async function authorsOf(
  connection: NatsConnection,
  { epoch, journalStream }: Pick<Epoch, 'epoch' | 'journalStream'>,
  { required, ...trust }: TrustOptions,
): Promise<Authors> {
  const authors = new Authors({ epoch, ...trust });
  const { streams } = await jetstreamManager(connection, { checkAPI: false });
  const first: StoredMsg | null = await untilAnswered(() => streams.getMessage(journalStream, { seq: 1 }));
  if (first !== null) storedOf(first, authors);
  if (required && !authors.signed) {
    throw new AuthorFault(
      'AUTHORS.UNSIGNED_EPOCH',
      `epoch ${epoch} enrols no commit keys: anybody could have written what it says`,
    );
  }
  if (!authors.signed) return authors;
  await takeInKeys(jetstream(connection), journalStream, authors);
  return authors;
}

/** Takes in everything that the journal says about keys by now, after its first commit. */
export async function takeInKeys(
  js: JetStreamClient,
  journalStream: string,
  authors: Authors,
): Promise<void> {
  // What nobody may say there says nothing about keys; it stops the partition it lies in.
  for await (const message of readToEnd(js, journalStream, 2, KEYS_SUBJECT)) believed(message, authors);
}
