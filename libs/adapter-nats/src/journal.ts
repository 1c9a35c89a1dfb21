import { setTimeout as delay } from 'node:timers/promises';
import { DeliverPolicy, JetStreamApiError, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager, JsMsg, MsgRequest, StoredMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { ClosedConnectionError, DrainingConnectionError } from '@nats-io/nats-core';
import { decodeCommit } from '@evenkeel/contracts';
import { ConflictError, subjectOf } from '@evenkeel/eventing';
import type { Appended, EventLog, SealedCommit, StoredCommit } from '@evenkeel/eventing';
import { IntegrityFault, OperationalError, sameBytes } from '@evenkeel/kernel';
import { nativeSha256 } from './native-hash';
import { isTransient, refusalOf } from './publish-outcome';

const PUBLISH_TIMEOUT_MS = 2_000;
const BACKOFF_MS_MIN = 20;
const BACKOFF_MS_MAX = 500;
/** A leader without a quorum steps down after ten seconds. */
const STALE_LEADER_MS_MAX = 12_000;

export interface JetStreamEventLogOptions {
  /** How long an append may stay unknown before the service gives up and restarts. */
  readonly appendDeadlineMs?: number;
  /** How long a deposed leader of a replicated stream may go on answering from what it had. */
  readonly staleLeaderMs?: number;
  /** Milliseconds that only go forward, for the deadline alone. */
  readonly nowMs?: () => number;
}

/** The journal on JetStream: append resolves until known, reads check contiguity. */
export class JetStreamEventLog implements EventLog {
  private readonly js: JetStreamClient;
  private manager: JetStreamManager | undefined;
  private readonly deadlineMs: number;
  private readonly staleLeaderMs: number;
  private readonly nowMs: () => number;

  constructor(
    private readonly connection: NatsConnection,
    readonly name: string,
    options: JetStreamEventLogOptions = {},
  ) {
    this.js = jetstream(connection, { timeout: PUBLISH_TIMEOUT_MS });
    this.deadlineMs = options.appendDeadlineMs ?? 60_000;
    this.staleLeaderMs = options.staleLeaderMs ?? STALE_LEADER_MS_MAX;
    this.nowMs = options.nowMs ?? (() => performance.now());
  }

  async append(sealed: SealedCommit, expectedLastSeq: number): Promise<Appended> {
    const subject = subjectOf(sealed.commit.partition, sealed.commit.aggregate);
    const startedAt = this.nowMs();
    let backoff = BACKOFF_MS_MIN;
    for (;;) {
      const attempt = await this.tryAppend(subject, sealed, expectedLastSeq);
      if (attempt.kind === 'stored') return attempt.appended;
      const waited = this.nowMs() - startedAt;
      if (attempt.kind === 'behind' && waited >= (await this.stalenessMs()))
        throw new IntegrityFault({
          code: 'EVENTING.LOG_BEHIND',
          message: `${subject} is at ${attempt.lastSeq}, but ${expectedLastSeq} was folded`,
        });
      if (waited > this.deadlineMs) throw unresolved(sealed, attempt);
      await delay(backoff);
      backoff = Math.min(backoff * 2, BACKOFF_MS_MAX);
    }
  }

  /** One publish, and a look at what the subject holds unless the server says that this very publish was stored. */
  private async tryAppend(
    subject: string,
    sealed: SealedCommit,
    expectedLastSeq: number,
  ): Promise<AppendAttempt> {
    let claimedSeq: number | undefined;
    let why: unknown = 'the id was known';
    try {
      const ack = await this.js.publish(subject, sealed.bytes, {
        msgID: sealed.commit.commitId,
        expect: { streamName: this.name, lastSubjectSequence: expectedLastSeq },
        timeout: PUBLISH_TIMEOUT_MS,
      });
      if (!ack.duplicate) return { kind: 'stored', appended: { seq: ack.seq, duplicate: false } };
      claimedSeq = ack.seq;
    } catch (error) {
      const refusal = refusalOf(error, subject);
      if (refusal !== undefined) throw refusal;
      why = error;
    }
    try {
      return await this.compare(subject, sealed, expectedLastSeq, claimedSeq, why);
    } catch (error) {
      if (!isTransient(error)) throw error;
      return { kind: 'unknown', why: error };
    }
  }

  /**
   * Asks the stream's leader what the subject ends with, and compares bytes: a repeated id proves nothing, since another
   * owner's commit for the same cause has the same id.
   */
  private async compare(
    subject: string,
    sealed: SealedCommit,
    expectedLastSeq: number,
    claimedSeq: number | undefined,
    why: unknown,
  ): Promise<AppendAttempt> {
    const last = await this.messageAt({ last_by_subj: subject });
    if (last !== null && sameBytes(last.data, sealed.bytes))
      return { kind: 'stored', appended: { seq: last.seq, duplicate: true } };
    const lastSeq = last?.seq ?? 0;
    if (lastSeq > expectedLastSeq)
      throw new ConflictError(`${subject} is at ${lastSeq}, not ${expectedLastSeq}`, lastSeq);
    if (lastSeq < expectedLastSeq) return { kind: 'behind', lastSeq, why };
    const claimed = claimedSeq === undefined ? null : await this.messageAt({ seq: claimedSeq });
    if (claimed !== null) throw reusedId(sealed, claimed.seq);
    return { kind: 'unknown', why };
  }

  private async messageAt(query: MsgRequest): Promise<StoredMsg | null> {
    return (await this.managed()).streams.getMessage(this.name, query);
  }

  /** An integrity fault is one only when it outlasts a deposed leader; a stream without replicas has no second leader. */
  private async stalenessMs(): Promise<number> {
    const manager = await this.managed();
    const { config } = await untilAnswered(() => manager.streams.info(this.name));
    return config.num_replicas > 1 ? this.staleLeaderMs : 0;
  }

  private async managed(): Promise<JetStreamManager> {
    return (this.manager ??= await jetstreamManager(this.connection, { checkAPI: false }));
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
    const manager = await this.managed();
    return (await untilAnswered(() => manager.streams.info(this.name))).state.last_seq;
  }
}

type AppendAttempt =
  | { readonly kind: 'stored'; readonly appended: Appended }
  | { readonly kind: 'unknown'; readonly why: unknown }
  | { readonly kind: 'behind'; readonly lastSeq: number; readonly why: unknown };

function unresolved(sealed: SealedCommit, attempt: { readonly why: unknown }): OperationalError {
  return new OperationalError({
    code: 'EVENTING.APPEND_UNRESOLVED',
    message: `the journal did not say whether ${sealed.commit.commitId} was stored; its last answer: ${String(attempt.why)}`,
    cause: attempt.why,
  });
}

function reusedId({ commit }: SealedCommit, seq: number): IntegrityFault {
  return new IntegrityFault({
    code: 'EVENTING.ID_REUSED',
    message: `commit id ${commit.commitId} stands for another commit, at ${seq}`,
  });
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
