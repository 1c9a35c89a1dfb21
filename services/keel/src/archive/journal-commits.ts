import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { loadStreamDefinitions, readToEnd } from '@evenkeel/adapter-nats';
import type { ArchivedCommit } from '@evenkeel/adapter-audit';

export interface JournalStream {
  readonly epoch: string;
  readonly stream: string;
  readonly lastSeq: number;
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
      });
  }
  return found.sort((a, b) => Number(a.epoch) - Number(b.epoch));
}

/** The messages of one journal as they were published, from the first to the last there is. */
export async function* journalCommits(
  connection: NatsConnection,
  journal: JournalStream,
): AsyncIterable<ArchivedCommit> {
  for await (const message of readToEnd(jetstream(connection), journal.stream, 1))
    yield { epoch: journal.epoch, seq: message.seq, bytes: message.data };
}
