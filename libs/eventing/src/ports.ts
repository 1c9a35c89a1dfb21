import type { Context } from '@evenkeel/facts';
import type { SealedCommit, StoredCommit } from './commit';

export interface Appended {
  readonly seq: number;
  /** True when the log already held this very commit. */
  readonly duplicate: boolean;
}

export interface ReadOptions {
  /** From this sequence on; from the beginning. */
  readonly fromSeq?: number;
  /** Of one partition; of all. */
  readonly partition?: string;
  /** Of these contexts; of all. */
  readonly contexts?: readonly Context[];
  /** How many commits may be held ahead of the reader. */
  readonly ahead?: number;
}

/**
 * What an append expects to follow: the newest commit of its aggregate, or the newest of all that its context has in its
 * partition. The second is for the partition's owner, who alone speaks there: whatever another owner has appended, to
 * whichever aggregate, makes it fail.
 */
export type AppendScope = 'aggregate' | 'context';

/**
 * The journal. `append` resolves until known: it returns only when the commit is durable (now or from an earlier try),
 * throws `ConflictError` when somebody else wrote the aggregate meanwhile, and `IntegrityFault` when the log
 * contradicts what was folded.
 */
export interface EventLog {
  readonly name: string;
  /** `expectedLastSeq` is the sequence of the scope's last commit that was folded, 0 for none. */
  append(commit: SealedCommit, expectedLastSeq: number, scope?: AppendScope): Promise<Appended>;
  /** What is there at the time of the call, in sequence order. A reader that stops early lets go of the log. */
  read(options: ReadOptions): AsyncIterable<StoredCommit>;
  /** Sequence of the newest commit; 0 for an empty log. */
  lastSeq(): Promise<number>;
}
