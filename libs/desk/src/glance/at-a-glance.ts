import { partitionOfBook } from '@evenkeel/eventing';
import { parseInstant } from '@evenkeel/kernel';
import { bookGlance, policyKindOf, secondsSince } from './book';
import type { DeskGlance, EpochGlance, LagGlance } from './glance';
import { answered, isAnswered, missing } from './ports';
import type {
  Answer,
  DeskBus,
  DeskRecord,
  JournalNow,
  ProcessNow,
  RecordedDesk,
  ServiceWord,
  StandingStop,
} from './ports';
import { pricesOf, wantedMarks } from './prices';
import { faultsOf, servicesOf } from './services';
import { killsInForce, stopsOfBook } from './stops';

export interface GlanceRequest {
  /** When it is looked at: ISO 8601, host time. */
  readonly at: string;
  readonly record: Answer<DeskRecord>;
  readonly bus: Answer<DeskBus>;
  /** Nothing runs here, and nothing was expected to: what the bus would say is missing and no fault. */
  readonly down: boolean;
  /** Stops of the kill folder, by the files there. */
  readonly files: readonly StandingStop[];
  /** How long services are listened to. */
  readonly listenMs: number;
  /** Gives up an answer that does not come. */
  readonly within: <T>(answer: Promise<T>) => Promise<T>;
}

/**
 * The desk as it stands: what the ledger has on record, and what the bus says now. Each question is asked by itself, so one that
 * fails leaves its own gap, which is said.
 */
export async function deskAtAGlance(request: GlanceRequest): Promise<DeskGlance> {
  const asking = new Asking(request);
  const bus = <T>(what: string, ask: (bus: DeskBus) => Promise<T>): Promise<Answer<T>> =>
    asking.bus(what, ask);
  const [desk, journal, stops, processes, owners, words, deadLetters] = await Promise.all([
    asking.record('the record: epoch, books, orders, decisions', (record) => record.newest()),
    bus('the journal: how far the ledger is behind', (from) => from.journal()),
    bus('kill latches of the control bucket', (from) => from.stops()),
    bus('processes of the services', (from) => from.processes()),
    bus('owners of partitions', (from) => from.owners()),
    bus('what services say of themselves', (from) => from.words(request.listenMs)),
    bus('dead letters', (from) => from.deadLetters()),
  ]);
  const recorded = isAnswered(desk) ? desk.value : undefined;
  const none = isAnswered(desk) ? 'nothing is on record yet' : desk.missing;
  const of = <T>(part: (desk: RecordedDesk) => T): Answer<T> =>
    recorded === undefined ? missing(none) : answered(part(recorded));
  const ingest = isAnswered(words)
    ? words.value.find(({ service }) => service === 'price-ingest')
    : undefined;
  const epoch = of((from) => epochGlance(from, ingest, journal));
  const now = isAnswered(epoch) ? parseInstant(epoch.value.eventTime) : 0n;
  const kills = killsInForce(
    stops,
    request.files,
    of(({ halts }) => halts),
  );
  const wanted = recorded === undefined ? [] : wantedMarks(recorded.books);
  const marks =
    wanted.length === 0 ? answered([]) : await bus('prices of the market', (from) => from.marks(wanted));
  const faults = faultsOf(words);
  const allAsked = kills.unseen.length === 0 && isAnswered(words);
  const books = of((from) =>
    from.books.map((book) =>
      bookGlance(book, {
        desk: from,
        now,
        allAsked,
        stops: stopsOfBook(
          book,
          policyKindOf(book.policy),
          kills.inForce,
          from,
          faults(partitionOfBook(book.opened.book)),
        ),
      }),
    ),
  );
  return {
    schemaVersion: 1,
    at: request.at,
    state: stateOf(request, words, processes),
    epoch,
    books,
    kills,
    restrictions: of(({ restrictions }) => restrictions),
    overrides: of(({ overrides }) => overrides),
    throttles: of(({ halts }) =>
      halts
        .filter(({ kind }) => kind === 'throttle')
        .map(({ book, subject, reasons, since }) => ({
          book,
          instrument: subject,
          reason: reasons.join(', '),
          since,
        })),
    ),
    prices: of((from) => pricesOf(from.books, isAnswered(marks) ? marks.value : [], now)),
    services: servicesOf(words, processes, owners, recorded?.books ?? [], now),
    lag: await lagOf(asking, journal, desk, request.at),
    deadLetters,
    proposals: of(({ proposals, eventTime }) =>
      proposals.filter(({ expiresAt }) => parseInstant(expiresAt) > parseInstant(eventTime)),
    ),
    missing: asking.missing,
  };
}

