import type {
  AccountDifference,
  AccountRef,
  DomainEvent,
  ForeignTradeSeen,
  OrderReport,
  Step,
} from '@evenkeel/facts';
import { Decimal, NANOS_PER_HOUR, assertNever, parseInstant, uuidV5 } from '@evenkeel/kernel';
import type { ExecutionState, VenueAccount } from '../execution-state';
import type { VenueEffect } from '../venue-effect';
import { accountDraft, question } from './decide';

/** Further than a venue's clock is ever from event time. */
const CLOCKS_APART = NANOS_PER_HOUR;

/**
 * Somebody else trades on the account: a person by hand, another program. Where the account says so their trades are
 * adopted; otherwise what the venue said of it goes on record as a
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
  if (account.limits.reconciliation?.adoptTrades === true) {
    const adopted = adoption(state, account, book, report, at);
    if (adopted !== 'not adoptable') return adopted;
  }
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

/**
 * What a foreign order means to an account that adopts: its trades are facts, what changes no position is nothing. Not adoptable
 * is what cannot be counted: a trade in what the account does not trade, one of the day before, one taken back, an outcome nobody knows.
 */
function adoption(
  { forgottenUpTo }: ExecutionState,
  account: VenueAccount,
  book: string,
  report: OrderReport,
  at: string,
): Step<VenueEffect> | 'not adoptable' | undefined {
  switch (report.kind) {
    case 'filled': {
      const { trade, fillId, price, fee } = report;
      if (trade === undefined || !account.contracts.has(trade.instrument)) return 'not adoptable';
      if (account.watch.foreignTrades.has(fillId)) return undefined;
      // So old a trade may be one of an order of ours that is forgotten, and counted.
      if (parseInstant(trade.at) <= forgottenUpTo + CLOCKS_APART) return 'not adoptable';
      const told = Decimal.parse(report.quantity);
      const payload: ForeignTradeSeen = {
        book,
        venue: account.venue,
        at,
        venueOrderId: trade.venueOrderId,
        tradeId: fillId,
        instrument: trade.instrument,
        quantity: (trade.side === 'buy' ? told : told.negated()).toString(),
        price,
        fee,
        tradedAt: trade.at,
      };
      return {
        commits: [accountDraft(account, book, at, [{ type: 'ForeignTradeSeen', payload }])],
        effects: [],
      };
    }
    case 'busted':
    case 'no-answer':
      return 'not adoptable';
    case 'acknowledged':
    case 'amended':
    case 'amend-rejected':
    case 'rejected':
    case 'cancelled':
    case 'expired':
    case 'not-found':
      return undefined;
    default:
      return assertNever(report, 'a report on an order');
  }
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
