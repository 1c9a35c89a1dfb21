import { setTimeout as delay } from 'node:timers/promises';
import { JetStreamApiError, jetstream, jetstreamManager } from '@nats-io/jetstream';
import type { JetStreamClient, JetStreamManager, MsgRequest, StoredMsg } from '@nats-io/jetstream';
import type { NatsConnection } from '@nats-io/nats-core';
import { ConflictError } from '@evenkeel/eventing';
import type { Appended } from '@evenkeel/eventing';
import { IntegrityFault, OperationalError, sameBytes } from '@evenkeel/kernel';
import { isStorageFull, isTransient, refusalOf } from './publish-outcome';
import { untilAnswered } from './stream-reading';

const PUBLISH_TIMEOUT_MS = 2_000;
const BACKOFF_MS_MIN = 20;
const BACKOFF_MS_MAX = 500;
const DEADLINE_MS = 60_000;
/** A leader without a quorum steps down after ten seconds. */
const STALE_LEADER_MS_MAX = 12_000;

/** A publish that the server has not answered, or has no room for. Nothing is lost: the same bytes are offered again. */
export interface PublishWait {
  readonly id: string;
  readonly subject: string;
  readonly forMs: number;
  readonly why: unknown;
}

/** Hears of publishes that wait. */
export interface PublishWaits {
  /** At each try in vain. */
  waiting(wait: PublishWait): void;
  /** It waits no more, whatever has become of it. */
  over(id: string): void;
}

export interface PublishPatience {
  /** How long a publish may stay unknown before that is an error; a minute unless told. */
  readonly deadlineMs?: number;
  /** Where it is said that something waits: then an outage, or a full disk, is waited out without end. */
  readonly waits?: PublishWaits;
  /** How long a deposed leader of a replicated stream may go on answering from what it had. */
  readonly staleLeaderMs?: number;
  /** Milliseconds that only go forward, for the two above alone. */
  readonly nowMs?: () => number;
}

/** What is published. `id` is the message id: the server's help against repeats, never a proof. */
export interface Publication {
  readonly subject: string;
  readonly bytes: Uint8Array;
  readonly id: string;
  /** What the publication follows: the newest message under this filter; its own subject unless told. */
  readonly within?: string;
}

/** Says why it waits. */
type Say = (why: unknown) => void;

type Attempt =
  | { readonly kind: 'stored'; readonly appended: Appended }
  | { readonly kind: 'unknown'; readonly why: unknown }
  | { readonly kind: 'behind'; readonly lastSeq: number; readonly why: unknown };

/** Publishes to one stream until it is known what has become of it. */
export class ResolvingPublisher {
  private readonly js: JetStreamClient;
  private manager: JetStreamManager | undefined;
  private readonly deadlineMs: number;
  private readonly waits: PublishWaits | undefined;
  private readonly staleLeaderMs: number;
  private readonly nowMs: () => number;

  constructor(
    private readonly connection: NatsConnection,
    private readonly stream: string,
    patience: PublishPatience = {},
  ) {
    this.js = jetstream(connection, { timeout: PUBLISH_TIMEOUT_MS });
    this.waits = patience.waits;
    this.deadlineMs =
      patience.deadlineMs ?? (this.waits === undefined ? DEADLINE_MS : Number.POSITIVE_INFINITY);
    this.staleLeaderMs = patience.staleLeaderMs ?? STALE_LEADER_MS_MAX;
    this.nowMs = patience.nowMs ?? (() => performance.now());
  }

  /**
   * Stores a message as the next after `expectedLastSeq` (0: as the first). Throws `ConflictError` where the
   * subject has gone on with other bytes, `IntegrityFault` where it holds less than that.
   */
  append(publication: Publication, expectedLastSeq: number): Promise<Appended> {
    return this.resolve(
      publication,
      (say) => this.tryAppend(publication, expectedLastSeq, say),
      expectedLastSeq,
    );
  }

  /** What a subject ends with, as the stream's leader has it. */
  lastOf(subject: string): Promise<StoredMsg | null> {
    const tries = this.deadlineMs === Number.POSITIVE_INFINITY ? this.deadlineMs : undefined;
    return untilAnswered(() => this.messageAt({ last_by_subj: subject }), tries);
  }

  private async resolve(
    publication: Publication,
    attempt: (say: Say) => Promise<Attempt>,
    expectedLastSeq: number,
  ): Promise<Appended> {
    try {
      return await this.untilKnown(publication, attempt, expectedLastSeq);
    } finally {
      this.waits?.over(publication.id);
    }
  }