/** Asks, and keeps what was not answered. */
class Asking {
  readonly missing: { readonly what: string; readonly why: string }[] = [];

  constructor(private readonly request: GlanceRequest) {}

  record<T>(what: string, ask: (record: DeskRecord) => Promise<T>): Promise<Answer<T>> {
    return this.ask(what, this.request.record, ask);
  }

  bus<T>(what: string, ask: (bus: DeskBus) => Promise<T>): Promise<Answer<T>> {
    return this.ask(what, this.request.bus, ask);
  }

  private async ask<S, T>(
    what: string,
    source: Answer<S>,
    ask: (source: S) => Promise<T>,
  ): Promise<Answer<T>> {
    if (!isAnswered(source)) return this.without(what, source.missing);
    try {
      return answered(await this.request.within(ask(source.value)));
    } catch (error) {
      return this.without(what, error instanceof Error ? error.message : String(error));
    }
  }

  private without(what: string, why: string): { readonly missing: string } {
    this.missing.push({ what, why });
    return missing(why);
  }
}

function stateOf(
  { down, bus }: GlanceRequest,
  words: Answer<readonly ServiceWord[]>,
  processes: Answer<readonly ProcessNow[]>,
): DeskGlance['state'] {
  if (down) return 'down';
  if (!isAnswered(bus) || !isAnswered(words)) return 'unknown';
  const alive = isAnswered(processes) && processes.value.some(({ state }) => state === 'alive');
  return words.value.length > 0 || alive ? 'running' : 'idle';
}

function epochGlance(
  desk: RecordedDesk,
  ingest: ServiceWord | undefined,
  journal: Answer<JournalNow | undefined>,
): EpochGlance {
  const open = isAnswered(journal) ? journal.value?.epoch : undefined;
  const other = open !== undefined && open !== desk.epoch;
  const market = other ? undefined : ingest?.eventTime;
  const ahead = market !== undefined && parseInstant(market) > parseInstant(desk.eventTime);
  return {
    epoch: desk.epoch,
    market: desk.books.some(({ opened }) => opened.lineage !== undefined) ? 'real time' : 'tape',
    ...(desk.carriedFrom === undefined ? {} : { carriedFrom: desk.carriedFrom }),
    openedAt: desk.openedAt,
    from: desk.from,
    eventTime: ahead ? market : desk.eventTime,
    eventTimeFrom: market === undefined ? 'record' : 'market',
    ...(other || ingest?.fraction === undefined ? {} : { fraction: ingest.fraction }),
    ...(other || ingest?.done === undefined ? {} : { done: ingest.done }),
    commits: desk.lastSequence,
    writtenAt: desk.writtenAt,
    ...(other ? { running: open } : {}),
  };
}

async function lagOf(
  asking: Asking,
  journal: Answer<JournalNow | undefined>,
  desk: Answer<RecordedDesk | undefined>,
  at: string,
): Promise<Answer<LagGlance>> {
  if (!isAnswered(journal)) return journal;
  if (!isAnswered(desk)) return desk;
  if (journal.value === undefined) return missing('no journal was opened yet');
  const { epoch, lastSequence } = journal.value;
  const ledger = desk.value?.epoch === epoch ? desk.value.lastSequence : 0;
  // The journal was asked at the same time, and the ledger may have gone on meanwhile.
  const commits = Math.max(0, lastSequence - ledger);
  if (commits === 0) return answered({ journal: lastSequence, ledger, commits, seconds: 0 });
  const oldest = await asking.bus('when the oldest commit that the ledger lacks was taken', (from) =>
    from.takenAt(ledger + 1),
  );
  if (!isAnswered(oldest)) return oldest;
  if (oldest.value === undefined) return missing(`the journal has no message ${ledger + 1}`);
  const seconds = secondsSince(oldest.value.at, parseInstant(at));
  return answered({ journal: lastSequence, ledger, commits, seconds });
}
