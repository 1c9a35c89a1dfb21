import { math } from '../math';
import { butterflyArbitrage, calendarArbitrage } from '../smile/arbitrage';
import type { SviRaw } from '../smile/svi';
import type { WorkingSlice } from './arbitrage-repair';
import { sliceOf } from './arbitrage-repair';
import { quoteResiduals } from './quote-residuals';
import { createSviLine } from './svi-workspace';
import type { ExpiryQuotes, FitPoint } from './volatility-quotes';

const LEVELS = 961; // a quarter of a per cent of volatility apart
/** Levels tried, best first, before the expiry is given up. */
const TRIES_MAX = 120;
/** Quotes may put the level this far, as a factor of variance, from what time alone would make of the neighbour's. */
const LEVEL_RANGE = 12;

/**
 * A smile for an expiry with a few quotes only, as in its last hours: the later neighbour's (or, for the last expiry, the
 * nearer one's), the same in standard deviations, `w(k) = λ·w'(k/√λ)`, with the level λ that fits the quotes best among those
 * without arbitrage against both neighbours. Undefined when there is no two-sided quote, no neighbour or no such level.
 */
export function borrowedSlice(
  thin: { readonly quotes: ExpiryQuotes; readonly points: readonly FitPoint[] },
  before: WorkingSlice | undefined,
  after: WorkingSlice | undefined,
): WorkingSlice | undefined {
  const { quotes, points } = thin;
  const donor = after ?? before;
  if (donor === undefined || !points.some((point) => point.side === 'both')) return undefined;
  const line = createSviLine(points.map((point) => point.k));
  const errors = new Float64Array(points.length);
  const byTime = quotes.years / donor.quotes.years;
  const levels = Array.from({ length: LEVELS }, (_, i) => {
    const level = byTime * math.exp(math.log(LEVEL_RANGE) * ((2 * i) / (LEVELS - 1) - 1));
    const svi = scaled(donor.svi, level);
    quoteResiduals(line.totalVariances(svi), points, quotes.years, errors);
    return { svi, cost: errors.reduce((sum, error) => sum + error * error, 0) };
  }).sort((left, right) => left.cost - right.cost);
  for (const { svi } of levels.slice(0, TRIES_MAX)) {
    const slice: WorkingSlice = {
      quotes,
      points,
      own: svi,
      svi,
      repair: 'borrowed',
      watched: new Set(),
    };
    const own = sliceOf(slice);
    const clean =
      butterflyArbitrage(own).length === 0 &&
      (before === undefined || calendarArbitrage(sliceOf(before), own).length === 0) &&
      (after === undefined || calendarArbitrage(own, sliceOf(after)).length === 0);
    if (clean) return slice;
  }
  return undefined;
}

/** `λ·w(k/√λ)`: the same smile in standard deviations. */
function scaled(svi: SviRaw, level: number): SviRaw {
  const root = Math.sqrt(level);
  return { a: svi.a * level, b: svi.b * root, rho: svi.rho, m: svi.m * root, sigma: svi.sigma * root };
}
