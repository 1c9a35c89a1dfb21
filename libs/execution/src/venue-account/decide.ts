import type { AccountDifference, CommitDraft, DomainEvent, Step } from '@evenkeel/facts';
import { formatInstant, uuidV5 } from '@evenkeel/kernel';
import type { ExecutionState, VenueAccount } from '../execution-state';
import type { VenueEffect } from '../venue-effect';
import { ATTEMPTS_MAX, UNANSWERED, differenceKey, nextQuestion, questionDue } from './account-watch';
import { compareAccount } from './compare';
import type { AccountReport } from './compare';

/** Said as the tolerance of a difference that the next answer may clear up. */
const ASKED_AGAIN = 'asked again';

/** Asks the first venue whose account is due; undefined when none is. For the core's own wake instants. */
export function askAccount(state: ExecutionState): Step<VenueEffect> | undefined {
  const at = formatInstant(state.now);
  for (const [book, { accounts }] of state.books) {
    for (const account of accounts.values()) {
      const { watch, read, venue } = account;
      const due = questionDue(watch, read.reconciliation, state.now, state.marketAt);
      if (due === undefined) continue;
      if (due.attempt > ATTEMPTS_MAX) {
        const payload = { book, venue, reason: UNANSWERED, at };
        return {
          commits: [accountDraft(account, book, at, [{ type: 'VenueHalted', payload }])],
          effects: [],
        };
      }
      const asking = question(account, book, due, at);
      return { commits: [accountDraft(account, book, at, [asking.event])], effects: [asking.effect] };
    }
  }
  return undefined;
}

/** Asks a venue what it holds: the fact, and the effect it allows. */
export function question(
  { venue, watch }: VenueAccount,
  book: string,
  due: { readonly trigger: string; readonly attempt: number },
  at: string,
): { readonly event: DomainEvent; readonly effect: VenueEffect } {
  const reconciliationId = uuidV5(`reconciliation|${venue}|${book}|${watch.requests + 1}`);
  return {
    event: { type: 'ReconciliationRequested', payload: { reconciliationId, book, venue, ...due, at } },
    effect: { kind: 'reconcile', book, venue, requestId: reconciliationId },
  };
}

/** The commit that halts an order's venue for its book; undefined where it is halted already. */
export function haltVenue(
  state: ExecutionState,
  { book, venue }: { readonly book: string; readonly venue: string },
  reason: string,
): CommitDraft | undefined {
  const account = state.books.get(book)?.accounts.get(venue);
  if (account === undefined || account.watch.halted !== undefined) return undefined;
  const at = formatInstant(state.now);
  return accountDraft(account, book, at, [{ type: 'VenueHalted', payload: { book, venue, reason, at } }]);
}

/** What a venue's answer means; undefined when it was already judged, or concludes nothing. */
export function onAccountReport(
  state: ExecutionState,
  report: AccountReport,
  inputId: string,
  at: string,
): Step<VenueEffect> | undefined {
  const book = state.books.get(report.book);
  const account = book?.accounts.get(report.venue);
  if (book === undefined || account === undefined || !report.complete) return undefined;
  const unasked = report.requestId === '';
  const reconciliationId = unasked ? uuidV5(`account|${inputId}`) : report.requestId;
  const { answered, unanswered } = account.watch;
  if (unasked ? answered.has(reconciliationId) : !unanswered.has(reconciliationId)) return undefined;
  const { differences: found, positions, outsideScope } = compareAccount(state, book, account, report);
  const differences = found.map((difference) => lookTwice(account, difference));
  const common = { reconciliationId, book: report.book, venue: report.venue, at };
  if (differences.length === 0) {
    const openOrders = report.openOrders.length;
    const { balances } = report;
    const payload = { ...common, positions, openOrders, balances, outsideScope };
    return {
      commits: [accountDraft(account, report.book, at, [{ type: 'VenueReconciled', payload }])],
      effects: questionsOnDoubt(state, report),
    };
  }
  const tolerable = differences.every((difference) => difference.tolerable);
  const events: DomainEvent[] = [
    { type: 'ReconciliationDiffered', payload: { ...common, differences, tolerable } },
  ];
  if (!tolerable && account.watch.halted === undefined) {
    const reason = 'RECONCILIATION_DIFFERED';
    events.push({ type: 'VenueHalted', payload: { book: report.book, venue: report.venue, reason, at } });
  }
  const missing = differences.filter(({ kind, theirs }) => kind === 'open-order' && theirs === 'not listed');
  const { book: name, venue } = report;
  const effects = [
    ...missing.map(({ name: clientOrderId }): VenueEffect => {
      return { kind: 'query', clientOrderId, book: name, venue };
    }),
    ...questionsOnDoubt(state, report),
  ];
  if (tolerable && differences.some(({ tolerance }) => tolerance === ASKED_AGAIN)) {
    const { event, effect } = question(account, report.book, { trigger: 'foreign-order', attempt: 1 }, at);
    events.push(event);
    effects.push(effect);
  }
  return { commits: [accountDraft(account, report.book, at, events)], effects };
}

/** What nobody counted on and stands in the venue's list has been found: the answer to the question brings it back, to be taken back. */
function questionsOnDoubt(state: ExecutionState, { book, venue, openOrders }: AccountReport): VenueEffect[] {
  return openOrders
    .filter(({ clientOrderId }) => state.orders.get(clientOrderId)?.doubt !== undefined)
    .map(({ clientOrderId }) => ({ kind: 'query', clientOrderId, book, venue }));
}

/**
 * Where others' trades are adopted the venue's answer may hold one that is told a moment later: a difference counts once the
 * next answer has it too.
 */
function lookTwice({ watch, limits }: VenueAccount, difference: AccountDifference): AccountDifference {
  const { kind } = difference;
  const lags = kind === 'position' || kind === 'balance';
  if (limits.reconciliation?.adoptTrades !== true || difference.tolerable || !lags) return difference;
  const key = differenceKey(difference);
  const isSecond = watch.lastDifferences.some((before) => differenceKey(before) === key);
  return isSecond ? difference : { ...difference, tolerance: ASKED_AGAIN, tolerable: true };
}

/** When the first account wants to ask its venue. */
export function nextAccountWake(state: ExecutionState): bigint | undefined {
  let first: bigint | undefined;
  for (const { accounts } of state.books.values()) {
    for (const { watch, read } of accounts.values()) {
      const due = nextQuestion(watch, read.reconciliation, state.now, state.marketAt);
      if (due !== undefined && (first === undefined || due < first)) first = due;
    }
  }
  return first;
}

/** A commit of a venue account. */
export function accountDraft(
  account: VenueAccount,
  book: string,
  eventTime: string,
  events: readonly DomainEvent[],
): CommitDraft {
  return {
    aggregate: { context: 'execution', type: 'venue-account', id: `${account.venue}/${book}` },
    book,
    eventTime,
    actor: { kind: 'algo', id: 'execution' },
    events,
    limitsVersion: account.limitsVersion,
  };
}
