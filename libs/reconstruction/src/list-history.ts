import { InvalidInputError } from '@evenkeel/kernel';
import { epochToRead, epochsToRead, newestOf, requireBook } from './epoch-to-read';
import type { EpochToRead } from './epoch-to-read';
import type { EpochHistory } from './evidence-ports';
import { beyondText, periodOf, periodToRead } from './period-to-read';
import type { Period } from './period-to-read';

/** What a person asked a list for. */
export interface ListQuestion {
  /** A number, `all`, or absent for the newest. */
  readonly epoch?: string;
  readonly book?: string;
  readonly from?: string;
  readonly to?: string;
  /** At most so many rows, the newest; absent for all. */
  readonly limit?: number;
}

/** Which rows of one epoch. */
export interface ListFilter extends Period {
  readonly epoch: string;
  readonly book?: string;
  readonly limit?: number;
}

export interface ListSource<T> {
  /** The newest that match, oldest first. */
  rows(filter: ListFilter): Promise<readonly T[]>;
  /** How many match. */
  count(filter: ListFilter): Promise<number>;
}

export interface ListAnswer<T> {
  /** Oldest first, epoch by epoch. */
  readonly rows: readonly T[];
  /** How many there are that match. */
  readonly total: number;
  readonly epochs: readonly EpochToRead[];
  readonly period: Period;
  /** Where more was asked than is known. */
  readonly beyond?: string;
}

/** What a question reads: the epochs, oldest first, and which rows of each. */
export interface HistoryToRead {
  readonly epochs: readonly EpochToRead[];
  readonly filters: readonly ListFilter[];
  readonly period: Period;
  /** Where more was asked than is known. */
  readonly beyond?: string;
}

/** Throws what `epochToRead`, `requireBook` and `periodToRead` throw. */
export async function historyToRead(history: EpochHistory, question: ListQuestion): Promise<HistoryToRead> {
  const { book } = question;
  const epochs = await epochsOf(history, question);
  const [only] = epochs.length === 1 ? epochs : [];
  const period =
    only === undefined ? periodOf(question, newestOf(epochs)) : await periodToRead(history, only, question);
  const filters = epochs.map(({ epoch }) => ({ epoch, ...period, ...(book === undefined ? {} : { book }) }));
  const beyond = only === undefined ? undefined : await beyondText(history, period, only, book);
  return { epochs, filters, period, ...(beyond === undefined ? {} : { beyond }) };
}

/** The newest rows of a list, of one epoch or of all. Throws what `historyToRead` throws. */
export async function listHistory<T>(
  history: EpochHistory,
  source: ListSource<T>,
  question: ListQuestion,
): Promise<ListAnswer<T>> {
  const { limit } = question;
  const { epochs, filters, period, beyond } = await historyToRead(history, question);
  const rows: T[] = [];
  let total = 0;
  for (const filter of [...filters].reverse()) {
    const left = limit === undefined ? undefined : limit - rows.length;
    const found =
      left === 0 ? [] : await source.rows({ ...filter, ...(left === undefined ? {} : { limit: left }) });
    rows.unshift(...found);
    total += left === undefined || found.length < left ? found.length : await source.count(filter);
  }
  return { rows, total, epochs, period, ...(beyond === undefined ? {} : { beyond }) };
}

async function epochsOf(
  history: EpochHistory,
  { epoch, book }: ListQuestion,
): Promise<readonly EpochToRead[]> {
  if (epoch !== 'all') {
    const one = await epochToRead(history, epoch);
    if (book !== undefined) await requireBook(history, one, book);
    return [one];
  }
  const all = await epochsToRead(history);
  if (book === undefined) return all;
  const knowing = all.filter(({ books }) => books.includes(book));
  if (knowing.length > 0) return knowing;
  throw new InvalidInputError('the command', [
    { path: '--book', message: `no epoch of the ledger has a book "${book}"` },
  ]);
}
