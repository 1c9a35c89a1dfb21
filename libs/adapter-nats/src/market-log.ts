import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import {
  CLOCK_SUBJECT,
  InstantOrder,
  STEPS_SUBJECT,
  decodeInstant,
  decodeSteps,
  encodeInstant,
  encodeSteps,
  undecodable,
} from '@evenkeel/contracts';
import type { PartitionStep } from '@evenkeel/contracts';
import type { MarketEntry, MarketPlace } from '@evenkeel/engine';
import { ConflictError } from '@evenkeel/eventing';
import type { MarketInstant } from '@evenkeel/facts';
import { IntegrityFault } from '@evenkeel/kernel';
import { DeadLetters } from './dead-letters';
import { ResolvingPublisher } from './resolving-publisher';
import type { PublishPatience } from './resolving-publisher';
import { StreamFollower, readToEnd, untilAnswered } from './stream-reading';
import type { LostStream } from './stream-reading';
import { UnreadableMessage } from './unreadable';
import type { OnUnreadable } from './unreadable';
import { marketFromNow } from './epochs';
import type { Epoch } from './epochs';

/**
 * Publishes instants, each whole and once, whatever happens to the connection meanwhile: one message each, which follows the
 * one before it, so a second publisher is refused.
 */
export class MarketPublisher {
  private readonly publisher: ResolvingPublisher;
  private lastClockSeq: number | undefined;
  private lastStepsSeq: number | undefined;

  constructor(
    connection: NatsConnection,
    private readonly epoch: Epoch,
    patience: PublishPatience = {},
  ) {
    this.publisher = new ResolvingPublisher(connection, epoch.marketStream, patience);
  }

  /**
   * `granted`: partitions that may take it at once. `begins`: the market before it is lost, and its number is above every number before. Throws `ConflictError` where somebody else has gone on with the market.
   */
  async publish(
    instant: MarketInstant,
    granted: readonly string[] = [],
    traceparent = '',
    begins = false,
  ): Promise<void> {
    const bytes = encodeInstant({ instant, granted, traceparent, begins });
    this.lastClockSeq ??= await this.clockBefore(instant.number, begins);
    const id = `${this.epoch.epoch}:${instant.number}`;
    const publication = { subject: CLOCK_SUBJECT, bytes, id };
    this.lastClockSeq = (await this.publisher.append(publication, this.lastClockSeq)).seq;
  }

  /**
   * Gives partitions what they take next, each one step, in one message. Throws `ConflictError` where somebody else has given
   * anybody something.
   */
  async give(steps: readonly PartitionStep[], traceparent = ''): Promise<void> {
    const [first] = steps;
    if (first === undefined) return;
    const bytes = encodeSteps({ steps, traceparent }, this.epoch.epoch);
    // No partition is given the same twice, so its first step names a message.
    const id = `${this.epoch.epoch}:${first.partition}:${first.kind === 'wake' ? first.at : first.upTo}`;
    this.lastStepsSeq ??= (await this.publisher.lastOf(STEPS_SUBJECT))?.seq ?? 0;
    const publication = { subject: STEPS_SUBJECT, bytes, id };
    this.lastStepsSeq = (await this.publisher.append(publication, this.lastStepsSeq)).seq;
  }

  /** Sequence of the clock that this instant follows; 0 where there is none. */
  private async clockBefore(number: number, begins: boolean): Promise<number> {
    const last = await this.publisher.lastOf(CLOCK_SUBJECT);
    if (last === null || last.seq < this.epoch.marketFromSeq) return last?.seq ?? 0;
    const before = readNumber(last.data);
    // Nobody's clock: readers pass it over, and this one is checked by them against the one before.
    if (before === undefined) return last.seq;
    if (before + 1 === number || (begins && before < number)) return last.seq;
    throw new ConflictError(`the market is at instant ${before}; ${number} does not follow`, last.seq);
  }
}

/** Everything on the market stream of the epoch so far, or after a place in it, in order. */
export async function* readMarket(
  connection: NatsConnection,
  epoch: Epoch,
  after?: MarketPlace,
  onUnreadable: OnUnreadable = () => undefined,
): AsyncIterable<PlacedEntry> {
  const order = await orderFrom(connection, epoch, after);
  const fromSeq = after === undefined ? epoch.marketFromSeq : after.seq + 1;
  for await (const message of readToEnd(jetstream(connection), epoch.marketStream, fromSeq)) {
    for (const entry of entriesOf(order, message, onUnreadable)) yield { entry, seq: message.seq };
  }
}

/** An entry with its place in the stream. */
export interface PlacedEntry {
  readonly entry: MarketEntry;
  readonly seq: number;
}

