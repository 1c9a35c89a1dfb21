import type { ReadFilter } from './read-views';

/** Default limit 100. */
export interface DecisionFilter extends ReadFilter {
  readonly outcome?: 'HEDGED' | 'DECLINED';
  /** A reason code it must carry, e.g. `BAND_BREACHED`. */
  readonly reason?: string;
  /** An instrument it trades. */
  readonly instrument?: string;
}

export interface DecisionSummary {
  readonly epoch: string;
  readonly seq: number;
  readonly decisionId: string;
  readonly book: string;
  readonly at: string;
  readonly outcome: string;
  readonly policyKind: string;
  readonly reasons: readonly string[];
  readonly trades: readonly {
    readonly instrument: string;
    readonly quantity: string;
    readonly referencePrice: string;
  }[];
  readonly quietEvaluations: number;
  /** Orders that came of it, by status. */
  readonly orders: readonly {
    readonly clientOrderId: string;
    readonly status: string;
    readonly filled: string;
  }[];
}
