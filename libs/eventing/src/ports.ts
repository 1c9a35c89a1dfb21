import type { SealedCommit, StoredCommit } from './commit';

export interface Appended {
  readonly seq: number;
  /** True when the log already held this very commit. */
  readonly duplicate: boolean;
}

/**
 * The journal. `append` resolves until known: it returns only when the commit is durable (now or from an earlier try),
 * throws `ConflictError` when somebody else wrote the aggregate meanwhile, and `IntegrityFault` when the log
 * contradicts what was folded.
 */
export interface EventLog {
  readonly name: string;
  /** `expectedLastSeq` is the sequence of the aggregate's last commit that was folded, 0 for none. */
  append(commit: SealedCommit, expectedLastSeq: number): Promise<Appended>;
  /** Everything from `fromSeq` on that is there at the time of the call, in sequence order, of one partition or of all. */
  read(options: { readonly fromSeq?: number; readonly partition?: string }): AsyncIterable<StoredCommit>;
  /** Sequence of the newest commit; 0 for an empty log. */
  lastSeq(): Promise<number>;
}
