import type { PathKernel } from '@evenkeel/pricing';
import type { BookPricer } from './book-pricer';
import type { SimulationConfig, SimulatedPolicy } from './simulated-world';
import type { TimeGrid } from './time-grid';

/** The market and the book as a rule meets them at one instant, one entry per path. Deltas in units of the underlying. */
export interface StepView {
  /** Index in the grid; 0 is the start. */
  readonly step: number;
  /** Years from the start. */
  readonly time: number;
  readonly count: number;
  readonly spot: Float64Array;
  /** Delta, gamma (per unit of quote currency) and vega (per 1.00) of the options alone, at the model volatility. */
  readonly delta: Float64Array;
  readonly gamma: Float64Array;
  readonly vega: Float64Array;
  /** Years to expiry of the options alive, weighted by their size; the same on all paths. */
  readonly expiryYears: number;
  readonly pricer: BookPricer;
  /** Value of the options alone at the model volatility, quote currency; worked out where it is asked for. */
  value(): Float64Array;
  /** (S Γ²)^{1/3}, worked out once for all rules that need it. */
  gammaCubeRoot(): Float64Array;
}

/**
 * A policy over all paths of a block: writes into `wanted` the hedge position (units of the underlying) that each path should
 * hold, equal to `held` where it does not trade. May keep memory per path; a new block starts a new rule.
 */
export interface HedgeRule {
  decide(view: StepView, held: Float64Array, wanted: Float64Array): void;
}

/** What a rule may know when it is made: nothing of the path to come. */
export interface RuleTerms {
  readonly config: SimulationConfig;
  readonly policy: SimulatedPolicy;
  readonly grid: TimeGrid;
}

/** Makes the rule of a block, its memory in columns of the paths; made once per plan, so that tables are worked out once. */
export type RuleFactory = (paths: PathKernel) => HedgeRule;
