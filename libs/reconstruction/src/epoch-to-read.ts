import { EvenkeelError, InvalidInputError, formatInstant } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import type { EpochHistory, EpochOnRecord, EventSpan } from './evidence-ports';

/** The epoch that a question is answered from. */
export interface EpochToRead extends EpochOnRecord {
  readonly span: EventSpan;
  /** Its place among all epochs, from 1, and how many there are. */
  readonly position: number;
  readonly of: number;
}

/** What every answer as an object says of where it was read. */
export interface ReadFrom {
  readonly epoch: string;
  /** Event times of the first and the newest commit of that epoch. */
  readonly eventTimes: { readonly from: string; readonly to: string };
}

/**
 * The epoch that a person asked for; the newest unless told. Throws `LEDGER.EMPTY`, `LEDGER.EPOCH_DETACHED`, and
 * `InvalidInputError` for an epoch that is not there, which names those that are.
 */
export async function epochToRead(history: EpochHistory, wanted?: string): Promise<EpochToRead> {
  const epochs = await history.epochs();
  const newest = epochs.at(-1);
  if (newest === undefined) throw emptyLedger();
  const found = wanted === undefined ? newest : epochs.find(({ epoch }) => epoch === wanted);
  if (found === undefined) throw noSuchEpoch(wanted ?? '', epochs);
  if (found.detached)
    throw new EvenkeelError({ code: 'LEDGER.EPOCH_DETACHED', message: `${detachedText([found])}.` });
  const span = await history.spanOf(found.epoch);
  if (span === undefined) throw emptyLedger();
  return { ...found, span, position: epochs.indexOf(found) + 1, of: epochs.length };
}

/** Every epoch whose rows are there, oldest first. Throws `LEDGER.EMPTY`. */
export async function epochsToRead(history: EpochHistory): Promise<readonly EpochToRead[]> {
  const epochs = await history.epochs();
  const found: EpochToRead[] = [];
  for (const { epoch, detached } of epochs) if (!detached) found.push(await epochToRead(history, epoch));
  if (found.length === 0) throw emptyLedger();
  return found;
}

/** What `now` means where these are read: their newest event time. The last epoch's may be older, where one ran a tape of the past. */
export function newestOf(epochs: readonly EpochToRead[]): Instant {
  return epochs.reduce((newest, { span }) => (span.to > newest ? span.to : newest), 0n);
}

/** Throws `InvalidInputError` where the epoch does not know the book; it names the books there are, and the epochs that do. */
export async function requireBook(history: EpochHistory, epoch: EpochToRead, book: string): Promise<void> {
  if (epoch.books.includes(book)) return;
  const elsewhere = (await history.epochs()).filter(({ books }) => books.includes(book));
  const here = epoch.books.length === 0 ? 'it has no book' : `it has ${epoch.books.join(', ')}`;
  const message = `epoch ${epoch.epoch} has no book "${book}": ${here}${elsewhereText(elsewhere, `knows "${book}"`, `know "${book}"`)}`;
  throw new InvalidInputError('the command', [{ path: '--book', message }]);
}

/** For people: which epoch was read, and what it holds. */
export function epochLine(epoch: EpochToRead): string {
  const place =
    epoch.of === 1
      ? 'the only one'
      : epoch.position === epoch.of
        ? `the newest of ${epoch.of}`
        : `${epoch.position} of ${epoch.of}`;
  const pace = epoch.pace === undefined ? '' : epoch.pace === 'tape' ? ', from a tape' : ', in real time';
  const books = `${epoch.books.length === 1 ? 'book' : 'books'} ${epoch.books.join(', ')}`;
  return `epoch ${epoch.epoch} (${place})${pace}: event time ${spanText(epoch.span)}${epoch.books.length === 0 ? '' : `; ${books}`}`;
}

export function readFrom({ epoch, span }: EpochToRead): ReadFrom {
  return { epoch, eventTimes: { from: formatInstant(span.from), to: formatInstant(span.to) } };
}

export function spanText({ from, to }: EventSpan): string {
  return `${formatInstant(from)} to ${formatInstant(to)}`;
}

/** `; epoch 2 knows it (--epoch 2)`: to follow on a sentence about what one epoch has not; empty where no other has it. */
export function elsewhereText(
  epochs: readonly { readonly epoch: string }[],
  one: string,
  several: string,
): string {
  const names = epochs.map(({ epoch }) => epoch);
  if (names.length === 0) return '';
  if (names.length === 1) return `; epoch ${names.join('')} ${one} (--epoch ${names.join('')})`;
  return `; epochs ${names.join(', ')} ${several} (--epoch ${names.at(-1) ?? ''})`;
}

function noSuchEpoch(wanted: string, epochs: readonly EpochOnRecord[]): InvalidInputError {
  const there = `${epochs.map(({ epoch }) => epoch).join(', ')} (see \`keel epoch list\`)`;
  const message =
    wanted === 'all'
      ? `epochs are not mixed here, since ids and times come again in each; name one of ${there}`
      : `the ledger has no epoch "${wanted}"; it has ${there}`;
  return new InvalidInputError('the command', [{ path: '--epoch', message }]);
}

function emptyLedger(): EvenkeelError {
  return new EvenkeelError({
    code: 'LEDGER.EMPTY',
    message: 'the ledger has no epoch to read yet; `keel run` writes one',
  });
}

/** What became of epochs whose rows have left the ledger. */
export function detachedText(detached: readonly { readonly epoch: string }[]): string {
  const epochs = detached.map(({ epoch }) => epoch).join(', ');
  return `${detached.length === 1 ? `Epoch ${epochs} was` : `Epochs ${epochs} were`} detached from this database; the archive has what was in ${detached.length === 1 ? 'it' : 'them'} (\`keel ledger rebuild --from archive\` into an empty database)`;
}
