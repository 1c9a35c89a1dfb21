import type { CommitView } from '@evenkeel/facts';
import { Decimal, required } from '@evenkeel/kernel';
import { NOTHING, mapTerms, plusTerms } from './attribution-terms';
import type { Terms } from './attribution-terms';
import { ExplainedBook } from './explained-book';
import type { ExplainedDay } from './explained-book';
import { contractsOfBook } from './journal-entries';

/** Terms added up; together they are `total` exactly. Decimal strings in the numeraire. */
export interface ExplainedPnl {
  readonly terms: Terms<string>;
  readonly total: string;
  /** Σ|residual| ÷ Σ of all terms' sizes, interval by interval and underlying by underlying, per cent; 0 where nothing moved. */
  readonly residualPercentOfGross: number;
}

/** Where a book's P&L came from. */
export interface BookPnl extends ExplainedPnl {
  readonly book: string;
  readonly numeraire: string;
  readonly byUnderlying: readonly (ExplainedPnl & { readonly underlying: string })[];
  /** By UTC day in which an interval ended, `2026-01-05`, and underlying. */
  readonly byDay: readonly (ExplainedPnl & { readonly day: string; readonly underlying: string })[];
}

/** Adds days up, book by book; books, days and underlyings in order of their names. */
export function explainedPnl(days: readonly ExplainedDay[]): BookPnl[] {
  return groups(days, ({ book }) => book).map(([book, own]) => ({
    book,
    numeraire: required(own[0], `a day of ${book}`).numeraire,
    ...addedUp(own),
    byUnderlying: groups(own, ({ underlying }) => underlying).map(([underlying, rows]) => ({
      underlying,
      ...addedUp(rows),
    })),
    byDay: groups(own, ({ day }) => day).flatMap(([day, rows]) =>
      groups(rows, ({ underlying }) => underlying).map(([underlying, one]) => ({
        day,
        underlying,
        ...addedUp(one),
      })),
    ),
  }));
}

function groups(
  rows: readonly ExplainedDay[],
  keyOf: (row: ExplainedDay) => string,
): (readonly [string, readonly ExplainedDay[]])[] {
  const found = new Map<string, ExplainedDay[]>();
  for (const row of rows) {
    const own = found.get(keyOf(row));
    if (own === undefined) found.set(keyOf(row), [row]);
    else own.push(row);
  }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1));
}

function addedUp(rows: readonly ExplainedDay[]): ExplainedPnl {
  let [terms, total, gross, unexplained] = [NOTHING, Decimal.ZERO, Decimal.ZERO, Decimal.ZERO];
  for (const row of rows) {
    terms = plusTerms(terms, row.terms);
    total = total.plus(row.total);
    gross = gross.plus(row.gross);
    unexplained = unexplained.plus(row.unexplained);
  }
  return {
    terms: mapTerms(terms, (amount) => amount.toString()),
    total: total.toString(),
    residualPercentOfGross: gross.isZero() ? 0 : (100 * unexplained.toNumber()) / gross.toNumber(),
  };
}

export interface RunAttribution {
  /** Folds one commit of any context; those without meaning here are ignored. */
  add(commit: Pick<CommitView, 'book' | 'events'>): void;
  /** Every book that was opened, in order of their ids. */
  report(): BookPnl[];
}

/** Attribution of a run as a fold over its commits in order. */
export function createRunAttribution(): RunAttribution {
  const books = new Map<string, ExplainedBook>();
  const days = new Map<string, ExplainedDay>();
  return {
    add(commit) {
      for (const event of commit.events) {
        if (event.type === 'BookOpened') {
          const { book, numeraire } = event.payload;
          books.set(book, new ExplainedBook(book, numeraire, contractsOfBook(event.payload)));
          continue;
        }
        const book = books.get(commit.book);
        if (event.type !== 'RiskSnapshotTaken') book?.note(event);
        else
          for (const row of book?.explain(event.payload) ?? [])
            days.set(`${row.book} ${row.day} ${row.underlying}`, row);
      }
    },
    report: () => {
      const explained = new Map(explainedPnl([...days.values()]).map((book) => [book.book, book]));
      return [...books.values()]
        .sort((a, b) => (a.book < b.book ? -1 : 1))
        .map(({ book, numeraire }) => explained.get(book) ?? { ...NOT_YET, book, numeraire });
    },
  };
}

const NOT_YET = { ...addedUp([]), byUnderlying: [], byDay: [] };