  private async untilKnown(
    publication: Publication,
    attempt: (say: Say) => Promise<Attempt>,
    expectedLastSeq: number,
  ): Promise<Appended> {
    const startedAt = this.nowMs();
    const { id, subject } = publication;
    const say: Say = (why) => this.waits?.waiting({ id, subject, forMs: this.nowMs() - startedAt, why });
    let backoff = BACKOFF_MS_MIN;
    for (;;) {
      const outcome = await attempt(say);
      if (outcome.kind === 'stored') return outcome.appended;
      const waited = this.nowMs() - startedAt;
      if (outcome.kind === 'behind' && waited >= (await this.stalenessMs()))
        throw new IntegrityFault({
          code: 'EVENTING.LOG_BEHIND',
          message: `${publication.within ?? publication.subject} is at ${outcome.lastSeq}, but ${expectedLastSeq} was folded`,
        });
      if (waited > this.deadlineMs) throw unresolved(publication, outcome.why);
      say(outcome.why);
      await delay(backoff);
      backoff = Math.min(backoff * 2, BACKOFF_MS_MAX);
    }
  }

  /** One publish, and a look at what the subject holds unless the server says that this very publish was stored. */
  private async tryAppend(publication: Publication, expectedLastSeq: number, say: Say): Promise<Attempt> {
    const { subject, bytes, id, within } = publication;
    let claimedSeq: number | undefined;
    let why: unknown = 'the id was known';
    try {
      const ack = await this.js.publish(subject, bytes, {
        msgID: id,
        expect: {
          streamName: this.stream,
          lastSubjectSequence: expectedLastSeq,
          ...(within === undefined ? {} : { lastSubjectSequenceSubject: within }),
        },
        timeout: PUBLISH_TIMEOUT_MS,
      });
      if (!ack.duplicate) return { kind: 'stored', appended: { seq: ack.seq, duplicate: false } };
      claimedSeq = ack.seq;
    } catch (error) {
      why = this.waitable(error, subject);
      // A server that is away does not answer the next question either.
      if (!(error instanceof JetStreamApiError)) say(why);
    }
    try {
      return await this.compare(publication, expectedLastSeq, claimedSeq, why);
    } catch (error) {
      if (!isTransient(error)) throw error;
      return { kind: 'unknown', why: error };
    }
  }

  /**
   * What there is to wait for: an answer, or room. Throws what waiting cannot mend, and a full disk where nobody would hear that it is
   * waited for. A publish before this one may have been stored, so a full disk decides nothing either.
   */
  private waitable(error: unknown, subject: string): unknown {
    const refusal = refusalOf(error, subject);
    if (refusal === undefined) return error;
    if (this.waits === undefined || !isStorageFull(refusal)) throw refusal;
    return refusal;
  }

  /**
   * Asks the stream's leader what it holds last there, and compares bytes: a repeated id proves nothing, since another
   * owner's commit for the same cause has the same id.
   */
  private async compare(
    { subject, bytes, id, within = subject }: Publication,
    expectedLastSeq: number,
    claimedSeq: number | undefined,
    why: unknown,
  ): Promise<Attempt> {
    const last = await this.messageAt({ last_by_subj: within });
    if (last !== null && sameBytes(last.data, bytes))
      return { kind: 'stored', appended: { seq: last.seq, duplicate: true } };
    const lastSeq = last?.seq ?? 0;
    if (lastSeq > expectedLastSeq)
      throw new ConflictError(`${within} is at ${lastSeq}, not ${expectedLastSeq}`, lastSeq);
    if (lastSeq < expectedLastSeq) return { kind: 'behind', lastSeq, why };
    const claimed = claimedSeq === undefined ? null : await this.messageAt({ seq: claimedSeq });
    if (claimed !== null)
      throw new IntegrityFault({
        code: 'EVENTING.ID_REUSED',
        message: `commit id ${id} stands for another commit, at ${claimed.seq}`,
      });
    return { kind: 'unknown', why };
  }

  private async messageAt(query: MsgRequest): Promise<StoredMsg | null> {
    return (await this.managed()).streams.getMessage(this.stream, query);
  }

  /** An integrity fault is one only when it outlasts a deposed leader; a stream without replicas has no second leader. */
  private async stalenessMs(): Promise<number> {
    const manager = await this.managed();
    const { config } = await untilAnswered(() => manager.streams.info(this.stream));
    return config.num_replicas > 1 ? this.staleLeaderMs : 0;
  }

  private async managed(): Promise<JetStreamManager> {
    return (this.manager ??= await jetstreamManager(this.connection, {
      checkAPI: false,
      timeout: PUBLISH_TIMEOUT_MS,
    }));
  }
}

function unresolved({ subject, id }: Publication, why: unknown): OperationalError {
  return new OperationalError({
    code: 'EVENTING.APPEND_UNRESOLVED',
    message: `the server did not say whether ${id} was stored under ${subject}; its last answer: ${String(why)}`,
    cause: why,
  });
}
