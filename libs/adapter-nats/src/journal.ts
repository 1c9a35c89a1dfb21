import { setTimeout as delay } from 'node:timers/promises';
import { DeliverPolicy, JetStreamApiError, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager, JsMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { ClosedConnectionError, DrainingConnectionError } from '@nats-io/nats-core';
import { decodeCommit } from '@evenkeel/contracts';
import { ConflictError, subjectOf } from '@evenkeel/eventing';
import type { Appended, EventLog, SealedCommit, StoredCommit } from '@evenkeel/eventing';
import { IntegrityFault, OperationalError } from '@evenkeel/kernel';
import { nativeSha256 } from './native-hash';

const WRONG_LAST_SEQUENCE: ReadonlySet<number> = new Set([10071, 10164]);
const NO_MESSAGE_FOUND = 10037;
const PUBLISH_TIMEOUT_MS = 2_000;
const BACKOFF_MS_MIN = 20;
const BACKOFF_MS_MAX = 500;

export interface JetStreamEventLogOptions {
  /** How long an append may stay unknown before the service gives up and restarts. */
  readonly appendDeadlineMs?: number;
  /** The one door to wall time, for the deadline alone. */
  readonly nowMs?: () => number;
}

/** The journal on JetStream: append resolves until known, reads check contiguity. */
export class JetStreamEventLog implements EventLog {
  private readonly js: JetStreamClient;
  private manager: JetStreamManager | undefined;
  private readonly deadlineMs: number;
  private readonly nowMs: () => number;

  constructor(
    private readonly connection: NatsConnection,
    readonly name: string,
    options: JetStreamEventLogOptions = {},
  ) {
    this.js = jetstream(connection, { timeout: PUBLISH_TIMEOUT_MS });
    this.deadlineMs = options.appendDeadlineMs ?? 60_000;
    this.nowMs = options.nowMs ?? Date.now;
  }

  async append(sealed: SealedCommit, expectedLastSeq: number): Promise<Appended> {
    const subject = subjectOf(sealed.commit.partition, sealed.commit.aggregate);
    const deadline = this.nowMs() + this.deadlineMs;
    let backoff = BACKOFF_MS_MIN;
    for (;;) {
      const outcome = await this.tryAppend(subject, sealed, expectedLastSeq);
      if (outcome !== 'unknown') return outcome;
      if (this.nowMs() > deadline) {
        throw new OperationalError({
          code: 'EVENTING.APPEND_UNRESOLVED',
          message: `the journal did not say whether ${sealed.commit.commitId} was stored`,
        });
      }
      await delay(backoff);
      backoff = Math.min(backoff * 2, BACKOFF_MS_MAX);
    }
  }

  private async tryAppend(
    subject: string,
    sealed: SealedCommit,
    expectedLastSeq: number,
  ): Promise<Appended | 'unknown'> {
    try {
      const ack = await this.js.publish(subject, sealed.bytes, {
        msgID: sealed.commit.commitId,
        expect: { streamName: this.name, lastSubjectSequence: expectedLastSeq },
        timeout: PUBLISH_TIMEOUT_MS,
      });
      return { seq: ack.seq, duplicate: ack.duplicate };
    } catch (error) {
      if (error instanceof ClosedConnectionError || error instanceof DrainingConnectionError) throw error;
      if (error instanceof JetStreamApiError && WRONG_LAST_SEQUENCE.has(error.code))
        return this.resolveConflict(subject, sealed, expectedLastSeq);
      // Timeouts, no responders, elections, 503: the commit may or may not be there. The same id asks again.
      return 'unknown';
    }
  }

  /** Asks the stream's leader who wrote last. The refusal may be our own earlier success whose answer was lost. */
  private async resolveConflict(
    subject: string,
    sealed: SealedCommit,
    expectedLastSeq: number,
  ): Promise<Appended | 'unknown'> {
    let last: { seq: number; id: string } | undefined;
    try {
      last = await this.lastOf(subject);
    } catch (error) {
      if (error instanceof ClosedConnectionError || error instanceof DrainingConnectionError) throw error;
      return 'unknown';
    }
    const lastSeq = last?.seq ?? 0;
    if (last !== undefined && last.id === sealed.commit.commitId) return { seq: last.seq, duplicate: true };
    if (lastSeq === expectedLastSeq) return 'unknown';
    if (lastSeq > expectedLastSeq)
      throw new ConflictError(`${subject} is at ${lastSeq}, not ${expectedLastSeq}`, lastSeq);
    throw new IntegrityFault({
      code: 'EVENTING.LOG_BEHIND',
      message: `${subject} is at ${lastSeq}, but ${expectedLastSeq} was folded`,
    });
  }

  private async lastOf(subject: string): Promise<{ seq: number; id: string } | undefined> {
    this.manager ??= await jetstreamManager(this.connection);
    try {
      const message = await this.manager.streams.getMessage(this.name, { last_by_subj: subject });
      return message === null ? undefined : { seq: message.seq, id: message.header.get('Nats-Msg-Id') };
    } catch (error) {
      if (error instanceof JetStreamApiError && error.code === NO_MESSAGE_FOUND) return undefined;
      throw error;
    }
  }

  async *read(options: {
    readonly fromSeq?: number;
    readonly partition?: string;
  }): AsyncIterable<StoredCommit> {
    const filter = options.partition === undefined ? undefined : `ek.evt.v1.${options.partition}.>`;
    let expected = options.fromSeq ?? 1;
    for await (const message of readToEnd(this.js, this.name, expected, filter)) {
      if (filter === undefined && message.seq !== expected)
        throw sequenceGap(this.name, expected, message.seq);
      expected = message.seq + 1;
      yield storedOf(message);
    }
  }

  async lastSeq(): Promise<number> {
    this.manager ??= await jetstreamManager(this.connection);
    const { manager } = this;
    return (await untilAnswered(() => manager.streams.info(this.name))).state.last_seq;
  }
}

export function sequenceGap(stream: string, expected: number, got: number): IntegrityFault {
  return new IntegrityFault({
    code: 'EVENTING.SEQUENCE_GAP',
    message: `${stream} should go on with ${expected}, but gave ${got}`,
  });
}

/** Decodes what a stream delivered; the hash is of the delivered bytes. */
export function storedOf(message: JsMsg): StoredCommit {
  const bytes = message.data;
  return {
    seq: message.seq,
    subject: message.subject,
    commit: decodeCommit(bytes),
    bytes,
    hash: nativeSha256(bytes),
  };
}

/** Everything in the stream from `fromSeq` to its end at the time of asking, in order. */
export async function* readToEnd(
  js: JetStreamClient,
  stream: string,
  fromSeq: number,
  filter?: string | string[],
): AsyncIterable<JsMsg> {
  const consumer = await untilAnswered(() =>
    js.consumers.get(stream, {
      deliver_policy: DeliverPolicy.StartSequence,
      opt_start_seq: Math.max(1, fromSeq),
      ...(filter === undefined ? {} : { filter_subjects: filter }),
    }),
  );
  const info = await untilAnswered(() => consumer.info(false));
  if (info.num_pending === 0) return;
  const messages = await consumer.consume({ max_messages: 2_000, expires: 2_000 });
  try {
    for await (const message of messages) {
      yield message;
      if (message.info.pending === 0) break;
    }
  } finally {
    await messages.close();
  }
}

const ANSWER_TRIES_MAX = 30;

/** Asks again while the server is away or electing; what the server refuses is thrown at once. */
export async function untilAnswered<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask();
    } catch (error) {
      const final =
        error instanceof JetStreamApiError ||
        error instanceof ClosedConnectionError ||
        error instanceof DrainingConnectionError;
      if (final || attempt === ANSWER_TRIES_MAX) throw error;
      await delay(BACKOFF_MS_MAX / 2);
    }
  }
}
