import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { tryDecodeCommit } from '@evenkeel/contracts';
import { loadStreamDefinitions, readToEnd } from '@evenkeel/adapter-nats';
import { readTreeEpochs, restoreLedger } from '@evenkeel/adapter-postgres';
import type { RestoredCommit, SignedRootAt } from '@evenkeel/adapter-postgres';
import type { Pool } from 'pg';

export interface UnfinishedEpoch {
  readonly epoch: string;
  /** What the ledger has, and what the journal has. */
  readonly taken: number;
  readonly lastSeq: number;
}

export interface EarlierEpochs {
  /** Commits taken over. */
  readonly taken: number;
  /** Epochs that another one has followed already, so that nothing more can be taken over: an alarm. */
  readonly lost: readonly UnfinishedEpoch[];
}

/**
 * Takes over what earlier epochs still hold, in their order, before the present one is begun: a ledger that was down
 * when an epoch ended must not leave its end out.
 */
export async function finishEarlierEpochs(
  connection: NatsConnection,
  pool: Pool,
  current: string,
  signedRootAt: SignedRootAt,
): Promise<EarlierEpochs> {
  const { namePrefix } = loadStreamDefinitions().journal;
  const inTree = await readTreeEpochs(pool);
  const left = await leftBehind(connection, namePrefix, current);
  const lost: UnfinishedEpoch[] = [];
  let taken = 0;
  for (const { epoch, stream, lastSeq } of await earlierJournals(connection, namePrefix, current)) {
    const place = inTree.find((one) => one.epoch === epoch);
    const known = place?.commits ?? 0;
    if (known >= lastSeq) continue;
    // Whoever took over from it knew that the rest is lost, and the record says so.
    if (left?.epoch === epoch && known >= left.lastSequence) continue;
    const followed = inTree.some((one) => Number(one.epoch) > Number(epoch));
    if (followed) {
      lost.push({ epoch, taken: known, lastSeq });
      continue;
    }
    taken += await restoreLedger(pool, commitsFrom(connection, stream, epoch, known + 1), {
      signedRootAt,
      again: () => commitsFrom(connection, stream, epoch, 1),
    });
  }
  return { taken, lost };
}

/** The epoch that the present one took over from, and up to where. */
async function leftBehind(
  connection: NatsConnection,
  prefix: string,
  current: string,
): Promise<{ readonly epoch: string; readonly lastSequence: number } | undefined> {
  for await (const message of readToEnd(jetstream(connection), `${prefix}${current}`, 1)) {
    const commit = tryDecodeCommit(message.data);
    // First facts come first; what is no commit at all is quarantined or stops the ledger where it is met.
    if (commit?.causation.stream !== 'boot') return undefined;
    for (const { event } of commit.events)
      if (event.type === 'EpochCarried')
        return { epoch: event.payload.fromEpoch, lastSequence: Number(event.payload.lastSequence) };
  }
  return undefined;
}

async function earlierJournals(
  connection: NatsConnection,
  prefix: string,
  current: string,
): Promise<readonly { readonly epoch: string; readonly stream: string; readonly lastSeq: number }[]> {
  const manager = await jetstreamManager(connection);
  const found: { epoch: string; stream: string; lastSeq: number }[] = [];
  for await (const { config, state } of manager.streams.list()) {
    const epoch = config.name.slice(prefix.length);
    if (config.name.startsWith(prefix) && Number(epoch) < Number(current))
      found.push({ epoch, stream: config.name, lastSeq: state.last_seq });
  }
  return found.sort((a, b) => Number(a.epoch) - Number(b.epoch));
}

async function* commitsFrom(
  connection: NatsConnection,
  stream: string,
  epoch: string,
  fromSeq: number,
): AsyncIterable<RestoredCommit> {
  for await (const message of readToEnd(jetstream(connection), stream, fromSeq))
    yield { epoch, seq: message.seq, bytes: message.data };
}
