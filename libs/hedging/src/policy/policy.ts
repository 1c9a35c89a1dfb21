import type {
  Assessment,
  Candidate,
  Check,
  MarkStatus,
  NamedNumber,
  RiskSnapshotTaken,
  TradeChosen,
} from '@evenkeel/facts';
import type { Instant } from '@evenkeel/kernel';
import type { HedgeInstrument } from '../hedge-instrument';
import type { RestingOrder } from '../in-flight';

/** One underlying of the book as a policy meets it. Deltas in units of the underlying, gamma per USD move of it. */
export interface UnderlyingView {
  readonly underlying: string;
  /** Numeraire per unit. */
  readonly spot: number;
  /** USD per unit. */
  readonly spotUsd: number;
  readonly spotStatus: MarkStatus;
  readonly delta: number;
  readonly gamma: number;
  readonly vega: number;
  readonly theta: number;
  /** Vega-weighted mark volatility, per 1.00; 0 without options. */
  readonly volatility: number;
  /** Gamma-weighted years to expiry; 0 without options. */
  readonly expiryYears: number;
  /** Delta of orders decided or sent and not yet in the positions or dead. */
  readonly inFlightDelta: number;
  /** The same in signed contracts by instrument, for policies that count more than delta. */
  readonly inFlightContracts: ReadonlyMap<string, number>;
  /** Passive orders waiting in the book on this underlying; in no exposure until they trade. */
  readonly resting: readonly RestingOrder[];
  /** Passive trades that were decided and are not yet orders. */
  readonly restingDecided: boolean;
  readonly target: number;
  /** delta + inFlightDelta − target. */
  readonly exposure: number;
  /** Factor on every band: 1, or 2 while the price is DEGRADED. */
  readonly bandScale: number;
  /** Why this underlying may not be traded now; empty when it may. Assess it all the same. */
  readonly refusals: readonly string[];
  /** Hedge instruments on this underlying that can be traded now, in the policy's order. */
  readonly instruments: readonly HedgeInstrument[];
  readonly memory: UnderlyingMemory;
}

/** What the program remembers for its policy, per underlying. */
export interface UnderlyingMemory {
  /** When the policy last traded, or was due and found too little to trade; empty before, and after an order died (re-armed). */
  readonly rebalancedAt: string;
  /** Spot in USD at the last hedge; 0 before. */
  readonly hedgeSpotUsd: number;
  /** When it last hedged; empty before. */
  readonly hedgedAt: string;
}

export interface PolicyInput {
  readonly snapshot: RiskSnapshotTaken;
  readonly now: Instant;
  /** USD per unit of the numeraire. */
  readonly numeraireUsd: number;
  readonly underlyings: readonly UnderlyingView[];
  /** What this policy asked to be remembered at its last evaluation; empty at first and after the policy changed. */
  readonly remembered: Readonly<Record<string, string>>;
}

/** What a policy makes of one evaluation. Trades and refusals may stand side by side for different underlyings. */
export interface PolicyOutput {
  /** One per underlying, in the order of the input. */
  readonly assessments: readonly Assessment[];
  /** What was weighed, each with expected cost and residual risk; exactly those that are traded are `chosen`. */
  readonly candidates: readonly Candidate[];
  readonly trades: readonly TradeChosen[];
  /** Why it trades: `BAND_BREACHED`, `INTERVAL_ELAPSED`. */
  readonly reasons: readonly string[];
  /** Why it wanted to trade and cannot, by underlying: `BELOW_LOT`, `NO_HEDGE_INSTRUMENT`. */
  readonly refusals: readonly UnderlyingRefusal[];
  /** Underlyings that were due and needed no trade: they are due again when the policy next says so. */
  readonly rebalanced: readonly string[];
  /** Resting orders to take back, by client order id. */
  readonly withdrawals?: readonly string[];
  /** Limits that the policy itself looked at, for the record. */
  readonly checks?: readonly Check[];
  /** Kept for the next evaluation in place of what was remembered; absent keeps it. Plain text, so that it replays. */
  readonly remember?: Readonly<Record<string, string>>;
}

export interface UnderlyingRefusal {
  readonly underlying: string;
  readonly reason: string;
}

/** A hedging policy: a pure function of what it is given. Its parameters were fixed when it was parsed. */
export interface Policy {
  readonly kind: string;
  evaluate(input: PolicyInput): PolicyOutput;
}

export type Ingredients = readonly NamedNumber[];
