import { jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { CLOCK_SUBJECT, InstantAssembler, encodeInstant, numberOfClock } from '@evenkeel/contracts';
import { ConflictError } from '@evenkeel/eventing';
import type { MarketInstant } from '@evenkeel/facts';
import { toHex } from '@evenkeel/kernel';
import { DeadLetters } from './dead-letters';
import { nativeSha256 } from './native-hash';
import { ResolvingPublisher } from './resolving-publisher';
import type { PublishPatience } from './resolving-publisher';
import { StreamFollower, readToEnd, untilAnswered } from './stream-reading';
import type { Epoch } from './streams';

/** A market instant as it lies on EK_MARKET. */
export interface PublishedInstant {
  readonly instant: MarketInstant;
  /** Sequence of its clock message. */
  readonly seq: number;
  readonly traceparent: string;
}

/**
 * Publishes instants, each whole and once, whatever happens to the connection meanwhile: all parts at once, and the clock
 * only when every part is stored. The clock follows the one before it, so a second publisher is refused.
 */
export class MarketPublisher {
  private readonly publisher: ResolvingPublisher;
  private lastClockSeq: number | undefined;

  constructor(
    connection: NatsConnection,
    private readonly epoch: Epoch,
    patience: PublishPatience = {},
  ) {
    this.publisher = new ResolvingPublisher(connection, epoch.marketStream, patience);
  }

  /** Throws `ConflictError` where somebody else has gone on with the market. */
  async publish(instant: MarketInstant, traceparent = ''): Promise<void> {
    const { parts, clock } = encodeInstant(instant, traceparent, nativeSha256);
    const name = `${this.epoch.epoch}:${instant.number}`;
    await Promise.all(
      parts.map(({ subject, bytes }) =>
        this.publisher.put({ subject, bytes, id: `${name}:${toHex(nativeSha256(bytes))}` }),
      ),
    );
    this.lastClockSeq ??= await this.clockBefore(instant.number);
    const id = `${name}:clock`;
    this.lastClockSeq = (await this.publisher.append({ ...clock, id }, this.lastClockSeq)).seq;
  }

  /** Sequence of the clock that this instant follows; 0 where there is none. */
  private async clockBefore(number: number): Promise<number> {
    const last = await this.publisher.lastOf(CLOCK_SUBJECT);
    if (last === null || last.seq < this.epoch.marketFromSeq) return last?.seq ?? 0;
    const before = numberOfClock(last.data);
    if (before + 1 === number) return last.seq;
    throw new ConflictError(`the market is at instant ${before}; ${number} does not follow`, last.seq);
  }
}

/** Every whole instant of the epoch so far, in order. */
export async function* readInstants(
  connection: NatsConnection,
  epoch: Epoch,
): AsyncIterable<PublishedInstant> {
  const assembler = await assemblerFrom(connection, epoch, undefined);
  for await (const message of readToEnd(jetstream(connection), epoch.marketStream, epoch.marketFromSeq)) {
    const published = assembled(assembler, message);
    if (published !== undefined) yield published;
  }
}

/** Follows the market; `onInstant` is called in order and never concurrently awaited. */
export class MarketFollower {
  private readonly follower: StreamFollower;

  constructor(
    private readonly connection: NatsConnection,
    private readonly epoch: Epoch,
    private readonly service: string,
    private readonly onInstant: (published: PublishedInstant) => void,
  ) {
    this.follower = new StreamFollower(connection, epoch.marketStream);
  }

  /** Goes on after an instant, or from the epoch's beginning. Rejects where the market cannot be read, or has a gap. */
  async follow(after: PublishedInstant | undefined): Promise<void> {
    const assembler = await assemblerFrom(this.connection, this.epoch, after);
    for await (const message of this.follower.from((after?.seq ?? this.epoch.marketFromSeq - 1) + 1)) {
      const published = await this.read(assembler, message);
      if (published !== undefined) this.onInstant(published);
    }
  }

  private async read(assembler: InstantAssembler, message: JsMsg): Promise<PublishedInstant | undefined> {
    try {
      return assembled(assembler, message);
    } catch (error) {
      const { seq, subject } = message;
      const letters = new DeadLetters(this.connection, this.service);
      throw await letters.note('market', { stream: this.epoch.marketStream, seq, subject }, error);
    }
  }

  async stop(): Promise<void> {
    await this.follower.stop();
  }
}

/** A reader that starts at the beginning must see the first instant, unless the stream has let go of it by age. */
async function assemblerFrom(
  connection: NatsConnection,
  epoch: Epoch,
  after: PublishedInstant | undefined,
): Promise<InstantAssembler> {
  if (after !== undefined) return new InstantAssembler(nativeSha256, after.instant.number);
  const { streams } = await jetstreamManager(connection, { checkAPI: false });
  const { state } = await untilAnswered(() => streams.info(epoch.marketStream));
  return new InstantAssembler(nativeSha256, state.first_seq > epoch.marketFromSeq ? undefined : 0);
}

function assembled(assembler: InstantAssembler, message: JsMsg): PublishedInstant | undefined {
  const whole = assembler.add(message.subject, message.data);
  return whole === undefined ? undefined : { ...whole, seq: message.seq };
}
