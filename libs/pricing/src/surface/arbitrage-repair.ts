import type { ArbitrageFinding, SmileSlice } from '../smile/arbitrage';
import { butterflyArbitrage, calendarArbitrage } from '../smile/arbitrage';
import type { SviRaw } from '../smile/svi';
import { assertSviRaw, sviTotalVariance } from '../smile/svi';
import type { SliceNeighbours, WingBoxes } from './slice-fit';
import { fitSlice } from './slice-fit';
import type { ExpiryQuotes, FitPoint } from './volatility-quotes';
import { orderedWings } from './wing-order';

/**
 * How a slice came to be free of arbitrage. `none`: least squares alone. `constrained`: refitted with arbitrage penalised.
 * `parallel`: no SVI slice near its quotes passed, so it is the nearer slice raised by a constant. `borrowed`: too few quotes
 * for a smile of its own, so its neighbour's shape at the level of its quotes.
 */
export type SliceRepair = 'none' | 'constrained' | 'parallel' | 'borrowed';

/** A slice while a surface is being fitted; the repair rewrites it in place. */
export interface WorkingSlice {
  readonly quotes: ExpiryQuotes;
  readonly points: readonly FitPoint[];
  /** As the quotes alone had it. */
  readonly own: SviRaw;
  svi: SviRaw;
  repair: SliceRepair;
  /** Log-moneyness where a sweep found arbitrage: watched from then on, for it may lie between the points of the grid. */
  readonly watched: Set<number>;
}

/** Weights of arbitrage against quotes, in half-spreads per unit of g or of relative total variance. */
const PENALTIES = [30, 100, 300, 1000, 3000, 10_000, 30_000];
/** Share of at-the-money variance by which a slice may be lifted over the one before it and still count as fitted. */
const LIFT_MAX = 5e-3;
/** Beyond this log-moneyness the wings' boxes are what keeps order. */
const WATCH_MAX = 20;

/**
 * Takes arbitrage out of slices in order of expiry: sweeps of refits first, then what is left falls back to slices that have
 * none. Slices that take part in no arbitrage are not touched.
 */
export function repairArbitrage(working: WorkingSlice[]): void {
  penaliseOffenders(working);
  fallBack(working);
}

/**
 * Sweeps from the nearest expiry to the last, refitting only slices that take part in an arbitrage, each with its wings in
 * the boxes that keep far strikes in order.
 */
function penaliseOffenders(working: WorkingSlice[]): void {
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
        watched: [...slice.watched],
        start: slice.svi,
      });
      slice.svi = fit.svi;
      slice.repair = 'constrained';
    });
  }
}

function offendersOf(working: readonly WorkingSlice[]): Set<number> {
  const offenders = new Set<number>();
  const note = (index: number, findings: readonly ArbitrageFinding[]): void => {
    if (findings.length === 0) return;
    offenders.add(index);
    for (const { worstLogMoneyness } of findings) {
      if (Math.abs(worstLogMoneyness) < WATCH_MAX) working[index]?.watched.add(worstLogMoneyness);
    }
  };
  working.forEach((slice, index) => {
    note(index, butterflyArbitrage(sliceOf(slice)));
    const previous = working[index - 1];
    if (previous === undefined) return;
    const crossings = calendarArbitrage(sliceOf(previous), sliceOf(slice));
    note(index - 1, crossings);
    note(index, crossings);
  });
  return offenders;
}

function isClean(working: readonly WorkingSlice[], index: number): boolean {
  const slice = sliceOf(working[index] as WorkingSlice); // callers pass an index of the array
  const previous = working[index - 1];
  const next = working[index + 1];
  return (
    butterflyArbitrage(slice).length === 0 &&
    (previous === undefined || calendarArbitrage(sliceOf(previous), slice).length === 0) &&
    (next === undefined || calendarArbitrage(slice, sliceOf(next)).length === 0)
  );
}

function neighboursOf(working: readonly WorkingSlice[], index: number): SliceNeighbours {
  const below = working[index - 1]?.svi;
  const above = working[index + 1]?.svi;
  return { ...(below === undefined ? {} : { below }), ...(above === undefined ? {} : { above }) };
}

/**
 * What penalties left: from the nearest expiry on, a slice that still offends against itself or the slice before it is
 * replaced by one that cannot, so that the surface is free of arbitrage whatever the quotes were.
 */
function fallBack(working: WorkingSlice[]): void {
  working.forEach((slice, index) => {
    const previous = working[index - 1];
    const offends = (candidate: SviRaw): boolean =>
      butterflyArbitrage({ ...sliceOf(slice), svi: candidate }).length > 0 ||
      (previous !== undefined &&
        calendarArbitrage(sliceOf(previous), { ...sliceOf(slice), svi: candidate }).length > 0);
    if (!offends(slice.svi)) return;
    const lifted = liftedOver(slice.svi, previous?.svi, offends);
    if (lifted !== undefined) {
      slice.svi = lifted;
      slice.repair = 'constrained';
      return;
    }
    slice.svi = previous === undefined ? flatSlice(slice) : raisedBy(previous.svi, slice);
    slice.repair = 'parallel';
  });
}

/** The slice raised just over the one before it, where it dips below; the raise doubles until nothing offends. */
function liftedOver(
  svi: SviRaw,
  below: SviRaw | undefined,
  offends: (candidate: SviRaw) => boolean,
): SviRaw | undefined {
  if (below === undefined) return undefined;
  const near = { expiry: '', years: 0, forward: 1, svi: below };
  const findings = calendarArbitrage(near, { expiry: '', years: 1, forward: 1, svi });
  const deepest = Math.min(0, ...findings.map((finding) => finding.worst));
  const most = LIFT_MAX * sviTotalVariance(svi, 0);
  for (let lift = 1e-12 - deepest * (1 + 1e-9); lift < most; lift *= 2) {
    const lifted = { ...svi, a: svi.a + lift };
    if (!offends(lifted)) return lifted;
  }
  return undefined;
}

/** The nearer slice plus the constant that fits the quotes best, at least zero. */
function raisedBy(below: SviRaw, slice: WorkingSlice): SviRaw {
  const rise = Math.max(
    0,
    meanOverQuotes(slice, (k) => sviTotalVariance(below, k)),
  );
  return { ...below, a: below.a + rise };
}

/** A smile without wings: the level of the quotes. */
function flatSlice(slice: WorkingSlice): SviRaw {
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
function meanOverQuotes(slice: WorkingSlice, base: (k: number) => number): number {
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

/** The slice as arbitrage checks and reports take it. */
export function sliceOf(slice: WorkingSlice): SmileSlice {
  assertSviRaw(slice.svi);
  return {
    expiry: slice.quotes.expiry,
    years: slice.quotes.years,
    forward: slice.quotes.forward,
    svi: slice.svi,
  };
}
