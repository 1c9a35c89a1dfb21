import type { AccountDifference, AccountRef, DomainEvent, OrderReport, Step } from '@evenkeel/facts';
import { assertNever, uuidV5 } from '@evenkeel/kernel';
import type { ExecutionState } from '../execution-state';
import type { VenueEffect } from '../venue-effect';
import { accountDraft, question } from './decide';

/**
 * Somebody else trades on the account: a person by hand, another program. What the venue said of it goes on record as a
 * difference, the account takes no more orders until a person resumes it, and the venue is asked what it holds now.
 * Undefined for a report that was judged before.
 */
export function onForeignOrder(
  state: ExecutionState,
  { book, venue }: AccountRef,
  report: OrderReport,
  inputId: string,
  at: string,
): Step<VenueEffect> | undefined {
  const account = state.books.get(book)?.accounts.get(venue);
  const reconciliationId = uuidV5(`foreign-order|${inputId}`);
  if (account === undefined || account.watch.answered.has(reconciliationId)) return undefined;
  const difference: AccountDifference = {
    kind: 'foreign-order',
    name: report.clientOrderId,
    ours: 'never sent',
    theirs: wordsOf(report),
    tolerance: '0',
    tolerable: false,
  };
  const payload = { reconciliationId, book, venue, at, differences: [difference], tolerable: false };
  const events: DomainEvent[] = [{ type: 'ReconciliationDiffered', payload }];
  if (account.watch.halted !== undefined)
    return { commits: [accountDraft(account, book, at, events)], effects: [] };
  const { event, effect } = question(account, book, { trigger: 'foreign-order', attempt: 1 }, at);
  events.push({ type: 'VenueHalted', payload: { book, venue, reason: 'FOREIGN_ORDER', at } }, event);
  return { commits: [accountDraft(account, book, at, events)], effects: [effect] };
}

/** The evidence: the venue's own ids, with quantity and price of a trade. */
function wordsOf(report: OrderReport): string {
  switch (report.kind) {
    case 'acknowledged':
      return `acknowledged as ${report.venueOrderId}`;
    case 'filled':
      return `filled ${report.quantity} at ${report.price}, trade ${report.fillId}`;
    case 'busted':
      return `trade ${report.fillId} taken back: ${report.reason}`;
    case 'amended':
      return `amended to ${report.quantity} at ${report.limitPrice}`;
    case 'rejected':
    case 'cancelled':
    case 'amend-rejected':
    case 'no-answer':
      return `${report.kind}: ${report.reason}`;
    case 'expired':
    case 'not-found':
      return report.kind;
    default:
      return assertNever(report, 'a report on an order');
  }
}
