import type { Context } from '@evenkeel/facts';
import { IntegrityFault, sameBytes } from '@evenkeel/kernel';
import type { SealedCommit, StoredCommit } from './commit';
import { subjectOf } from './commit';
import { ConflictError } from './faults';
import type { AppendScope, Appended, EventLog, ReadOptions } from './ports';

/** The journal in memory: what the lab and the tests run on, held to the same contract suite as JetStream. */
export class MemoryEventLog implements EventLog {
  readonly name: string;
  private readonly commits: StoredCommit[] = [];
  /** Commits that were let go, before those that are kept. */
  private released = 0;
  private readonly ids = new Set<string>();
  /** By the subject of an aggregate. */
  private readonly lastUnder = new Map<string, StoredCommit>();
  /** By partition and context. */
  private readonly lastOf = new Map<string, Map<Context, StoredCommit>>();

  constructor(name: string) {
    this.name = name;
  }

  /** Every commit that is kept. */
  get all(): readonly StoredCommit[] {
    return this.commits;
  }

  /** Lets go of every commit so far: a reader has taken them, and a long run is larger than memory. Numbers go on. */
  release(): void {
    this.released += this.commits.length;
    this.commits.length = 0;
  }

  /** `append` without a promise, for callers in the same process. */
  appendNow(sealed: SealedCommit, expectedLastSeq: number, scope: AppendScope = 'aggregate'): Appended {
    const { commit } = sealed;
    const subject = subjectOf(commit.partition, commit.aggregate);
    const { context } = commit.aggregate;
    const ofPartition = this.lastOf.get(commit.partition) ?? new Map<Context, StoredCommit>();
    const last = scope === 'aggregate' ? this.lastUnder.get(subject) : ofPartition.get(context);
    // A light journal seals no bytes at all; there the id has to do.
    if (last?.commit.commitId === commit.commitId && sameBytes(last.bytes, sealed.bytes))
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
    const stored: StoredCommit = {
      commit,
      bytes,
      hash,
      seq: this.released + this.commits.length + 1,
      subject,
    };
    this.commits.push(stored);
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
    const end = this.commits.length;
    for (let index = Math.max(0, fromSeq - 1 - this.released); index < end; index += 1) {
      const stored = this.commits[index];
      if (stored === undefined) return;
      const { commit } = stored;
      const wanted = partition === undefined || commit.partition === partition;
      if (wanted && (contexts === undefined || contexts.includes(commit.aggregate.context))) yield stored;
    }
  }

  lastSeq(): Promise<number> {
    return Promise.resolve(this.released + this.commits.length);
  }
}
