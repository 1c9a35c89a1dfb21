import type { BookRequested, CommitDraft } from '@evenkeel/facts';
import { formatInstant } from '@evenkeel/kernel';
import type { ExecutionState } from '../execution-state';

/** The accounts of a book that people open while services run. What is open already stays as it is. */
export function foldRequestedAccounts(state: ExecutionState, request: BookRequested): void {
  const by = request.approval?.approvedBy ?? request.requestedBy;
  const open = state.books.get(request.book)?.accounts;
  for (const account of request.accounts)
    if (open?.has(account.venue) !== true) state.accountsDue.push({ account, by });
}

/** The next account to be opened, under the name of who asked for it. */
export function nextAccount(state: ExecutionState): CommitDraft | undefined {
  const [due] = state.accountsDue;
  if (due === undefined) return undefined;
  const at = formatInstant(state.now);
  const { book, venue, limitsVersion } = due.account;
  return {
    aggregate: { context: 'execution', type: 'venue-account', id: `${venue}/${book}` },
    book,
    eventTime: at,
    actor: { kind: 'human', id: due.by },
    events: [{ type: 'VenueAccountOpened', payload: { ...due.account, at } }],
    limitsVersion,
  };
}
