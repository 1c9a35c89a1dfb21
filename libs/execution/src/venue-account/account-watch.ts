import type {
  AccountDifference,
  DomainEvent,
  MoneyAmount,
  ReconciliationRequested,
  VenueHalted,
} from '@evenkeel/facts';
import { Decimal, NANOS_PER_SECOND, parseInstant } from '@evenkeel/kernel';
import type { Instant, Nanoseconds } from '@evenkeel/kernel';
import { emptyLedger } from '@evenkeel/instruments';
import type { AccountLedger } from '@evenkeel/instruments';
import type { ReadReconciliation } from '../pre-trade/limits';

/** How long a venue may take to say what it holds, and how often it is asked in vain before it is halted. */
export const ANSWER_PATIENCE: Nanoseconds = 5n * NANOS_PER_SECOND;
export const ATTEMPTS_MAX = 6;

/** More questions are never on their way at once. */
const UNANSWERED_MAX = 4 * ATTEMPTS_MAX;
/** Judged words of venues that are told again while so many others have come since are judged anew, which halts the account. */
const ANSWERED_MAX = 256;

/** Why a venue is halted that never answers. */
export const UNANSWERED = 'RECONCILIATION_UNANSWERED';
/** Why a venue is halted whose orders the journal may have lost: it was restored from an older copy, or lost its end. */
export const JOURNAL_GAP = 'JOURNAL_GAP';

/** What is known of an account at a venue besides its limits: its own books, and how they compare with the venue's. */
export interface AccountWatch {
  halted: VenueHalted | undefined;
  /** Questions asked so far. */
  requests: number;
  asked: ReconciliationRequested | undefined;
  askedAt: Instant | undefined;
  /** True once a complete answer was compared. */
  compared: boolean;
  /** The journal has lost something: nothing leaves before an answer without differences, whatever the limits ask for. */
  owesComparison: boolean;
  /** Questions on record that no answer was judged to, oldest first: the newest of them. */
  readonly unanswered: Set<string>;
  /** The newest of what was judged: answers, and words of venues that nobody had asked for. */
  readonly answered: Set<string>;
  /** Trades of others that are on record, by the venue's id, and when they were made. */
  readonly foreignTrades: Map<string, Instant>;
  /** What was last found to differ, and what a person has accepted of it: `theirs − ours` by kind and name. */
  lastDifferences: readonly AccountDifference[];
  readonly accepted: Map<string, AccountDifference>;
  readonly ledger: AccountLedger;
  /** What the venue held when it was first compared with nothing on its way, less our own movements until then. */
  opening: ReadonlyMap<string, Decimal> | undefined;
  /** Contracts that fills moved since the venue was last asked: its answer may or may not contain them. */
  readonly sinceAsked: Map<string, { bought: Decimal; sold: Decimal }>;
}

export function newWatch(): AccountWatch {
  return {
    halted: undefined,
    requests: 0,
    asked: undefined,
    askedAt: undefined,
    compared: false,
    owesComparison: false,
    unanswered: new Set(),
    answered: new Set(),
    foreignTrades: new Map(),
    lastDifferences: [],
    accepted: new Map(),
    ledger: emptyLedger(),
    opening: undefined,
    sinceAsked: new Map(),
  };
}

/** Folds what happened to an account. `quiet`: no order of it was open meanwhile. */
export function foldAccount(watch: AccountWatch, event: DomainEvent, quiet: boolean): void {
  switch (event.type) {
    case 'ReconciliationRequested':
      watch.requests += 1;
      watch.asked = event.payload;
      watch.askedAt = parseInstant(event.payload.at);
      keepNewest(watch.unanswered, event.payload.reconciliationId, UNANSWERED_MAX);
      watch.sinceAsked.clear();
      return;
    case 'VenueReconciled':
      answered(watch, event.payload.reconciliationId);
      watch.lastDifferences = [];
      watch.owesComparison = false;
      if (watch.opening === undefined && quiet && watch.sinceAsked.size === 0)
        watch.opening = openingOf(watch, event.payload.balances);
      return;
    case 'ReconciliationDiffered':
      answered(watch, event.payload.reconciliationId);
      watch.lastDifferences = event.payload.differences;
      return;
    case 'VenueHalted':
      watch.halted = event.payload;
      watch.asked = undefined;
      if (event.payload.reason === JOURNAL_GAP) watch.owesComparison = true;
      return;
    case 'VenueResumed':
      watch.halted = undefined;
      // Who resumes a venue that never answered takes it on himself.
      watch.compared = true;
      if (!event.payload.acceptsDifferences) return;
      for (const found of watch.lastDifferences) watch.accepted.set(differenceKey(found), found);
      return;
    default:
      return;
  }
}

