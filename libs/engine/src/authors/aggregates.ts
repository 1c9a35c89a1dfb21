import type { Context } from '@evenkeel/facts';
import { FIRM } from '@evenkeel/governance';

/** Whether an aggregate of this id can be one of the book's. */
type Belongs = (id: string, book: string) => boolean;

const isTheBook: Belongs = (id, book) => id === book;
const endsInTheBook: Belongs = (id, book) => id.endsWith(`/${book}`);
/** Ids that say nothing about the book; what the events say of it is held against the envelope all the same. */
const anyId: Belongs = () => true;

/** Every type of aggregate there is, and how its ids are made. A type without a row is nobody's. */
const AGGREGATES: Readonly<Record<Context, Readonly<Record<string, Belongs>>>> = {
  // Filed under the instrument or the venue.
  price: { source: anyId, instrument: isTheBook, connection: isTheBook },
  risk: { book: isTheBook },
  strategy: { 'hedge-program': isTheBook },
  execution: {
    'hedge-order': anyId,
    'parent-order': anyId,
    'venue-account': endsInTheBook,
    controls: isTheBook,
    'kill-switch': endsInTheBook,
    connection: endsInTheBook,
  },
  governance: {
    identities: isTheBook,
    'commit-keys': isTheBook,
    desk: isTheBook,
    // Named by its number.
    epoch: (_number, book) => book === FIRM,
    // Filed under its scope, in the partition of the book that it is about, or of the firm.
    changes: (scope, book) => scope === book || scope === `book:${book}` || book === FIRM,
  },
};

/** Why an aggregate is not one of the book's; undefined where it is. */
export function strangerTo(
  book: string,
  { context, type, id }: { readonly context: Context; readonly type: string; readonly id: string },
): string | undefined {
  const types = AGGREGATES[context];
  const belongs = Object.hasOwn(types, type) ? types[type] : undefined;
  if (belongs === undefined) return `context ${context} has no aggregates of type ${type}`;
  return belongs(id, book) ? undefined : `${type} ${id} is none of book ${book}`;
}
