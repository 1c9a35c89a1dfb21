import type { SourceDescription } from '../tape/raw-instant';

/** When a price is good, doubtful or unusable. Thresholds compare with `>`: exactly at the limit is still good. */
export interface PriceRules {
  /** Age in intervals of the source beyond which its price is doubtful (`STALE`). */
  readonly staleAfterIntervals: number;
  /** Age in intervals beyond which nothing may be hedged on it. */
  readonly haltedAfterIntervals: number;
  /** Distance from the other sources, basis points, that makes a source doubtful (`DEVIATES`). */
  readonly deviationDegradedBps: number;
  readonly deviationHaltedBps: number;
  /** Move against the last accepted price, basis points, that no single source is believed on (`OUT_OF_BOUNDS`). */
  readonly jumpBps: number;
  /** So many consecutive prices that agree with each other make a jump believed without another source. */
  readonly jumpConfirmations: number;
  /** Good sources a composite needs; fewer where an underlying has fewer sources. */
  readonly quorum: number;
}

export const DEFAULT_PRICE_RULES: PriceRules = {
  staleAfterIntervals: 2,
  haltedAfterIntervals: 3,
  deviationDegradedBps: 100,
  deviationHaltedBps: 300,
  jumpBps: 2000,
  jumpConfirmations: 3,
  quorum: 2,
};

export interface PriceIngestConfig {
  readonly sources: readonly SourceDescription[];
  readonly rules?: Partial<PriceRules>;
  /** Weight of a source in the composite, by source name; 1 where not named. */
  readonly weights?: ReadonlyMap<string, number>;
  /** Instruments whose settlement is put on record; every expiring instrument that was quoted when absent. */
  readonly interest?: ReadonlySet<string>;
}
