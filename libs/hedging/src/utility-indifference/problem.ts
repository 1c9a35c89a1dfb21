/**
 * The utility-indifference problem in its own units. One European option, strike 1 (an at-the-money price is 1), bought
 * (`side` 1) or sold (−1); all money is in strikes, all time is variance.
 */
export interface IndifferenceProblem {
  readonly side: 1 | -1;
  /** γ·N·K: absolute risk aversion times contracts times strike. */
  readonly riskAversion: number;
  /** One-way proportional cost κ, fraction. */
  readonly cost: number;
  /** σ²τ at the start. */
  readonly totalVariance: number;
}
