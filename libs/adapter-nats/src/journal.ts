import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { decodeCommit } from '@evenkeel/contracts';
import { AuthorFault } from '@evenkeel/engine';
import type { Authors } from '@evenkeel/engine';
import { contextSubject, contextSubjects, subjectOf } from '@evenkeel/eventing';
import type {
  AppendScope,
  Appended,
  EventLog,
  ReadOptions,
  SealedCommit,
  StoredCommit,
} from '@evenkeel/eventing';
import { EvenkeelError, IntegrityFault } from '@evenkeel/kernel';
import { nativeSha256 } from './native-hash';
import { ResolvingPublisher } from './resolving-publisher';
import type { PublishPatience } from './resolving-publisher';
import { readToEnd, untilAnswered } from './stream-reading';

export interface JournalOptions extends PublishPatience {
  /** Judge every commit that is read. Absent where nobody acts on what is read, and in tests of the stream alone. */
  readonly authors?: Authors;
}

/** The journal on JetStream: append resolves until known, reads check contiguity and who wrote what. */
export class JetStreamEventLog implements EventLog {
  private readonly publisher: ResolvingPublisher;
  private readonly authors: Authors | undefined;

  constructor(
    private readonly connection: NatsConnection,
    readonly name: string,
    { authors, ...patience }: JournalOptions = {},
  ) {
    this.publisher = new ResolvingPublisher(connection, name, patience);
    this.authors = authors;
  }

  append({ commit, bytes }: SealedCommit, expectedLastSeq: number, scope?: AppendScope): Promise<Appended> {
    const subject = subjectOf(commit.partition, commit.aggregate);
    const within = scope === 'context' ? contextSubject(commit.partition, commit.aggregate.context) : subject;
    return this.publisher.append({ subject, bytes, id: commit.commitId, within }, expectedLastSeq);
  }

  async *read({ fromSeq = 1, partition, contexts, ahead }: ReadOptions): AsyncIterable<StoredCommit> {
    const filter =
      contexts !== undefined
        ? contextSubjects(partition ?? '*', contexts)
        : partition === undefined
          ? undefined
          : `ek.evt.v1.${partition}.>`;
    let expected = fromSeq;
    for await (const message of readToEnd(jetstream(this.connection), this.name, fromSeq, filter, ahead)) {
      if (filter === undefined && message.seq !== expected)
        throw sequenceGap(this.name, expected, message.seq);
      expected = message.seq + 1;
      yield storedOf(message, this.authors);
    }
  }

  /** SHA-256 of the commit at a place, as the leader has it; undefined where there is none. */
  async hashAt(seq: number): Promise<Uint8Array | undefined> {
    const manager = await jetstreamManager(this.connection, { checkAPI: false });
    const message = await untilAnswered(() => manager.streams.getMessage(this.name, { seq }));
    return message === null ? undefined : nativeSha256(message.data);
  }

  async lastSeq(): Promise<number> {
    const manager = await jetstreamManager(this.connection, { checkAPI: false });
    return (await untilAnswered(() => manager.streams.info(this.name))).state.last_seq;
  }
}

export function sequenceGap(stream: string, expected: number, got: number): IntegrityFault {
  return new IntegrityFault({
    code: 'EVENTING.SEQUENCE_GAP',
    message: `${stream} should go on with ${expected}, but gave ${got}`,
  });
}

/** What a consumer delivers, or the server gives when asked for one message. */
export type DeliveredMessage = Pick<JsMsg, 'seq' | 'subject' | 'data'>;

/** A message of the journal that is no commit, or of nobody who may say so, with its place. */
export class UnreadableCommit extends IntegrityFault {
  readonly seq: number;
  readonly subject: string;

  constructor({ seq, subject }: DeliveredMessage, cause: unknown) {
    const code = cause instanceof EvenkeelError ? cause.code : 'BUG.UNEXPECTED';
    const message = cause instanceof Error ? cause.message : String(cause);
    super({ code, message: `${message} (at ${seq}, ${subject})`, cause });
    this.seq = seq;
    this.subject = subject;
  }
}

/**
 * Decodes what a stream delivered, and has it judged who wrote it; the hash is of the delivered bytes. Throws
 * `UnreadableCommit`.
 */
export function storedOf(message: DeliveredMessage, authors: Authors | undefined): StoredCommit {
  const { seq, subject, data: bytes } = message;
  try {
    const commit = decodeCommit(bytes);
    authors?.take({ seq, subject, commit, bytes });
    return { seq, subject, commit, bytes, hash: nativeSha256(bytes) };
  } catch (error) {
    throw new UnreadableCommit(message, error);
  }
}

/**
 * What counts of a message, where many partitions are read as one; undefined for what nobody may have said. Such a commit
 * stops its own partition, and leaves no trace elsewhere.
 */
export function believed(message: DeliveredMessage, authors: Authors | undefined): StoredCommit | undefined {
  try {
    return storedOf(message, authors);
  } catch (error) {
    if (error instanceof UnreadableCommit && error.cause instanceof AuthorFault) return undefined;
    throw error;
  }
}
