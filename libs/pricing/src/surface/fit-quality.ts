import { median, required } from '@evenkeel/kernel';
import type { SviRaw } from '../smile/svi';
import { sviTotalVariance } from '../smile/svi';
import type { FitPoint } from './volatility-quotes';

/** How close a smile is to its quotes. Volatility errors are model less mid, 1.00 = 100 %. */
export interface FitQuality {
  /** Two-sided quotes looked at. */
  readonly quotes: number;
  readonly rootMeanSquareError: number;
  readonly worstError: number;
  /** Log-moneyness of the worst error. */
  readonly worstAt: number;
  /** Median of |model - mid| / (ask - bid), in volatility: below ½ is inside the market. */
  readonly medianErrorInSpreads: number;
  /** Share of quotes whose bid ≤ model ≤ ask, 0…1. */
  readonly insideShare: number;
}

/** |model - mid| of the two-sided quotes in half-spreads of volatility: up to 1 lies inside the market. */
export interface QuoteDistance {
  readonly median: number;
  readonly worst: number;
}

/** How far a smile lies from the quotes it was fitted to. */
export function quoteDistance(svi: SviRaw, points: readonly FitPoint[], years: number): QuoteDistance {
  const distances = points
    .filter((point) => point.side === 'both')
    .map(
      ({ k, target, half }) =>
        Math.abs(Math.sqrt(Math.max(sviTotalVariance(svi, k), 0) / years) - target) / half,
    );
  return { median: median(distances) ?? 0, worst: Math.max(0, ...distances) };
}

/** Measures a slice against the points it was fitted to. */
export function fitQuality(svi: SviRaw, points: readonly FitPoint[], years: number): FitQuality {
  const twoSided = points.filter((point) => point.side === 'both');
  const inSpreads: number[] = [];
  let squares = 0;
  let worstError = 0;
  let worstAt = 0;
  let inside = 0;
  for (const point of twoSided) {
    const error = Math.sqrt(Math.max(sviTotalVariance(svi, point.k), 0) / years) - point.target;
    squares += error * error;
    if (Math.abs(error) > Math.abs(worstError)) {
      worstError = error;
      worstAt = point.k;
    }
    if (Math.abs(error) <= point.half) inside++;
    inSpreads.push(Math.abs(error) / (2 * point.half));
  }
  const count = twoSided.length;
  return {
    quotes: count,
    rootMeanSquareError: count === 0 ? 0 : Math.sqrt(squares / count),
    worstError,
    worstAt,
    medianErrorInSpreads: median(inSpreads) ?? 0,
    insideShare: count === 0 ? 0 : inside / count,
  };
}

/** Median of a list that is not empty. */
export function medianOf(values: readonly number[]): number {
  return required(median(values), 'the median of no values');
}
