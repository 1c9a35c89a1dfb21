import { OperationalError } from '@evenkeel/kernel';
import { readCredentials, type Credentials } from '@evenkeel/venue-wire';
import type { ConnectorHost } from '@evenkeel/venues';

/** Where the keys of a venue's accounts are. */
export interface BookKeys {
  /** Variables of a book's own sub-account begin with this; those of the venue as a whole when no book is meant. */
  prefixOf(book?: string): string;
  /** Every variable that may hold keys; each may end in `_FILE` instead. */
  namesOf(book?: string): readonly string[];
  /** Of the book's own sub-account where it has them, else the venue's. Throws `EXECUTION.KEYS_MISSING`, naming the variables. */
  keysOf(book: string, environment: ConnectorHost['environment']): Credentials;
}

/** `venue`: the word in the variables' names; `parts`: what a key consists of there. */
export function bookKeys(venue: string, parts: readonly string[] = ['KEY', 'SECRET']): BookKeys {
  const nameOf = (book: string | undefined): string =>
    book === undefined ? venue : `${venue}_${book.replace(/[^A-Za-z0-9]/g, '_')}`;
  const prefixOf = (book?: string): string => `EK_${nameOf(book).replace(/-/g, '_').toUpperCase()}`;
  return {
    prefixOf,
    namesOf: (book) => parts.map((part) => `${prefixOf(book)}_${part}`),
    keysOf(book, environment) {
      const tried = [nameOf(book), venue].map((name) => readCredentials(name, environment));
      const found = tried.find((keys) => keys.ok);
      const lacks =
        found?.ok === true && parts.includes('PASSPHRASE') && found.value.revealPassphrase() === undefined;
      if (found?.ok === true && !lacks) return found.value.ofBook(book);
      const missing = lacks
        ? ['its passphrase is not set']
        : tried.flatMap((keys) => (keys.ok ? [] : [keys.failure.message]));
      throw new OperationalError({
        code: 'EXECUTION.KEYS_MISSING',
        message: `no key of book ${book} for ${venue}: ${missing.join('; ')}; set it in the environment, or name a file`,
      });
    },
  };
}