/** Follows the market; `onEntry` is called in order and never concurrently awaited. */
export class MarketFollower {
  private readonly follower: StreamFollower;

  constructor(
    private readonly connection: NatsConnection,
    private readonly epoch: Epoch,
    private readonly service: string,
    private readonly onEntry: (entry: MarketEntry) => void,
    private readonly onUnreadable: OnUnreadable = () => undefined,
    onMissing: LostStream['onMissing'] = () => undefined,
  ) {
    // The journal is the record: what becomes of the market is waited for.
    const goOnFrom = (): Promise<number> => marketFromNow(connection, epoch);
    this.follower = new StreamFollower(connection, epoch.marketStream, {
      lost: { onMissing, goOnFrom },
    });
  }

  /** Goes on after a place, or from the epoch's beginning. Rejects where the market cannot be read, or has a gap. */
  async follow(after: MarketPlace | undefined): Promise<void> {
    const order = await orderFrom(this.connection, this.epoch, after);
    for await (const message of this.follower.from((after?.seq ?? this.epoch.marketFromSeq - 1) + 1)) {
      for (const entry of await this.read(order, message)) this.onEntry(entry);
    }
  }

  private async read(order: InstantOrder, message: JsMsg): Promise<readonly MarketEntry[]> {
    let unreadable: UnreadableMessage | undefined;
    try {
      const entries = entriesOf(order, message, (found) => (unreadable = found));
      if (unreadable !== undefined) {
        this.onUnreadable(unreadable);
        await this.point(message, unreadable.cause);
      }
      return entries;
    } catch (error) {
      throw await this.point(message, error);
    }
  }

  private point({ seq, subject }: JsMsg, error: unknown): Promise<unknown> {
    const letters = new DeadLetters(this.connection, this.service);
    return letters.note('market', { stream: this.epoch.marketStream, seq, subject }, error);
  }

  async stop(): Promise<void> {
    await this.follower.stop();
  }
}

/**
 * Whether a place that an earlier life was at is still there to go on from. A stream that was emptied, restored or made anew has
 * something else there, or nothing: then the market is read from what there is of it.
 */
export async function isPlaceThere(
  connection: NatsConnection,
  epoch: Epoch,
  { seq, number }: MarketPlace,
): Promise<boolean> {
  const { streams } = await jetstreamManager(connection, { checkAPI: false });
  const message = await untilAnswered(() => streams.getMessage(epoch.marketStream, { seq }));
  return message?.subject === CLOCK_SUBJECT && readNumber(message.data) === number;
}

/** A reader that starts at the beginning must see the first instant, unless the stream has let go of it by age. */
async function orderFrom(
  connection: NatsConnection,
  epoch: Epoch,
  after: MarketPlace | undefined,
): Promise<InstantOrder> {
  if (after !== undefined) return new InstantOrder(after.number);
  const { streams } = await jetstreamManager(connection, { checkAPI: false });
  const { state } = await untilAnswered(() => streams.info(epoch.marketStream));
  return new InstantOrder(state.first_seq > epoch.marketFromSeq ? undefined : 0);
}

function readNumber(clock: Uint8Array): number | undefined {
  try {
    return decodeInstant(clock).instant.number;
  } catch (error) {
    if (isUndecodable(error)) return undefined;
    throw error;
  }
}

function isUndecodable(error: unknown): error is IntegrityFault {
  return error instanceof IntegrityFault && error.code === 'CONTRACTS.UNDECODABLE';
}

/**
 * What a message adds. One that cannot be read counts for nothing, and is told to `onUnreadable`: an instant that is needed is
 * missed by the one after it.
 */
function entriesOf(order: InstantOrder, message: JsMsg, onUnreadable: OnUnreadable): readonly MarketEntry[] {
  const { subject, data, seq } = message;
  try {
    if (subject === STEPS_SUBJECT) {
      const { steps, traceparent } = decodeSteps(data);
      return steps.map((step) => ({ kind: 'step', step, seq, traceparent }));
    }
    if (subject !== CLOCK_SUBJECT) throw undecodable(`nobody's messages lie on ${subject}`);
    const next = order.next(decodeInstant(data));
    if (next === undefined) return [];
    const { instant, granted, traceparent, begins } = next;
    return [{ kind: 'instant', given: { instant, seq, traceparent }, granted, begins }];
  } catch (error) {
    if (!isUndecodable(error)) throw error;
    const kind = subject === STEPS_SUBJECT ? 'step' : 'market';
    onUnreadable(new UnreadableMessage(kind, subject, `${error.message} (at ${seq})`, error));
    return [];
  }
}
