import { LIVE_VENUES, VENUE_FEEDS } from '@evenkeel/adapter-venues';
import { InvalidInputError, OperationalError, createRandom, required } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { specificationOf } from '@evenkeel/instruments';
import { fetchListings, probeVenue } from '@evenkeel/venue-wire';
import type { ConnectionFact, Subscription } from '@evenkeel/venue-wire';
import type { Finality, LiveVenue, LocalExchange, LostConnection } from '@evenkeel/venues';

export interface VenueRow {
  readonly name: string;
  readonly marketData: readonly string[];
  /** `orders`: with keys. `paper`: on live data without. */
  readonly trading: readonly string[];
  /** When a fill that was reported may be taken as standing. */
  readonly finality: Finality;
  /** What becomes of resting orders when the connection that placed them ends without a word. */
  readonly onConnectionLost: LostConnection;
  /** Environment variables that hold keys (each may end in `_FILE` instead), and whether they are set. */
  readonly keys: readonly { readonly variable: string; readonly set: boolean }[];
  readonly websocket: string;
  readonly rest: string;
}

export type CountedRow = VenueRow & { readonly instruments: number | null | undefined };

type Environment = Readonly<Record<string, string | undefined>>;

const LIST_PATIENCE_MS = 6_000;

/** Every venue by the name that commands take: the feeds, and the exchanges of ours that speak like one of them. */
export function venueCatalogue(environment: Environment): VenueRow[] {
  const feeds = [...VENUE_FEEDS.keys()].map((name) => rowOf(name, LIVE_VENUES.get(name), environment));
  const local = [...LIVE_VENUES.values()].filter((venue) => venue.local !== undefined);
  return [...feeds, ...local.map((venue) => rowOf(venue.feed, venue, environment))];
}

function rowOf(feed: string, venue: LiveVenue | undefined, environment: Environment): VenueRow {
  const { protocol, listsOptions } = required(VENUE_FEEDS.get(feed), `the feed ${feed}`);
  const name = venue?.name ?? feed;
  const data = ['instruments', 'top of book', 'depth', 'trades', 'tickers', 'index', 'mark', 'funding'];
  const isLocal = venue?.local !== undefined;
  return {
    name,
    marketData: [
      ...(feed.endsWith('-spot') ? data.slice(0, 5) : data),
      ...(listsOptions === true ? ['implied volatility', 'Greeks'] : []),
    ],
    trading: venue === undefined ? ['paper'] : ['paper', 'orders'],
    finality: venue?.connector.finality ?? 'at-once',
    // Paper orders never leave the house.
    onConnectionLost: venue?.connector.onConnectionLost ?? 'in-house',
    keys: venue === undefined || isLocal ? [] : keysOf(venue, environment),
    websocket: isLocal ? `ws://127.0.0.1 (started by \`keel run --venue ${name}\`)` : protocol.url,
    rest: isLocal ? '' : (protocol.restUrl ?? ''),
  };
}

function keysOf(venue: LiveVenue, environment: Environment): VenueRow['keys'] {
  return venue.connector.keys().map((variable) => ({
    variable,
    set: (environment[variable] ?? environment[`${variable}_FILE`] ?? '') !== '',
  }));
}

/** What a venue lists now; `null` where it can't be asked. */
export async function countInstruments(name: string): Promise<number | null> {
  const feed = VENUE_FEEDS.get(name);
  if (feed === undefined) return LIVE_VENUES.get(name)?.local === undefined ? null : 1;
  const found = await fetchListings(feed.protocol, { timeoutMs: LIST_PATIENCE_MS });
  return found.ok ? found.value.filter(({ kind }) => kind === 'instrument').length : null;
}

export function renderCatalogue(rows: readonly CountedRow[]): string {
  const lines = rows.flatMap((row) => [
    `${row.name.padEnd(16)} ${listedOf(row.instruments).padEnd(20)} trading: ${row.trading.join(', ')}; fills final ${row.finality.replace('-', ' ')}`,
    `  data: ${row.marketData.join(', ')}`,
    `  ${row.websocket}${row.rest === '' ? '' : `   ${row.rest}`}`,
    `  on a lost connection: ${row.onConnectionLost === 'cancelled' ? 'the venue takes back what it had placed' : 'orders are in the house and trade with nobody'}`,
    ...(row.keys.length === 0
      ? []
      : [
          `  keys: ${row.keys.map(({ variable, set }) => `${variable} ${set ? 'set' : 'not set'}`).join(', ')}`,
        ]),
  ]);
  return `${lines.join('\n')}\n`;
}

