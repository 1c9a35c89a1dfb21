import { PricingError, invalidInput } from '../errors';
import type { ArbitrageFinding, SmileSlice } from '../smile/arbitrage';
import { butterflyArbitrage, calendarArbitrage, surfaceArbitrage } from '../smile/arbitrage';
import type { SviRaw } from '../smile/svi';
import { assertSviRaw, sviTotalVariance } from '../smile/svi';
import { sviRawOfSsvi } from '../smile/ssvi';
import type { SsviSlice } from '../smile/ssvi';
import { fitPoints } from './fit-points';
import type { FitQuality } from './fit-quality';
import { fitQuality } from './fit-quality';
import type { SliceNeighbours, WingBoxes } from './slice-fit';
import { fitSlice } from './slice-fit';
import { fitSsviSlice } from './ssvi-fit';
import type { ExpiryQuotes, FitPoint } from './volatility-quotes';
import { orderedWings } from './wing-order';

/**
 * How a slice came to be free of arbitrage. `none`: least squares alone. `constrained`: refitted with arbitrage penalised.
 * `parallel`: no SVI slice near its quotes passed, so it is the nearer slice raised by a constant.
 */
export type SliceRepair = 'none' | 'constrained' | 'parallel';

/** A fitted expiry: the smile, how well it fits, and what had to be done to it. */
export interface FittedSlice extends SmileSlice {
  readonly quality: FitQuality;
  readonly repair: SliceRepair;
  readonly converged: boolean;
}

/** An expiry that has no smile, and why: `PRICING.FIT_TOO_FEW_QUOTES` or `PRICING.INVALID_INPUT`. */
export interface RefusedExpiry {
  readonly expiry: string;
  readonly code: string;
  readonly message: string;
}

/** A whole chain's fit: slices in order of expiry, free of butterfly and calendar arbitrage. */
export interface SurfaceFit {
  readonly slices: readonly FittedSlice[];
  readonly refused: readonly RefusedExpiry[];
  /** Arbitrage that the quotes' own least-squares smiles had before any repair. */
  readonly beforeRepair: readonly ArbitrageFinding[];
  /** Arbitrage in `slices`: empty. */
  readonly arbitrage: readonly ArbitrageFinding[];
}

export interface SurfaceFitOptions {
  /** Expiries with fewer usable strikes are refused (default 5, as many as SVI has parameters). */
  readonly strikesMin?: number;
  /**
   * `svi` (default): five parameters per expiry, arbitrage repaired. `ssvi`: three, free of arbitrage by construction, so
   * stiffer: for sparse or noisy chains.
   */
  readonly model?: 'svi' | 'ssvi';
  /** False leaves arbitrage in, for looking at the quotes' own smiles. Default true. */
  readonly repair?: boolean;
}

interface Working {
  readonly quotes: ExpiryQuotes;
  readonly points: readonly FitPoint[];
  svi: SviRaw;
  repair: SliceRepair;
  converged: boolean;
}

/** Weights of arbitrage against quotes, in half-spreads per unit of g or of relative total variance. */
const PENALTIES = [30, 100, 300, 1000, 3000];
/** Share of at-the-money variance by which a slice may be lifted over the one before it and still count as fitted. */
const LIFT_MAX = 5e-3;

/**
 * Fits raw SVI to every expiry of a chain and repairs arbitrage: each slice alone first, then slices that offend are
 * refitted against their neighbours with a rising penalty, and what still offends falls back to a slice that cannot. A
 * surface that passes is never touched. Deterministic.
 */
export function fitSurface(expiries: readonly ExpiryQuotes[], options: SurfaceFitOptions = {}): SurfaceFit {
  const refused: RefusedExpiry[] = [];
  const working: Working[] = [];
  let ssvi: SsviSlice | undefined;
  const ordered = [...expiries].sort((left, right) => left.years - right.years);
  for (const quotes of ordered) {
    try {
      const points = usablePoints(quotes, options.strikesMin ?? 5, working.at(-1));
      if (options.model === 'ssvi') {
        const fit = fitSsviSlice(points, quotes.years, ssvi);
        ssvi = fit.ssvi;
        working.push({ quotes, points, svi: sviRawOfSsvi(ssvi), repair: 'none', converged: fit.converged });
      } else {
        const fit = fitSlice({ points, years: quotes.years, neighbours: {}, penalty: 0 });
        working.push({ quotes, points, svi: fit.svi, repair: 'none', converged: fit.converged });
      }
    } catch (error) {
      if (!(error instanceof PricingError)) throw error;
      refused.push({ expiry: quotes.expiry, code: error.code, message: error.message });
    }
  }
  const beforeRepair = surfaceArbitrage(working.map(sliceOf));
  if ((options.repair ?? true) && beforeRepair.length > 0) {
    penaliseOffenders(working);
    fallBack(working);
  }
  const slices = working.map((slice) => ({
    ...sliceOf(slice),
    quality: fitQuality(slice.svi, slice.points, slice.quotes.years),
    repair: slice.repair,
    converged: slice.converged,
  }));
  return {
    slices,
    refused,
    beforeRepair,
    arbitrage: beforeRepair.length === 0 ? [] : surfaceArbitrage(slices),
  };
}

function usablePoints(quotes: ExpiryQuotes, strikesMin: number, previous: Working | undefined): FitPoint[] {
  if (!(quotes.years > 0) || !(quotes.years < 200))
    throw invalidInput('years', `is between 0 and 200, not ${quotes.years}`);
  if (!(quotes.forward > 0) || !(quotes.forward < Infinity))
    throw invalidInput('forward', `is positive, not ${quotes.forward}`);
  if (previous !== undefined && previous.quotes.years === quotes.years) {
    throw invalidInput('years', `is that of ${previous.quotes.expiry} too: one smile per expiry`);
  }
  const points = fitPoints(quotes);
  const strikes = new Set(points.filter((point) => point.side === 'both').map((point) => point.k));
  if (strikes.size < strikesMin) {
    throw new PricingError({
      code: 'PRICING.FIT_TOO_FEW_QUOTES',
      message: `${quotes.expiry} has ${strikes.size} strikes with a bid and an ask; ${strikesMin} are needed`,
      path: 'quotes',
    });
  }
  return points;
}

