import { math } from '@evenkeel/pricing';

/** Realised variance as it is watched, annualised; times in ACT/365 years since any origin. */
export interface RealisedTracker {
  readonly spot: number;
  readonly at: number;
  /** Exponentially weighted, annualised; 0 before the second observation. */
  readonly variance: number;
  /** Years observed. */
  readonly observed: number;
}

export function startTracker(spot: number, at: number): RealisedTracker {
  return { spot, at, variance: 0, observed: 0 };
}

/**
 * One observation: the squared log return per year enters with weight 1 − 2^{−Δt/half-life}, while little has been seen with that of a plain average.
 * Observations closer together than `every` are passed over: between them lies the noise of quotes.
 */
export function observeSpot(
  tracker: RealisedTracker,
  spot: number,
  at: number,
  every: number,
  halfLife: number,
): RealisedTracker {
  const elapsed = at - tracker.at;
  // Years since 1970 are exact to a millisecond or so, no better.
  if (!(elapsed >= every * (1 - 1e-6)) || !(spot > 0)) return tracker;
  const move = math.log(spot / tracker.spot);
  const observed = tracker.observed + elapsed;
  const settled = 1 - math.exp((-math.log(2) * elapsed) / halfLife);
  const weight = Math.max(settled, elapsed / observed);
  const variance = tracker.variance + weight * ((move * move) / elapsed - tracker.variance);
  return { spot, at, variance, observed };
}
