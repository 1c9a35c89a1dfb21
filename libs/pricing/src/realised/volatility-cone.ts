import { invalidInput } from '../errors';
import type { VarianceEstimator } from './estimators';
import { annualisedVolatility, barsInWindow, realisedVariance } from './estimators';
import type { PriceBar } from './price-bar';
import { assertPriceBars } from './price-bar';

/** How realised volatility over one horizon has been distributed; volatilities annualised, 1.00 = 100 %. */
export interface VolatilityConeRow {
  /** Length of the rolling window, in bars. */
  readonly periods: number;
  /** How many (overlapping) windows there were. */
  readonly windows: number;
  readonly minimum: number;
  readonly lowerDecile: number;
  readonly lowerQuartile: number;
  readonly median: number;
  readonly upperQuartile: number;
  readonly upperDecile: number;
  readonly maximum: number;
  /** The latest window. */
  readonly current: number;
  /** Share of windows at or below the current one, 0…1. */
  readonly percentile: number;
}

export interface VolatilityConeRequest {
  readonly bars: readonly PriceBar[];
  /** Window lengths in bars, e.g. [7, 30, 90] of daily bars. */
  readonly periods: readonly number[];
  readonly barsPerYear: number;
  readonly estimator: VarianceEstimator;
}

/** The volatility cone (Burghardt & Lane): quantiles of rolling realised volatility for each horizon. */
export function volatilityCone(request: VolatilityConeRequest): VolatilityConeRow[] {
  assertPriceBars(request.bars, 3);
  return request.periods.map((periods) => {
    const series = rollingVolatility({ ...request, periods });
    const ordered = [...series].sort((left, right) => left - right);
    const current = series[series.length - 1] as number; // rollingVolatility never returns an empty series
    return {
      periods,
      windows: series.length,
      minimum: quantile(ordered, 0),
      lowerDecile: quantile(ordered, 0.1),
      lowerQuartile: quantile(ordered, 0.25),
      median: quantile(ordered, 0.5),
      upperQuartile: quantile(ordered, 0.75),
      upperDecile: quantile(ordered, 0.9),
      maximum: quantile(ordered, 1),
      current,
      percentile: ordered.filter((value) => value <= current).length / ordered.length,
    };
  });
}

export interface RollingVolatilityRequest extends Omit<VolatilityConeRequest, 'periods'> {
  readonly periods: number;
}

/** Annualised volatility of every full window of `periods` bars, oldest first. Throws `PRICING.INVALID_INPUT` if none is full. */
export function rollingVolatility(request: RollingVolatilityRequest): number[] {
  const { bars, periods, barsPerYear, estimator } = request;
  if (!Number.isInteger(periods) || periods < 2) {
    throw invalidInput('periods', `is at least 2 whole bars, not ${periods}`);
  }
  const width = barsInWindow(estimator, periods);
  assertPriceBars(bars, width);
  const series: number[] = [];
  for (let end = width; end <= bars.length; end++) {
    series.push(annualisedVolatility(realisedVariance(bars.slice(end - width, end), estimator), barsPerYear));
  }
  return series;
}

/** Linear interpolation between order statistics (Hyndman–Fan type 7). */
function quantile(ordered: readonly number[], probability: number): number {
  const position = probability * (ordered.length - 1);
  const below = Math.floor(position);
  const low = ordered[below] as number; // ordered is not empty
  const high = ordered[Math.min(below + 1, ordered.length - 1)] as number;
  return low + (position - below) * (high - low);
}
