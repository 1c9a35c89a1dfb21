import { Credentials, fetchListings, probeVenue, readCredentials } from '@evenkeel/venue-wire';
import { SIM_PERPETUAL, createDeribitTrading, openDeribitSim } from '@evenkeel/adapter-venue-deribit';
import { VENUE_PROTOCOLS } from '@evenkeel/adapter-venues';
import type { ConnectionFact, Subscription } from '@evenkeel/venue-wire';
import { specificationOf } from '@evenkeel/instruments';
import { InvalidInputError, createRandom } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';

export interface VenueRow {
  readonly name: string;
  readonly marketData: readonly string[];
  /** `orders`: with keys. `paper`: on live data without. */
  readonly trading: readonly string[];
  /** Environment variables that hold keys (each may end in `_FILE` instead), and whether they are set. */
  readonly keys: readonly { readonly variable: string; readonly set: boolean }[];
  readonly websocket: string;
  readonly rest: string;
}

export type CountedRow = VenueRow & { readonly instruments: number | null };

type Environment = Readonly<Record<string, string | undefined>>;

const SIMULATED = 'deribit-sim';
const LIST_PATIENCE_MS = 6_000;
const OPTIONS = new Set(['deribit', 'bybit-option', 'okx', SIMULATED]);

/** Every venue by the name that commands take. */
export function venueCatalogue(environment: Environment): VenueRow[] {
  const rows = [...VENUE_PROTOCOLS].map(([name, { url, restUrl }]): VenueRow => {
    const data = ['instruments', 'top of book', 'depth', 'trades', 'tickers', 'index', 'mark', 'funding'];
    const derivative = !name.endsWith('-spot');
    return {
      name,
      marketData: [
        ...(derivative ? data : data.slice(0, 5)),
        ...(OPTIONS.has(name) ? ['implied volatility', 'Greeks'] : []),
      ],
      trading: name === 'deribit' ? ['paper', 'orders'] : ['paper'],
      keys: name === 'deribit' ? keysOf('EK_DERIBIT', environment) : [],
      websocket: url,
      rest: restUrl ?? '',
    };
  });
  const deribit = rows.find(({ name }) => name === 'deribit');
  const local: VenueRow = {
    name: SIMULATED,
    marketData: deribit?.marketData ?? [],
    trading: ['paper', 'orders'],
    keys: [],
    websocket: 'ws://127.0.0.1 (started by `keel run --venue deribit-sim`)',
    rest: '',
  };
  return [...rows, local];
}

function keysOf(prefix: string, environment: Environment): VenueRow['keys'] {
  return [`${prefix}_KEY`, `${prefix}_SECRET`].map((variable) => ({
    variable,
    set: (environment[variable] ?? environment[`${variable}_FILE`] ?? '') !== '',
  }));
}

/** What a venue lists now; `null` where it can't be asked. */
export async function countInstruments(name: string): Promise<number | null> {
  const protocol = VENUE_PROTOCOLS.get(name);
  if (protocol === undefined) return name === SIMULATED ? 1 : null;
  const found = await fetchListings(protocol, { timeoutMs: LIST_PATIENCE_MS });
  return found.ok ? found.value.filter(({ kind }) => kind === 'instrument').length : null;
}

export function renderCatalogue(rows: readonly CountedRow[]): string {
  const lines = rows.flatMap((row) => [
    `${row.name.padEnd(16)} ${String(row.instruments ?? 'not reached').padStart(12)} instruments   trading: ${row.trading.join(', ')}`,
    `  data: ${row.marketData.join(', ')}`,
    `  ${row.websocket}${row.rest === '' ? '' : `   ${row.rest}`}`,
    ...(row.keys.length === 0
      ? []
      : [
          `  keys: ${row.keys.map(({ variable, set }) => `${variable} ${set ? 'set' : 'not set'}`).join(', ')}`,
        ]),
  ]);
  return `${lines.join('\n')}\n`;
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

const BOOKS: Readonly<Record<string, string>> = {
  deribit: 'BTC-PERPETUAL',
  'binance-spot': 'BTCUSDT',
  'binance-usd-m': 'BTCUSDT',
  'binance-coin-m': 'BTCUSD_PERP',
  'bybit-spot': 'BTCUSDT',
  'bybit-linear': 'BTCUSDT',
  'bybit-inverse': 'BTCUSD',
  okx: 'BTC-USDT-SWAP',
  hyperliquid: 'BTC',
};

const clock = (): Instant => BigInt(Date.now()) * 1_000_000n;

/** Looks at a venue in every way it will be used, and says what it found. Throws `InvalidInputError` for an unknown name. */
export async function checkVenue(
  name: string,
  timeoutMs: number,
  environment: Environment,
): Promise<VenueCheck> {
  if (name === SIMULATED) return checkSimulated(timeoutMs);
  const protocol = VENUE_PROTOCOLS.get(name);
  if (protocol === undefined)
    throw new InvalidInputError('the command', [
      {
        path: '<venue>',
        message: `must be one of ${[...VENUE_PROTOCOLS.keys(), SIMULATED].join(', ')}, not "${name}"`,
      },
    ]);
  const credentials = name === 'deribit' ? readCredentials('deribit', environment) : undefined;
  return look(name, timeoutMs, {
    ...(credentials?.ok === true ? { credentials: credentials.value } : {}),
  });
}

interface Doors {
  readonly url?: string;
  readonly credentials?: Credentials;
  /** No REST: the local exchange has none. */
  readonly restless?: boolean;
}

async function look(name: string, timeoutMs: number, doors: Doors): Promise<VenueCheck> {
  const protocol = VENUE_PROTOCOLS.get(name === SIMULATED ? 'deribit' : name);
  if (protocol === undefined) throw new Error(`no protocol for ${name}`);
  const symbol = BOOKS[name === SIMULATED ? 'deribit' : name];
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
      ? { ok: true, detail: 'has none' }
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

async function tryLogin({ credentials, url }: Doors, timeoutMs: number): Promise<VenueCheck['login']> {
  if (credentials === undefined) return { tried: false, ok: false, detail: 'no keys' };
  const spec = specificationOf('BTC-PERPETUAL@deribit');
  let trouble = 'no answer in time';
  const ok = await new Promise<boolean>((resolve) => {
    const trading = createDeribitTrading({
      credentials,
      specifications: spec.ok ? [spec.value] : [],
      clock,
      random: createRandom(`login/${process.pid}`),
      onReport: () => undefined,
      onReady: () => end(true),
      onFact: (fact) => {
        if (fact.fact === 'disconnected') trouble = reasonOf(fact);
        if (fact.fact === 'venue-error') {
          trouble = `${fact.code ?? ''} ${fact.detail ?? ''}`.trim();
          end(false);
        }
      },
      ...(url === undefined ? {} : { url }),
    });
    const late = setTimeout(() => end(false), timeoutMs);
    const end = (done: boolean): void => {
      clearTimeout(late);
      void trading.stop().then(() => resolve(done));
    };
    trading.start();
  });
  return { tried: true, ok, detail: ok ? 'logged in' : trouble };
}

/** The local exchange, opened for the occasion: the same connectors, the same protocol, a real socket. */
async function checkSimulated(timeoutMs: number): Promise<VenueCheck> {
  const secret = `check-${process.pid}`;
  const sim = await openDeribitSim({
    instruments: [SIM_PERPETUAL],
    clients: [{ clientId: 'check', clientSecret: secret }],
    stepMs: 50,
  });
  try {
    return await look(SIMULATED, timeoutMs, {
      url: sim.url,
      credentials: new Credentials('check', secret),
      restless: true,
    });
  } finally {
    await sim.close();
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
