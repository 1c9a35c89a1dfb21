import { OperationalError } from '@evenkeel/kernel';
import type { ConnectorHost } from '@evenkeel/venues';

import { readCredentials, type Credentials } from '../connection/credentials';

/** Where the keys of a venue's accounts are found. */
export interface AccountKeys {
  /** Their names begin with this: of a book's own account, or of the venue as a whole. */
  prefix(book?: string): string;
  /** Variables that may hold the keys of a book's account, or of the venue as a whole. */
  names(book?: string): readonly string[];
  /** Keys of the book's own sub-account where it has them, else the venue's. Throws `EXECUTION.KEYS_MISSING`, naming the variables. */
  of(book: string, environment: ConnectorHost['environment']): Credentials;
}

/** `EK_<VENUE>_KEY` and `EK_<VENUE>_<BOOK>_KEY` with their secrets, and a passphrase where the venue wants one. */
export function accountKeysAt(venue: string, options: { readonly passphrase: boolean }): AccountKeys {
  const nameOf = (book: string | undefined): string =>
    book === undefined ? venue : `${venue}_${book.replace(/[^A-Za-z0-9]/g, '_')}`;
  const prefix = (book?: string): string => `EK_${nameOf(book).toUpperCase()}`;
  const parts = ['KEY', 'SECRET', ...(options.passphrase ? ['PASSPHRASE'] : [])];
  return {
    prefix,
    names: (book) => parts.map((part) => `${prefix(book)}_${part}`),
    of(book, environment) {
      const tried = [nameOf(book), venue].map((name) => readCredentials(name, environment));
      const found = tried.find((keys) => keys.ok);
      const refuse = (why: string): never => {
        throw new OperationalError({
          code: 'EXECUTION.KEYS_MISSING',
          message: `no key of book ${book} for ${venue}: ${why}`,
        });
      };
      if (found?.ok !== true) {
        const missing = tried.flatMap((keys) => (keys.ok ? [] : [keys.failure.message]));
        return refuse(`${missing.join('; ')}; set it in the environment, or name a file`);
      }
      const keys = found.value.ofBook(book);
      if (options.passphrase && keys.revealPassphrase() === undefined)
        return refuse('its passphrase is not set; set it in the environment, or name a file');
      return keys;
    },
  };
}
