import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { decodeWhole } from '@evenkeel/contracts';
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
import { EvenkeelError, IntegrityFault, sha256 } from '@evenkeel/kernel';
import { ResolvingPublisher } from './resolving-publisher';
import type { PublishPatience } from './resolving-publisher';
import { readToEnd, untilAnswered } from './stream-reading';

export interface JournalOptions extends PublishPatience {
  /** Judge every commit that is read. Absent where nobody acts on what is read, and in tests of the stream alone. */
  readonly authors?: Authors;
  /**
   * Whether a message that cannot be believed is passed over: because people have quarantined it, or because whoever reads
   * decides nothing in its partition, which stops by itself. Reading ends with `UnreadableCommit` at any other.
   */
  readonly passesOver?: (unreadable: UnreadableCommit) => boolean | Promise<boolean>;
}

/** The journal on JetStream: append resolves until known, reads check contiguity and who wrote what. */
export class JetStreamEventLog implements EventLog {
  private readonly publisher: ResolvingPublisher;
  private readonly authors: Authors | undefined;
  private readonly passesOver: JournalOptions['passesOver'];
  /** The newest message that was passed over, by what an append can be held against. */
  private readonly passed = new Map<string, number>();

  constructor(
    private readonly connection: NatsConnection,
    readonly name: string,
    { authors, passesOver, ...patience }: JournalOptions = {},
  ) {
    this.publisher = new ResolvingPublisher(connection, name, patience);
    this.authors = authors;
    this.passesOver = passesOver;
  }

  append({ commit, bytes }: SealedCommit, expectedLastSeq: number, scope?: AppendScope): Promise<Appended> {
    const subject = subjectOf(commit.partition, commit.aggregate);
    const within = scope === 'context' ? contextSubject(commit.partition, commit.aggregate.context) : subject;
    const behind = this.passed.get(within) ?? 0;
    return this.publisher.append(
      { subject, bytes, id: commit.commitId, within },
      Math.max(expectedLastSeq, behind),
    );
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
      const stored = await this.storedOrPassed(message);
      if (stored !== undefined) yield stored;
    }
  }

  /** Somebody has read on beyond a message that is none: what is appended there follows it. */
  passOver({ seq, subject }: Pick<UnreadableCommit, 'seq' | 'subject'>): void {
    const [prefix, domain, version, partition = '', context = ''] = subject.split('.');
    const whole = [prefix, domain, version, partition, context, '>'].join('.');
    for (const place of [subject, whole])
      if (seq > (this.passed.get(place) ?? 0)) this.passed.set(place, seq);
  }

  private async storedOrPassed(message: DeliveredMessage): Promise<StoredCommit | undefined> {
    try {
      return storedOf(message, this.authors);
    } catch (error) {
      if (!(error instanceof UnreadableCommit) || (await this.passesOver?.(error)) !== true) throw error;
      this.passOver(error);
      return undefined;
    }
  }

  /** SHA-256 of the commit at a place, as the leader has it; undefined where there is none. */
  async hashAt(seq: number): Promise<Uint8Array | undefined> {
    const message = await this.messageAt(seq);
    return message === undefined ? undefined : sha256(message.data);
  }

  /** What lies at a place, whatever it is, as the leader has it. */
  async messageAt(seq: number): Promise<DeliveredMessage | undefined> {
    const manager = await jetstreamManager(this.connection, { checkAPI: false });
    return (await untilAnswered(() => manager.streams.getMessage(this.name, { seq }))) ?? undefined;
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
  /** SHA-256 of its bytes. */
  readonly hash: Uint8Array;

  /** A newer build of ours wrote it and can read it: this one must not go on as if it were not there. */
  readonly isOfNewerBuild: boolean;

  constructor({ seq, subject, data }: DeliveredMessage, cause: unknown, authors?: Authors) {
    const code = cause instanceof EvenkeelError ? cause.code : 'BUG.UNEXPECTED';
    const message = cause instanceof Error ? cause.message : String(cause);
    super({ code, message: `${message} (at ${seq}, ${subject})`, cause });
    this.seq = seq;
    this.subject = subject;
    this.hash = sha256(data);
    const vouched = authors?.signed !== true || authors.vouches(seq, data);
    this.isOfNewerBuild = code === 'CONTRACTS.UNKNOWN_VERSION' && vouched;
  }
}

/**
 * Decodes what a stream delivered, numbers of snapshots included, and has it judged who wrote it; the hash is of the delivered
 * bytes. Throws `UnreadableCommit`.
 */
export function storedOf(message: DeliveredMessage, authors: Authors | undefined): StoredCommit {
  const { seq, subject, data: bytes } = message;
  try {
    const commit = decodeWhole(bytes);
    authors?.take({ seq, subject, commit, bytes });
    return { seq, subject, commit, bytes, hash: sha256(bytes) };
  } catch (error) {
    throw new UnreadableCommit(message, error, authors);
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
    if (error instanceof UnreadableCommit && !error.isOfNewerBuild) return undefined;
    throw error;
  }
}
