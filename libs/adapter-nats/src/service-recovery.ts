import { jetstreamManager } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import type { MarketPlace } from '@evenkeel/engine';
import { isPlaceThere, readMarket } from './market-log';
import { HostReleased } from './partition-host';
import type { PartitionLane } from './partition-lane';
import type { Companion } from './companion';
import { untilAnswered } from './stream-reading';
import type { Epoch } from './epochs';

export interface RecoveryOptions<State, Effect> {
  readonly connection: NatsConnection;
  readonly epoch: Epoch;
  readonly followsMarket: boolean;
  readonly lanes: readonly PartitionLane<State, Effect>[];
  readonly companion: Companion<State, Effect> | undefined;
  /** The market has been read so far; it is followed from here on, while the rest of the journal is taken. */
  readonly onMarketRead: (place: MarketPlace | undefined) => void;
  /** How far it is, in parts of the market and of the partitions. */
  readonly onProgress: (done: number, total: number) => void;
  /** A partition could not be recovered; the others go on. */
  readonly onFailure: (lane: PartitionLane<State, Effect>, error: unknown) => Promise<void>;
}

/**
 * Brings partitions to where the streams are: the market is read once for all of them, from the place where the first of
 * them needs it, while each reads its own part of the journal beside it.
 */
export async function recoverLanes<State, Effect>(options: RecoveryOptions<State, Effect>): Promise<void> {
  const { lanes } = options;
  const failed = new Set<PartitionLane<State, Effect>>();
  const fail = async (lane: PartitionLane<State, Effect>, error: unknown): Promise<void> => {
    failed.add(lane);
    await lane.host.abandonRecovery();
    await options.onFailure(lane, error);
  };
  const guarded = async (lane: PartitionLane<State, Effect>, work: () => Promise<void>): Promise<void> => {
    if (failed.has(lane)) return;
    try {
      await work();
    } catch (error) {
      await fail(lane, error);
    }
  };
  try {
    await bringUp(options, guarded);
  } catch (error) {
    // What all of them read could not be read: none has come to where the streams are.
    for (const lane of lanes) if (!lane.isOpen && !failed.has(lane)) await fail(lane, error);
  }
}

type Guarded<State, Effect> = (
  lane: PartitionLane<State, Effect>,
  work: () => Promise<void>,
) => Promise<void>;

async function bringUp<State, Effect>(
  options: RecoveryOptions<State, Effect>,
  guarded: Guarded<State, Effect>,
): Promise<void> {
  const { connection, epoch, lanes, companion } = options;
  const marketEnd = options.followsMarket ? await endOfMarket(connection, epoch) : 0;
  const recovering: PartitionLane<State, Effect>[] = [];
  let fromBeginning = false;
  for (const lane of lanes) {
    await guarded(lane, async () => {
      await lane.host.beginRecovery(marketEnd);
      if ((await companion?.open(lane.host)) === true) fromBeginning = true;
      recovering.push(lane);
    });
  }
  if (options.followsMarket) {
    let place = fromBeginning ? undefined : firstNeeded(recovering);
    if (place !== undefined && !(await isPlaceThere(connection, epoch, place))) place = undefined;
    for (const lane of recovering) lane.readFrom(fromBeginning ? undefined : lane.host.position);
    const first = place?.seq ?? epoch.marketFromSeq - 1;
    for await (const { entry, seq } of readMarket(connection, epoch, place)) {
      for (const lane of lanes) {
        await guarded(lane, () =>
          lane.replay(entry, async (given) => {
            companion?.before(lane.host, given);
            await lane.host.recoverInstant(given);
          }),
        );
      }
      // A place in the market is that of an instant: what follows goes on after one.
      if (entry.kind === 'instant') place = { seq, number: entry.given.instant.number };
      options.onProgress(seq - first, marketEnd - first + lanes.length);
    }
    options.onMarketRead(place);
  }
  for (const [index, lane] of lanes.entries()) {
    await guarded(lane, async () => {
      await lane.host.finishRecovery();
      // Reading may have taken longer than the lease has lasted, or it has been asked back meanwhile.
      await lane.host.assertHeld();
      if (lane.isStopping) throw new HostReleased();
      await companion?.resume(lane.host);
      lane.begin();
    });
    options.onProgress(index + 1, lanes.length);
  }
}

/** The earliest place that some partition has to go on from; undefined where one of them begins at the beginning. */
function firstNeeded<State, Effect>(lanes: readonly PartitionLane<State, Effect>[]): MarketPlace | undefined {
  let first: MarketPlace | undefined;
  for (const { host } of lanes) {
    const { market } = host.position;
    if (market.number === 0) return undefined;
    if (first === undefined || market.number < first.number) first = market;
  }
  return first;
}

async function endOfMarket(connection: NatsConnection, epoch: Epoch): Promise<number> {
  const { streams } = await jetstreamManager(connection, { checkAPI: false });
  return (await untilAnswered(() => streams.info(epoch.marketStream))).state.last_seq;
}
