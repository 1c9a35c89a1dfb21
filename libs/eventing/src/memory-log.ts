import { IntegrityFault, sameBytes } from '@evenkeel/kernel';
import type { SealedCommit, StoredCommit } from './commit';
import { subjectOf } from './commit';
import { ConflictError } from './faults';
import type { Appended, EventLog } from './ports';

/** The journal in memory: what the lab and the tests run on, held to the same contract suite as JetStream. */
export class MemoryEventLog implements EventLog {
  readonly name: string;
  private readonly commits: StoredCommit[] = [];
  private readonly byId = new Map<string, StoredCommit>();
  private readonly lastBySubject = new Map<string, number>();

  constructor(name: string) {
    this.name = name;
  }

  get all(): readonly StoredCommit[] {
    return this.commits;
  }

  /** `append` without a promise, for callers in the same process. */
  appendNow(sealed: SealedCommit, expectedLastSeq: number): Appended {
    const { commit } = sealed;
    const known = this.byId.get(commit.commitId);
    if (known !== undefined) {
      if (!sameBytes(known.bytes, sealed.bytes) && known.commit.fromVersion !== commit.fromVersion) {
        throw new IntegrityFault({
          code: 'EVENTING.ID_REUSED',
          message: `commit id ${commit.commitId} stands for two commits`,
        });
      }
      return { seq: known.seq, duplicate: true };
    }
    const subject = subjectOf(commit.partition, commit.aggregate);
    const last = this.lastBySubject.get(subject) ?? 0;
    if (last > expectedLastSeq)
      throw new ConflictError(`${subject} is at ${last}, not ${expectedLastSeq}`, last);
    if (last < expectedLastSeq) {
      throw new IntegrityFault({
        code: 'EVENTING.LOG_BEHIND',
        message: `${subject} is at ${last}, but ${expectedLastSeq} was folded`,
      });
    }
    const stored: StoredCommit = { ...sealed, seq: this.commits.length + 1, subject };
    this.commits.push(stored);
    this.byId.set(commit.commitId, stored);
    this.lastBySubject.set(subject, stored.seq);
    return { seq: stored.seq, duplicate: false };
  }

  append(sealed: SealedCommit, expectedLastSeq: number): Promise<Appended> {
    return new Promise((resolve) => resolve(this.appendNow(sealed, expectedLastSeq)));
  }

  async *read(options: {
    readonly fromSeq?: number;
    readonly partition?: string;
  }): AsyncIterable<StoredCommit> {
    const end = this.commits.length;
    for (let index = Math.max(0, (options.fromSeq ?? 1) - 1); index < end; index += 1) {
      const stored = this.commits[index];
      if (
        stored !== undefined &&
        (options.partition === undefined || stored.commit.partition === options.partition)
      )
        yield stored;
    }
  }

  lastSeq(): Promise<number> {
    return Promise.resolve(this.commits.length);
  }
}
