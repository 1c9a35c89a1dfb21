import type { Nanoseconds } from '@evenkeel/kernel';
import { formatInstant, parseInstant, median } from '@evenkeel/kernel';
import type { CostModel, InstrumentCosts } from './cost-model';
import { withHash } from './cost-model';
import type { Estimate } from './estimate';
import type { Observation, Regression } from './weighted-least-squares';
import { robustLeastSquares, weightedLeastSquares } from './weighted-least-squares';

/** One own fill as transaction-cost analysis leaves it. Prices in the quote unit. */
export interface CostObservation {
  readonly instrument: string;
  /** Event time. */
  readonly at: string;
  readonly side: 'buy' | 'sell';
  readonly liquidity: 'maker' | 'taker';
  /** Positive, USD. */
  readonly notionalUsd: number;
  /** Middle of the market when the decision was made. */
  readonly arrivalMid: number;
  readonly price: number;
  /** Paid, USD; negative for a rebate. */
  readonly feeUsd: number;
  /** Volume of a day, USD. */
  readonly dailyVolumeUsd: number;
  /** Daily volatility of the underlying at arrival, per 1.00. */
  readonly dailyVolatility: number;
  /** Middle of the market a while after the fill; absent when not known. */
  readonly markoutMid?: number;
}

export interface FitOptions {
  readonly version: string;
  /** Only fills at or after, and before; all when absent. */
  readonly from?: string;
  readonly to?: string;
  /** Shape of temporary impact; `both` fits the two side by side. Default `square-root`. */
  readonly impact?: 'square-root' | 'linear' | 'both' | 'none';
  /** `huber` (default) holds outliers down; `least-squares` does not. */
  readonly method?: 'huber' | 'least-squares';
  readonly prudence?: number;
}

/** What could not be fitted, by instrument: fewer fills than parameters, sizes that do not differ. */
export interface CostFit {
  readonly model: CostModel;
  readonly notes: readonly string[];
  /** Root mean square of the shortfall left unexplained, fraction of notional, by instrument. */
  readonly deviation: Readonly<Record<string, number>>;
}

/**
 * Fits costs from own fills. Per instrument the shortfall of taker fills, side × (price − arrival mid) ÷ arrival mid, is regressed on a
 * constant (the effective half spread), √(Q/V)·σ_D and (Q/V)·σ_D; the markout on (Q/V)·σ_D through the origin gives the
 * permanent part. Rows weigh 1/σ_D²: noise between decision and fill grows with volatility. Fees are notional-weighted means. An estimate
 * below nought becomes nought and keeps its standard error. Same fills, same bytes.
 */
export function fitCostModel(fills: readonly CostObservation[], options: FitOptions): CostFit {
  const within = fills.filter(({ at }) => isWithin(at, options));
  const ids = [...new Set(within.map(({ instrument }) => instrument))].sort();
  const instruments: Record<string, InstrumentCosts> = {};
  const deviation: Record<string, number> = {};
  const notes: string[] = [];
  for (const id of ids) {
    const own = within.filter(({ instrument }) => instrument === id);
    const fit = fitInstrument(own, options);
    instruments[id] = fit.costs;
    deviation[id] = fit.deviation;
    notes.push(...fit.notes.map((note) => `${id}: ${note}`));
  }
  const times = within.map(({ at }) => parseInstant(at)).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  const [first] = times;
  const last = times[times.length - 1];
  const model = withHash({
    version: options.version,
    fittedFrom: first === undefined ? '' : formatInstant(first),
    fittedTo: last === undefined ? '' : formatInstant(last),
    prudence: options.prudence ?? 0,
    instruments,
  });
  return { model, notes, deviation };
}

function isWithin(at: string, { from, to }: FitOptions): boolean {
  const time = parseInstant(at);
  return (from === undefined || time >= parseInstant(from)) && (to === undefined || time < parseInstant(to));
}

interface InstrumentFit {
  readonly costs: InstrumentCosts;
  readonly notes: readonly string[];
  readonly deviation: number;
}

function fitInstrument(fills: readonly CostObservation[], options: FitOptions): InstrumentFit {
  const notes: string[] = [];
  const takers = fills.filter(({ liquidity }) => liquidity === 'taker');
  const makers = fills.filter(({ liquidity }) => liquidity === 'maker');
  const solve = options.method === 'least-squares' ? weightedLeastSquares : robustLeastSquares;
  const shape = options.impact ?? 'square-root';
  const shortfall = solve(takers.map((fill) => shortfallRow(fill, shape)));
  const spread = estimateOf(shortfall, 0, takers.length);
  const columns = impactColumns(shape);
  for (const [name, column] of columns)
    if (shortfall.leftOut.includes(column)) notes.push(`${name} cannot be told from the spread`);
  if (takers.length < 1 + columns.length) notes.push(`${takers.length} taker fills are too few`);
  const marked = fills.filter(({ markoutMid }) => markoutMid !== undefined);
  const permanent = solve(marked.map(markoutRow));
  const measured = (name: string, fit: Regression, column: number, samples: number): Estimate | undefined => {
    if (fit.leftOut.includes(column)) return undefined;
    const estimate = estimateOf(fit, column, samples);
    if (isTold(estimate)) return estimate;
    notes.push(`${name} ${estimate.value} ± ${estimate.standardError} says nothing and is left out`);
    return undefined;
  };
  const impact = columns.flatMap(([name, column]) => {
    const estimate = measured(name, shortfall, column, takers.length);
    return estimate === undefined ? [] : [[name, estimate] as const];
  });
  const lasting = marked.length > 0 ? measured('permanentImpact', permanent, 0, marked.length) : undefined;
  return {
    costs: {
      ...(takers.length > 0 ? { takerFee: feeOf(takers), halfSpread: spread } : {}),
      ...(makers.length > 0 ? { makerFee: feeOf(makers) } : {}),
      ...Object.fromEntries(impact),
      ...(lasting === undefined ? {} : { permanentImpact: lasting }),
      dailyVolume: {
        value: median(fills.map(({ dailyVolumeUsd }) => dailyVolumeUsd)) ?? 0,
        standardError: 0,
        samples: fills.length,
      },
    },
    notes,
    deviation: shortfall.deviation * (median(takers.map(({ dailyVolatility }) => dailyVolatility)) ?? 0),
  };
}

