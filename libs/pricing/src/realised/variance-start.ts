import { invalidInput } from '../errors';
import { math } from '../math';

/**
 * What the variance is taken to have been before the first return, and that period's squared residual with it:
 * - `sample`: the mean squared residual of all returns (Fiorentini, Calzolari & Panattoni 1996; most packages' default),
 * - `backcast`: the mean of the first 75 squared residuals with weights 0.94^i (RiskMetrics),
 * - `long-run`: the variance that the model itself tends to,
 * - a number: a variance per period.
 */
export type VarianceStart = 'sample' | 'backcast' | 'long-run' | number;

export const VARIANCE_STARTS: readonly VarianceStart[] = ['sample', 'backcast', 'long-run'];

const BACKCAST_PERIODS = 75;
const BACKCAST_DECAY = 0.94;

export interface StartingVariance {
  readonly variance: number;
  /** d variance / d mean of the returns. */
  readonly byMean: number;
}

/** The start from the residuals of `mean`; undefined for `long-run`, which the model knows. */
export function startingVariance(
  returns: readonly number[],
  mean: number,
  start: VarianceStart,
): StartingVariance | undefined {
  if (start === 'long-run') return undefined;
  if (typeof start === 'number') {
    if (!(start > 0 && start < Infinity))
      throw invalidInput('varianceStart', 'is a positive variance per period');
    return { variance: start, byMean: 0 };
  }
  const decay = start === 'sample' ? 1 : BACKCAST_DECAY;
  const count = start === 'sample' ? returns.length : Math.min(BACKCAST_PERIODS, returns.length);
  let [weight, weights, squares, residuals] = [1, 0, 0, 0];
  for (let i = 0; i < count; i += 1) {
    const residual = (returns[i] as number) - mean; // in range
    weights += weight;
    squares += weight * residual * residual;
    residuals += weight * residual;
    weight *= decay;
  }
  return { variance: squares / weights, byMean: (-2 * residuals) / weights };
}

/** The mean squared deviation from the mean, and the mean; what scales a fit's first guess. */
export function sampleMoments(returns: readonly number[]): {
  readonly mean: number;
  readonly deviation: number;
} {
  const mean = returns.reduce((sum, value) => sum + value, 0) / returns.length;
  const squares = returns.reduce((sum, value) => sum + (value - mean) * (value - mean), 0);
  const deviation = Math.sqrt(squares / returns.length);
  if (!(deviation > 1e-14 * Math.max(1e-280, Math.abs(mean)))) {
    throw invalidInput('returns', 'are all the same and have no variance to model');
  }
  return { mean, deviation };
}

export const LOG_TWO_PI = math.log(2 * Math.PI);
