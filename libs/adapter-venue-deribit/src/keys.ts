import { OperationalError } from '@evenkeel/kernel';
import { readCredentials, type Credentials } from '@evenkeel/venue-wire';
import type { ConnectorHost } from '@evenkeel/venues';

const VENUE = 'deribit';

/** Variables of a book's own sub-account begin with this; those of the venue as a whole when no book is meant. */
export const keyPrefixOf = (book?: string): string => `EK_${nameOf(book).toUpperCase()}`;

const nameOf = (book: string | undefined): string =>
  book === undefined ? VENUE : `${VENUE}_${book.replace(/[^A-Za-z0-9]/g, '_')}`;

/** Keys of the book's own sub-account where it has them, else the venue's. Throws `EXECUTION.KEYS_MISSING`, naming the variables. */
export function keysOf(book: string, environment: ConnectorHost['environment']): Credentials {
  const tried = [nameOf(book), VENUE].map((name) => readCredentials(name, environment));
  for (const keys of tried) if (keys.ok) return keys.value.ofBook(book);
  const missing = tried.flatMap((keys) => (keys.ok ? [] : [keys.failure.message]));
  throw new OperationalError({
    code: 'EXECUTION.KEYS_MISSING',
    message: `no key of book ${book} for Deribit: ${missing.join('; ')}; set it in the environment, or name a file`,
  });
}
