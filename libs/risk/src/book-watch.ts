import type { LegPricer } from './leg-pricer';
import { LegWatch } from './leg-watch';
import { limitsOf } from './market-view';
import { openBookOf } from './open-book';
import type { OpenBook, OpenLeg } from './open-book';
import { OptionValuer } from './option-sheet';
import type { BookState, RiskState } from './state';

/** The legs of a book beside the market that a state knows, so that an instant costs what it touches. */
export interface BookWatch {
  readonly open: OpenBook;
  /** Positions, and options that may be traded as hedges and are not held. */
  readonly all: LegWatch;
  /** The book's part of positions that it may share with its hedges. */
  readonly own: LegWatch;
  readonly valuers: BookValuers;
}

/** Each keeps the numbers of its newest valuation. */
class BookValuers {
  private made:
    { readonly pricer: LegPricer; readonly all: OptionValuer; readonly own: OptionValuer } | undefined;

  of(pricer: LegPricer): { readonly all: OptionValuer; readonly own: OptionValuer } {
    if (this.made?.pricer !== pricer)
      this.made = { pricer, all: new OptionValuer(pricer), own: new OptionValuer(pricer) };
    return this.made;
  }
}

interface Watched {
  readonly byBook: WeakMap<BookState, { readonly changes: number; watch: BookWatch }>;
  /** Those who hold an instrument, in the order in which they came to; instruments that the same books hold share one list. */
  readonly byInstrument: Map<string, readonly BookState[]>;
}

/** Not part of the state: what follows from it, worked out again wherever it is missing. */
const memo = new WeakMap<RiskState, Watched>();

export function watchOf(state: RiskState, book: BookState): BookWatch {
  const watched = watchedIn(state);
  const known = watched.byBook.get(book);
  if (known?.changes === book.changes) return known.watch;
  const open = openBookOf(book);
  const limits = limitsOf(book.rules);
  const markOf = (instrument: string) => state.marks[instrument];
  const before = known?.watch;
  const all = [...open.legs, ...open.watched];
  const watch: BookWatch = {
    open,
    all: new LegWatch(all, open.legs.length, limits, markOf, before?.all),
    own: new LegWatch(open.own, open.own.length, limits, markOf, before?.own),
    valuers: before?.valuers ?? new BookValuers(),
  };
  watched.byBook.set(book, { changes: book.changes, watch });
  addReader(watched.byInstrument, all, book);
  return watch;
}

const NOBODY: readonly BookState[] = [];

function addReader(byInstrument: Watched['byInstrument'], legs: readonly OpenLeg[], book: BookState): void {
  const withBook = new Map<readonly BookState[], readonly BookState[]>();
  for (const { contract } of legs) {
    const readers = byInstrument.get(contract.id) ?? NOBODY;
    let more = withBook.get(readers);
    if (more === undefined) {
      more = readers.includes(book) ? readers : [...readers, book];
      withBook.set(readers, more);
    }
    if (more !== readers) byInstrument.set(contract.id, more);
  }
}

function watchedIn(state: RiskState): Watched {
  const known = memo.get(state);
  if (known !== undefined) return known;
  const made: Watched = { byBook: new WeakMap(), byInstrument: new Map<string, readonly BookState[]>() };
  memo.set(state, made);
  return made;
}

/** An instrument is marked anew: those who hold it look at it again. */
export function marked(state: RiskState, instrument: string): void {
  const watched = memo.get(state);
  const readers = watched?.byInstrument.get(instrument);
  if (watched === undefined || readers === undefined) return;
  const mark = state.marks[instrument];
  for (const book of readers) {
    const watch = watched.byBook.get(book)?.watch;
    watch?.all.take(instrument, mark);
    watch?.own.take(instrument, mark);
  }
}
