import { TapeCache, loadTape, readNamedText } from '@evenkeel/config';
import { parseInstructions } from '@evenkeel/execution';
import { parsePolicy } from '@evenkeel/hedging';
import { InvalidInputError, canonicalJson } from '@evenkeel/kernel';
import type { InputProblem, Json } from '@evenkeel/kernel';
import { bootDrafts } from '@evenkeel/engine';
import type { BookUnderManagement } from '@evenkeel/engine';
import {
  checkBookAgainstTape,
  checkBooks,
  checkNumeraire,
  demonstrationMarket,
  parseBookFile,
  parseInstrumentsFile,
  perpetualsWithoutFunding,
  positionRemarks,
  positionsWithoutVolatility,
  termsRemarks,
} from '@evenkeel/market';
import type { Tape } from '@evenkeel/market';
import { homeOf } from '../stack/home';
import { withCostModel } from './policy-costs';

export interface RunInputs {
  readonly tape: Tape;
  /** Path of the manifest; absent for the built-in market. */
  readonly tapePath?: string;
  readonly seed: string;
  readonly days: number;
  readonly books: readonly BookUnderManagement[];
  /** Files that show who agreed to these books (`keel propose book`). */
  readonly approvals?: readonly string[];
  /** What the figures rest on though nobody said it, for the person at the terminal. */
  readonly remarks: readonly string[];
  /** Keeps a tape that was read, for the next time; says what a person should know of it. Called once the command goes ahead. */
  keepTape(): readonly string[];
}

export interface RunInputOptions {
  readonly tape?: string;
  readonly books: readonly string[];
  readonly policy?: string;
  readonly instruments?: string;
  readonly seed: string;
  readonly days: number;
  readonly approvals?: readonly string[];
}

/** Everything a run is made of, read and checked before anything is started. Throws `InvalidInputError`. */
export function loadRunInputs(options: RunInputOptions): RunInputs {
  const demonstration =
    options.tape === undefined ? demonstrationMarket(options.seed, options.days) : undefined;
  const instruments =
    options.instruments === undefined
      ? undefined
      : parseInstrumentsFile(readNamedText(options.instruments), options.instruments);
  const policy =
    options.policy === undefined ? undefined : withCostModel(readPolicy(options.policy), options.policy);
  const files = options.books.map((path) => ({
    source: path,
    book: parseBookFile(readNamedText(path), path),
  }));
  if (files.length === 0 && demonstration !== undefined)
    files.push({ source: 'the demonstration book', book: demonstration.book });
  if (files.length === 0)
    throw new InvalidInputError('the command', [
      { path: '--book', message: 'is needed with --tape: name at least one book file' },
    ]);
  checkBooks(files);
  const said: string[] = [];
  const cache = new TapeCache(homeOf().tapes, (message) => said.push(message));
  const tape = demonstration?.tape ?? loadTape(options.tape ?? '', cache);
  const books = files.map(({ source, book }) => ({
    file: book,
    source,
    ...overridingPolicy(policy, book.hedge.policy as Json, source), // validated as JSON by the book schema
    ...(instruments === undefined ? {} : { instruments }),
  }));
  for (const managed of books) {
    checkPolicy(managed, options.policy);
    checkExecution(managed);
    checkBookAgainstTape(managed.file, managed.source, tape);
    bootDrafts(managed, managed.file.positions[0]?.at ?? ''); // names contracts without terms
  }
  return {
    tape,
    seed: options.seed,
    days: options.days,
    books,
    remarks: [
      ...said,
      ...tape.remarks,
      ...(instruments === undefined ? [] : termsRemarks(instruments, options.instruments ?? '')),
      ...books.flatMap(({ file, source }) => positionRemarks(file, source, tape)),
      ...books.flatMap(({ file, source }) => positionsWithoutVolatility(file, source, tape)),
      ...[...new Set(books.flatMap(({ file }) => perpetualsWithoutFunding(file, tape)))].map(
        (instrument) => `tape ${tape.name} has no funding of ${instrument}: it counts as 0`,
      ),
    ],
    ...(options.tape === undefined ? {} : { tapePath: options.tape }),
    ...(options.approvals === undefined ? {} : { approvals: options.approvals }),
    keepTape() {
      const before = said.length;
      cache.keepRead();
      return said.slice(before);
    },
  };
}

/** One book to be opened while services run, read and checked as the books of a run are. Throws `InvalidInputError`. */
export function managedBook(
  options: Pick<RunInputOptions, 'policy' | 'instruments'> & { readonly book: string },
): BookUnderManagement {
  const { book: path, policy: policyPath } = options;
  const file = parseBookFile(readNamedText(path), path);
  checkNumeraire(file, path);
  const policy = policyPath === undefined ? undefined : withCostModel(readPolicy(policyPath), policyPath);
  const managed = {
    file,
    source: path,
    ...overridingPolicy(policy, file.hedge.policy as Json, path), // validated as JSON by the book schema
    ...(options.instruments === undefined
      ? {}
      : {
          instruments: parseInstrumentsFile(readNamedText(options.instruments), options.instruments),
        }),
  };
  checkPolicy(managed, policyPath);
  checkExecution(managed);
  bootDrafts(managed, file.positions[0]?.at ?? ''); // names contracts without terms
  return managed;
}

/** The policy of the command, or the book's own where a file it names had to be read into it. */
function overridingPolicy(policy: Json | undefined, own: Json, source: string): { readonly policy?: Json } {
  if (policy !== undefined) return { policy };
  const whole = withCostModel(own, source);
  return whole === own ? {} : { policy: whole };
}

function readPolicy(path: string): Json {
  try {
    return JSON.parse(readNamedText(path)) as Json; // JSON.parse gives JSON
  } catch (error) {
    if (error instanceof InvalidInputError) throw error;
    throw new InvalidInputError(path, [
      { path: '(file)', message: `is not JSON: ${error instanceof Error ? error.message : String(error)}` },
    ]);
  }
}

function checkPolicy(managed: BookUnderManagement, policyPath: string | undefined): void {
  const written = managed.policy ?? (managed.file.hedge.policy as Json); // validated as JSON by the book schema
  const parsed = parsePolicy(canonicalJson(written));
  if (parsed.ok) return;
  const prefix = policyPath === undefined ? 'hedge.policy' : '(file)';
  const { path, message } = parsed.failure;
  const problems: InputProblem[] = [{ path: path === undefined ? prefix : `${prefix}.${path}`, message }];
  throw new InvalidInputError(policyPath ?? managed.source, problems);
}

function checkExecution({ file, source }: BookUnderManagement): void {
  if (file.hedge.execution === undefined) return;
  const parsed = parseInstructions(file.hedge.execution);
  if (parsed.ok) return;
  const { path, message } = parsed.failure;
  throw new InvalidInputError(source, [
    { path: path === undefined ? 'hedge.execution' : `hedge.execution.${path}`, message },
  ]);
}
