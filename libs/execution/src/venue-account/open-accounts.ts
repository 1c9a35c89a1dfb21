import type { AccountLedger, InstrumentSpec } from '@evenkeel/instruments';
import type { ExecutionState } from '../execution-state';

/** Every account of every book, in the order in which they were opened, with what its fills have made of it. */
export function* openAccounts(
  state: Pick<ExecutionState, 'books'>,
): Generator<{ readonly book: string; readonly venue: string; readonly booked: AccountLedger }> {
  for (const [book, { accounts }] of state.books)
    for (const { venue, watch } of accounts.values()) yield { book, venue, booked: watch.ledger };
}

/** The contracts that a book may trade at a venue; undefined where it has no account. */
export function tradableAt(
  state: Pick<ExecutionState, 'books'>,
  venue: string,
  book: string,
): InstrumentSpec[] | undefined {
  const account = state.books.get(book)?.accounts.get(venue);
  return account === undefined ? undefined : [...account.contracts.values()].map(({ spec }) => spec);
}