/** Currencies that are not listed are held at zero. */
function openingOf(watch: AccountWatch, balances: readonly MoneyAmount[]): ReadonlyMap<string, Decimal> {
  const opening = new Map([...watch.ledger.cash].map(([currency, moved]) => [currency, moved.negated()]));
  for (const { currency, amount } of balances)
    opening.set(currency, (opening.get(currency) ?? Decimal.ZERO).plus(Decimal.parse(amount)));
  return opening;
}

export function differenceKey({ kind, name }: { readonly kind: string; readonly name: string }): string {
  return `${kind}/${name}`;
}

function answered(watch: AccountWatch, reconciliationId: string): void {
  watch.unanswered.delete(reconciliationId);
  keepNewest(watch.answered, reconciliationId, ANSWERED_MAX);
  watch.asked = undefined;
  watch.compared = true;
}

function keepNewest(ids: Set<string>, id: string, max: number): void {
  ids.add(id);
  for (const oldest of ids) {
    if (ids.size <= max) return;
    ids.delete(oldest);
  }
}

/** A fill that the venue's answer, if one is on its way, may or may not contain. */
export function noteMovement(watch: AccountWatch, instrument: string, quantity: Decimal): void {
  const { bought, sold } = watch.sinceAsked.get(instrument) ?? { bought: Decimal.ZERO, sold: Decimal.ZERO };
  watch.sinceAsked.set(
    instrument,
    quantity.isNegative()
      ? { bought, sold: sold.plus(quantity.abs()) }
      : { bought: bought.plus(quantity), sold },
  );
}

/**
 * When this account wants to ask its venue, or ask again; undefined when it need not. `marketAt`: the newest market seen. The timer
 * only runs on while the market does: what nobody trades on needs no comparison, and a tape must end.
 */
export function nextQuestion(
  watch: AccountWatch,
  rules: ReadReconciliation | undefined,
  now: Instant,
  marketAt: Instant | undefined,
): Instant | undefined {
  if (watch.asked !== undefined && watch.askedAt !== undefined) return watch.askedAt + ANSWER_PATIENCE;
  if (watch.owesComparison && watch.halted?.reason !== UNANSWERED && marketAt !== undefined)
    return dueAfterGap(watch, now, marketAt);
  if (rules === undefined || marketAt === undefined) return undefined;
  if (rules.atStart && watch.requests === 0) return now;
  if (rules.interval === undefined) return undefined;
  if (watch.askedAt === undefined) return now;
  return marketAt > watch.askedAt ? watch.askedAt + rules.interval : undefined;
}

/** At once, and then after each answer that differs, for as long as the market goes on. */
function dueAfterGap(
  { askedAt, halted }: AccountWatch,
  now: Instant,
  marketAt: Instant,
): Instant | undefined {
  const haltedAt = halted === undefined ? 0n : parseInstant(halted.at);
  if (askedAt === undefined || askedAt < haltedAt) return now;
  return marketAt > askedAt ? askedAt + ANSWER_PATIENCE : undefined;
}

/** What to ask now; undefined when it is not time. */
export function questionDue(
  watch: AccountWatch,
  rules: ReadReconciliation | undefined,
  now: Instant,
  marketAt: Instant | undefined,
): { readonly trigger: string; readonly attempt: number } | undefined {
  const due = nextQuestion(watch, rules, now, marketAt);
  if (due === undefined || due > now) return undefined;
  if (watch.asked !== undefined) return { trigger: watch.asked.trigger, attempt: watch.asked.attempt + 1 };
  if (watch.owesComparison) return { trigger: 'gap', attempt: 1 };
  const first = watch.requests === 0 && rules?.atStart === true;
  return { trigger: first ? 'start' : 'interval', attempt: 1 };
}

/** Why no order may go to this venue, if so. */
export function haltOf(watch: AccountWatch, rules: ReadReconciliation | undefined): string | undefined {
  if (watch.halted !== undefined) return watch.halted.reason;
  const isDue = watch.owesComparison || (rules?.atStart === true && !watch.compared);
  return isDue ? 'NOT_RECONCILED_YET' : undefined;
}
