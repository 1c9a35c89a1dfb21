import { createRandom } from '@evenkeel/kernel';

/**
 * Sums of per-path figures over batches of neighbouring paths, the same batches for every policy: what a bootstrap needs in order
 * to know how far differences between policies on the same paths are known.
 */
export interface PathBatches {
  readonly batches: number;
  /** Σ over the paths of batch b of figure f is `sums[f][b]`; a figure's column has one entry per batch. */
  readonly sums: readonly Float64Array[];
  readonly counts: Float64Array;
}

/** Sums `figures` (one array over paths each) over at most `batches` batches. */
export function batchPaths(figures: readonly Float64Array[], batches: number): PathBatches {
  const paths = figures[0]?.length ?? 0;
  const used = Math.min(batches, paths);
  const counts = new Float64Array(used);
  const sums = figures.map(() => new Float64Array(used));
  for (let path = 0; path < paths; path += 1) {
    const batch = Math.floor((path * used) / paths);
    counts[batch] = (counts[batch] ?? 0) + 1;
    sums.forEach((column, f) => {
      column[batch] = (column[batch] ?? 0) + (figures[f]?.[path] ?? 0);
    });
  }
  return { batches: used, sums, counts };
}

/** Means of the figures over all paths, or over a resample of batches. */
export type FigureMeans = (figure: number) => number;

export interface Estimate {
  readonly value: number;
  /** 95 % confidence interval, by the bootstrap. */
  readonly low: number;
  readonly high: number;
}

const RESAMPLES = 600;

/**
 * Each statistic on all paths, with the 2.5 % and 97.5 % quantiles of it over resamples of the batches (seeded). A statistic that
 * is undefined on all paths or on any resample stays undefined.
 */
export function bootstrap(
  data: PathBatches,
  seed: string,
  statistics: readonly ((means: FigureMeans) => number | undefined)[],
): readonly (Estimate | undefined)[] {
  const random = createRandom(`${seed}/bootstrap`);
  const totals = new Float64Array(data.sums.length);
  const draw = (weights: Float64Array): FigureMeans => {
    let paths = 0;
    for (let b = 0; b < data.batches; b += 1) paths += (weights[b] ?? 0) * (data.counts[b] ?? 0);
    data.sums.forEach((column, f) => {
      let total = 0;
      for (let b = 0; b < data.batches; b += 1) total += (weights[b] ?? 0) * (column[b] ?? 0);
      totals[f] = total / paths;
    });
    return (figure) => totals[figure] ?? Number.NaN;
  };
  const all = draw(new Float64Array(data.batches).fill(1));
  const values = statistics.map((statistic) => statistic(all));
  const resampled: number[][] = statistics.map(() => []);
  const weights = new Float64Array(data.batches);
  for (let resample = 0; resample < RESAMPLES; resample += 1) {
    weights.fill(0);
    for (let b = 0; b < data.batches; b += 1) {
      const drawn = random.integer(data.batches);
      weights[drawn] = (weights[drawn] ?? 0) + 1;
    }
    const means = draw(weights);
    statistics.forEach((statistic, s) => {
      const value = statistic(means);
      if (value !== undefined) resampled[s]?.push(value);
    });
  }
  return values.map((value, s) => {
    const sorted = (resampled[s] ?? []).sort((a, b) => a - b);
    if (value === undefined || sorted.length < RESAMPLES) return undefined;
    const at = (p: number): number => sorted[Math.round(p * (RESAMPLES - 1))] ?? value;
    return { value, low: at(0.025), high: at(0.975) };
  });
}
