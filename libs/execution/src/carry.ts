import type {
  AccountCarried,
  CommitDraft,
  ControlsCarried,
  DomainEvent,
  KillEngaged,
  MoneyAmount,
  VenueAccountOpened,
} from '@evenkeel/facts';
import { beginLedger } from '@evenkeel/instruments';
import { Decimal, parseInstant, required } from '@evenkeel/kernel';
import type { BookExecution, ExecutionState, VenueAccount } from './execution-state';
import { differenceKey } from './venue-account/account-watch';

export interface CarryExecution {
  readonly book: string;
  readonly at: string;
  readonly fromEpoch: string;
  /** What the book's accounts were opened with, by venue. */
  readonly opened: ReadonlyMap<string, VenueAccountOpened>;
  /** What stops the book on record, by scope. */
  readonly kills: ReadonlyMap<string, readonly KillEngaged[]>;
}

type Draft = Pick<CommitDraft, 'aggregate' | 'events' | 'limitsVersion'>;

/** What execution knows of a book, apart from its orders, as the first facts of another epoch say it: one commit an aggregate. */
export function carriedExecution(state: ExecutionState, options: CarryExecution): Draft[] {
  const known = state.books.get(options.book);
  if (known === undefined) return [];
  return [
    ...[...known.accounts.values()].map((account) => accountDraft(account, options)),
    controlsDraft(known, options),
    ...[...options.kills].map(([scope, kills]) =>
      draftOf(
        'kill-switch',
        `${scope}/${options.book}`,
        kills.map((payload) => ({ type: 'KillEngaged', payload })),
      ),
    ),
  ];
}

function draftOf(type: string, id: string, events: readonly DomainEvent[]): Draft {
  return { aggregate: { context: 'execution', type, id }, events };
}

function accountDraft(account: VenueAccount, { book, at, fromEpoch, opened }: CarryExecution): Draft {
  const { venue, watch, limits, limitsVersion } = account;
  const terms = required(opened.get(venue), `the opening of the account of ${book} at ${venue}`);
  const payload: AccountCarried = {
    book,
    venue,
    at,
    fromEpoch,
    positions: [...watch.ledger.positions].map(([instrument, { quantity, basis }]) => ({
      instrument,
      quantity: quantity.toString(),
      basis: basis.toString(),
    })),
    cash: amountsOf(watch.ledger.cash),
    accepted: [...watch.accepted.values()].map((difference) => ({ ...difference })),
    foreignTrades: [...watch.foreignTrades.keys()],
    compared: watch.opening !== undefined,
    opening: amountsOf(watch.opening ?? new Map()),
  };
  const events: DomainEvent[] = [
    { type: 'VenueAccountOpened', payload: { ...terms, limits, limitsVersion } },
    { type: 'AccountCarried', payload },
  ];
  if (watch.halted !== undefined) events.push({ type: 'VenueHalted', payload: watch.halted });
  return { ...draftOf('venue-account', `${venue}/${book}`, events), limitsVersion };
}

function amountsOf(amounts: ReadonlyMap<string, Decimal>): MoneyAmount[] {
  return [...amounts].map(([currency, amount]) => ({ currency, amount: amount.toString() }));
}

/** Overrides, restrictions and tripped throttles in the words they were set with, then what the checks count. */
function controlsDraft(known: BookExecution, { book, at, fromEpoch }: CarryExecution): Draft {
  const { controls, positions, risk } = known;
  const events: DomainEvent[] = [];
  for (const { grant } of controls.overrides.values())
    events.push({ type: 'ControlOverridden', payload: grant });
  for (const set of controls.restrictions.values()) events.push({ type: 'RestrictionSet', payload: set });
  for (const { tripped } of controls.repetitions.values())
    if (tripped !== undefined) events.push({ type: 'ThrottleTripped', payload: tripped });
  const payload: ControlsCarried = {
    book,
    at,
    fromEpoch,
    positions: [...positions].map(([instrument, quantity]) => ({
      instrument,
      quantity: quantity.toString(),
    })),
    uncounted: [...risk.uncounted].map(([fillId, { instrument, quantity }]) => ({
      fillId,
      instrument,
      quantity: quantity.toString(),
    })),
    day: risk.day,
    dayStart: risk.dayStart,
    hedged: risk.hedged,
  };
  events.push({ type: 'ControlsCarried', payload });
  return draftOf('controls', book, events);
}

/** An account goes on as fills have made it, and takes no order before the venue was compared with it. */
export function foldAccountCarried(account: VenueAccount, payload: AccountCarried): void {
  const { watch } = account;
  const amounts = (list: readonly MoneyAmount[]): Map<string, Decimal> =>
    new Map(list.map(({ currency, amount }) => [currency, Decimal.parse(amount)]));
  beginLedger(watch.ledger, {
    positions: new Map(
      payload.positions.map(({ instrument, quantity, basis }) => [
        instrument,
        { quantity: Decimal.parse(quantity), basis: Decimal.parse(basis) },
      ]),
    ),
    cash: amounts(payload.cash),
  });
  for (const difference of payload.accepted) watch.accepted.set(differenceKey(difference), difference);
  // When each was made is not told: all of them count as made now, and are known for a day.
  for (const tradeId of payload.foreignTrades) watch.foreignTrades.set(tradeId, parseInstant(payload.at));
  watch.opening = payload.compared ? amounts(payload.opening) : undefined;
  watch.owesComparison = true;
}

export function foldControlsCarried(book: BookExecution, payload: ControlsCarried): void {
  for (const { instrument, quantity } of payload.positions)
    book.positions.set(instrument, Decimal.parse(quantity));
  for (const { fillId, instrument, quantity } of payload.uncounted)
    book.risk.uncounted.set(fillId, { instrument, quantity: Decimal.parse(quantity) });
  book.risk.day = payload.day;
  book.risk.dayStart = payload.dayStart;
  book.risk.hedged = payload.hedged;
}
