import type { CommitDraft, CommitView, Core, CoreInput } from '@evenkeel/facts';
import { assert, formatInstant, parseInstant } from '@evenkeel/kernel';
import type { Causation, Commit, CommitClock, Producer, SealedCommit, StoredCommit } from './commit';
import { SCHEMA_VERSION, aggregateKey, commitIdOf, partitionOfBook } from './commit';

/** Turns an envelope into the bytes that are published, hashed and stored. */
export type Seal = (commit: Commit) => SealedCommit;

export interface ReactorOptions {
  readonly epoch: string;
  readonly producer: Producer;
  readonly seal: Seal;
  /** Host time and its quality; only recorded, never decided on. */
  readonly hostClock: () => Omit<CommitClock, 'eventTime'>;
}

/** One input on its way through a core. */
export interface Cause {
  readonly input: CoreInput;
  readonly causation: Causation;
  readonly correlationId: string;
  readonly traceparent: string;
}

interface Head {
  version: number;
  hash: Uint8Array;
  seq: number;
}

export interface SealedStep<Effect> {
  readonly commits: readonly SealedCommit[];
  readonly effects: readonly Effect[];
}

const STEPS_MAX = 10_000;
const NO_HASH = new Uint8Array(0);

/**
 * Drives one core over one partition: seals what it decides into chained commits and folds them once they are durable.
 * Synchronous and without IO, so the services, the lab and an auditor's replay run the same loop.
 */
export class Reactor<State, Effect> {
  private current: State;
  private readonly heads = new Map<string, Head>();
  private index = 0;
  private steps = 0;

  constructor(
    private readonly core: Core<State, Effect>,
    private readonly options: ReactorOptions,
  ) {
    this.current = core.initial();
  }

  get state(): State {
    return this.current;
  }

  nextWake(): bigint | undefined {
    return this.core.nextWake(this.current);
  }

  /** Sequence of the aggregate's newest commit that was folded; 0 for none. */
  lastSeqOf(commit: Commit): number {
    return this.heads.get(aggregateKey(commit.aggregate))?.seq ?? 0;
  }

  /** Takes in a new input; `decide` then says what follows. */
  observe(cause: Cause): void {
    this.index = 0;
    this.steps = 0;
    this.current = this.core.observe(this.current, cause.input);
  }

  /** The next step for the observed input; call again after `fold`ing its commits, until it has none. */
  decide(cause: Cause): SealedStep<Effect> {
    this.steps += 1;
    assert(this.steps <= STEPS_MAX, `a core settles within ${STEPS_MAX} steps`);
    const step = this.core.decide(this.current, cause.input);
    const pending = new Map<string, Head>();
    const commits = step.commits.map((draft, position) =>
      this.seal(draft, cause, this.index + position, pending),
    );
    return { commits, effects: step.effects };
  }

  /** Seals a fact of this core's context that its host found out for itself (a kill latch, a person's command). */
  sealFact(draft: CommitDraft, cause: Omit<Cause, 'input'>): SealedCommit {
    this.index = 0;
    return this.seal(draft, cause, 0, new Map());
  }

  /** Folds a commit of this core's own that is now durable at `seq`. */
  fold(sealed: SealedCommit, seq: number): void {
    const key = aggregateKey(sealed.commit.aggregate);
    const head = this.heads.get(key);
    assert(sealed.commit.fromVersion === (head?.version ?? 0) + 1, `versions of ${key} follow one another`);
    this.heads.set(key, { version: sealed.commit.toVersion, hash: sealed.hash, seq });
    this.index += 1;
    this.current = this.core.evolve(this.current, viewOf(sealed.commit));
  }

  private seal(
    draft: CommitDraft,
    cause: Omit<Cause, 'input'>,
    index: number,
    pending: Map<string, Head>,
  ): SealedCommit {
    const key = aggregateKey(draft.aggregate);
    const head = pending.get(key) ?? this.heads.get(key);
    const commitId = commitIdOf(draft.aggregate, cause.causation.commitId, index);
    const fromVersion = (head?.version ?? 0) + 1;
    const toVersion = fromVersion + draft.events.length - 1;
    const sealed = this.options.seal({
      schemaVersion: SCHEMA_VERSION,
      commitId,
      epoch: this.options.epoch,
      partition: partitionOfBook(draft.book),
      aggregate: draft.aggregate,
      book: draft.book,
      fromVersion,
      toVersion,
      prevHash: head?.hash ?? NO_HASH,
      causation: cause.causation,
      correlationId: cause.correlationId,
      traceparent: cause.traceparent,
      actor: draft.actor,
      producer: this.options.producer,
      config: { policyHash: draft.policyHash ?? '', limitsVersion: draft.limitsVersion ?? '' },
      clock: { eventTime: parseInstant(draft.eventTime), ...this.options.hostClock() },
      events: draft.events.map((event, position) => ({ id: `${commitId}:${position}`, version: 1, event })),
    });
    pending.set(key, { version: toVersion, hash: sealed.hash, seq: 0 });
    return sealed;
  }
}

/** A commit without its transport and host: what cores see. */
export function viewOf(commit: Commit): CommitView {
  return {
    commitId: commit.commitId,
    aggregate: commit.aggregate,
    book: commit.book,
    eventTime: formatInstant(commit.clock.eventTime),
    correlationId: commit.correlationId,
    events: commit.events.map((recorded) => recorded.event),
  };
}

/** A foreign commit as an input of a core. */
export function causeOfCommit(stream: string, stored: StoredCommit): Cause {
  return {
    input: { kind: 'commit', commit: viewOf(stored.commit) },
    causation: { stream, seq: BigInt(stored.seq), commitId: stored.commit.commitId },
    correlationId: stored.commit.correlationId,
    traceparent: stored.commit.traceparent,
  };
}
