/** Moments of a sample in its own order, with compensated sums: the same bits for the same sample. */
export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** With count − 1. */
  readonly std: number;
  readonly skewness: number;
  readonly excessKurtosis: number;
  /** Standard error of the mean. */
  readonly meanError: number;
  /** Standard error of `std`, by the fourth moment. */
  readonly stdError: number;
}

export function momentsOf(sample: Float64Array): Moments {
  const count = sample.length;
  const mean = compensatedSum(sample, (x) => x) / count;
  const second = compensatedSum(sample, (x) => (x - mean) * (x - mean));
  const third = compensatedSum(sample, (x) => (x - mean) * (x - mean) * (x - mean)) / count;
  const fourth = compensatedSum(sample, (x) => (x - mean) * (x - mean) * (x - mean) * (x - mean)) / count;
  const variance = second / (count - 1);
  const std = Math.sqrt(variance);
  const central = second / count;
  return {
    count,
    mean,
    std,
    skewness: central > 0 ? third / (central * Math.sqrt(central)) : 0,
    excessKurtosis: central > 0 ? fourth / (central * central) - 3 : 0,
    meanError: std / Math.sqrt(count),
    stdError: std > 0 ? Math.sqrt(Math.max(0, fourth - central * central) / count) / (2 * std) : 0,
  };
}

/** Neumaier's sum of `of(x)` over the sample, in order. */
export function compensatedSum(sample: Float64Array, of: (x: number) => number): number {
  let total = 0;
  let lost = 0;
  for (let i = 0; i < sample.length; i += 1) {
    const term = of(sample[i] ?? 0);
    const next = total + term;
    lost += Math.abs(total) >= Math.abs(term) ? total - next + term : term - next + total;
    total = next;
  }
  return total + lost;
}

/** Quantiles and the tail below one of them. */
export interface Tail {
  readonly p05: number;
  readonly p95: number;
  /** Mean of the worst (lowest) 5 % of the sample. */
  readonly shortfall: number;
  readonly p05Error: number;
  readonly p95Error: number;
  readonly shortfallError: number;
}

const TAIL = 0.05;

/**
 * Quantiles by linear interpolation of the order statistics; their errors from the binomial spread of the rank, that of the
 * shortfall from √((var of the tail + 0.95·(p05 − shortfall)²) / (5 % of the sample)).
 */
export function tailOf(sample: Float64Array): Tail {
  const sorted = Float64Array.from(sample).sort();
  const count = sorted.length;
  const at = (rank: number): number => {
    const bounded = Math.min(Math.max(rank, 0), count - 1);
    const below = Math.floor(bounded);
    const low = sorted[below] ?? 0;
    return low + (bounded - below) * ((sorted[Math.min(below + 1, count - 1)] ?? 0) - low);
  };
  const quantile = (p: number): number => at(p * (count - 1));
  const ranks = Math.sqrt(count * TAIL * (1 - TAIL));
  const error = (p: number): number => (at(p * (count - 1) + ranks) - at(p * (count - 1) - ranks)) / 2;
  const worst = momentsOf(sorted.subarray(0, Math.max(1, Math.floor(count * TAIL))));
  const p05 = quantile(TAIL);
  const beyond = p05 - worst.mean;
  const spread = worst.count > 1 ? worst.std * worst.std : 0;
  return {
    p05,
    p95: quantile(1 - TAIL),
    shortfall: worst.mean,
    p05Error: error(TAIL),
    p95Error: error(1 - TAIL),
    shortfallError: Math.sqrt((spread + (1 - TAIL) * beyond * beyond) / worst.count),
  };
}
