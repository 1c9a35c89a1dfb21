import type { Context } from '@evenkeel/facts';
import { IntegrityFault, required, sameBytes } from '@evenkeel/kernel';
import type { Commit, SealedCommit, StoredCommit } from './commit';
import { subjectOf } from './commit';
import { ConflictError } from './faults';
import type { AppendScope, Appended, EventLog, ReadOptions } from './ports';

/** A commit as it is kept: the envelope is let go where it can be read from the bytes again. */
interface Kept extends Omit<StoredCommit, 'commit'> {
  readonly commitId: string;
  commit: Commit | undefined;
}

/** The journal in memory: what the lab and the tests run on, held to the same contract suite as JetStream. */
export class MemoryEventLog implements EventLog {
  private readonly kept: Kept[] = [];
  /** Commits that were let go, before those that are kept. */
  private released = 0;
  /** Of those that are kept, so many from the first on are kept as bytes. */
  private asBytes = 0;
  private readonly ids = new Set<string>();
  /** By the subject of an aggregate. */
  private readonly lastUnder = new Map<string, Kept>();
  /** By partition and context. */
  private readonly lastOf = new Map<string, Map<Context, Kept>>();

  /** `decode` gives a commit back from its bytes; without it, envelopes stay. */
  constructor(
    readonly name: string,
    private readonly decode?: (bytes: Uint8Array) => Commit,
  ) {}

  /** How many commits are kept. */
  get length(): number {
    return this.kept.length;
  }

  /** Every commit that is kept. */
  get all(): readonly StoredCommit[] {
    for (let place = 0; place < this.asBytes; place += 1) this.at(place);
    this.asBytes = 0;
    return this.kept as readonly StoredCommit[]; // each has its commit now
  }

  /** The commit at a place among those that are kept. */
  at(place: number): StoredCommit {
    const kept = required(this.kept[place], 'a commit that is kept');
    kept.commit ??= this.decode?.(kept.bytes);
    return kept as StoredCommit; // it has its commit now
  }

  /**
   * Keeps of every commit so far the bytes alone: it is read again when somebody asks for it. As objects, the journal of a lab
   * run was most of what its collector had to move, a quarter of the run.
   */
  keepBytes(): void {
    if (this.decode === undefined) return;
    for (; this.asBytes < this.kept.length; this.asBytes += 1)
      required(this.kept[this.asBytes], 'a commit below the length').commit = undefined;
  }

  /** Lets go of every commit so far: a reader has taken them, and a long run is larger than memory. Numbers go on. */
  release(): void {
    this.released += this.kept.length;
    this.kept.length = 0;
    this.asBytes = 0;
  }

  /** `append` without a promise, for callers in the same process. */
  appendNow(sealed: SealedCommit, expectedLastSeq: number, scope: AppendScope = 'aggregate'): Appended {
    const { commit } = sealed;
    const subject = subjectOf(commit.partition, commit.aggregate);
    const { context } = commit.aggregate;
    const ofPartition = this.lastOf.get(commit.partition) ?? new Map<Context, Kept>();
    const last = scope === 'aggregate' ? this.lastUnder.get(subject) : ofPartition.get(context);
    // A light journal seals no bytes at all; there the id has to do.
    if (last?.commitId === commit.commitId && sameBytes(last.bytes, sealed.bytes))
      return { seq: last.seq, duplicate: true };
    const lastSeq = last?.seq ?? 0;
    if (lastSeq > expectedLastSeq)
      throw new ConflictError(`the ${scope} of ${subject} is at ${lastSeq}, not ${expectedLastSeq}`, lastSeq);
    if (lastSeq < expectedLastSeq) {
      throw new IntegrityFault({
        code: 'EVENTING.LOG_BEHIND',
        message: `the ${scope} of ${subject} is at ${lastSeq}, but ${expectedLastSeq} was folded`,
      });
    }
    if (this.ids.has(commit.commitId)) {
      throw new IntegrityFault({
        code: 'EVENTING.ID_REUSED',
        message: `commit id ${commit.commitId} stands for another commit`,
      });
    }
    const { bytes, hash } = sealed;
    const { commitId } = commit;
    const stored: Kept = {
      commit,
      commitId,
      bytes,
      hash,
      seq: this.released + this.kept.length + 1,
      subject,
    };
    this.kept.push(stored);
    this.ids.add(commit.commitId);
    this.lastUnder.set(subject, stored);
    ofPartition.set(context, stored);
    this.lastOf.set(commit.partition, ofPartition);
    return { seq: stored.seq, duplicate: false };
  }

  append(sealed: SealedCommit, expectedLastSeq: number, scope?: AppendScope): Promise<Appended> {
    return new Promise((resolve) => resolve(this.appendNow(sealed, expectedLastSeq, scope)));
  }

  async *read({ fromSeq = 1, partition, contexts }: ReadOptions): AsyncIterable<StoredCommit> {
    const end = this.kept.length;
    for (let place = Math.max(0, fromSeq - 1 - this.released); place < end; place += 1) {
      if (place >= this.kept.length) return;
      const stored = this.at(place);
      const { commit } = stored;
      const wanted = partition === undefined || commit.partition === partition;
      if (wanted && (contexts === undefined || contexts.includes(commit.aggregate.context))) yield stored;
    }
  }

  lastSeq(): Promise<number> {
    return Promise.resolve(this.released + this.kept.length);
  }
}
