import type { Approval } from './governance-events';

/** strategy context, aggregate `hedge-program` (id = the book). */

/** The hedging policy of a book, as approved. */
export interface PolicySet {
  readonly book: string;
  readonly at: string;
  /** Canonical JSON of the policy as written: `{"kind":"delta-band","band":"0.05"}`. */
  readonly policy: string;
  /** SHA-256 of `policy` with target and instruments. */
  readonly policyHash: string;
  /** Wanted delta per underlying in its units; applies to every underlying of the book. */
  readonly targetDelta: string;
  readonly hedgeInstruments: readonly string[];
  /** Canonical JSON of each hedge instrument's InstrumentSpec. */
  readonly specifications: readonly string[];
  /** Who asked for it and who agreed; absent for one set at boot without a second person. */
  readonly approval?: Approval;
}

export interface NamedNumber {
  readonly name: string;
  readonly value: number;
  readonly unit: string;
}

/** What the policy made of one underlying. Deltas in units of the underlying. */
export interface Assessment {
  readonly underlying: string;
  readonly spot: number;
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  /** Delta of orders sent and not yet known to be filled or dead. */
  readonly inFlightDelta: number;
  /** delta + inFlightDelta − target: what the policy judges. */
  readonly exposure: number;
  readonly target: number;
  readonly bandLower: number;
  readonly bandUpper: number;
  /** What the band was made of. */
  readonly ingredients: readonly NamedNumber[];
  readonly breached: boolean;
  readonly exposureAfter: number;
}

export interface ExpectedCost {
  /** All in the numeraire, costs positive. */
  readonly fee: number;
  readonly spread: number;
  readonly impact: number;
  /** Expected funding over the policy's horizon; negative when received. */
  readonly funding: number;
  readonly gas: number;
  readonly margin: number;
  readonly total: number;
}

export interface TradeChosen {
  readonly instrument: string;
  /** Signed contracts, a multiple of the lot. */
  readonly quantity: string;
  readonly referencePrice: string;
  /** Change of delta it brings, units of the underlying. */
  readonly delta: number;
  /** `immediate`, `normal`, `passive`. */
  readonly urgency: string;
  /** For resting orders. */
  readonly limitPrice?: string;
  /** When a resting order is taken back at the latest; absent: after execution's own patience. */
  readonly restUntil?: string;
}

export interface Candidate {
  readonly name: string;
  readonly trades: readonly TradeChosen[];
  readonly expectedCost: ExpectedCost;
  /** Standard deviation of P&L until the policy's horizon after this action, numeraire. */
  readonly residualRisk: number;
  /** What the policy minimises: cost plus weighted risk, numeraire. */
  readonly score: number;
  readonly chosen: boolean;
  /** Why it was passed over; empty for the chosen one. */
  readonly rejected: string;
}

export interface Check {
  readonly name: string;
  readonly limit: string;
  readonly observed: string;
  readonly passed: boolean;
  /** The override under which an order went although this check failed. */
  readonly overriddenBy?: string;
}

/** Evaluations since the last decision that left everything as it was. */
export interface QuietStretch {
  readonly evaluations: number;
  readonly from: string;
  readonly to: string;
  /** Largest |exposure| ÷ half-band seen meanwhile. */
  readonly maxBandUse: number;
}

/** A decision: to hedge (`HedgeDecided`) or not to (`HedgeDeclined`). Both carry everything they were made of. */
export interface HedgeDecision {
  readonly decisionId: string;
  readonly book: string;
  readonly at: string;
  readonly snapshotId: string;
  readonly policyKind: string;
  readonly policyHash: string;
  readonly assessments: readonly Assessment[];
  readonly candidates: readonly Candidate[];
  readonly trades: readonly TradeChosen[];
  readonly checks: readonly Check[];
  /** `BAND_BREACHED`, `INTERVAL_ELAPSED`; for refusals `PRICE_HALTED`, `UNPRICED_LEGS`, `BELOW_LOT`, `ORDER_IN_FLIGHT`, `PROGRAM_HALTED` … */
  readonly reasons: readonly string[];
  readonly quietBefore: QuietStretch;
  /** Resting orders that this decision takes back. */
  readonly withdrawals?: Withdrawals;
}

export interface Withdrawals {
  readonly clientOrderIds: readonly string[];
}

/** Quiet evaluations at the end of a stretch without decisions (day boundary): summarised, not lost. */
export interface EvaluationsSummarised {
  readonly book: string;
  readonly at: string;
  readonly stretch: QuietStretch;
}

export interface ProgramHalted {
  readonly book: string;
  readonly at: string;
  readonly reasons: readonly string[];
}

export interface ProgramResumed {
  readonly book: string;
  readonly at: string;
  readonly haltedSince: string;
  readonly by: string;
}
