import { math } from '../math';
import { assertBetween, assertReturns } from './price-bar';

/** One step of the exponentially weighted average: `σ²ₙ = λσ²ₙ₋₁ + (1-λ)u²ₙ₋₁`, per period. 0 < λ < 1 (RiskMetrics 0.94 daily). */
export function ewmaStep(lambda: number, previousVariance: number, previousReturn: number): number {
  assertBetween('lambda', lambda, 0, 1);
  return lambda * previousVariance + (1 - lambda) * previousReturn * previousReturn;
}

/**
 * The whole recursion: element i is the variance per period forecast for period i+1, given returns 0…i. It starts from
 * `initialVariance`, or from the first squared return when none is given.
 */
export function ewmaVarianceSeries(
  returns: readonly number[],
  lambda: number,
  initialVariance?: number,
): number[] {
  assertReturns(returns, 1);
  let variance = initialVariance ?? (returns[0] as number) * (returns[0] as number); // one return is asserted above
  return returns.map((value) => (variance = ewmaStep(lambda, variance, value)));
}

/** λ with this half-life in periods: `2^(-1/halfLife)`. */
export function lambdaOfHalfLife(halfLifePeriods: number): number {
  assertBetween('halfLifePeriods', halfLifePeriods, 0.1, 1e6);
  return math.exp(-math.log(2) / halfLifePeriods);
}
