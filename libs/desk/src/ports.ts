import type { Commit } from '@evenkeel/eventing';
import type { AggregateRef, DomainEvent } from '@evenkeel/facts';
import type { Evidence, QuarantinedPlace, Statement } from '@evenkeel/governance';

/** What a person puts on record. */
export interface PersonsFact {
  readonly aggregate: AggregateRef;
  readonly book: string;
  /** On whose behalf. */
  readonly by: string;
  readonly events: readonly DomainEvent[];
}

/** Where a message lies that nobody can believe, and why. */
export interface UnbelievedMessage extends QuarantinedPlace {
  readonly subject: string;
  /** Of the fault. */
  readonly code: string;
}

/** The journal of the running epoch, as people read and write it. */
export interface DeskJournal {
  /** Everything people have put on record (context governance), oldest first. */
  peoplesCommits(): Promise<readonly Commit[]>;
  /** Everything risk has put on record about a book, oldest first. */
  bookCommits(book: string): Promise<readonly Commit[]>;
  /** The books of the epoch, by name. */
  books(): Promise<readonly string[]>;
  /** The services whose part nobody speaks for in the book's partition now: what is asked there gets no answer from them. */
  silentServices(book: string): Promise<readonly string[]>;
  /** Makes a fact durable, once; throws `ConflictError` when somebody else was quicker. */
  record(fact: PersonsFact): Promise<void>;
}

/** The same, where somebody looks at what stops its readers. */
export interface JournalInDoubt extends DeskJournal {
  /** A message that nobody can believe; undefined for a commit that is sound. Throws `InvalidInputError` where there is none. */
  unbelievedAt(sequence: number): Promise<UnbelievedMessage | undefined>;
}

/** Has a person make a statement: by a local key, by an identity provider's token. */
export type Sign = (statement: Statement) => Promise<Evidence>;
