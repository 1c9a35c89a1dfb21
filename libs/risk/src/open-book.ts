import { Decimal, required } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { ContractTerms } from './contract-terms';
import { contractTermsOf, isDollar } from './contract-terms';
import { FLAT } from './position';
import type { BookState, Position } from './state';

export interface OpenLeg {
  readonly instrument: string;
  readonly terms: ContractTerms;
  readonly position: Position;
}

/** What follows from a book's positions and cash alone: the same until the next fill, funding, settlement or adoption. */
export interface OpenBook {
  readonly legs: readonly OpenLeg[];
  /** Options that may be traded as hedges and are not held: valued at quantity 0, so that a policy knows their inputs. */
  readonly watched: readonly OpenLeg[];
  /** All lines of cash added up, by currency's name. */
  readonly balances: ReadonlyMap<string, Decimal>;
  /** Underlyings of the positions, coins held, and a coin numeraire; by name. */
  readonly underlyings: readonly string[];
  /** The earliest expiry among the legs. */
  readonly nextExpiry: Instant | undefined;
}

const memo = new WeakMap<BookState, { readonly changes: number; readonly open: OpenBook }>();

/** Remembered per book until it changes; a restored state simply works it out again. */
export function openBookOf(book: BookState): OpenBook {
  const known = memo.get(book);
  if (known !== undefined && known.changes === book.changes) return known.open;
  const open = derive(book);
  memo.set(book, { changes: book.changes, open });
  return open;
}

function derive(book: BookState): OpenBook {
  const legs = Object.keys(book.positions).map((instrument) => ({
    instrument,
    terms: termsIn(book, instrument),
    position: required(book.positions[instrument], `the position in ${instrument}`),
  }));
  const watched = book.hedgeInstruments
    .filter((instrument) => book.positions[instrument] === undefined)
    .map((instrument) => ({ instrument, terms: termsIn(book, instrument), position: FLAT }))
    .filter(({ terms }) => terms.kind === 'option');
  const balances = balancesOf(book);
  const names = new Set(legs.map(({ terms }) => terms.underlying));
  for (const [currency, amount] of balances) if (!isDollar(currency) && !amount.isZero()) names.add(currency);
  if (!isDollar(book.numeraire)) names.add(book.numeraire);
  let nextExpiry: Instant | undefined;
  for (const { terms } of legs) {
    if (terms.expiry !== undefined && (nextExpiry === undefined || terms.expiry < nextExpiry))
      nextExpiry = terms.expiry;
  }
  return { legs, watched, balances, underlyings: [...names].sort(), nextExpiry };
}

function termsIn(book: BookState, instrument: string): ContractTerms {
  return contractTermsOf(required(book.specifications[instrument], `the terms of ${instrument}`));
}

function balancesOf(book: BookState): Map<string, Decimal> {
  const totals = new Map<string, Decimal>();
  const { options, settlement, hedge, fees, funding } = book.cash;
  for (const bucket of [options, settlement, hedge, fees, funding]) {
    for (const currency of Object.keys(bucket)) {
      totals.set(
        currency,
        (totals.get(currency) ?? Decimal.ZERO).plus(Decimal.parse(bucket[currency] ?? '0')),
      );
    }
  }
  return new Map([...totals].sort(([a], [b]) => (a < b ? -1 : 1)));
}
