import { readNamedText } from '@evenkeel/config';
import type { AskedListings } from '@evenkeel/adapter-venues';
import { parseInstrument } from '@evenkeel/instruments';
import { InvalidInputError, canonicalJson, formatInstant, parseInstant } from '@evenkeel/kernel';
import type { InputProblem, Instant, Json } from '@evenkeel/kernel';
import { parsePolicy } from '@evenkeel/hedging';
import { bootDrafts } from '@evenkeel/engine';
import type { BookUnderManagement } from '@evenkeel/engine';
import {
  checkBooks,
  checkNumeraire,
  demonstrationMarket,
  parseBookFile,
  parseInstrumentsFile,
} from '@evenkeel/market';
import type { BookFile, InstrumentsFile } from '@evenkeel/market';
import type { LiveVenue } from '@evenkeel/venues';
import { withListedTerms } from './listed-inputs';
import { withCostModel } from './policy-costs';

export interface LiveInputOptions {
  readonly venue: LiveVenue;
  readonly paper: boolean;
  readonly books: readonly string[];
  readonly policy?: string;
  readonly instruments?: string;
  /** Hedge with this instead of what the books say. */
  readonly hedge?: string;
  /** What the venues list of the instruments; absent where nobody can be asked. */
  readonly listings?: AskedListings;
  /** Event time at which the local exchange lives; chosen to fit the books when absent. */
  readonly at?: string;
  readonly wallMs: number;
}

export interface LiveInputs {
  readonly books: readonly BookUnderManagement[];
  /** Added to the clock of every process. 0 with a real venue. */
  readonly clockOffsetMs: number;
  /** What was changed to make the books fit the venue, in words. */
  readonly remarks: readonly string[];
  /** Everything the books hold or hedge with. */
  readonly instruments: readonly string[];
}

interface Sourced {
  readonly source: string;
  readonly book: BookFile;
}

/** Books, policy and contract terms of a live run, read and checked before anything is started. Throws `InvalidInputError`. */
export function loadLiveInputs(options: LiveInputOptions): LiveInputs {
  const { fitted, startMs, remarks } = fitAll(options);
  const start = BigInt(Math.round(startMs)) * 1_000_000n;
  const instruments = termsOf(options, remarks);
  const policy =
    options.policy === undefined ? undefined : withCostModel(readJson(options.policy), options.policy);
  const books = fitted.map(({ source, book }) => ({
    file: book,
    source,
    ...(policy === undefined ? {} : { policy }),
    ...(instruments === undefined ? {} : { instruments }),
  }));
  for (const managed of books) {
    checkPolicy(managed, options.policy);
    bootDrafts(managed, formatInstant(start)); // names contracts without terms
  }
  return {
    books,
    clockOffsetMs: options.venue.local === undefined ? 0 : startMs - options.wallMs,
    remarks,
    instruments: instrumentsOfAll(fitted),
  };
}

/** What the books of a live run would name at its venue, before anything else of them is looked at. Throws `InvalidInputError`. */
export function namedInstruments(options: LiveInputOptions): string[] {
  return instrumentsOfAll(fitAll(options).fitted);
}

interface Fitted {
  readonly fitted: readonly Sourced[];
  readonly startMs: number;
  readonly remarks: string[];
}

function fitAll(options: LiveInputOptions): Fitted {
  const remarks: string[] = [];
  const files = readBooks(options);
  const startMs = options.venue.local === undefined ? options.wallMs : startOf(files, options);
  if (startMs !== options.wallMs)
    remarks.push(`the exchange lives at ${new Date(startMs).toISOString()}, when the books' options trade`);
  const start = BigInt(Math.round(startMs)) * 1_000_000n;
  return { fitted: files.map((file) => fit(file, options, start, remarks)), startMs, remarks };
}

/** The terms that a file says, and before them those of the venues. */
function termsOf(
  { instruments: path, listings }: LiveInputOptions,
  remarks: string[],
): InstrumentsFile | undefined {
  const written = path === undefined ? undefined : parseInstrumentsFile(readNamedText(path), path);
  if (listings === undefined) return written;
  const found = withListedTerms(written, listings);
  remarks.push(...found.remarks);
  return found.instruments;
}

const instrumentsOfAll = (books: readonly Sourced[]): string[] => [
  ...new Set(books.flatMap(({ book }) => instrumentsOf(book))),
];

const instrumentsOf = (book: BookFile): string[] => [
  ...book.positions.map(({ instrument }) => instrument),
  ...book.hedge.instruments,
];

function readBooks({ books }: LiveInputOptions): Sourced[] {
  const files = books.map((path) => ({
    source: path,
    book: parseBookFile(readNamedText(path), path),
  }));
  if (files.length === 0)
    files.push({ source: 'the demonstration book', book: demonstrationMarket('evenkeel', 1).book });
  checkBooks(files);
  for (const { book, source } of files) checkNumeraire(book, source);
  return files;
}

