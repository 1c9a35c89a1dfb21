import { lookup } from 'node:dns/promises';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { writeNamedFile } from '@evenkeel/config';
import { LIVE_VENUES, VENUE_PROTOCOLS, askListings, placeOf } from '@evenkeel/adapter-venues';
import { InvalidInputError, OperationalError } from '@evenkeel/kernel';
import { renderReport } from '@evenkeel/engine';
import { ExchangeChild } from '../run/exchange-child';
import { loadLiveInputs, namedInstruments } from '../run/live-inputs';
import type { LiveInputs } from '../run/live-inputs';
import { LiveRun } from '../run/live-run';
import type { LiveReport } from '../run/live-run';
import { renderLiveSummary } from '@evenkeel/reconstruction';
import type { Accident, LiveVenue } from '@evenkeel/venues';
import { ProgressLine } from '../run/progress-line';
import { hostRun } from '../run/hosted-run';
import { homeOf } from '../stack/home';
import type { Home } from '../stack/home';
import { EXIT } from './exit-codes';

export interface LiveFlags {
  readonly venue: string;
  readonly paper?: boolean;
  readonly for?: string;
  readonly hedge?: string;
  readonly at?: string;
  readonly calm?: boolean;
  /** In the epoch that is open. */
  readonly goOn?: boolean;
  readonly book: readonly string[];
  readonly policy?: string;
  readonly instruments?: string;
  readonly approval?: readonly string[];
  readonly report?: string;
  readonly json?: boolean;
  readonly seed: string;
  readonly logLevel: string;
}

const NETWORK_PATIENCE_MS = 4_000;
const LISTING_PATIENCE_MS = 20_000;
const STEP_MS = 250;

/** `keel run --venue …`: a book in real time, at the local exchange, on paper against live public data, or with keys. */
export async function runLive(flags: LiveFlags): Promise<void> {
  const progress = new ProgressLine(flags.json === true);
  const venue = venueOf(flags.venue);
  const forMs = durationMs(flags.for ?? '60s');
  const paper = flags.paper === true;
  const feed = VENUE_PROTOCOLS.get(venue.feed);
  if (venue.local === undefined && feed !== undefined) await reach(new URL(feed.url));
  const options = {
    venue,
    paper,
    books: flags.book.map((path) => resolve(path)),
    wallMs: Date.now(),
    ...(flags.policy === undefined ? {} : { policy: resolve(flags.policy) }),
    ...(flags.instruments === undefined ? {} : { instruments: resolve(flags.instruments) }),
    ...(flags.hedge === undefined ? {} : { hedge: flags.hedge }),
    ...(flags.at === undefined ? {} : { at: flags.at }),
  };
  // An exchange of ours has no listing to ask for.
  const listings =
    venue.local === undefined
      ? { listings: await askListings(namedInstruments(options), { timeoutMs: LISTING_PATIENCE_MS }) }
      : {};
  const inputs = loadLiveInputs({ ...options, ...listings });
  for (const remark of inputs.remarks) progress.say(remark);
  if (venue.local === undefined) await checkRealVenue(venue, inputs, paper);
  const home = homeOf();
  const report = await hostRun({
    home,
    pace: 'real time',
    say: (line) => progress.say(line),
    prepare: async (stack, onEpoch) => {
      const exchange = await localExchange(venue, inputs, flags, home);
      if (exchange !== undefined) progress.say(`local exchange at ${exchange.child.ways.url}`);
      const run = new LiveRun({
        home,
        stack,
        inputs,
        venue,
        paper,
        forMs,
        progress,
        logLevel: flags.logLevel,
        approvals: (flags.approval ?? []).map((path) => resolve(path)),
        goesOn: flags.goOn === true,
        onEpoch,
        ...(exchange === undefined
          ? {}
          : { exchange: { ...exchange, script: scriptOf(forMs, flags.calm === true, paper) } }),
      });
      return {
        run: () => run.run(),
        stop: async () => {
          await run.stop();
          await exchange?.child.stop();
        },
      };
    },
  });
  if (report === undefined) process.exitCode = EXIT.interrupted;
  else deliver(report, flags);
}

/** The exchange of this machine, where the venue is one; it ends with its process. */
async function localExchange(
  venue: LiveVenue,
  inputs: LiveInputs,
  flags: LiveFlags,
  home: Home,
): Promise<
  { readonly child: ExchangeChild; readonly environment: Readonly<Record<string, string>> } | undefined
