import type {
  ChangeApproved,
  CommitDraft,
  CommitView,
  CoreInput,
  DomainEvent,
  EventOf,
  OrderLimits,
  Step,
} from '@evenkeel/facts';
import { refusalIn } from '@evenkeel/facts';
import { approvalOf } from '@evenkeel/governance';
import type { ProposedChange } from '@evenkeel/governance';
import { formatInstant } from '@evenkeel/kernel';
import { contractIn } from '../execution-state';
import type { BookExecution, ExecutionState } from '../execution-state';
import { limitsContentOf } from '../pre-trade/limits-content';
import type { VenueEffect } from '../venue-effect';
import type { LimitsDue } from './limits-due';

/** Folds what governance says about a book's limits. Books that nobody opened here have none. */
export function foldLimitsGovernance(state: ExecutionState, commit: CommitView, event: DomainEvent): void {
  const book = state.books.get(commit.book);
  if (book === undefined) return;
  switch (event.type) {
    case 'ChangeProposed':
      if (event.payload.kind === 'limits' && event.payload.scope === commit.book)
        book.limitProposals.set(event.payload.proposalId, event.payload);
      return;
    case 'ChangeRejected':
    case 'ChangeWithdrawn':
    case 'ChangeExpired':
      book.limitProposals.delete(event.payload.proposalId);
      return;
    default:
      return;
  }
}

/** What an approval of a book's limits leads to; undefined for an input that approves none. */
export function judgeLimits(state: ExecutionState, input: CoreInput): LimitsDue | undefined {
  if (input.kind !== 'commit' || input.commit.aggregate.context !== 'governance') return undefined;
  const { events, book: id } = input.commit;
  const book = state.books.get(id);
  const approved = events.find(
    (event): event is EventOf<'ChangeApproved'> =>
      event.type === 'ChangeApproved' && event.payload.kind === 'limits' && event.payload.scope === id,
  );
  if (book === undefined || approved === undefined) return undefined;
  const { payload } = approved;
  return judged(book, id, payload, refusalIn(input.commit, payload.proposalId));
}

function judged(book: BookExecution, id: string, approved: ChangeApproved, refused?: string): LimitsDue {
  const proposed: ProposedChange | undefined = book.limitProposals.get(approved.proposalId);
  const approval = approvalOf(proposed, approved, refused);
  const limits = proposed === undefined ? undefined : limitsContentOf(proposed.content);
  const reasons =
    typeof approval === 'string'
      ? [approval]
      : limits === undefined
        ? ['NOT_LIMITS']
        : untradable(book, limits);
  if (typeof approval === 'string' || limits === undefined || reasons.length > 0)
    return { book: id, refused: approved, reasons };
  return { book: id, approval, limits, venues: new Set(book.accounts.keys()) };
}

/** A limit on what is never traded is a slip of the pen that would leave the real instrument without one. */
function untradable(book: BookExecution, { maxOrderQuantity, maxPosition = [] }: OrderLimits): string[] {
  const strange = [...maxOrderQuantity, ...maxPosition].some(
    ({ instrument }) => contractIn(book, instrument) === undefined,
  );
  return strange ? ['NOT_TRADED'] : [];
}

/** The next account that the approved limits are put in force for, or that they are not; undefined when all is said. */
export function nextLimits(state: ExecutionState): Step<VenueEffect> | undefined {
  const due = state.limitsDue;
  if (due === undefined) return undefined;
  const { book } = due;
  const at = formatInstant(state.now);
  const base = { book, eventTime: at };
  if ('refused' in due) {
    const { proposalId, approvedBy } = due.refused;
    const payload = { book, proposalId, approvedBy, at, reasons: due.reasons };
    const commit: CommitDraft = {
      ...base,
      aggregate: { context: 'execution', type: 'controls', id: book },
      actor: { kind: 'algo', id: 'execution' },
      events: [{ type: 'LimitsRefused', payload }],
    };
    return { commits: [commit], effects: [] };
  }
  const [venue] = due.venues;
  if (venue === undefined) return undefined;
  const { limits, approval } = due;
  // The content is the canonical JSON of the limits, as the version of a book's first limits is made of it.
  const limitsVersion = approval.contentHash;
  const payload = { book, venue, at, limits, limitsVersion, approval };
  const commit: CommitDraft = {
    ...base,
    aggregate: { context: 'execution', type: 'venue-account', id: `${venue}/${book}` },
    actor: { kind: 'human', id: approval.approvedBy },
    events: [{ type: 'LimitsSet', payload }],
    limitsVersion,
  };
  return { commits: [commit], effects: [] };
}

/** Folds that it was said. The proposal is used up with it: an approval is good for once. */
export function foldLimitsSaid(state: ExecutionState, event: DomainEvent): void {
  if (event.type !== 'LimitsSet' && event.type !== 'LimitsRefused') return;
  const due = state.limitsDue;
  const { book } = event.payload;
  if (event.type === 'LimitsRefused') {
    if (due?.book === book) state.limitsDue = undefined;
    return;
  }
  const { venue, approval } = event.payload;
  if (approval !== undefined) state.books.get(book)?.limitProposals.delete(approval.proposalId);
  if (due?.book === book && 'venues' in due) due.venues.delete(venue);
}
