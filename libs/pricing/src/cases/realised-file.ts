import { parseInstant, unknownField, NANOS_PER_YEAR } from '@evenkeel/kernel';
import { PricingError } from '../errors';
import { kernelHash } from '../kernel-instance';
import { annualisedVolatility, logReturns, realisedVariance } from '../realised/estimators';
import type { VarianceEstimator } from '../realised/estimators';
import { ewmaVarianceSeries, lambdaOfHalfLife } from '../realised/ewma';
import { egarchAverageVariance, fitEgarch } from '../realised/egarch';
import type { EgarchFit } from '../realised/egarch';
import { fitGarch, garchAverageVariance } from '../realised/garch';
import type { GarchFit } from '../realised/garch';
import type { PriceBar } from '../realised/price-bar';
import { VARIANCE_STARTS } from '../realised/variance-start';
import type { VarianceStart } from '../realised/variance-start';
import { volatilityCone } from '../realised/volatility-cone';
import type { VolatilityConeRow } from '../realised/volatility-cone';
import { medianOf } from '../surface/fit-quality';
import { caseFileError, isRecord } from './case-file';
import { requiredNumber } from './chain-rows';
import type { TableReader } from './table-rows';

const ESTIMATORS: readonly VarianceEstimator[] = [
  'close-to-close',
  'parkinson',
  'garman-klass',
  'rogers-satchell',
  'yang-zhang',
];
const HORIZONS = [7, 30, 90];
const FIELDS = ['bars', 'barsPerYear', 'estimator', 'horizons', 'halfLife', 'varianceStart'];

/** Volatility that a fit expects on average over the next `periods` bars; annualised, 1.00 = 100 %. */
export interface HorizonVolatility {
  readonly periods: number;
  readonly volatility: number;
}

/** A fit, per bar, with what it expects; or why there is none. */
type Forecast<Fit> =
  | (Fit & { readonly forecasts: readonly HorizonVolatility[] })
  | { readonly error: { readonly code: string; readonly message: string } };

/** What `keel price realised` writes; volatilities annualised, 1.00 = 100 %. */
export interface RealisedReport {
  readonly kernelHash: string;
  readonly bars: number;
  readonly barsPerYear: number;
  readonly estimators: Readonly<Record<string, number>>;
  /** Exponentially weighted, as of the last bar. */
  readonly ewma: { readonly halfLife: number; readonly lambda: number; readonly volatility: number };
  /** GARCH(1,1) with a mean, of the log returns of the closes, or why there is none. */
  readonly garch: Forecast<GarchFit>;
  /** EGARCH(1,1) likewise. */
  readonly egarch: Forecast<EgarchFit>;
  /** One row per horizon that the bars are long enough for. */
  readonly cone: readonly VolatilityConeRow[];
}

/**
 * The core of `keel price realised`: realised volatility from bars, oldest first. `input` is the text of a table (`readTable`) with the columns
 * timestamp (or date, as bars of a tape have it), open, high, low, close, or `{ "bars": [{ "open", … }], "barsPerYear"?,
 * "estimator"?, "horizons"?, "halfLife"?, "varianceStart"? }`. Bars per year come from the timestamps' median spacing unless
 * given; `horizons` are in bars (7, 30, 90), `estimator` is the cone's (yang-zhang), `halfLife` the weighted average's, in bars
 * (11), `varianceStart` what GARCH and EGARCH take for the variance before the first return (sample). Throws
 * `PRICING.CASE_FILE` where this is no such input.
 */
