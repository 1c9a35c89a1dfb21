import { createDeribitTrading } from '@evenkeel/adapter-venue-deribit';
import { readCredentials } from '@evenkeel/venue-wire';
import type { ConnectionFact, Credentials } from '@evenkeel/venue-wire';
import type { VenueEffect } from '@evenkeel/execution';
import type { VenueReport } from '@evenkeel/facts';
import { OperationalError, createRandom } from '@evenkeel/kernel';
import type { Decimal, Instant } from '@evenkeel/kernel';
import type { OpenedAccount } from './gateway';

/** One book's account at a venue, real or on paper. Everything it has to say comes as reports, when it likes. */
export interface LiveVenue {
  readonly ready: boolean;
  start(): void;
  stop(): Promise<void>;
  perform(effect: VenueEffect): void;
  /** What the account held before this process began; only paper has to be told. */
  holds(positions: ReadonlyMap<string, Decimal>): void;
}

export interface LiveVenueOptions {
  readonly account: OpenedAccount;
  readonly clock: () => Instant;
  /** Endpoints that stand in for a feed's own, by feed name. */
  readonly urls: ReadonlyMap<string, string>;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly onReport: (report: VenueReport, at: Instant) => void;
  readonly onFact: (fact: ConnectionFact) => void;
  /** Logged in, or in again: whatever was said meanwhile has been missed. */
  readonly onReady: () => void;
}

/** Keys of the book's own account where it has them (`EK_DERIBIT_<BOOK>_KEY` …), else the venue's. */
function keysOf(book: string, environment: LiveVenueOptions['environment']): Credentials {
  const own = readCredentials(`deribit_${book.replace(/[^A-Za-z0-9]/g, '_')}`, environment);
  const keys = own.ok ? own : readCredentials('deribit', environment);
  if (keys.ok) return keys.value;
  throw new OperationalError({
    code: 'EXECUTION.KEYS_MISSING',
    message: `no key for Deribit: ${keys.failure.message}; set it in the environment of execution, or name a file`,
  });
}

/** Makes the accounts of a process; two books on one account are refused, because they can't be reconciled apart. */
export function deribitVenues(): (options: LiveVenueOptions) => LiveVenue {
  const owners = new Map<string, string>();
  return (options) => {
    const { book } = options.account;
    const credentials = keysOf(book, options.environment);
    const owner = owners.get(credentials.key);
    if (owner !== undefined)
      throw new OperationalError({
        code: 'EXECUTION.ACCOUNT_SHARED',
        message: `books ${owner} and ${book} would trade on one account: give each its own key (EK_DERIBIT_<BOOK>_KEY)`,
      });
    owners.set(credentials.key, book);
    return deribitVenue(options, credentials);
  };
}

/** Real orders at Deribit. */
function deribitVenue(options: LiveVenueOptions, credentials: Credentials): LiveVenue {
  const { account, clock, urls, onReport, onFact, onReady } = options;
  const url = urls.get('deribit');
  const trading = createDeribitTrading({
    credentials,
    specifications: account.specifications,
    clock,
    random: createRandom(`trading/${process.pid}/${account.book}`),
    onReport,
    onFact,
    onReady,
    ...(url === undefined ? {} : { url }),
  });
  return {
    get ready() {
      return trading.ready;
    },
    start: () => trading.start(),
    stop: () => trading.stop(),
    holds: () => undefined,
    perform(effect) {
      switch (effect.kind) {
        case 'submit':
          return trading.submit(effect.order);
        case 'cancel':
          return trading.cancel(effect.clientOrderId);
        case 'query':
          return trading.query(effect.clientOrderId);
        case 'amend':
          return trading.amend(effect.clientOrderId, effect.instrument, effect.quantity, effect.limitPrice);
        case 'reconcile':
          return trading.reconcile(effect.requestId, effect.book);
      }
    },
  };
}
