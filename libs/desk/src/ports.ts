import type { Commit } from '@evenkeel/eventing';
import type { AggregateRef, DomainEvent } from '@evenkeel/facts';
import type { Evidence, Statement } from '@evenkeel/governance';

/** What a person puts on record. */
export interface PersonsFact {
  readonly aggregate: AggregateRef;
  readonly book: string;
  /** On whose behalf. */
  readonly by: string;
  readonly events: readonly DomainEvent[];
}

/** The journal of the running epoch, as people read and write it. */
export interface DeskJournal {
  /** Everything people have put on record (context governance), oldest first. */
  peoplesCommits(): Promise<readonly Commit[]>;
  /** Everything risk has put on record about a book, oldest first. */
  bookCommits(book: string): Promise<readonly Commit[]>;
  /** The services whose part nobody speaks for in the book's partition now: what is asked there gets no answer from them. */
  silentServices(book: string): Promise<readonly string[]>;
  /** Makes a fact durable, once; throws `ConflictError` when somebody else was quicker. */
  record(fact: PersonsFact): Promise<void>;
}

/** Has a person make a statement: by a local key, by an identity provider's token. */
export type Sign = (statement: Statement) => Promise<Evidence>;
