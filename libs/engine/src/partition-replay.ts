import { causeOfCommit } from '@evenkeel/eventing';
import type { Cause, SnapshotPosition, StoredCommit } from '@evenkeel/eventing';
import { IntegrityFault, parseInstant, sameBytes } from '@evenkeel/kernel';
import type { Instant } from '@evenkeel/kernel';
import { isBoot } from './boot';
import { Cursor } from './cursor';
import { causeOfInstant } from './event-time';
import type { GivenInstant } from './event-time';

/** What the host of a partition does at each turn of a replay. */
export interface ReplayTarget {
  /** Shows the core an input; what follows from it is on record, or asked for with `settle`. */
  observe(cause: Cause): void;
  /** Folds a commit of the core's own that is on record. */
  fold(own: StoredCommit): void;
  /** Has an input decided to its end: it was observed, and what is on record of it is folded. */
  settle(cause: Cause): Promise<void>;
  /** An input has had its whole effect. */
  tookCommit(input: StoredCommit): void;
  tookInstant(given: GivenInstant): void;
}

export interface ReplayOptions {
  readonly partition: string;
  readonly journalStream: string;
  readonly marketStream: string;
  /** The core's own commits, and those that it hears, each in the order of the journal; after `from`, if anything is. */
  readonly own: AsyncIterable<StoredCommit>;
  readonly inputs: AsyncIterable<StoredCommit>;
  /** Where the target stands already, by a snapshot: then `own` begins with its newest own commit. */
  readonly from?: SnapshotPosition;
  /** Newest sequence of each stream. */
  readonly ends: { readonly journal: number; readonly market: number };
  readonly target: ReplayTarget;
}

/** The instant that is about to be taken, by its time and its name as a cause. */
interface ComingInstant {
  readonly at: Instant;
  readonly id: string;
}

/**
 * Shows a core its own history again: market and journal as ordered streams, merged, one item of each in memory.
 *
 * The core's own commits are the script. They stand on the journal in the order in which the host took what caused them,
 * and each says how far the host had taken the streams in before. So an input is shown before the first own commit whose
 * author had taken it, its own answers right behind it. As long as an own commit is still to come, inputs are not decided
 * on: they have been. The input that the last own commit answers is finished, and everything after it is new.
 *
 * Journals without that mark say less: there the market comes before what was committed at or after its time, and an
 * input before what stands behind it on the journal.
 */
export class PartitionReplay {
  private readonly own: Cursor<StoredCommit>;
  private readonly inputs: Cursor<StoredCommit>;
  private readonly target: ReplayTarget;

  constructor(private readonly options: ReplayOptions) {
    this.own = new Cursor(options.own);
    this.inputs = new Cursor(options.inputs);
    this.target = options.target;
  }

  /**
   * Holds the snapshot that the target was made from against the record. Throws `ENGINE.SNAPSHOT_CONTRADICTED` when they
   * do not go together: its newest own commit is not what the journal holds, or the next one knew less than it does.
   */
  async begin(): Promise<void> {
    const { from, ends } = this.options;
    if (from === undefined) return;
    if (from.seen > ends.journal)
      throw contradicted(`it knows ${from.seen}, and the journal ends at ${ends.journal}`);
    if (from.market.seq > ends.market)
      throw contradicted(`it knows the market up to ${from.market.seq}, which ends at ${ends.market}`);
    if (from.appended > 0) {
      const newest = await this.own.peek();
      if (newest?.seq !== from.appended || !sameBytes(newest.hash, from.appendedHash))
        throw contradicted(`its newest own commit is not the journal's ${from.appended}`);
      this.own.skip();
    }
    const next = await this.own.peek();
    if (next !== undefined && this.knewLess(next, from))
      throw contradicted(`it had taken in more than the author of ${next.seq}, which comes after it`);
  }

  /** Takes the next instant that the partition was given, after everything on the journal that came before it. */
  async takeInstant(given: GivenInstant): Promise<void> {
    const { from, marketStream, partition } = this.options;
    const at = parseInstant(given.instant.eventTime);
    if (at <= (from?.eventTime ?? 0n)) return;
    const cause = causeOfInstant(marketStream, partition, given);
    await this.advanceTo({ at, id: cause.causation.commitId });
    await this.take(cause);
    this.target.tookInstant(given);
  }

  /** Takes what is left of the journal. */
  async finish(): Promise<void> {
    await this.advanceTo(undefined);
  }

  async close(): Promise<void> {
    await Promise.all([this.own.close(), this.inputs.close()]);
  }

  private async advanceTo(instant: ComingInstant | undefined): Promise<void> {
    for (;;) {
      const own = await this.own.peek();
      if (own !== undefined && this.precedes(own, instant)) {
        await this.catchUpWith(own);
        continue;
      }
      const input = await this.inputs.peek();
      if (input === undefined || !precedesInstant(input, instant)) return;
      if (own !== undefined && !this.wasTakenBefore(input, own)) return;
      await this.takeCommit(input);
    }
  }

  /** One turn towards an own commit: what its author had taken, then what it answers, then the commit itself. */
  private async catchUpWith(own: StoredCommit): Promise<void> {
    const input = isBoot(own.commit) ? undefined : await this.inputs.peek();
    if (input !== undefined && (this.wasTakenBefore(input, own) || this.answers(own, input)))
      return this.takeCommit(input);
    // What brought it about lies outside the streams, or they have let go of it.
    this.own.skip();
    this.target.fold(own);
  }

  private async takeCommit(input: StoredCommit): Promise<void> {
    this.inputs.skip();
    await this.take(causeOfCommit(this.options.journalStream, input));
    this.target.tookCommit(input);
  }

  private async take(cause: Cause): Promise<void> {
    this.target.observe(cause);
    let own = await this.own.peek();
    for (; own?.commit.causation.commitId === cause.causation.commitId; own = await this.own.peek()) {
      this.own.skip();
      this.target.fold(own);
    }
    if (own === undefined) await this.target.settle(cause);
  }

  /** Whether an own commit, and what it answers, came before an instant. */
  private precedes({ commit }: StoredCommit, instant: ComingInstant | undefined): boolean {
    if (instant === undefined || isBoot(commit)) return true;
    const knownUpTo = commit.taken?.eventTime ?? commit.clock.eventTime;
    return knownUpTo < instant.at && commit.causation.commitId !== instant.id;
  }

  /** Whether an input had had its whole effect before what an own commit answers. */
  private wasTakenBefore(input: StoredCommit, { commit, seq }: StoredCommit): boolean {
    if (commit.taken !== undefined) return input.seq <= commit.taken.journalSeq;
    const answersCommit = commit.causation.stream === this.options.journalStream;
    return input.seq < (answersCommit ? commit.causation.seq : seq);
  }

  private knewLess({ commit }: StoredCommit, from: SnapshotPosition): boolean {
    const { causation, taken } = commit;
    if (taken !== undefined && (taken.journalSeq < from.seen || taken.eventTime < from.eventTime))
      return true;
    return causation.stream === this.options.journalStream && causation.seq <= from.seen;
  }

  private answers({ commit }: StoredCommit, input: StoredCommit): boolean {
    return commit.causation.commitId === input.commit.commitId;
  }
}

function contradicted(why: string): IntegrityFault {
  return new IntegrityFault({
    code: 'ENGINE.SNAPSHOT_CONTRADICTED',
    message: `the snapshot is not used: ${why}`,
  });
}

/** The market of a time comes first, and then what was committed at it. */
function precedesInstant({ commit }: StoredCommit, instant: ComingInstant | undefined): boolean {
  return instant === undefined || isBoot(commit) || commit.clock.eventTime < instant.at;
}
