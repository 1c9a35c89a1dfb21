import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { JournalToCompare } from '@evenkeel/verification';
import { blockFindings } from './block-files';
import { readToEnd } from './stream-reading';
import { loadStreamDefinitions } from './streams';

/** A message as it was published. */
export interface PublishedMessage {
  readonly epoch: string;
  readonly seq: number;
  readonly bytes: Uint8Array;
}

export interface JournalStream {
  readonly epoch: string;
  readonly stream: string;
  readonly lastSeq: number;
  /** What the server counts, which is `lastSeq` for a journal that is whole. */
  readonly messages: number;
  readonly bytes: number;
}

/** Every journal this NATS server holds, by epoch. */
export async function journalStreams(connection: NatsConnection): Promise<readonly JournalStream[]> {
  const { namePrefix } = loadStreamDefinitions().journal;
  const manager = await jetstreamManager(connection);
  const found: JournalStream[] = [];
  for await (const { config, state } of manager.streams.list()) {
    if (config.name.startsWith(namePrefix))
      found.push({
        epoch: config.name.slice(namePrefix.length),
        stream: config.name,
        lastSeq: state.last_seq,
        messages: state.messages,
        bytes: state.bytes,
      });
  }
  return found.sort((a, b) => Number(a.epoch) - Number(b.epoch));
}

const SILENCE_MS = 5_000;

/**
 * The messages of one journal as they were published, from the first to the last there is. A server that has messages
 * it cannot give (a damaged file) falls silent; the reading then ends, and what is missing shows by its sequence.
 */
export async function* journalCommits(
  connection: NatsConnection,
  journal: JournalStream,
): AsyncIterable<PublishedMessage> {
  const messages = readToEnd(jetstream(connection), journal.stream, 1)[Symbol.asyncIterator]();
  for (;;) {
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), SILENCE_MS);
    });
    const next = await Promise.race([messages.next(), silence]);
    clearTimeout(timer);
    if (next === undefined) {
      void messages.return?.();
      return;
    }
    if (next.done === true) return;
    yield { epoch: journal.epoch, seq: next.value.seq, bytes: next.value.data };
  }
}

/** Every journal on the server, to be held against the ledger. `storeDir`: the server's own folder. */
export async function journalsToCompare(
  connection: NatsConnection,
  storeDir: string,
): Promise<readonly JournalToCompare[]> {
  return (await journalStreams(connection)).map((journal) => ({
    epoch: journal.epoch,
    messages: () => journalCommits(connection, journal),
    fileFindings: () => blockFindings(storeDir, journal),
  }));
}

/** Removes a journal for good. Whether it may go is the caller's to know. */
export async function removeJournal(connection: NatsConnection, { stream }: JournalStream): Promise<void> {
  await (await jetstreamManager(connection)).streams.delete(stream);
}