export function runRealisedFile(input: unknown, readTable: TableReader): RealisedReport {
  const settings = typeof input === 'string' ? { bars: readTable(input).map(({ fields }) => fields) } : input;
  if (!isRecord(settings) || !Array.isArray(settings['bars']))
    throw caseFileError('bars', 'is a list of bars, or the input is the text of a table');
  const unknown = Object.keys(settings).find((name) => !FIELDS.includes(name));
  if (unknown !== undefined) throw caseFileError(unknown, unknownField(unknown, FIELDS, 'is not a field'));
  const rows: readonly unknown[] = settings['bars'];
  const bars = rows.map(readBar);
  const times = timesOf(rows, settings['barsPerYear'] === undefined);
  const barsPerYear =
    settings['barsPerYear'] === undefined
      ? NANOS_PER_YEAR / medianOf(spacingsOf(times ?? []))
      : requiredNumber(settings, 'barsPerYear');
  const halfLife = settings['halfLife'] === undefined ? 11 : requiredNumber(settings, 'halfLife');
  const estimator = estimatorOf(settings['estimator']);
  const horizons = horizonsOf(settings['horizons']);
  const start = varianceStartOf(settings['varianceStart']);
  const annualised = (variance: number): number => annualisedVolatility(variance, barsPerYear);
  const returns = logReturns(bars.map(({ close }) => close));
  if (times !== undefined) requireNoGapOfWeight(spacingsOf(times), returns);
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
    garch: forecastOf(() => fitGarch(returns, start), garchAverageVariance, horizons, annualised),
    egarch: forecastOf(() => fitEgarch(returns, start), egarchAverageVariance, horizons, annualised),
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

/** When the bars were, where they say so; `needed`: how many a year has is known from nothing else. */
function timesOf(rows: readonly unknown[], needed: boolean): readonly bigint[] | undefined {
  const written = rows.map((row) => (isRecord(row) ? (row['timestamp'] ?? row['date']) : undefined));
  if (!needed && written.some((at) => typeof at !== 'string')) return undefined;
  const times = written.map((at, index) => {
    if (typeof at !== 'string')
      throw caseFileError(`bars[${index}].timestamp`, 'is missing: give it, or barsPerYear');
    return parseInstant(at);
  });
  if (needed && times.length < 2) throw caseFileError('bars', 'are fewer than two');
  return times;
}

/** Between neighbours, in nanoseconds. */
function spacingsOf(times: readonly bigint[]): readonly number[] {
  return times.slice(1).map((at, index) => {
    const spacing = Number(at - (times[index] as bigint)); // one before: in range
    if (spacing <= 0)
      throw caseFileError(`bars[${index + 1}].timestamp`, 'does not lie after the bar before it');
    return spacing;
  });
}

/** Bars so much further apart than most have others missing between them. */
const GAP = 1.5;
/** Weekends carry as much of the variance as there are of them; more than this share and this multiple is a hole in the data. */
const GAP_SHARE = 0.05;
const GAP_MULTIPLE = 3;

/** A return over missing bars is no return of one bar: where such returns decide the outcome, there is none. */
function requireNoGapOfWeight(spacings: readonly number[], returns: readonly number[]): void {
  const usual = medianOf(spacings);
  const over = returns.map((value, index) => ((spacings[index] as number) > GAP * usual ? value * value : 0)); // as many
  const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
  const share = sum(over) / sum(returns.map((value) => value * value));
  const count = over.filter((value) => value > 0).length / returns.length;
  if (!(share > GAP_SHARE && share > GAP_MULTIPLE * count)) return;
  const worst = over.indexOf(Math.max(...over));
  const missing = Math.round((spacings[worst] as number) / usual) - 1; // an index of it
  throw caseFileError(
    `bars[${worst + 1}].timestamp`,
    `${missing} bars are missing before it, and returns over missing bars are ${(100 * share).toFixed(0)} % of all squared returns: give the bars before and after the gap as files of their own`,
  );
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

function varianceStartOf(value: unknown): VarianceStart {
  if (value === undefined) return 'sample';
  const known = VARIANCE_STARTS.find((name) => name === value);
  if (known !== undefined) return known;
  if (typeof value !== 'number' || !(value > 0 && value < Infinity))
    throw caseFileError(
      'varianceStart',
      `is ${VARIANCE_STARTS.join(', ')}, or a variance per bar, not ${JSON.stringify(value)}`,
    );
  return value;
}

function forecastOf<Fit extends GarchFit | EgarchFit>(
  fitted: () => Fit,
  average: (fit: Fit, variance: number, periods: number) => number,
  horizons: readonly number[],
  annualised: (variance: number) => number,
): Forecast<Fit> {
  try {
    const fit = fitted();
    return {
      ...fit,
      forecasts: horizons.map((periods) => ({
        periods,
        volatility: annualised(average(fit, fit.nextVariance, periods)),
      })),
    };
  } catch (error) {
    if (!(error instanceof PricingError)) throw error;
    return { error: { code: error.code, message: error.message } };
  }
}
