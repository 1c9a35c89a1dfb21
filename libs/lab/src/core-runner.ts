import { Reactor } from '@evenkeel/eventing';
import type { Cause, MemoryEventLog, ReactorOptions, StoredCommit } from '@evenkeel/eventing';
import type { CommitDraft, Context, Core } from '@evenkeel/facts';

/** One core of one partition in the lab: what a PartitionHost is to a service, without the waiting. */
export class CoreRunner<State, Effect> {
  readonly reactor: Reactor<State, Effect>;

  constructor(
    readonly context: Context,
    core: Core<State, Effect>,
    options: ReactorOptions,
    private readonly log: MemoryEventLog,
    private readonly perform: (effect: Effect) => void,
  ) {
    this.reactor = new Reactor(core, options);
  }

  take(cause: Cause): void {
    this.reactor.observe(cause);
    for (;;) {
      const step = this.reactor.decide(cause);
      for (const sealed of step.commits) {
        const { seq } = this.log.appendNow(sealed, this.reactor.lastSeqOf(sealed.commit));
        this.reactor.fold(sealed, seq);
      }
      for (const effect of step.effects) this.perform(effect);
      if (step.commits.length === 0) return;
    }
  }

  /** Puts a fact of this core's own context on the journal that a person, not the core, decided. */
  append(draft: CommitDraft, cause: Omit<Cause, 'input'>): void {
    const sealed = this.reactor.sealFact(draft, cause);
    const { seq } = this.log.appendNow(sealed, this.reactor.lastSeqOf(sealed.commit));
    this.reactor.fold(sealed, seq);
  }

  /** Folds a fact of this core's own context that somebody else put on the journal. */
  adopt(stored: StoredCommit): void {
    this.reactor.fold(stored, stored.seq);
  }
}