/** Coefficients of impact are of the order of one: an estimate tells something if it stands out of its error, or is known to be small. */
function isTold({ value, standardError }: Estimate): boolean {
  return value >= SIGNIFICANT * standardError || standardError <= SMALL;
}

const SIGNIFICANT = 2;
const SMALL = 0.5;

function impactColumns(shape: NonNullable<FitOptions['impact']>): [keyof InstrumentCosts & string, number][] {
  if (shape === 'none') return [];
  if (shape === 'both')
    return [
      ['squareRootImpact', 1],
      ['linearImpact', 2],
    ];
  return [[shape === 'linear' ? 'linearImpact' : 'squareRootImpact', 1]];
}

function shortfallRow(fill: CostObservation, shape: NonNullable<FitOptions['impact']>): Observation {
  const { dailyVolatility, notionalUsd, dailyVolumeUsd, arrivalMid, price } = fill;
  const share = dailyVolumeUsd > 0 ? notionalUsd / dailyVolumeUsd : 0;
  const root = dailyVolatility * Math.sqrt(share);
  const linear = dailyVolatility * share;
  const impact =
    shape === 'none' ? [] : shape === 'both' ? [root, linear] : [shape === 'linear' ? linear : root];
  return { x: [1, ...impact], y: (signOf(fill) * (price - arrivalMid)) / arrivalMid, weight: weightOf(fill) };
}

function markoutRow(fill: CostObservation): Observation {
  const { dailyVolatility, notionalUsd, dailyVolumeUsd, arrivalMid, markoutMid } = fill;
  const share = dailyVolumeUsd > 0 ? notionalUsd / dailyVolumeUsd : 0;
  const moved = ((markoutMid ?? arrivalMid) - arrivalMid) / arrivalMid;
  return { x: [dailyVolatility * share], y: signOf(fill) * moved, weight: weightOf(fill) };
}

function signOf({ side }: CostObservation): 1 | -1 {
  return side === 'buy' ? 1 : -1;
}

function weightOf({ dailyVolatility }: CostObservation): number {
  return dailyVolatility > 0 ? 1 / (dailyVolatility * dailyVolatility) : 0;
}

function estimateOf(fit: Regression, column: number, samples: number): Estimate {
  return {
    value: Math.max(0, fit.coefficients[column] ?? 0),
    standardError: fit.standardErrors[column] ?? 0,
    samples,
  };
}

function feeOf(fills: readonly CostObservation[]): Estimate {
  let notional = 0;
  let fees = 0;
  for (const fill of fills) {
    notional += fill.notionalUsd;
    fees += fill.feeUsd;
  }
  const mean = notional > 0 ? fees / notional : 0;
  let squares = 0;
  for (const { notionalUsd, feeUsd } of fills) {
    const off = feeUsd - mean * notionalUsd;
    squares += off * off;
  }
  const count = fills.length;
  const standardError = notional > 0 && count > 1 ? Math.sqrt((squares * count) / (count - 1)) / notional : 0;
  return { value: mean, standardError, samples: count };
}

/** One step of a walk forward: fitted on what was known, judged on what came next. */
export interface WalkForwardStep {
  readonly trainFrom: string;
  readonly testFrom: string;
  readonly testTo: string;
  readonly fit: CostFit;
  /** The fills of the test window; none of them was used by `fit`. */
  readonly test: readonly CostObservation[];
}

/** Windows of `train` followed by `test`, moving on by `test`, over the fills' own span; each fit sees its train window alone. */
export function walkForward(
  fills: readonly CostObservation[],
  train: Nanoseconds,
  test: Nanoseconds,
  options: Omit<FitOptions, 'from' | 'to'>,
): WalkForwardStep[] {
  const times = fills.map(({ at }) => parseInstant(at));
  const [any] = times;
  if (any === undefined || test <= 0n || train <= 0n) return [];
  const first = times.reduce((a, b) => (b < a ? b : a), any);
  const last = times.reduce((a, b) => (b > a ? b : a), any);
  const steps: WalkForwardStep[] = [];
  for (let start = first; start + train <= last; start += test) {
    const trainFrom = formatInstant(start);
    const testFrom = formatInstant(start + train);
    const testTo = formatInstant(start + train + test);
    const fit = fitCostModel(fills, { ...options, from: trainFrom, to: testFrom });
    const later = fills.filter(({ at }) => isWithin(at, { version: '', from: testFrom, to: testTo }));
    steps.push({ trainFrom, testFrom, testTo, fit, test: later });
  }
  return steps;
}
