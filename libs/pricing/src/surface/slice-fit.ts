import { math } from '../math';
import { minimiseLeastSquares } from '../optimise/levenberg-marquardt';
import type { SviRaw } from '../smile/svi';
import { sviLeastVariance, sviWingSlopes } from '../smile/svi';
import { nearestTheMoney, quoteResiduals } from './quote-residuals';
import { sviStarts } from './svi-start';
import { createSviLine } from './svi-workspace';
import type { FitPoint } from './volatility-quotes';

/** What a slice must not cross. */
export interface SliceNeighbours {
  /** The nearer expiry's slice: total variance at least this. */
  readonly below?: SviRaw;
  /** The later expiry's slice: total variance at most this. */
  readonly above?: SviRaw;
}

/** Least and largest slope of one wing, total variance per unit of log-moneyness. */
export interface SlopeBox {
  readonly low: number;
  readonly high: number;
}

export interface WingBoxes {
  readonly put: SlopeBox;
  readonly call: SlopeBox;
}

export interface SliceFitRequest {
  readonly points: readonly FitPoint[];
  readonly years: number;
  readonly neighbours: SliceNeighbours;
  /** Weight of arbitrage against quotes; 0 leaves it out. */
  readonly penalty: number;
  /** Where the wings' slopes may lie; within Lee's bound by default. */
  readonly wings?: WingBoxes;
  /** Further points of log-moneyness where arbitrage is watched. */
  readonly watched?: readonly number[];
  /** Where to start; the quasi-explicit starts when absent. */
  readonly start?: SviRaw;
}

export interface SliceFit {
  readonly svi: SviRaw;
  /** Half the sum of squared residuals, in half-spreads; penalties included. */
  readonly cost: number;
}

/** Lee's bound less a margin that rounding cannot use up. */
export const WING_SLOPE_MAX = 1.999;
const WING_SHARE_MAX = 1.3;
const CHECK_COUNT = 49;
const CHECK_REACH = 4.5;
/** The fit aims this far inside the constraint. */
const DENSITY_MARGIN = 2e-3;

/**
 * Least squares of (model - mid)/(half spread) in volatility, with a robust loss, over coordinates that cannot leave the
 * set of slices with positive variance and wings inside their boxes: ln of the least variance, logit of the two wing slopes
 * in their boxes, m and ln σ. Butterfly and calendar arbitrage enter as one-sided penalties on a grid.
 */
export function fitSlice(request: SliceFitRequest): SliceFit {
  const { points, years, penalty } = request;
  const wings = request.wings ?? freeWings(points, years);
  const starts = request.start === undefined ? sviStarts(points, years, 2) : [request.start];
  const first = (points[0] as FitPoint).k; // callers give at least one point
  const last = (points[points.length - 1] as FitPoint).k;
  const range = Math.max(last - first, 0.02);
  const quoteLine = createSviLine(points.map((point) => point.k));
  const arbitrage =
    penalty > 0
      ? createPenalties(request, [...checkPoints(points, years), ...(request.watched ?? [])])
      : undefined;
  const residuals = (coordinates: readonly number[], into: Float64Array): void => {
    const svi = decode(coordinates, wings);
    quoteResiduals(quoteLine.totalVariances(svi), points, years, into);
    arbitrage?.fill(svi, into, points.length);
  };
  const runs = starts.map((start) =>
    minimiseLeastSquares(residuals, points.length + (arbitrage?.count ?? 0), encode(start, wings), {
      low: [math.log(1e-12), -14, -14, first - range, math.log(range * 2e-3)],
      high: [math.log(50), 14, 14, last + range, math.log(range * 0.8)],
      differenceSteps: [1e-6, 1e-6, 1e-6, 1e-6 * range, 1e-6],
      iterationsMax: 60,
      relativeTolerance: 1e-7,
    }),
  );
  const best = runs.reduce((left, right) => (right.cost < left.cost ? right : left));
  return { svi: decode(best.point, wings), cost: best.cost };
}