/**
 * Sweeps from the nearest expiry to the last, refitting only slices that take part in an arbitrage, each with its wings in
 * the boxes that keep far strikes in order.
 */
function penaliseOffenders(working: Working[]): void {
  const wings = orderedWings(
    working.map(({ svi, points }) => ({
      svi,
      putQuotes: points.filter((point) => point.side === 'both' && point.k < 0).length,
      callQuotes: points.filter((point) => point.side === 'both' && point.k > 0).length,
    })),
  );
  for (const penalty of PENALTIES) {
    const offenders = offendersOf(working);
    if (offenders.size === 0) return;
    working.forEach((slice, index) => {
      if (!offenders.has(index) || (slice.repair !== 'none' && isClean(working, index))) return;
      const fit = fitSlice({
        points: slice.points,
        years: slice.quotes.years,
        neighbours: neighboursOf(working, index),
        penalty,
        wings: wings[index] as WingBoxes, // one per slice
        start: slice.svi,
      });
      slice.svi = fit.svi;
      slice.converged = fit.converged;
      slice.repair = 'constrained';
    });
  }
}

function offendersOf(working: readonly Working[]): Set<number> {
  const offenders = new Set<number>();
  working.forEach((slice, index) => {
    if (butterflyArbitrage(sliceOf(slice)).length > 0) offenders.add(index);
    const previous = working[index - 1];
    if (previous !== undefined && calendarArbitrage(sliceOf(previous), sliceOf(slice)).length > 0) {
      offenders.add(index - 1).add(index);
    }
  });
  return offenders;
}

function isClean(working: readonly Working[], index: number): boolean {
  const slice = sliceOf(working[index] as Working); // callers pass an index of the array
  const previous = working[index - 1];
  const next = working[index + 1];
  return (
    butterflyArbitrage(slice).length === 0 &&
    (previous === undefined || calendarArbitrage(sliceOf(previous), slice).length === 0) &&
    (next === undefined || calendarArbitrage(slice, sliceOf(next)).length === 0)
  );
}

function neighboursOf(working: readonly Working[], index: number): SliceNeighbours {
  const below = working[index - 1]?.svi;
  const above = working[index + 1]?.svi;
  return { ...(below === undefined ? {} : { below }), ...(above === undefined ? {} : { above }) };
}

/**
 * What penalties left: from the nearest expiry on, a slice that still offends against itself or the slice before it is
 * replaced by one that cannot, so that the surface is free of arbitrage whatever the quotes were.
 */
function fallBack(working: Working[]): void {
  working.forEach((slice, index) => {
    const previous = working[index - 1];
    const offends = (candidate: SviRaw): boolean =>
      butterflyArbitrage({ ...sliceOf(slice), svi: candidate }).length > 0 ||
      (previous !== undefined &&
        calendarArbitrage(sliceOf(previous), { ...sliceOf(slice), svi: candidate }).length > 0);
    if (!offends(slice.svi)) return;
    const lifted = liftedOver(slice.svi, previous?.svi);
    if (lifted !== undefined && !offends(lifted)) {
      slice.svi = lifted;
      slice.repair = 'constrained';
      return;
    }
    slice.svi = previous === undefined ? flatSlice(slice) : raisedBy(previous.svi, slice);
    slice.repair = 'parallel';
  });
}

/** The slice raised just over the one before it, where it dips below. */
function liftedOver(svi: SviRaw, below: SviRaw | undefined): SviRaw | undefined {
  if (below === undefined) return undefined;
  const near = { expiry: '', years: 0, forward: 1, svi: below };
  const findings = calendarArbitrage(near, { expiry: '', years: 1, forward: 1, svi });
  const deepest = Math.min(0, ...findings.map((finding) => finding.worst));
  const lift = -deepest * (1 + 1e-9) + 1e-12;
  return lift < LIFT_MAX * sviTotalVariance(svi, 0) ? { ...svi, a: svi.a + lift } : undefined;
}

/** The nearer slice plus the constant that fits the quotes best, at least zero. */
function raisedBy(below: SviRaw, slice: Working): SviRaw {
  const rise = Math.max(
    0,
    meanOverQuotes(slice, (k) => sviTotalVariance(below, k)),
  );
  return { ...below, a: below.a + rise };
}

/** A smile without wings: the level of the quotes. */
function flatSlice(slice: Working): SviRaw {
  return {
    a: Math.max(
      1e-12,
      meanOverQuotes(slice, () => 0),
    ),
    b: 0,
    rho: 0,
    m: 0,
    sigma: 0.1,
  };
}

/** Weighted mean of (quoted total variance - base) in the units the fit weighs in. */
function meanOverQuotes(slice: Working, base: (k: number) => number): number {
  let sum = 0;
  let weights = 0;
  for (const point of slice.points) {
    if (point.side !== 'both') continue;
    const root = point.rootWeight / (point.target * point.half);
    const weight = root * root;
    sum += weight * (point.target * point.target * slice.quotes.years - base(point.k));
    weights += weight;
  }
  return sum / weights;
}

function sliceOf(slice: Working): SmileSlice {
  assertSviRaw(slice.svi);
  return {
    expiry: slice.quotes.expiry,
    years: slice.quotes.years,
    forward: slice.quotes.forward,
    svi: slice.svi,
  };
}
