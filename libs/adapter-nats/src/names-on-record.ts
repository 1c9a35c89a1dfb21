import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { MsgRequest, StreamAPI } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { BookNames, KnownNames } from '@evenkeel/desk';
import { partitionOfBook, subjectOf } from '@evenkeel/eventing';
import type { DomainEvent } from '@evenkeel/facts';
import { currentEpoch } from './epochs';
import { believed } from './journal';
import { readToEnd } from './stream-reading';

const ACCOUNTS = 'ek.evt.v1.*.execution.venue-account.';
const BOOKS = 'ek.evt.v1.*.risk.book.';
const REQUESTS = 'ek.evt.v1.*.governance.desk.';

/**
 * What the journal of the open epoch tells of by name. Its subjects name books and venues, so that one question each is enough;
 * instruments stand in the first fact of a book, and are looked up for those books alone that `instrumentsOf` asks for.
 */
export async function namesOnRecord(
  connection: NatsConnection,
  instrumentsOf: (book: string) => boolean,
): Promise<KnownNames> {
  const { epoch, journalStream } = await currentEpoch(connection);
  const { streams } = await jetstreamManager(connection, { checkAPI: false });
  const [opened, accounts] = await Promise.all([
    subjectsUnder(streams, journalStream, BOOKS),
    subjectsUnder(streams, journalStream, ACCOUNTS),
  ]);
  const books = new Map<string, { venues: string[]; instruments: string[] }>();
  const namesOf = (book: string) => {
    const names = books.get(book) ?? { venues: [], instruments: [] };
    books.set(book, names);
    return names;
  };
  for (const { id } of accounts) {
    const slash = id.indexOf('/');
    namesOf(id.slice(slash + 1)).venues.push(id.slice(0, slash));
  }
  await Promise.all(
    opened.map(async ({ id, subject }) => {
      const { instruments } = namesOf(id);
      if (instrumentsOf(id)) instruments.push(...(await firstInstruments(streams, journalStream, subject)));
    }),
  );
  if ([...books.keys()].some(instrumentsOf))
    for await (const message of readToEnd(jetstream(connection), journalStream, 1, `${REQUESTS}>`))
      for (const { event } of believed(message, undefined)?.commit.events ?? [])
        if (event.type === 'TradeBooked')
          books.get(event.payload.book)?.instruments.push(event.payload.instrument);
  return { epoch, books: books satisfies ReadonlyMap<string, BookNames> };
}

/** Ids of a book's overrides that nobody has revoked and that have not expired. */
export async function overridesOnRecord(
  connection: NatsConnection,
  book: string,
): Promise<readonly string[]> {
  const { journalStream } = await currentEpoch(connection);
  const subject = subjectOf(partitionOfBook(book), { context: 'execution', type: 'controls', id: book });
  const inForce = new Set<string>();
  for await (const message of readToEnd(jetstream(connection), journalStream, 1, subject))
    for (const { event } of believed(message, undefined)?.commit.events ?? []) note(inForce, event);
  return [...inForce];
}

function note(inForce: Set<string>, event: DomainEvent): void {
  if (event.type === 'ControlOverridden') inForce.add(event.payload.overrideId);
  else if (event.type === 'OverrideRevoked' || event.type === 'OverrideExpired')
    inForce.delete(event.payload.overrideId);
}

async function subjectsUnder(
  streams: StreamAPI,
  stream: string,
  prefix: string,
): Promise<readonly { readonly subject: string; readonly id: string }[]> {
  const { state } = await streams.info(stream, { subjects_filter: `${prefix}>` });
  const place = prefix.split('.').length - 1;
  return Object.keys(state.subjects ?? {}).map((subject) => ({
    subject,
    id: decodeURIComponent(subject.split('.')[place] ?? ''),
  }));
}

/** A first fact that cannot be read names nothing. */
async function firstInstruments(
  streams: StreamAPI,
  stream: string,
  subject: string,
): Promise<readonly string[]> {
  // The server's MSG.GET takes this; the client types it for direct gets alone.
  const query = { next_by_subj: subject, seq: 1 } as unknown as MsgRequest;
  const message = await streams.getMessage(stream, query);
  if (message === null) return [];
  return (believed(message, undefined)?.commit.events ?? []).flatMap(({ event }) =>
    event.type === 'BookOpened' ? event.payload.specifications.map(idOf) : [],
  );
}

function idOf(specification: string): string {
  return (JSON.parse(specification) as { readonly id: string }).id; // canonical JSON of an InstrumentSpec
}
