import { parseInstant, NANOS_PER_YEAR } from '@evenkeel/kernel';
import { PricingError, invalidInput } from '../errors';
import { kernelHash } from '../kernel-instance';
import { annualisedVolatility, logReturns, realisedVariance } from '../realised/estimators';
import type { VarianceEstimator } from '../realised/estimators';
import { ewmaVarianceSeries, lambdaOfHalfLife } from '../realised/ewma';
import { fitGarch, garchAverageVariance } from '../realised/garch';
import type { GarchFit } from '../realised/garch';
import type { PriceBar } from '../realised/price-bar';
import { assertBetween } from '../realised/price-bar';
import { volatilityCone } from '../realised/volatility-cone';
import type { VolatilityConeRow } from '../realised/volatility-cone';
import { medianOf } from '../surface/fit-quality';
import { caseFileError, isRecord } from './case-file';
import { requiredNumber, rowsOfCsv } from './chain-rows';

const ESTIMATORS: readonly VarianceEstimator[] = [
  'close-to-close',
  'parkinson',
  'garman-klass',
  'rogers-satchell',
  'yang-zhang',
];
const HORIZONS = [7, 30, 90];
const FIELDS = ['bars', 'barsPerYear', 'estimator', 'horizons', 'halfLife'];

/** Volatility that a fit expects on average over the next `periods` bars; annualised, 1.00 = 100 %. */
export interface HorizonVolatility {
  readonly periods: number;
  readonly volatility: number;
}

/** What `keel price realised` writes; volatilities annualised, 1.00 = 100 %. */
export interface RealisedReport {
  readonly kernelHash: string;
  readonly bars: number;
  readonly barsPerYear: number;
  readonly estimators: Readonly<Record<string, number>>;
  /** Exponentially weighted, as of the last bar. */
  readonly ewma: { readonly halfLife: number; readonly lambda: number; readonly volatility: number };
  /** GARCH(1,1) of the demeaned log returns of the closes, or why there is none. */
  readonly garch:
    | (GarchFit & { readonly forecasts: readonly HorizonVolatility[] })
    | { readonly error: { readonly code: string; readonly message: string } };
  /** One row per horizon that the bars are long enough for. */
  readonly cone: readonly VolatilityConeRow[];
}

/**
 * The core of `keel price realised`: realised volatility from bars, oldest first. `input` is CSV text with the columns
 * timestamp (or date, as bars of a tape have it), open, high, low, close, or `{ "bars": [{ "open", … }], "barsPerYear"?, "estimator"?, "horizons"?, "halfLife"? }`.
 * Bars per year come from the timestamps' median spacing unless given; `horizons` are in bars (7, 30, 90), `estimator` is the
 * cone's (yang-zhang), `halfLife` the weighted average's, in bars (11). Throws `PRICING.CASE_FILE` where this is no such input.
 */
export function runRealisedFile(input: unknown): RealisedReport {
  const settings = typeof input === 'string' ? { bars: rowsOfCsv(input) } : input;
  if (!isRecord(settings) || !Array.isArray(settings['bars']))
    throw caseFileError('bars', 'is a list of bars, or the input is CSV text');
  const unknown = Object.keys(settings).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) throw caseFileError(unknown, `is not a field; there are ${FIELDS.join(', ')}`);
  const rows: readonly unknown[] = settings['bars'];
  const bars = rows.map(readBar);
  const barsPerYear =
    settings['barsPerYear'] === undefined ? barsPerYearOf(rows) : requiredNumber(settings, 'barsPerYear');
  const halfLife = settings['halfLife'] === undefined ? 11 : requiredNumber(settings, 'halfLife');
  const estimator = estimatorOf(settings['estimator']);
  const horizons = horizonsOf(settings['horizons']);
  const annualised = (variance: number): number => annualisedVolatility(variance, barsPerYear);
  const returns = logReturns(bars.map(({ close }) => close));
  const lambda = lambdaOfHalfLife(halfLife);
  const weighted = ewmaVarianceSeries(returns, lambda).at(-1) ?? Number.NaN; // one return at least, or it has thrown
  return {
    kernelHash,
    bars: bars.length,
    barsPerYear,
    estimators: Object.fromEntries(
      ESTIMATORS.map((name) => [name, annualised(realisedVariance(bars, name))]),
    ),
    ewma: { halfLife, lambda, volatility: annualised(weighted) },
    garch: garchOf(returns, horizons, annualised),
    cone: volatilityCone({
      bars,
      periods: horizons.filter((periods) => periods < bars.length),
      barsPerYear,
      estimator,
    }),
  };
}

function readBar(row: unknown, index: number): PriceBar {
  if (!isRecord(row)) throw caseFileError(`bars[${index}]`, 'is an object');
  try {
    const [open, high, low, close] = (['open', 'high', 'low', 'close'] as const).map((name) =>
      requiredNumber(row, name),
    ) as [number, number, number, number]; // four names
    return { open, high, low, close };
  } catch (error) {
    if (!(error instanceof PricingError)) throw error;
    throw caseFileError(`bars[${index}].${error.path ?? ''}`, error.message);
  }
}

function barsPerYearOf(rows: readonly unknown[]): number {
  const times = rows.map((row, index) => {
    const at = isRecord(row) ? (row['timestamp'] ?? row['date']) : undefined;
    if (typeof at !== 'string')
      throw caseFileError(`bars[${index}].timestamp`, 'is missing: give it, or barsPerYear');
    return parseInstant(at);
  });
  const gaps = times.slice(1).map((at, index) => {
    const gap = Number(at - (times[index] as bigint)); // one before: in range
    if (gap <= 0) throw caseFileError(`bars[${index + 1}].timestamp`, 'does not lie after the bar before it');
    return gap;
  });
  if (gaps.length === 0) throw caseFileError('bars', 'are fewer than two');
  return NANOS_PER_YEAR / medianOf(gaps);
}

function estimatorOf(value: unknown): VarianceEstimator {
  if (value === undefined) return 'yang-zhang';
  const known = ESTIMATORS.find((name) => name === value);
  if (known === undefined)
    throw caseFileError('estimator', `is one of ${ESTIMATORS.join(', ')}, not ${JSON.stringify(value)}`);
  return known;
}

function horizonsOf(value: unknown): readonly number[] {
  if (value === undefined) return HORIZONS;
  if (!Array.isArray(value) || !value.every((periods) => Number.isInteger(periods) && periods >= 2))
    throw caseFileError('horizons', 'are whole numbers of bars, 2 or more');
  return value as number[]; // every element has just been checked
}

function garchOf(
  returns: readonly number[],
  horizons: readonly number[],
  annualised: (variance: number) => number,
): RealisedReport['garch'] {
  try {
    if (returns.length === 0) throw invalidInput('returns', 'are none');
    const mean = returns.reduce((sum, value) => sum + value, 0) / returns.length;
    const fit = fitGarch(returns.map((value) => value - mean));
    assertBetween('persistence', fit.persistence, -1e-300, 1);
    return {
      ...fit,
      forecasts: horizons.map((periods) => ({
        periods,
        volatility: annualised(garchAverageVariance(fit, fit.nextVariance, periods)),
      })),
    };
  } catch (error) {
    if (!(error instanceof PricingError)) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}
