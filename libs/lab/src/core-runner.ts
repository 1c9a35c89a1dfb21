import { Reactor, drive, take } from '@evenkeel/engine';
import type { OnRecord, Origin, ReactorOptions, Task } from '@evenkeel/engine';
import type { Cause, MemoryEventLog, SealedCommit, StoredCommit } from '@evenkeel/eventing';
import type { CommitDraft, Context, Core } from '@evenkeel/facts';
import type { Instant } from '@evenkeel/kernel';

/** One core of one partition, whatever its state and its effects. */
export interface Runner {
  readonly context: Context;
  take(cause: Cause): void;
  append(draft: CommitDraft, origin: Origin): void;
  adopt(stored: StoredCommit): void;
  nextWake(): Instant | undefined;
}

/** One core of one partition in the lab: what a PartitionHost is to a service, without the waiting. */
export class CoreRunner<State, Effect> implements Runner {
  private readonly reactor: Reactor<State, Effect>;

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
    drive(take(this.reactor, cause), this.doTask);
  }

  private readonly doTask = (task: Task<SealedCommit, Effect>): OnRecord<SealedCommit> | undefined => {
    if (task.kind === 'append') return this.record(task.made);
    this.perform(task.effect);
    return undefined;
  };

  /** Puts a fact of this core's own context on the journal that a person, not the core, decided. */
  append(draft: CommitDraft, origin: Origin): void {
    const { recorded, seq } = this.record(this.reactor.sealFact(draft, origin));
    this.reactor.fold(recorded, seq);
  }

  /** Folds a fact of this core's own context that somebody else put on the journal. */
  adopt(stored: StoredCommit): void {
    this.reactor.fold(stored, stored.seq);
  }

  nextWake(): Instant | undefined {
    return this.reactor.nextWake();
  }

  private record(sealed: SealedCommit): OnRecord<SealedCommit> {
    const { seq } = this.log.appendNow(sealed, this.reactor.lastSeqOf(sealed.commit));
    return { recorded: sealed, seq };
  }
}
