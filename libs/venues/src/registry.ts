import { InvalidInputError, OperationalError } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { z } from 'zod';
import type { ConnectorEvents, Finality, OpenedAccount, VenueConnector } from './connector';

/** What a process lends to its connectors. */
export interface ConnectorHost {
  readonly clock: () => Instant;
  /** Keys are read from here and nowhere else. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Sets what is drawn at random in this process apart from other processes; decides nothing. */
  readonly life: string;
}

/** Opens one account. */
export type OpenAccount = (account: OpenedAccount, events: ConnectorEvents) => VenueConnector;

/** `cancelled`: the venue takes them back, by default. `in-house`: they are with an exchange of ours and trade with nobody. */
export type LostConnection = 'cancelled' | 'in-house';

/** One way to reach a venue, as its adapter declares it. */
export interface ConnectorDefinition<Settings = unknown> {
  /** The word that venue settings choose it by. */
  readonly connector: string;
  readonly finality: Finality;
  /** What becomes of resting orders when the connection that placed them ends without a word. */
  readonly onConnectionLost: LostConnection;
  /** What its entry in the venue settings may say. */
  readonly settings: z.ZodType<Settings>;
  /** Whether orders there are somebody's money: not at an exchange of ours, and not on paper. */
  isReal(settings: Settings): boolean;
  /** Variables that may hold the keys of a book's account, or of the venue as a whole; each may end in `_FILE` instead. */
  keys(book?: string): readonly string[];
  /** Throws `EXECUTION.KEYS_MISSING`, naming the variables, where a book's keys can't be found. */
  checkKeys(book: string, environment: ConnectorHost['environment']): void;
  /** Everything that the accounts of one process share is made here. */
  connect(settings: Settings, host: ConnectorHost): OpenAccount;
}

/**
 * How this process reaches each venue: by the venue's name, by `<venue>/<book>` for one account, or `*` for every other one. The
 * value names a connector and holds the settings of its own.
 */
export type VenueAccess = Readonly<Record<string, { readonly connector: string } & Record<string, unknown>>>;

const accessSchema = z.record(
  z.string().min(1),
  z.looseObject({ connector: z.string().min(1, 'must name a connector') }),
);

/** Venue settings from their JSON. Throws `InvalidInputError` with every problem and its path. */
export function parseVenueAccess(text: string, source: string): VenueAccess {
  let written: unknown;
  try {
    written = JSON.parse(text);
  } catch {
    throw new InvalidInputError(source, [{ path: '(file)', message: 'is not JSON' }]);
  }
  const parsed = accessSchema.safeParse(written);
  if (parsed.success) return parsed.data;
  throw new InvalidInputError(source, parsed.error.issues.map(problemAt('')));
}

const problemAt =
  (name: string) =>
  ({ path, message }: { readonly path: readonly PropertyKey[]; readonly message: string }) => ({
    path: [name, ...path.map(String)].filter((part) => part !== '').join('.'),
    message,
  });

/** The entries of the venue settings under which orders are somebody's money. What cannot be read counts as such. */
export function realVenues(definitions: readonly ConnectorDefinition[], settings: VenueAccess): string[] {
  return Object.entries(settings).flatMap(([name, { connector, ...own }]) => {
    const definition = definitions.find((known) => known.connector === connector);
    const read = definition?.settings.safeParse(own);
    return definition !== undefined && read?.success === true && !definition.isReal(read.data) ? [] : [name];
  });
}

/**
 * Chooses the connector of every account from its venue. Settings that name no known connector, or that the connector can't read,
 * are all reported at once; an account of a venue without settings stops whoever opens it, and so do two books on one account.
 */
export function openVenues(
  definitions: readonly ConnectorDefinition[],
  settings: VenueAccess,
  host: ConnectorHost,
  source = 'the venue settings',
): OpenAccount {
  const opened = new Map<string, OpenAccount>();
  const problems: { path: string; message: string }[] = [];
  for (const [name, { connector, ...own }] of Object.entries(settings)) {
    const definition = definitions.find((known) => known.connector === connector);
    if (definition === undefined) {
      const known = definitions.map((one) => one.connector).join(', ');
      problems.push({ path: `${name}.connector`, message: `must be one of ${known}, not "${connector}"` });
      continue;
    }
    const read = definition.settings.safeParse(own);
    if (read.success) opened.set(name, definition.connect(read.data, host));
    else problems.push(...read.error.issues.map(problemAt(name)));
  }
  if (problems.length > 0) throw new InvalidInputError(source, problems);
  const owners = new Map<string, string>();
  return (account, events) => {
    const { venue, book } = account;
    const open = opened.get(`${venue}/${book}`) ?? opened.get(venue) ?? opened.get('*');
    if (open === undefined)
      throw new OperationalError({
        code: 'EXECUTION.VENUE_NOT_TRADABLE',
        message: `book ${book} has an account at ${venue}, where this process cannot trade`,
      });
    const connector = open(account, events);
    const key = `${venue}/${connector.accountKey}`;
    const owner = owners.get(key);
    if (owner !== undefined && owner !== book)
      throw new OperationalError({
        code: 'EXECUTION.ACCOUNT_SHARED',
        message: `books ${owner} and ${book} would trade on one account at ${venue}: give each its own key`,
      });
    owners.set(key, book);
    return connector;
  };
}