> {
  const prepared = venue.local?.prepare({
    instruments: inputs.instruments,
    books: inputs.books.map(({ file }) => file.book),
    clockOffsetMs: inputs.clockOffsetMs,
    stepMs: STEP_MS,
    seed: flags.seed,
    moveMax: 30,
  });
  if (prepared === undefined) return undefined;
  const child = await ExchangeChild.start(venue.name, prepared.config, home.logs);
  return { child, environment: prepared.keys };
}

function deliver(report: LiveReport, flags: LiveFlags): void {
  if (flags.report !== undefined) writeNamedFile(flags.report, `${JSON.stringify(report, null, 2)}\n`);
  process.stdout.write(
    flags.json === true
      ? `${JSON.stringify(report)}\n`
      : `${renderReport(report)}${renderLiveSummary(report.live)}`,
  );
  const finished = report.verification.status === 'clean' && report.halted === undefined;
  if (!finished || !report.live.reconciliations.finallyClean) process.exitCode = EXIT.failed;
}

function venueOf(name: string): LiveVenue {
  const venue = LIVE_VENUES.get(name);
  if (venue !== undefined) return venue;
  const known = [...LIVE_VENUES.keys()].join(' or ');
  throw new InvalidInputError('the command', [
    { path: '--venue', message: `must be ${known}, not "${name}"` },
  ]);
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

function durationMs(text: string): number {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  const value = Number(parts?.[1] ?? NaN) * (UNITS[parts?.[2] ?? ''] ?? NaN);
  if (value >= 1_000 && value <= 7 * 86_400_000) return value;
  throw new InvalidInputError('the command', [
    { path: '--for', message: `must be a duration from 1s to 168h, like 60s or 15m, not "${text}"` },
  ]);
}

/**
 * What befalls the local exchange in the course of a run: prices jump, an order is refused, one is filled in part, the answer to
 * one and later the order itself is lost with the connection, and everybody is cut off. Each is armed just before a jump, so that an
 * order meets it.
 */
export function scriptOf(forMs: number, calm: boolean, paper: boolean): Accident[] {
  const at = (share: number): number => Math.round(forMs * share);
  const jumps = [0.08, 0.2, 0.32, 0.44, 0.56, 0.68, 0.8].map((share, index): Accident => {
    return { afterMs: at(share), what: 'shock', value: index % 2 === 0 ? 90 : -90 };
  });
  if (calm) return [];
  const cut: Accident = { afterMs: at(0.74), what: 'cut' };
  if (paper) return [...jumps, cut];
  return [
    ...jumps,
    { afterMs: at(0.2) - 50, what: 'reject' },
    { afterMs: at(0.32) - 50, what: 'partial', value: 20 },
    { afterMs: at(0.44) - 50, what: 'lose-answer' },
    { afterMs: at(0.56) - 50, what: 'lose-order' },
    cut,
  ];
}

/** Says at once, and by the name of the host, that there is no way to a venue; keys are looked for, never shown. */
async function checkRealVenue(venue: LiveVenue, inputs: LiveInputs, paper: boolean): Promise<void> {
  if (!paper) for (const { file } of inputs.books) venue.connector.checkKeys(file.book, process.env);
  const feeds = new Set(inputs.instruments.flatMap((instrument) => placeOf(instrument)?.feed ?? []));
  await Promise.all(
    [...feeds].map(async (feed) => {
      const url = VENUE_PROTOCOLS.get(feed)?.url;
      if (url !== undefined) await reach(new URL(url));
    }),
  );
}

/** Throws `KEEL.VENUE_UNREACHABLE` naming the host. */
export async function reach({ hostname, port, protocol }: URL): Promise<void> {
  const fail = (why: string): never => {
    throw new OperationalError({
      code: 'KEEL.VENUE_UNREACHABLE',
      message: `${hostname} cannot be reached: ${why}`,
    });
  };
  const number = port === '' ? (protocol === 'wss:' || protocol === 'https:' ? 443 : 80) : Number(port);
  const late = new Promise<'late'>((found) => setTimeout(() => found('late'), NETWORK_PATIENCE_MS).unref());
  const resolved = await Promise.race([
    lookup(hostname).catch((error: unknown) => fail(error instanceof Error ? error.message : String(error))),
    late,
  ]);
  if (resolved === 'late') return fail('its name is not resolved in time');
  await new Promise<void>((done, reject) => {
    const socket = connect({ host: resolved.address, port: number, timeout: NETWORK_PATIENCE_MS });
    const end = (error?: Error): void => {
      socket.destroy();
      if (error === undefined) done();
      else reject(error);
    };
    socket.once('connect', () => end());
    socket.once('timeout', () => end(new Error('no connection in time')));
    socket.once('error', (error) => end(error));
  }).catch((error: unknown) => fail(error instanceof Error ? error.message : String(error)));
}
