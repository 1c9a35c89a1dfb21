import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';

import { failure, success, type Result } from '@evenkeel/kernel';

/**
 * A venue key. Whatever prints it (JSON, logs, `inspect`, text) shows that there is one and nothing of it; the secret itself is
 * given out only to what signs.
 */
export class Credentials {
  readonly #secret: string;
  readonly #passphrase: string | undefined;

  constructor(
    readonly key: string,
    secret: string,
    passphrase?: string,
  ) {
    this.#secret = secret;
    this.#passphrase = passphrase;
  }

  /** For signing only. */
  revealSecret(): string {
    return this.#secret;
  }

  revealPassphrase(): string | undefined {
    return this.#passphrase;
  }

  /** The same, with the book's name where the key says `{book}`: for venues that name a sub-account by its book. */
  ofBook(book: string): Credentials {
    return new Credentials(this.key.replace('{book}', book), this.#secret, this.#passphrase);
  }

  toJSON(): string {
    return '[credentials]';
  }

  toString(): string {
    return '[credentials]';
  }

  [inspect.custom](): string {
    return '[credentials]';
  }
}

const FILE_BYTES_MAX = 4096;

/**
 * Keys of a venue from the environment: `EK_<VENUE>_KEY`, `EK_<VENUE>_SECRET` and, where the venue has one, `EK_<VENUE>_PASSPHRASE`;
 * or each with `_FILE` for the path of a file that holds it. Failure `VENUES.CREDENTIALS_MISSING` names what is missing, never
 * what is there.
 */
export function readCredentials(
  venue: string,
  environment: Readonly<Record<string, string | undefined>>,
): Result<Credentials> {
  const prefix = `EK_${venue.toUpperCase().replace(/-/g, '_')}`;
  const key = valueOf(`${prefix}_KEY`, environment);
  if (!key.ok) return key;
  const secret = valueOf(`${prefix}_SECRET`, environment);
  if (!secret.ok) return secret;
  const passphrase = valueOf(`${prefix}_PASSPHRASE`, environment);
  return success(new Credentials(key.value, secret.value, passphrase.ok ? passphrase.value : undefined));
}

function valueOf(name: string, environment: Readonly<Record<string, string | undefined>>): Result<string> {
  const direct = environment[name];
  if (direct !== undefined && direct !== '') return success(direct);
  const path = environment[`${name}_FILE`];
  if (path === undefined || path === '') {
    return failure('VENUES.CREDENTIALS_MISSING', `neither ${name} nor ${name}_FILE is set`, name);
  }
  try {
    const text = readFileSync(path, 'utf8');
    const value = text.slice(0, FILE_BYTES_MAX).trim();
    return value === ''
      ? failure('VENUES.CREDENTIALS_MISSING', `the file of ${name}_FILE is empty`, name)
      : success(value);
  } catch {
    return failure('VENUES.CREDENTIALS_MISSING', `the file of ${name}_FILE can't be read`, name);
  }
}
