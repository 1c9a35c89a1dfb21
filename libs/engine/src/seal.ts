import { currentVersionOf } from '@evenkeel/contracts';
import { SCHEMA_VERSION, aggregateKey, commitIdOf, partitionOfBook } from '@evenkeel/eventing';
import type {
  AggregateHead,
  Cause,
  Commit,
  CommitClock,
  Producer,
  SealedCommit,
  Taken,
} from '@evenkeel/eventing';
import type { AggregateRef, CommitDraft } from '@evenkeel/facts';
import { parseInstant } from '@evenkeel/kernel';

/** Host time and its quality; only recorded, never decided on. */
export type HostClock = Omit<CommitClock, 'eventTime'>;

/** Where no host's clock has a say: runs on a virtual clock, and replays. */
export const VIRTUAL_CLOCK: HostClock = {
  receivedTime: 0n,
  decidedTime: 0n,
  source: 'virtual',
  maxErrorNs: 0n,
};

/** The newest commit of an aggregate. */
export interface Head {
  readonly version: number;
  readonly hash: Uint8Array;
  /** Its sequence in the journal; 0 while it is not durable. */
  readonly seq: number;
}

export const NO_HEAD: Head = { version: 0, hash: new Uint8Array(0), seq: 0 };

/** The chains of the aggregates that one writer extends. */
export class Heads {
  private readonly known = new Map<string, Head>();
  private lastAsked: AggregateRef | undefined;
  private lastKey = '';

  of(aggregate: AggregateRef): Head {
    return this.known.get(this.keyOf(aggregate)) ?? NO_HEAD;
  }

  get size(): number {
    return this.known.size;
  }

  /** Nothing will follow its newest commit. */
  forget(aggregate: AggregateRef): void {
    this.known.delete(this.keyOf(aggregate));
  }

  /** Everything known, in the order in which the aggregates were met. */
  record(): AggregateHead[] {
    return [...this.known].map(([key, { version, hash, seq }]) => ({
      key,
      version,
      hash: new Uint8Array(hash), // platform hashes are Buffers, which a record does not hold
      seq,
    }));
  }

  restore(heads: readonly AggregateHead[]): void {
    this.known.clear();
    for (const { key, ...head } of heads) this.known.set(key, head);
  }

  /** The newest commit is this one, at `seq`. */
  note({ commit, hash }: SealedCommit, seq: number): void {
    this.known.set(this.keyOf(commit.aggregate), { version: commit.toVersion, hash, seq });
  }

  /** Asked for four times while a commit is made and folded, by the same object. */
  private keyOf(aggregate: AggregateRef): string {
    if (aggregate !== this.lastAsked) {
      this.lastAsked = aggregate;
      this.lastKey = aggregateKey(aggregate);
    }
    return this.lastKey;
  }
}

/** What brings a commit about: all of a cause but the input itself. */
export type Origin = Omit<Cause, 'input'>;

export interface EnvelopeOptions {
  readonly epoch: string;
  readonly producer: Producer;
  readonly clock: HostClock;
  readonly origin: Origin;
  /** Place among the commits that the same origin brought about. */
  readonly index: number;
  readonly head: Head;
  readonly taken?: Taken | undefined;
  readonly fencingToken?: bigint | undefined;
}

/**
 * The envelope around a draft. The only place that makes one: here the chain is extended, ids are given, and each event
 * is marked with the version in which this build writes it.
 */
export function envelopeOf(draft: CommitDraft, options: EnvelopeOptions): Commit {
  const { epoch, producer, clock, origin, index, head, taken, fencingToken } = options;
  const commitId = commitIdOf(draft.aggregate, origin.causation.commitId, index);
  const commit: Growing = {
    schemaVersion: SCHEMA_VERSION,
    commitId,
    epoch,
    partition: partitionOfBook(draft.book),
    aggregate: draft.aggregate,
    book: draft.book,
    fromVersion: head.version + 1,
    toVersion: head.version + draft.events.length,
    prevHash: head.hash,
    causation: origin.causation,
    correlationId: origin.correlationId,
    traceparent: origin.traceparent,
    actor: draft.actor,
    producer,
    config: configOf(draft),
    clock: {
      eventTime: parseInstant(draft.eventTime),
      receivedTime: clock.receivedTime,
      decidedTime: clock.decidedTime,
      source: clock.source,
      maxErrorNs: clock.maxErrorNs,
    },
    events: draft.events.map((event, position) => ({
      id: `${commitId}:${position}`,
      version: currentVersionOf(event.type),
      event,
    })),
  };
  if (taken !== undefined) commit.taken = taken;
  if (fencingToken !== undefined) commit.fencingToken = fencingToken;
  return commit;
}

const NO_CONFIG: Commit['config'] = { policyHash: '', limitsVersion: '' };

function configOf({ policyHash = '', limitsVersion = '' }: CommitDraft): Commit['config'] {
  return policyHash === '' && limitsVersion === '' ? NO_CONFIG : { policyHash, limitsVersion };
}

/** An envelope to which what it may lack is added: spread in, even what is absent costs as much as the rest of it. */
type Growing = { -readonly [Field in keyof Commit]: Commit[Field] };

/** The origin of something that no stream brought about: a person's first facts, a host's own finding. */
export function originOf(stream: 'boot' | 'host' | 'operator', id: string): Origin {
  return { causation: { stream, seq: 0n, commitId: id }, correlationId: id, traceparent: '' };
}
