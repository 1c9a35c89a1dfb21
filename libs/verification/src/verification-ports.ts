import type { ChainPosition, FrontierRecord, Hash, TreeHead } from '@evenkeel/audit';
import type { Commit } from '@evenkeel/eventing';
import type { Refusals } from '@evenkeel/facts';
import type { ReplayCount } from '@evenkeel/engine';
import type { DetachedEpoch, LedgerFinding, VerificationReport } from './finding';

/** A commit of the ledger that passed its own checks. */
export interface AuditedCommit {
  readonly epoch: string;
  readonly seq: number;
  readonly bytes: Uint8Array;
  readonly hash: Uint8Array;
  readonly commit: Commit;
  /** What of it does not count, as its readers were told; see `CommitView`. */
  readonly refusals?: Refusals;
}

/** What running the cores again came to. */
export interface AuditResult {
  readonly counts: readonly ReplayCount[];
  readonly findings: readonly LedgerFinding[];
}

/**
 * Runs the cores over the journal again and compares what they say with what is recorded. Gets the commits in order of
 * the log, only rows that passed their checks; `finish` tells every difference and what was run again.
 */
export interface Auditor {
  push(commit: AuditedCommit): Promise<void> | void;
  finish(): Promise<AuditResult>;
}

/** Where a verification stands after an epoch's rows up to `seq`. */
export interface VerifyPosition {
  readonly epoch: string;
  readonly seq: number;
  readonly commits: number;
  readonly chain: ChainPosition;
  readonly frontier: FrontierRecord;
}

/** What the rows must give besides following one another. */
export interface TreeExpectations {
  /** Heads that were signed or witnessed, from wherever they are known. */
  readonly heads?: readonly TreeHead[];
  /** The leaf hash that the stored tiles hold at a position, to name the very row where a root does not come out. */
  readonly leafAt?: (index: number) => Hash | undefined;
}

export interface VerifyRequest extends TreeExpectations {
  /** Desk keys, hex, as an auditor has them from elsewhere; without any, every epoch vouches for itself. */
  readonly deskKeys?: readonly string[];
  readonly auditor?: Auditor;
  readonly onProgress?: (done: number, total: number) => void;
  /** Goes on after an earlier verification; the read models are then not compared, which takes the whole log. */
  readonly resume?: VerifyPosition;
  /**
   * Called with the position every `positionEvery` rows (default 20,000) and at the end: while nothing is found, or
   * `evenAfterFindings`.
   */
  readonly onPosition?: (position: VerifyPosition) => Promise<void> | void;
  readonly positionEvery?: number;
  readonly evenAfterFindings?: boolean;
  /** Whether to build the read models again and compare; true unless resumed. */
  readonly readModels?: boolean;
}

/** A ledger as its verifier sees it. */
export interface VerifiableLedger {
  verify(request: VerifyRequest): Promise<VerificationReport>;
  commitsBetween(epoch: string, first: number, last: number): AsyncIterable<AuditedCommit>;
  /** Commits of its tree, over all epochs. */
  size(): Promise<number>;
  /** Epochs whose rows have left, oldest first. */
  detached(): Promise<readonly DetachedEpoch[]>;
  /** Whose book a commit is about; `undefined` where it names none. */
  bookOf(epoch: string, seq: number): Promise<string | undefined>;
}

/** What was signed and stored about the tree, judged; no examination where the ledger never had an audit folder. */
export interface TrailEvidence {
  readonly origin: string | undefined;
  readonly examination:
    | (Required<TreeExpectations> & {
        readonly checkpoints: number;
        readonly newest: TreeHead | undefined;
        /** The newest head a known witness cosigned. */
        readonly witnessed: { readonly size: number; readonly witnesses: readonly string[] } | undefined;
        readonly tiles: number;
      })
    | undefined;
  readonly findings: readonly LedgerFinding[];
}

/** Reads and judges the audit trail as it is now. */
export type JudgeTrail = () => Promise<TrailEvidence>;

/** Where a verification that goes on later keeps its place. */
export interface VerifyStateStore<State> {
  /** `undefined` where there is none yet. Throws `INPUT.INVALID` for what is not one. */
  read(): State | undefined;
  write(state: State): void;
}

/** One journal of a server. */
export interface JournalToCompare {
  readonly epoch: string;
  messages(): AsyncIterable<{ readonly seq: number; readonly bytes: Uint8Array }>;
  /** What the files it lies in contradict, where they can be read. */
  fileFindings(): readonly LedgerFinding[];
}

/** The ledger as journals are held against it. */
export interface ComparableLedger {
  /** Commits taken over, by epoch. */
  takenOver(): Promise<ReadonlyMap<string, number>>;
  compare(
    epoch: string,
    takenOver: number,
    messages: AsyncIterable<{ readonly seq: number; readonly bytes: Uint8Array }>,
  ): Promise<readonly LedgerFinding[]>;
}
