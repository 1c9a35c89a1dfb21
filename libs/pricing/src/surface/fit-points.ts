import { math } from '../math';
import type { ExpiryQuotes, FitPoint, VolatilityQuote } from './volatility-quotes';

/** No market is quoted more finely than this, in volatility: a locked quote must not outweigh the rest without bound. */
const HALF_SPREAD_MIN = 5e-4;
/** A one-sided quote is held this loosely, relative to its volatility. */
const ONE_SIDED_SHARE = 0.05;

/**
 * The quotes a smile can be fitted to: positive strikes, a bid or an ask, not crossed. In an order of their own, so that the
 * order they came in does not reach the sums.
 */
export function fitPoints(expiry: ExpiryQuotes): FitPoint[] {
  const points: FitPoint[] = [];
  for (const quote of expiry.quotes) {
    const point = fitPoint(quote, expiry.forward);
    if (point !== undefined) points.push(point);
  }
  return points.sort(
    (left, right) =>
      left.k - right.k ||
      left.target - right.target ||
      left.half - right.half ||
      left.rootWeight - right.rootWeight ||
      SIDES.indexOf(left.side) - SIDES.indexOf(right.side),
  );
}

const SIDES = ['both', 'at-least', 'at-most'] as const;

function fitPoint(quote: VolatilityQuote, forward: number): FitPoint | undefined {
  const bid = usable(quote.bidVolatility);
  const ask = usable(quote.askVolatility);
  const weight = quote.weight ?? 1;
  if (!(quote.strike > 0) || !(weight > 0)) return undefined;
  const k = math.log(quote.strike / forward);
  const rootWeight = Math.sqrt(weight);
  if (bid !== undefined && ask !== undefined) {
    if (bid > ask) return undefined;
    return {
      k,
      target: (bid + ask) / 2,
      half: Math.max((ask - bid) / 2, HALF_SPREAD_MIN),
      side: 'both',
      rootWeight,
    };
  }
  const bound = bid ?? ask;
  if (bound === undefined) return undefined;
  const half = Math.max(ONE_SIDED_SHARE * bound, HALF_SPREAD_MIN);
  return { k, target: bound, half, side: bid === undefined ? 'at-most' : 'at-least', rootWeight };
}

function usable(volatility: number | undefined): number | undefined {
  return volatility !== undefined && volatility > 0 && volatility < 50 ? volatility : undefined;
}
