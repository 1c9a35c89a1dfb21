import type { DomainEvent } from '@evenkeel/facts';

/** One line of an entry: the amount put to an account, positive is a debit. */
export interface LedgerPosting {
  readonly account: string;
  readonly currency: string;
  /** Exact decimal. */
  readonly amount: string;
}

/** Postings that belong together and sum to zero per currency. */
export interface LedgerEntry {
  readonly description: string;
  readonly postings: readonly LedgerPosting[];
}

/** The double entries an event gives rise to; none for most. */
export type EntriesOf = (event: DomainEvent, book: string) => readonly LedgerEntry[];
