import type { EvidenceSource, Hash, JournalPlace, TreeHead } from '@evenkeel/audit';
import type { Assessment } from '@evenkeel/facts';
import type { Instant } from '@evenkeel/kernel';

/** One life of the journal, as the ledger has it. */
export interface EpochOnRecord {
  readonly epoch: string;
  readonly commits: number;
  /** Its rows have left the ledger; nothing else is known of it here. */
  readonly detached: boolean;
  /** Whether its market was a tape's or the clock's; absent where it opens no book. */
  readonly pace?: 'tape' | 'real time';
  readonly books: readonly string[];
}

/** Event times of the first and of the newest commit; both are in it. */
export interface EventSpan {
  readonly from: Instant;
  readonly to: Instant;
}

/** The epochs of the ledger. */
export interface EpochHistory {
  /** In the order in which they followed one another. */
  epochs(): Promise<readonly EpochOnRecord[]>;
  /** `undefined` where none of its rows is there. */
  spanOf(epoch: string): Promise<EventSpan | undefined>;
}

/** Where a decision stands in the journal. */
export interface DecisionPlace {
  readonly epoch: string;
  readonly seq: number;
  readonly decisionId: string;
  readonly book: string;
}

/** A decision, and the other epochs that have one of the same id. */
export interface DecisionToRead extends DecisionPlace {
  readonly alsoIn: readonly string[];
}

/** A stretch of an epoch: sequences, both included, or event times, the last not included. */
export type JournalRange =
  | { readonly kind: 'sequences'; readonly first: number; readonly last: number }
  | { readonly kind: 'times'; readonly from: Instant; readonly to: Instant };

/** What the ledger knows about decisions: where they stand, what led to them, what followed from them. */
export interface DecisionEvidence extends EvidenceSource {
  /** The one decision that an id, or its beginning, names. Throws `LEDGER.NO_SUCH_DECISION`, `LEDGER.AMBIGUOUS_DECISION`. */
  decisionNamed(id: string, epoch?: string): Promise<DecisionToRead>;
  /** The decisions of a stretch of an epoch, in their order. */
  decisionsIn(epoch: string, range: JournalRange): Promise<readonly DecisionPlace[]>;
  /**
   * Every commit of a book that its hedge program took in, or said, before a sequence: without them a decision cannot
   * be run again.
   */
  inputsBefore(epoch: string, book: string, seq: number): Promise<readonly JournalPlace[]>;
  /** Every commit before a sequence that enrols or removes a key; the first opens the epoch. */
  keysBefore(epoch: string, seq: number): Promise<readonly JournalPlace[]>;
  /** Orders of the decisions from intent to end, and the fills as the book took them. */
  consequencesOf(epoch: string, decisionIds: readonly string[]): Promise<readonly JournalPlace[]>;
}

/** A checkpoint that covers a leaf, with the cosignatures it has. */
export interface CoveringCheckpoint {
  readonly note: string;
  readonly head: TreeHead;
  readonly witnesses: readonly string[];
}

/** The tree over the ledger and what was signed over it. */
export interface SignedLog {
  readonly identity: {
    readonly origin: string;
    readonly keys: readonly string[];
    /** Rotation notes, oldest first. */
    readonly rotations: readonly string[];
  };
  /** `undefined` when the leaf has not been signed yet. */
  covering(index: number): CoveringCheckpoint | undefined;
  /** Inclusion proof of a leaf in the tree of `size`. */
  proofOf(index: number, size: number): readonly Hash[];
}

export interface HistoryRow {
  readonly seq: number;
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
}

/** The commits of one book, as published. */
export interface BookHistory {
  /** The last sequence that the journal had when market time first passed this; 0 before the first. */
  lastSequenceAt(epoch: string, book: string, time: Instant): Promise<number>;
  commits(epoch: string, book: string, partition: string, until: number): Promise<readonly HistoryRow[]>;
}

export interface PackSourceRow extends HistoryRow {
  readonly epoch: string;
  /** Its leaf in the tree. */
  readonly index: number;
}

/** The commits of a stretch of event time of one epoch; the first instant included, the last not. */
export interface PackSource {
  /** The leaf of the newest of them; `undefined` where there is none. */
  newestIndex(epoch: string, from: Instant, to: Instant): Promise<number | undefined>;
  /** By leaf, as they are asked for. */
  between(epoch: string, from: Instant, to: Instant): AsyncIterable<PackSourceRow>;
}

/** Where a pack is written. Names are plain file names. */
export interface PackFolder {
  append(name: string, text: string): void;
  /** Ends the writing; what every file holds. */
  close(): Readonly<Record<string, { readonly sha256: string; readonly bytes: number }>>;
  writeManifest(text: string): void;
}

export interface ExposurePoint {
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly delta: number;
  readonly spot: number;
  readonly hedged: number;
  readonly unhedged: number;
}

export interface DecisionPoint {
  readonly seq: number;
  readonly at: number;
  readonly outcome: string;
  readonly assessments: readonly Assessment[];
}

/** What happened to a book around a decision, from the read models: for charts, not for proof. */
export interface DecisionContext {
  readonly underlyings: ReadonlyMap<string, readonly ExposurePoint[]>;
  readonly decisions: readonly DecisionPoint[];
}
