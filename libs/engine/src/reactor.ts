import type { Cause, Commit, Producer, ReactorMemory, Seal, SealedCommit, Taken } from '@evenkeel/eventing';
import { aggregateKey, viewOf } from '@evenkeel/eventing';
import { takeIn } from '@evenkeel/facts';
import type { CommitDraft, Core, Kept } from '@evenkeel/facts';
import { AssertionFault } from '@evenkeel/kernel';
import { Heads, NO_HEAD, envelopeOf } from './seal';
import type { HostClock, Origin } from './seal';

export interface ReactorOptions {
  readonly epoch: string;
  readonly producer: Producer;
  readonly seal: Seal;
  readonly hostClock: () => HostClock;
  /** How far the host has taken the streams in; undefined where it follows none. */
  readonly taken?: () => Taken;
  /** Of the lease under which the host owns the partition. */
  readonly fencingToken?: bigint;
}

export interface SealedStep<Effect> {
  readonly commits: readonly SealedCommit[];
  readonly effects: readonly Effect[];
}

const NO_COMMITS: readonly SealedCommit[] = [];

/**
 * One core over one partition: seals what it decides into chained commits and folds them once they are durable. `take`
 * and `settle` drive it; it is synchronous and without IO, so services, lab and an auditor's replay run the same.
 */
export class Reactor<State, Effect> {
  private current: State;
  private readonly heads = new Heads();
  private index = 0;

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

  /** How many it remembers of what only its inputs limit. */
  kept(): Kept {
    return { ...this.core.kept?.(this.current), heads: this.heads.size };
  }

  /** Everything it remembers, between two inputs; the state is the living one, so it is written or copied at once. */
  memory(): ReactorMemory<State> {
    return { state: this.current, heads: this.heads.record() };
  }

  /** Goes on from what another life remembered. */
  restore({ state, heads }: ReactorMemory<State>): void {
    this.current = state;
    this.heads.restore(heads);
    this.index = 0;
  }

  /** Sequence of the aggregate's newest commit that was folded; 0 for none. */
  lastSeqOf(commit: Commit): number {
    return this.heads.of(commit.aggregate).seq;
  }

  /** Takes in a new input; `decide` then says what follows. */
  observe(cause: Cause): void {
    this.index = 0;
    this.current = takeIn(this.core, this.current, cause.input);
    for (const aggregate of this.core.retired?.(this.current) ?? []) this.heads.forget(aggregate);
  }

  /** The next step for the observed input; asked again after its commits are folded, until it has none. */
  decide(cause: Cause): SealedStep<Effect> {
    const { commits: drafts, effects } = this.core.decide(this.current, cause.input);
    if (drafts.length === 0) return { commits: NO_COMMITS, effects };
    const pending = drafts.length === 1 ? undefined : new Heads();
    const commits = drafts.map((draft, position) => this.seal(draft, cause, this.index + position, pending));
    return { commits, effects };
  }

  /** Seals a fact of this core's context that its host found out for itself (a kill latch, a person's command). */
  sealFact(draft: CommitDraft, origin: Origin): SealedCommit {
    this.index = 0;
    return this.seal(draft, origin, 0, undefined);
  }

  /** Folds a commit of this core's own that is now durable at `seq`. */
  fold(sealed: SealedCommit, seq: number): void {
    const { aggregate, fromVersion } = sealed.commit;
    if (fromVersion !== this.heads.of(aggregate).version + 1)
      throw new AssertionFault(`versions of ${aggregateKey(aggregate)} follow one another`);
    this.heads.note(sealed, seq);
    this.index += 1;
    this.current = this.core.evolve(this.current, viewOf(sealed.commit));
  }

  /** `pending`: the heads of what was sealed before it in the same step. */
  private seal(draft: CommitDraft, origin: Origin, index: number, pending: Heads | undefined): SealedCommit {
    const { epoch, producer, hostClock, taken, fencingToken } = this.options;
    const ahead = pending?.of(draft.aggregate) ?? NO_HEAD;
    const head = ahead.version > 0 ? ahead : this.heads.of(draft.aggregate);
    const sealed = this.options.seal(
      envelopeOf(draft, {
        epoch,
        producer,
        clock: hostClock(),
        origin,
        index,
        head,
        taken: taken?.(),
        fencingToken,
      }),
    );
    pending?.note(sealed, 0);
    return sealed;
  }
}
