import { isDollar, parseContract } from '@evenkeel/instruments';
import type { Contract } from '@evenkeel/instruments';
import { Decimal, required } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { maybeHedge } from './cash-flow';
import { NOT_HELD } from './position';
import type { BookState, CashBucket, CashByCurrency, Position } from './state';

export interface OpenLeg {
  readonly contract: Contract;
  readonly position: Position;
  /** True of contracts that only the book holds, whatever its hedges do. */
  readonly isOwn: boolean;
}

/** Amounts by currency. */
export type CashLine = readonly (readonly [currency: string, amount: Decimal])[];

/** What follows from a book's positions and cash alone: the same until the next fill, funding, settlement or adoption. */
export interface OpenBook {
  readonly legs: readonly OpenLeg[];
  /** Options that may be traded as hedges and are not held: valued at quantity 0, so that a policy knows their inputs. */
  readonly watched: readonly OpenLeg[];
  /** What the book brought in of contracts that hedges may be made of (`BookState.own`). */
  readonly own: readonly OpenLeg[];
  /** Cash by line and currency, read once. */
  readonly cash: Readonly<Record<CashBucket, CashLine>>;
  /** `BookState.settled`. */
  readonly settled: Decimal;
  /** All lines of cash added up, by currency's name. */
  readonly balances: ReadonlyMap<string, Decimal>;
  /** The same as doubles. */
  readonly amounts: ReadonlyMap<string, number>;
  /** Underlyings of the positions and of what the book brought in, coins held, and a coin numeraire; by name. */
  readonly underlyings: readonly string[];
  /** The earliest expiry among the legs and what the book brought in. */
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
  const legs = legsOf(book, book.positions);
  const own = legsOf(book, book.own);
  const watched = book.hedgeInstruments
    .filter((instrument) => book.positions[instrument] === undefined)
    .map((instrument) => ({ contract: contractIn(book, instrument), position: NOT_HELD, isOwn: false }))
    .filter(({ contract }) => contract.kind === 'option');
  const { cash } = book;
  const lines = {
    options: lineOf(cash.options),
    settlement: lineOf(cash.settlement),
    hedge: lineOf(cash.hedge),
    fees: lineOf(cash.fees),
    funding: lineOf(cash.funding),
  };
  const balances = balancesOf(Object.values(lines));
  const amounts = new Map([...balances].map(([currency, amount]) => [currency, amount.toNumber()]));
  const settled = Decimal.parse(book.settled);
  const names = new Set([...legs, ...own].map(({ contract }) => contract.underlying));
  for (const [currency, amount] of balances) if (!isDollar(currency) && !amount.isZero()) names.add(currency);
  if (!isDollar(book.numeraire)) names.add(book.numeraire);
  let nextExpiry: Instant | undefined;
  for (const { contract } of [...legs, ...own]) {
    const { expiry } = contract;
    if (expiry !== undefined && (nextExpiry === undefined || expiry < nextExpiry)) nextExpiry = expiry;
  }
  const underlyings = [...names].sort();
  return { legs, watched, own, cash: lines, settled, balances, amounts, underlyings, nextExpiry };
}

function legsOf(book: BookState, positions: Readonly<Record<string, Position>>): OpenLeg[] {
  return Object.entries(positions).map(([instrument, position]) => {
    const contract = contractIn(book, instrument);
    return { contract, position, isOwn: !maybeHedge(book, contract) };
  });
}

/** The contract of an instrument that the book was opened with. */
export function contractIn(book: BookState, instrument: string): Contract {
  return parseContract(
    required(book.specifications[instrument], `the terms of ${instrument} in book ${book.book}`),
  );
}

function lineOf(cash: CashByCurrency): CashLine {
  return Object.entries(cash).map(([currency, amount]) => [currency, Decimal.parse(amount)]);
}

function balancesOf(lines: readonly CashLine[]): Map<string, Decimal> {
  const totals = new Map<string, Decimal>();
  for (const line of lines)
    for (const [currency, amount] of line)
      totals.set(currency, (totals.get(currency) ?? Decimal.ZERO).plus(amount));
  return new Map([...totals].sort(([a], [b]) => (a < b ? -1 : 1)));
}
