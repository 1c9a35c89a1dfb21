import type { Progress } from '@evenkeel/adapter-nats';
import type { PartitionStep } from '@evenkeel/contracts';
import type { MarketEntry, SettlementReport } from '@evenkeel/engine';
import type { CommitDraft, MarketInstant } from '@evenkeel/facts';
import type { Instant } from '@evenkeel/kernel';

/** The way to the services: what event time tells them, and what they report. */
export interface MarketBus {
  /** What earlier lives of this process have published, in order. */
  history(): AsyncIterable<MarketEntry>;
  /** How far event time has come by the journal's word, and when it began; absent before the first decision. Known after `history`. */
  readonly journalTime: { readonly from: Instant; readonly upTo: Instant } | undefined;
  /** An earlier life has recorded facts of this instant. */
  hasFactsOf(number: number): boolean;
  /** Records the instant's facts, then publishes it. `granted`: partitions that may take it at once; `begins`: the market before it is lost. */
  publish(
    facts: readonly CommitDraft[],
    instant: MarketInstant,
    granted: readonly string[],
    begins?: boolean,
  ): Promise<void>;
  /** Gives partitions what they take next, each one step. */
  give(steps: readonly PartitionStep[]): Promise<void>;
  /** Calls back with what services report; returns the way to end it. */
  follow(onReport: (report: SettlementReport) => void): () => void;
  /** Says how far event time has come. */
  announce(progress: Omit<Progress, 'service' | 'partitions'>): void;
}