/** How many instruments it lists; null where it was asked and did not answer, undefined where nobody asked. */
function listedOf(instruments: CountedRow['instruments']): string {
  if (instruments === undefined) return 'not asked';
  return instruments === null ? 'not reached' : `${instruments} instrument${instruments === 1 ? '' : 's'}`;
}

export interface VenueCheck {
  readonly venue: string;
  readonly sound: boolean;
  readonly rest: { readonly ok: boolean; readonly instruments?: number; readonly detail?: string };
  readonly websocket: {
    readonly ok: boolean;
    readonly connectMs?: number;
    readonly firstEventMs?: number;
    readonly bookSynced: boolean;
    readonly events: number;
    readonly detail?: string;
  };
  /** Our clock less the venue's, milliseconds. */
  readonly clockOffsetMs: number | null;
  /** `none`: there are no keys to try. */
  readonly login: { readonly tried: boolean; readonly ok: boolean; readonly detail: string };
}

const clock = (): Instant => BigInt(Date.now()) * 1_000_000n;

/** Looks at a venue in every way it will be used, and says what it found. Throws `InvalidInputError` for an unknown name. */
export async function checkVenue(
  name: string,
  timeoutMs: number,
  environment: Environment,
): Promise<VenueCheck> {
  const venue = LIVE_VENUES.get(name);
  if (venue?.local !== undefined) return checkLocal(venue, venue.local, timeoutMs);
  if (!VENUE_FEEDS.has(name)) {
    const known = [...new Set([...VENUE_FEEDS.keys(), ...LIVE_VENUES.keys()])].join(', ');
    throw new InvalidInputError('the command', [
      { path: '<venue>', message: `must be one of ${known}, not "${name}"` },
    ]);
  }
  return look(name, name, timeoutMs, { environment, ...(venue === undefined ? {} : { venue }) });
}

interface Doors {
  /** Where orders can be sent, to try the login. */
  readonly venue?: LiveVenue;
  readonly environment: Environment;
  /** Where its feed speaks, and what its connector is told, at an exchange of ours. */
  readonly url?: string;
  readonly access?: Readonly<Record<string, unknown>>;
  /** No REST: an exchange of ours has none. */
  readonly restless?: boolean;
}

async function look(name: string, feed: string, timeoutMs: number, doors: Doors): Promise<VenueCheck> {
  const { protocol, sample: symbol } = required(VENUE_FEEDS.get(feed), `the feed ${feed}`);
  const subscriptions: Subscription[] =
    symbol === undefined
      ? []
      : [
          { channel: 'book', symbol },
          { channel: 'quote', symbol },
        ];
  const [listings, probe] = await Promise.all([
    doors.restless === true ? undefined : fetchListings(protocol, { timeoutMs }),
    probeVenue({
      protocol,
      subscriptions,
      clock,
      random: createRandom(`check/${process.pid}`),
      timeoutMs,
      ...(doors.url === undefined ? {} : { url: doors.url }),
    }),
  ]);
  const login = await tryLogin(doors, timeoutMs);
  const rest: VenueCheck['rest'] =
    listings === undefined
      ? { ok: true, detail: 'none: it is asked over its WebSocket alone' }
      : listings.ok
        ? { ok: true, instruments: listings.value.filter(({ kind }) => kind === 'instrument').length }
        : { ok: false, detail: `${hostOf(protocol.restUrl)}: ${listings.failure.message}` };
  const lost = probe.facts.find((fact) => fact.fact === 'disconnected');
  const trouble = probe.connected ? undefined : `${hostOf(doors.url ?? protocol.url)}: ${reasonOf(lost)}`;
  const websocket = {
    ok: probe.connected && (probe.events > 0 || subscriptions.length === 0),
    bookSynced: probe.booksSynced,
    events: probe.events,
    ...(probe.connectNs === undefined ? {} : { connectMs: milliseconds(probe.connectNs) }),
    ...(probe.firstEventNs === undefined ? {} : { firstEventMs: milliseconds(probe.firstEventNs) }),
    ...(trouble === undefined ? {} : { detail: trouble }),
  };
  return {
    venue: name,
    sound: rest.ok && websocket.ok && websocket.bookSynced && (!login.tried || login.ok),
    rest,
    websocket,
    clockOffsetMs: probe.clockOffsetNs === undefined ? null : milliseconds(probe.clockOffsetNs),
    login,
  };
}

