import { math } from '../math';
import type { NegativeInterval, ScanGrid } from './interval-scan';
import { negativeIntervals } from './interval-scan';
import type { SviRaw } from './svi';
import { sviDensityFactor, sviLeastVariance, sviTotalVariance, sviWingSlopes } from './svi';

/** A smile with its place on the term structure. `expiry` is a label of the caller's, carried into reports. */
export interface SmileSlice {
  readonly expiry: string;
  /** ACT/365 years. */
  readonly years: number;
  readonly forward: number;
  readonly svi: SviRaw;
}

/** One arbitrage, with where it is. Infinite ends mean a whole wing. */
export interface ArbitrageFinding {
  readonly kind: 'butterfly' | 'wing-slope' | 'negative-variance' | 'calendar';
  /** The slice at fault, or for `calendar` the nearer one. */
  readonly expiry: string;
  /** For `calendar` only: the later slice, whose total variance is the smaller. */
  readonly laterExpiry?: string;
  /** ln(K/F). */
  readonly fromLogMoneyness: number;
  readonly toLogMoneyness: number;
  /** In the underlying's currency, at the forward of `expiry`. */
  readonly fromStrike: number;
  readonly toStrike: number;
  readonly worstLogMoneyness: number;
  /** Butterfly: g(k) there. Calendar: later total variance less the nearer one's. Wing: 2 less the slope. Variance: w. */
  readonly worst: number;
  readonly message: string;
}

/** Rounding of w and g in doubles: what lies closer to zero than this is zero. */
const BUTTERFLY_TOLERANCE = 1e-10;
const CALENDAR_RELATIVE_TOLERANCE = 1e-10;

/**
 * Everything that makes one slice's density negative: total variance below zero, a wing steeper than Lee's 2, or
 * intervals with `g(k) < 0`. Empty means none, over the whole line.
 */
export function butterflyArbitrage(slice: SmileSlice): ArbitrageFinding[] {
  const { svi } = slice;
  const findings: ArbitrageFinding[] = [];
  const least = sviLeastVariance(svi);
  if (least < 0) {
    const at = svi.m - (svi.rho * svi.sigma) / Math.sqrt(1 - svi.rho * svi.rho);
    const where = negativeIntervals((k) => sviTotalVariance(svi, k), [gridOf(svi)], math.sinh, 0);
    const interval = where[0] ?? { from: at, to: at, worstAt: at, worst: least };
    findings.push(finding('negative-variance', slice, interval, 'total variance is negative'));
    return findings;
  }
  const slopes = sviWingSlopes(svi);
  for (const [side, slope] of [
    ['put', slopes.put],
    ['call', slopes.call],
  ] as const) {
    if (slope <= 2 + 1e-12) continue;
    const interval =
      side === 'put'
        ? { from: -Infinity, to: svi.m, worstAt: -Infinity, worst: 2 - slope }
        : { from: svi.m, to: Infinity, worstAt: Infinity, worst: 2 - slope };
    findings.push(
      finding('wing-slope', slice, interval, `the ${side} wing's slope ${slope} exceeds Lee's bound of 2`),
    );
  }
  const g = (k: number): number => sviDensityFactor(svi, k);
  for (const interval of negativeIntervals(g, [gridOf(svi)], math.sinh, BUTTERFLY_TOLERANCE)) {
    findings.push(finding('butterfly', slice, interval, 'the implied density is negative'));
  }
  return findings;
}

/** Intervals of log-moneyness where the later slice's total variance is below the nearer one's. `near.years < far.years`. */
export function calendarArbitrage(near: SmileSlice, far: SmileSlice): ArbitrageFinding[] {
  const scale = Math.max(sviTotalVariance(near.svi, 0), sviTotalVariance(far.svi, 0), 1e-12);
  const gap = (k: number): number => {
    const nearVariance = sviTotalVariance(near.svi, k);
    return (sviTotalVariance(far.svi, k) - nearVariance) / Math.max(scale, nearVariance);
  };
  const intervals = negativeIntervals(
    gap,
    [gridOf(near.svi), gridOf(far.svi)],
    math.sinh,
    CALENDAR_RELATIVE_TOLERANCE,
  );
  return intervals.map((interval) => {
    const worst = sviTotalVariance(far.svi, interval.worstAt) - sviTotalVariance(near.svi, interval.worstAt);
    const text = `total variance falls from ${near.expiry} to ${far.expiry}`;
    return { ...finding('calendar', near, { ...interval, worst }, text), laterExpiry: far.expiry };
  });
}

/** Butterfly of every slice and calendar of every neighbouring pair; slices in order of expiry. */
export function surfaceArbitrage(slices: readonly SmileSlice[]): ArbitrageFinding[] {
  const findings = slices.flatMap((slice) => butterflyArbitrage(slice));
  for (let i = 1; i < slices.length; i++) {
    findings.push(...calendarArbitrage(slices[i - 1] as SmileSlice, slices[i] as SmileSlice)); // both in range
  }
  return findings;
}

/** Where a slice's features are: its vertex, at the scale of its curvature. */
export function gridOf(svi: SviRaw): ScanGrid {
  return { centre: svi.m, width: Math.max(svi.sigma, 1e-6) };
}

function finding(
  kind: ArbitrageFinding['kind'],
  slice: SmileSlice,
  interval: NegativeInterval,
  problem: string,
): ArbitrageFinding {
  const fromStrike = slice.forward * math.exp(interval.from);
  const toStrike = slice.forward * math.exp(interval.to);
  return {
    kind,
    expiry: slice.expiry,
    fromLogMoneyness: interval.from,
    toLogMoneyness: interval.to,
    fromStrike,
    toStrike,
    worstLogMoneyness: interval.worstAt,
    worst: interval.worst,
    message: `${slice.expiry}: ${problem} for strikes ${fromStrike} to ${toStrike} (log-moneyness ${interval.from} to ${interval.to})`,
  };
}
