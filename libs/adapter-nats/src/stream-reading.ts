import { setTimeout as delay } from 'node:timers/promises';
import { DeliverPolicy, JetStreamApiError, jetstream } from '@nats-io/jetstream';
import type { Consumer, ConsumerMessages, JetStreamClient, JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { OperationalError } from '@evenkeel/kernel';
import { isClosing, isTransient } from './publish-outcome';

const ANSWER_TRIES_MAX = 30;
const ANSWER_PAUSE_MS = 250;
const RETRY_MS = 50;
const MISSING_PAUSE_MS = 500;
const STALLED_MS = 15_000;

/** Asks again while the server is away or electing; what the server refuses is thrown at once. */
export async function untilAnswered<T>(ask: () => Promise<T>, triesMax = ANSWER_TRIES_MAX): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const final = error instanceof JetStreamApiError || isClosing(error) || !isTransient(error);
      if (final || attempt === triesMax) throw error;
      await delay(ANSWER_PAUSE_MS);
    }
  }
}

/**
 * Everything in the stream from `fromSeq` to its end at the time of asking, in order, at most `ahead` messages before they
 * are asked for. Where it ends is the leader's word: a reader's consumer may live on a replica that lags. Leaves no consumer
 * behind.
 */
export async function* readToEnd(
  js: JetStreamClient,
  stream: string,
  fromSeq: number,
  filter?: string | string[],
  ahead = 2_000,
): AsyncIterable<JsMsg> {
  const end = await endOf(js, stream, filter);
  let last = fromSeq - 1;
  while (last < end) {
    const before = last;
    for await (const message of readOn(js, stream, last + 1, filter, ahead)) {
      last = message.seq;
      yield message;
      if (last >= end) return;
    }
    // Nothing more comes. What the reader was after may have gone by age meanwhile.
    if ((await endOf(js, stream, filter)) <= last) return;
    // A consumer that has fallen silent says little of the server; one that never said anything does.
    if (last === before)
      throw new OperationalError({
        code: 'NATS.READ_STALLED',
        message: `${stream} goes to ${end}, but gives nothing after ${last}`,
      });
  }
}

/** What one consumer gives, until the server is silent for long or whoever reads has enough. */
async function* readOn(
  js: JetStreamClient,
  stream: string,
  fromSeq: number,
  filter: string | string[] | undefined,
  ahead: number,
): AsyncIterable<JsMsg> {
  const consumer = await untilAnswered(() => orderedFrom(js, stream, fromSeq, filter));
  const messages = await consumer.consume({ max_messages: ahead, expires: 2_000 });
  const stall = (): NodeJS.Timeout => setTimeout(() => void messages.close(), STALLED_MS);
  let stalled = stall();
  try {
    for await (const message of messages) {
      // Only the server's silence counts, not the time that whoever reads takes.
      clearTimeout(stalled);
      yield message;
      stalled = stall();
    }
  } finally {
    clearTimeout(stalled);
    await messages.close();
    await discard(consumer);
  }
}

/** Sequence of the newest message under the filters, as the leader has it; 0 for none. */
async function endOf(js: JetStreamClient, stream: string, filter: string | string[] = '>'): Promise<number> {
  const { streams } = await js.jetstreamManager(false);
  const last = await Promise.all(
    [filter]
      .flat()
      .map((subject) => untilAnswered(() => streams.getMessage(stream, { last_by_subj: subject }))),
  );
  return Math.max(0, ...last.map((message) => message?.seq ?? 0));
}

/** What becomes of a reader whose stream is lost: deleted, made anew, or put back to an older state. */
export interface LostStream {
  /** It is not there and will be looked for again; said once until it is back. */
  readonly onMissing: (error: OperationalError) => void;
  /** Where to go on in what is in its place. */
  readonly goOnFrom: () => Promise<number>;
}

export interface FollowOptions {
  /** Without it the reader stops where its stream is lost. */
  readonly lost?: LostStream;
  /** Subjects that are followed; all of them unless told. */
  readonly filter?: string[];
  /** So many messages are on their way before they are asked for. */
  readonly ahead?: number;
}

/** What the client does when a consumer has gone, which it always has when its stream was deleted. */
const UNSETTLED: ReadonlySet<string> = new Set([
  'consumer_deleted',
  'consumer_not_found',
  'ordered_consumer_recreated',
  'stream_not_found',
]);

