import { invalidInput } from '../errors';
import { math } from '../math';
import type { PriceBar } from './price-bar';
import { assertBetween, assertPriceBars } from './price-bar';

/**
 * Realised variance **per bar** (not annualised), from bars oldest first. All are means over the bars given; multiply by
 * the number of bars in a year and take the root for an annualised volatility (`annualisedVolatility`).
 */
export type VarianceEstimator =
  'close-to-close' | 'parkinson' | 'garman-klass' | 'rogers-satchell' | 'yang-zhang';

/**
 * Close-to-close: sample variance of the log returns of the closes, `Σ(r-r̄)²/(n-1)` over the n = bars - 1 returns.
 * With `mean: 'zero'` it is `Σr²/n`. Uses closes only; carries overnight moves. At least three bars (two for zero mean).
 */
export function closeToCloseVariance(bars: readonly PriceBar[], mean: 'sample' | 'zero' = 'sample'): number {
  assertPriceBars(bars, mean === 'zero' ? 2 : 3);
  const returns = logReturns(bars.map((bar) => bar.close));
  if (mean === 'zero') return average(returns.map((value) => value * value));
  return sampleVariance(returns);
}

/** Parkinson (1980): `Σ ln(H/L)² / (4n ln 2)`. No drift, no overnight moves; biased low when trading is discrete. */
export function parkinsonVariance(bars: readonly PriceBar[]): number {
  assertPriceBars(bars, 1);
  const scale = 4 * math.log(2);
  return average(bars.map((bar) => square(math.log(bar.high / bar.low)) / scale));
}

/** Garman–Klass (1980): `Σ[½ ln(H/L)² - (2 ln 2 - 1) ln(C/O)²] / n`. No drift, no overnight moves. */
export function garmanKlassVariance(bars: readonly PriceBar[]): number {
  assertPriceBars(bars, 1);
  const weight = 2 * math.log(2) - 1;
  return average(
    bars.map(
      (bar) => 0.5 * square(math.log(bar.high / bar.low)) - weight * square(math.log(bar.close / bar.open)),
    ),
  );
}

/** Rogers–Satchell (1991): `Σ[ln(H/C) ln(H/O) + ln(L/C) ln(L/O)] / n`. Any drift, no overnight moves. */
export function rogersSatchellVariance(bars: readonly PriceBar[]): number {
  assertPriceBars(bars, 1);
  return average(
    bars.map(
      (bar) =>
        math.log(bar.high / bar.close) * math.log(bar.high / bar.open) +
        math.log(bar.low / bar.close) * math.log(bar.low / bar.open),
    ),
  );
}

/**
 * Yang–Zhang (2000): overnight sample variance + k · open-to-close sample variance + (1-k) · Rogers–Satchell, with
 * `k = (α-1)/(α + (n+1)/(n-1))`, α = 1.34 by default. The first bar gives only the previous close, so n = bars - 1 and at
 * least three bars are needed. Any drift, with overnight moves.
 */
export function yangZhangVariance(bars: readonly PriceBar[], alpha = 1.34): number {
  assertPriceBars(bars, 3);
  assertBetween('alpha', alpha, 1, 10);
  const days = bars.slice(1);
  const count = days.length;
  const k = (alpha - 1) / (alpha + (count + 1) / (count - 1));
  const overnight = days.map((bar, index) => math.log(bar.open / (bars[index] as PriceBar).close)); // index of the previous bar: in range
  const openToClose = days.map((bar) => math.log(bar.close / bar.open));
  return sampleVariance(overnight) + k * sampleVariance(openToClose) + (1 - k) * rogersSatchellVariance(days);
}

/** Variance per bar by the estimator named. */
export function realisedVariance(bars: readonly PriceBar[], estimator: VarianceEstimator): number {
  switch (estimator) {
    case 'close-to-close':
      return closeToCloseVariance(bars);
    case 'parkinson':
      return parkinsonVariance(bars);
    case 'garman-klass':
      return garmanKlassVariance(bars);
    case 'rogers-satchell':
      return rogersSatchellVariance(bars);
    case 'yang-zhang':
      return yangZhangVariance(bars);
    default:
      throw invalidInput('estimator', `names no estimator: ${String(estimator)}`);
  }
}

/** Bars an estimator looks at for a window of `periods` periods: those that need a previous close take one more. */
export function barsInWindow(estimator: VarianceEstimator, periods: number): number {
  return estimator === 'close-to-close' || estimator === 'yang-zhang' ? periods + 1 : periods;
}

/** Volatility per √year in units of 1.00 from a variance per bar; bars without a gap of a 24-hour market: 365 a year for daily. */
export function annualisedVolatility(variancePerBar: number, barsPerYear: number): number {
  assertBetween('barsPerYear', barsPerYear, 0, Infinity);
  return Math.sqrt(Math.max(0, variancePerBar) * barsPerYear);
}

/** `ln(p[i+1]/p[i])`. */
export function logReturns(prices: readonly number[]): number[] {
  const returns: number[] = [];
  for (let i = 1; i < prices.length; i++)
    returns.push(math.log((prices[i] as number) / (prices[i - 1] as number))); // i is in range
  return returns;
}

function sampleVariance(values: readonly number[]): number {
  const mean = average(values);
  let sum = 0;
  for (const value of values) sum += square(value - mean);
  return sum / (values.length - 1);
}

function average(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

function square(value: number): number {
  return value * value;
}
