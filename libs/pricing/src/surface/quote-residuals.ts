import type { FitPoint } from './volatility-quotes';

/** Taken once: looking a global up is what a hot loop would otherwise spend its time on inside a test runner. */
const { sqrt } = Math;

/** Residuals beyond this many half-spreads count linearly: one bad quote does not bend a smile. */
const ROBUST_SCALE = 3;

/**
 * (model - mid)/(half spread) in volatility for every quote, softened; a one-sided quote counts only where it is broken.
 * `variances` are the model's total variances at the points.
 */
export function quoteResiduals(
  variances: Float64Array,
  points: readonly FitPoint[],
  years: number,
  into: Float64Array,
): void {
  for (let i = 0; i < points.length; i++) {
    const point = points[i] as FitPoint; // in range
    const w = variances[i] as number; // as long as the points
    const volatility = w > 0 ? sqrt(w / years) : 0;
    const error = (volatility - point.target) / point.half;
    if (point.side === 'at-most' && error < 0) into[i] = 0;
    else if (point.side === 'at-least' && error > 0) into[i] = 0;
    else into[i] = point.rootWeight * softened(error);
  }
}

/** Signed square root of the pseudo-Huber loss: e for small errors, growing like √|e| for large ones. */
function softened(error: number): number {
  const scaled = error / ROBUST_SCALE;
  return error * sqrt(2 / (1 + sqrt(1 + scaled * scaled)));
}

/** The quote whose strike is closest to the forward. */
export function nearestTheMoney(points: readonly FitPoint[]): FitPoint {
  let nearest = points[0] as FitPoint; // callers give at least one point
  for (const point of points) if (Math.abs(point.k) < Math.abs(nearest.k)) nearest = point;
  return nearest;
}
