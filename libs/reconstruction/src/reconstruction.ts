import type {
  Approval,
  FillApplied,
  HedgeDecision,
  OrderClosed,
  OrderFilled,
  OrderIntended,
  OrderRefused,
  PolicySet,
  RiskSnapshotTaken,
} from '@evenkeel/facts';

import type { ChainLink } from './reexecute-chain';

/** A commit as evidence: where it lies, what it is, and whether its bytes still have the hash on record. */
export interface CommitReference {
  readonly seq: number;
  readonly commitId: string;
  readonly aggregate: string;
  readonly types: readonly string[];
  readonly eventTime: string;
  readonly actor: string;
  /** The service whose key signed it; absent where the epoch is not signed. */
  readonly signedBy?: string;
  /** SHA-256 of the published bytes as stored, hex. */
  readonly hash: string;
  readonly hashHolds: boolean;
  readonly causation: { readonly stream: string; readonly seq: string; readonly commitId: string };
}

export interface Recorded<T> {
  readonly commit: CommitReference;
  readonly payload: T;
}

export interface OrderStory {
  readonly clientOrderId: string;
  readonly intended?: Recorded<OrderIntended>;
  readonly refused?: Recorded<OrderRefused>;
  /** Acknowledgements, unresolved asks, ends: everything but the intent and the fills. */
  readonly steps: readonly (Recorded<{ readonly at: string; readonly reason?: string }> & {
    readonly type: string;
  })[];
  readonly closed?: Recorded<OrderClosed>;
  readonly fills: readonly {
    readonly filled: Recorded<OrderFilled>;
    readonly applied?: Recorded<FillApplied>;
  }[];
}

/** What stood in a book's way: a latch, a list, a venue or a price. */
export interface Stop {
  readonly kind: 'kill' | 'restriction' | 'venue' | 'throttle' | 'price';
  /** Scope of the kill, instrument, venue. */
  readonly subject: string;
  /** The person; absent where a machine stopped it. */
  readonly by?: string;
  readonly reason: string;
  /** Event time, ISO 8601. */
  readonly at: string;
  readonly commit: CommitReference;
  /** How it ended, as far as the commits at hand say. */
  readonly ended?: StopEnd;
}

export interface StopEnd {
  readonly by?: string;
  readonly reason: string;
  readonly at: string;
  readonly approval?: Approval;
  /** As of the policy's approval. */
  readonly standing?: string;
  readonly commit: CommitReference;
}

/** When the two people of an approval spoke, by their own clocks, and why it was asked for. */
export interface ApprovalTimes {
  readonly proposedAt?: string;
  readonly approvedAt?: string;
  readonly reason?: string;
}

/** The causal chain of one decision, from the marks it saw to what it changed. Every payload as it was published. */
export interface Reconstruction {
  readonly schemaVersion: 1;
  readonly epoch: string;
  /** Other epochs that have a decision of the same id. */
  readonly alsoInEpochs?: readonly string[];
  readonly decision: Recorded<HedgeDecision> & { readonly outcome: 'HEDGED' | 'DECLINED' };
  /** What the decision was made on: marks, legs, exposures, P&L. Absent when the log holds no such snapshot. */
  readonly snapshot?: Recorded<RiskSnapshotTaken>;
  readonly policy?: Recorded<PolicySet>;
  /**
   * Whether the two people whom the policy names signed it, were enrolled by then and in time: `verified`, or why not. Absent
   * where it names none.
   */
  readonly approval?: string;
  readonly approvalTimes?: ApprovalTimes;
  /** What stood in the way when it was decided, or when an order of it was refused; oldest first. */
  readonly stops: readonly Stop[];
  readonly orders: readonly OrderStory[];
  /** The first snapshot of the book after the last fill (or after the decision). */
  readonly next?: Recorded<RiskSnapshotTaken>;
  /** The chain from mark to order run again, link by link; absent where nobody asked for it. */
  readonly runAgain?: readonly ChainLink[];
  /** Every commit of the story, in journal order. */
  readonly commits: readonly CommitReference[];
  /** What is missing or does not hold; empty when the story is whole. */
  readonly problems: readonly string[];
}