const milliseconds = (ns: bigint): number => Math.round(Number(ns) / 1e4) / 100;

const hostOf = (url: string | undefined): string => (url === undefined ? '' : new URL(url).host);

function reasonOf(fact: ConnectionFact | undefined): string {
  if (fact?.fact !== 'disconnected') return 'no connection in time';
  return fact.reason === '' ? `closed with ${fact.code}` : fact.reason;
}

async function tryLogin(doors: Doors, timeoutMs: number): Promise<VenueCheck['login']> {
  const { venue, environment, access = {} } = doors;
  if (venue === undefined || !hasKeys(venue, environment))
    return { tried: false, ok: false, detail: 'no keys' };
  const spec = specificationOf(venue.hedgeOf('BTC'));
  const account = { book: CHECK, venue: venue.venue, specifications: spec.ok ? [spec.value] : [] };
  const host = { clock, environment, life: `login-${process.pid}` };
  let trouble = 'no answer in time';
  const ok = await new Promise<boolean>((resolve) => {
    const open = venue.connector.connect(venue.connector.settings.parse(access), host);
    const connector = open(account, {
      onNews: () => undefined,
      onReady: () => end(true),
      onNote: ({ what, detail }) => {
        if (what === 'disconnected' || what === 'venue-error') trouble = detail;
        if (what === 'venue-error') end(false);
      },
    });
    const late = setTimeout(() => end(false), timeoutMs);
    const end = (done: boolean): void => {
      clearTimeout(late);
      void connector.stop('over').then(() => resolve(done));
    };
    connector.start({ positions: new Map(), cash: new Map() });
  });
  return { tried: true, ok, detail: ok ? 'logged in' : trouble };
}

/** Stands for the book whose account is tried. */
const CHECK = 'check';

function hasKeys(venue: LiveVenue, environment: Environment): boolean {
  try {
    venue.connector.checkKeys(CHECK, environment);
    return true;
  } catch (error) {
    if (error instanceof OperationalError) return false;
    throw error;
  }
}

/** An exchange of ours, opened for the occasion: the same connectors, the same protocol, a real socket. */
async function checkLocal(venue: LiveVenue, local: LocalExchange, timeoutMs: number): Promise<VenueCheck> {
  const { config, keys } = local.prepare({
    instruments: [venue.hedgeOf('BTC')],
    books: [CHECK],
    clockOffsetMs: 0,
    stepMs: 50,
    seed: CHECK,
    moveMax: 2,
  });
  const exchange = await local.open(config);
  try {
    const { feeds, access } = exchange;
    const url = required(feeds[venue.feed], `the feed ${venue.feed}`);
    const doors = { venue, environment: keys, url, access, restless: true };
    return await look(venue.name, venue.feed, timeoutMs, doors);
  } finally {
    await exchange.close();
  }
}

export function renderCheck(check: VenueCheck): string {
  const { rest, websocket, login } = check;
  const say = (ok: boolean, text: string): string => `  ${ok ? 'ok  ' : 'FAIL'} ${text}`;
  const book = websocket.bookSynced ? 'book sound' : 'no sound book';
  return [
    `${check.venue}: ${check.sound ? 'sound' : 'NOT SOUND'}`,
    say(
      rest.ok,
      `REST ${rest.instruments === undefined ? (rest.detail ?? '') : `${rest.instruments} instruments`}`,
    ),
    say(
      websocket.ok && websocket.bookSynced,
      `WebSocket ${websocket.detail ?? `connected in ${websocket.connectMs ?? '?'} ms, first event after ${websocket.firstEventMs ?? '?'} ms, ${book}`}`,
    ),
    say(
      check.clockOffsetMs !== null,
      `clock offset ${check.clockOffsetMs === null ? 'unknown' : `${check.clockOffsetMs} ms`}`,
    ),
    login.tried ? say(login.ok, `login: ${login.detail}`) : `  --   login: ${login.detail}`,
    '',
  ].join('\n');
}