/** Now, unless options of the books have expired: then the moment at which most positions live, the earliest of those. */
function startOf(files: readonly Sourced[], { at, wallMs }: LiveInputOptions): number {
  if (at !== undefined) return Number(parseInstant(at) / 1_000_000n);
  const positions = files.flatMap(({ book }) => book.positions);
  const lives = positions.map((position) => ({
    from: Number(parseInstant(position.at) / 1_000_000n),
    to: expiryMs(position.instrument),
  }));
  if (lives.every(({ to }) => to > wallMs)) return wallMs;
  const living = (moment: number): number =>
    lives.filter(({ from, to }) => from <= moment && to > moment).length;
  const moments = [...new Set(lives.map(({ from }) => from))].sort((a, b) => a - b);
  let best = moments[0] ?? wallMs;
  for (const moment of moments) if (living(moment) > living(best)) best = moment;
  return Math.ceil(best) + 1;
}

function expiryMs(instrument: string): number {
  const parsed = parseInstrument(instrument);
  return parsed.ok && parsed.value.expiry !== undefined ? Number(parsed.value.expiry / 1_000_000n) : Infinity;
}

/** The book as it can be run at the venue: without what has expired, hedged with what trades there. */
function fit(
  { source, book }: Sourced,
  options: LiveInputOptions,
  start: Instant,
  remarks: string[],
): Sourced {
  const startMs = Number(start / 1_000_000n);
  const positions = book.positions.filter(({ instrument }) => expiryMs(instrument) > startMs);
  const expired = book.positions.length - positions.length;
  if (expired > 0) remarks.push(`${source}: ${expired} positions have expired by then and are left out`);
  if (positions.length === 0)
    throw new InvalidInputError(source, [{ path: 'positions', message: 'every one of them has expired' }]);
  const simulated = options.venue.local !== undefined;
  if (simulated) {
    const elsewhere: InputProblem[] = positions.flatMap(({ instrument }, index) =>
      tradesAt(options.venue, instrument)
        ? []
        : [
            {
              path: `positions[${index}].instrument`,
              message: `${instrument} does not trade at ${options.venue.name}`,
            },
          ],
    );
    if (elsewhere.length > 0) throw new InvalidInputError(source, elsewhere);
  }
  const hedges = hedgesOf(book, options, source);
  if (hedges.join() === book.hedge.instruments.join()) return { source, book: { ...book, positions } };
  remarks.push(
    `${source}: hedging with ${hedges.join(', ')} instead of ${book.hedge.instruments.join(', ')}`,
  );
  const { maxOrderQuantity: _inOtherContracts, ...limits } = book.limits ?? {};
  if (_inOtherContracts !== undefined)
    remarks.push(`${source}: its limits on order quantities are in other contracts and do not apply`);
  return { source, book: { ...book, positions, limits, hedge: { ...book.hedge, instruments: hedges } } };
}

function hedgesOf(book: BookFile, options: LiveInputOptions, source: string): string[] {
  if (options.hedge !== undefined) return [options.hedge];
  const { instruments } = book.hedge;
  const { venue } = options;
  if (options.paper && venue.local === undefined) return instruments;
  if (instruments.every((instrument) => tradesAt(venue, instrument))) return instruments;
  if (venue.local === undefined)
    throw new InvalidInputError(source, [
      {
        path: 'hedge.instruments',
        message: `orders can be sent to ${venue.name} only: name its contracts, or give --hedge ${venue.hedgeOf('BTC')}`,
      },
    ]);
  return [
    ...new Set(
      instruments.map((instrument) => {
        const parsed = parseInstrument(instrument);
        return parsed.ok && parsed.value.venue !== venue.venue
          ? venue.hedgeOf(parsed.value.underlying)
          : instrument;
      }),
    ),
  ];
}

function readJson(path: string): Json {
  try {
    return JSON.parse(readNamedText(path)) as Json; // JSON.parse gives JSON
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    throw new InvalidInputError(path, [{ path: '(file)', message: 'is not JSON' }]);
  }
}

function checkPolicy(managed: BookUnderManagement, policyPath: string | undefined): void {
  const written = managed.policy ?? (managed.file.hedge.policy as Json); // validated as JSON by the book schema
  const parsed = parsePolicy(canonicalJson(written));
  if (parsed.ok) return;
  const { path = '(file)', message } = parsed.failure;
  throw new InvalidInputError(policyPath ?? managed.source, [{ path, message }]);
}

const tradesAt = ({ venue }: LiveVenue, instrument: string): boolean => instrument.endsWith(`@${venue}`);