/** Follows a stream from a sequence on and for ever, in order, through whatever the server does meanwhile. */
export class StreamFollower {
  private messages: ConsumerMessages | undefined;
  private stopped = false;
  private created: string | undefined;
  private isMissing = false;

  constructor(
    private readonly connection: NatsConnection,
    private readonly stream: string,
    private readonly options: FollowOptions = {},
  ) {}

  /** Ends with `stop` or with the connection; throws what asking again cannot mend. */
  async *from(fromSeq: number): AsyncIterable<JsMsg> {
    const js = jetstream(this.connection);
    let next = fromSeq;
    while (!this.stopped) {
      let consumer: Consumer | undefined;
      try {
        next = await this.placeOf(js, next);
        const { filter, ahead = 2_000 } = this.options;
        consumer = await orderedFrom(js, this.stream, next, filter);
        this.messages = await consumer.consume({ max_messages: ahead, expires: 2_000 });
        // Stopped while it was being opened: nobody else would close it. Closing ends the loop below, and only there: what is
        // closed and not read on from waits for ever.
        if (this.stopped) void this.messages.close();
        void reopenUnsettled(this.messages);
        for await (const message of this.messages) {
          yield message;
          next = message.seq + 1;
        }
      } catch (error) {
        if (isClosing(error)) return;
        if (isMissing(error)) this.missing(error);
        else if (!isTransient(error)) throw error;
      } finally {
        await this.messages?.close();
        if (consumer !== undefined) await discard(consumer);
      }
      if (!this.stopped) await delay(this.isMissing ? MISSING_PAUSE_MS : RETRY_MS);
    }
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.messages?.close();
  }

  /** Sequences begin again in a stream that was made anew: a reader that waited for the next one would hear nothing for long. */
  private async placeOf(js: JetStreamClient, next: number): Promise<number> {
    const { streams } = await js.jetstreamManager(false);
    const { created, state } = await streams.info(this.stream);
    const isSame = created === (this.created ?? created) && state.last_seq >= next - 1;
    if (!isSame && this.options.lost === undefined)
      throw streamMissing(
        this.stream,
        `what has its name was made at ${created} and ends with ${state.last_seq}`,
      );
    const place = isSame || this.options.lost === undefined ? next : await this.options.lost.goOnFrom();
    this.created = created;
    this.isMissing = false;
    return place;
  }

  private missing(cause: unknown): void {
    const error = streamMissing(this.stream, 'it was deleted', cause);
    if (this.options.lost === undefined) throw error;
    if (!this.isMissing) this.options.lost.onMissing(error);
    this.isMissing = true;
  }
}

/** The client makes such a consumer anew by itself, at a sequence that means something else in another stream. */
async function reopenUnsettled(messages: ConsumerMessages): Promise<void> {
  for await (const { type } of messages.status()) if (UNSETTLED.has(type)) return void messages.close();
}

const STREAM_NOT_FOUND = 10059;

/** Whether a server said that it has no such stream. */
export function isMissing(error: unknown): boolean {
  return error instanceof JetStreamApiError && error.code === STREAM_NOT_FOUND;
}

function streamMissing(stream: string, why: string, cause?: unknown): OperationalError {
  return new OperationalError({
    code: 'NATS.STREAM_MISSING',
    message: `${stream} is not on the server any more: ${why}`,
    cause,
  });
}

function orderedFrom(
  js: JetStreamClient,
  stream: string,
  fromSeq: number,
  filter?: string | string[],
): Promise<Consumer> {
  return js.consumers.get(stream, {
    deliver_policy: DeliverPolicy.StartSequence,
    opt_start_seq: Math.max(1, fromSeq),
    ...(filter === undefined ? {} : { filter_subjects: filter }),
  });
}

/** A reader's consumer would stay for five minutes; the server has room for a thousand a stream. */
async function discard(consumer: Consumer): Promise<void> {
  try {
    await consumer.delete();
  } catch (error) {
    // Gone already, or out of reach: then its five minutes end it.
    if (!(error instanceof JetStreamApiError) && !isClosing(error) && !isTransient(error)) throw error;
  }
}