/**
 * Wings about as steep as a density allows: in units of √w(0) an SSVI slice has no butterfly when its slopes p and c meet
 * `(p + c)·max(p, c) ≤ 2` (Gatheral & Jacquier 2014), √2 for one alone. Quotes say little about slopes beyond themselves, and
 * without a bound least squares gives a near-parabola whose wings cross every later expiry.
 */
export function slopeMax(points: readonly FitPoint[], years: number): number {
  return Math.min(WING_SLOPE_MAX, WING_SHARE_MAX * nearestTheMoney(points).target * Math.sqrt(years));
}

function freeWings(points: readonly FitPoint[], years: number): WingBoxes {
  const high = slopeMax(points, years);
  return { put: { low: 0, high }, call: { low: 0, high } };
}

interface Penalties {
  readonly count: number;
  fill(svi: SviRaw, into: Float64Array, from: number): void;
}

function createPenalties(request: SliceFitRequest, checks: readonly number[]): Penalties {
  const { below, above } = request.neighbours;
  const weight = request.penalty;
  const line = createSviLine(checks);
  const lower = below === undefined ? undefined : Float64Array.from(line.totalVariances(below));
  const upper = above === undefined ? undefined : Float64Array.from(line.totalVariances(above));
  const size = checks.length;
  return {
    count: 3 * size,
    fill: (svi, into, from) => {
      const factors = line.densityFactors(svi);
      for (let i = 0; i < size; i++) {
        const slack = (factors[i] as number) - DENSITY_MARGIN; // in range
        into[from + i] = slack < 0 ? weight * slack : 0;
      }
      const variances = line.totalVariances(svi);
      for (let i = 0; i < size; i++) {
        const w = variances[i] as number; // in range, as are the neighbours'
        into[from + size + i] = lower === undefined ? 0 : weight * shortfall(w, lower[i] as number);
        into[from + 2 * size + i] = upper === undefined ? 0 : weight * shortfall(upper[i] as number, w);
      }
    },
  };
}

/** How far `larger` falls below `smaller`, relative; 0 where it does not, aiming a little above. */
function shortfall(larger: number, smaller: number): number {
  const gap = larger - smaller * (1 + 1e-3);
  return gap < 0 ? gap / (smaller + 1e-12) : 0;
}

/** Log-moneyness where arbitrage is watched: sinh-spaced over many deviations around the money. */
function checkPoints(points: readonly FitPoint[], years: number): number[] {
  const deviation = Math.max(nearestTheMoney(points).target * Math.sqrt(years), 1e-3);
  return Array.from(
    { length: CHECK_COUNT },
    (_, i) => deviation * math.sinh(CHECK_REACH * ((2 * i) / (CHECK_COUNT - 1) - 1)),
  );
}

function encode(svi: SviRaw, wings: WingBoxes): number[] {
  const { put, call } = sviWingSlopes(svi);
  const least = Math.max(sviLeastVariance(svi), 1e-12);
  return [math.log(least), shareOf(put, wings.put), shareOf(call, wings.call), svi.m, math.log(svi.sigma)];
}

function decode(coordinates: readonly number[], wings: WingBoxes): SviRaw {
  const [least, putLogit, callLogit, m, logSigma] = coordinates as readonly [
    number,
    number,
    number,
    number,
    number,
  ];
  const put = slopeIn(putLogit, wings.put);
  const call = slopeIn(callLogit, wings.call);
  const b = (put + call) / 2;
  const rho = (call - put) / (call + put);
  const sigma = math.exp(logSigma);
  // bσ√(1-ρ²) from the slopes is σ√(put·call), with no cancellation at either end.
  return { a: math.exp(least) - sigma * Math.sqrt(put * call), b, rho, m, sigma };
}

function slopeIn(logit: number, box: SlopeBox): number {
  return box.low + (box.high - box.low) / (1 + math.exp(-logit));
}

function shareOf(slope: number, box: SlopeBox): number {
  const width = box.high - box.low;
  const share = width > 0 ? Math.min(Math.max((slope - box.low) / width, 1e-6), 1 - 1e-6) : 0.5;
  return math.log(share / (1 - share));
}
