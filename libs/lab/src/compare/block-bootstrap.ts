import { createRandom } from '@evenkeel/kernel';

/** A number with the interval that holds it with the stated confidence, from resampled history. */
export interface Estimate {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface BootstrapPlan {
  readonly seed: string;
  /** Hours that stay together, so that what follows a move is drawn with it. */
  readonly blockHours: number;
  readonly samples: number;
  /** Two-sided, such as 0.95. */
  readonly confidence: number;
}

export const DEFAULT_BOOTSTRAP: BootstrapPlan = {
  seed: 'evenkeel',
  blockHours: 24,
  samples: 1000,
  confidence: 0.95,
};

/**
 * Resampled hour indices for histories of the given lengths laid end to end: blocks never cross from one history into the
 * next, and wrap within it (circular block bootstrap, Politis and Romano 1992). The same plan draws the same hours for
 * every policy, so differences between policies are of the same hours.
 */
export function resampledHours(lengths: readonly number[], plan: BootstrapPlan): Int32Array[] {
  const random = createRandom(`bootstrap/${plan.seed}`);
  const total = lengths.reduce((sum, length) => sum + length, 0);
  const starts: { readonly offset: number; readonly length: number }[] = [];
  let offset = 0;
  for (const length of lengths) {
    for (let hour = 0; hour < length; hour += 1) starts.push({ offset, length });
    offset += length;
  }
  return Array.from({ length: plan.samples }, () => {
    const drawn = new Int32Array(total);
    let filled = 0;
    while (filled < total) {
      const first = random.integer(total);
      const history = starts[first];
      if (history === undefined) break;
      const block = Math.min(plan.blockHours, history.length, total - filled);
      for (let step = 0; step < block; step += 1) {
        drawn[filled] = history.offset + ((first - history.offset + step) % history.length);
        filled += 1;
      }
    }
    return drawn;
  });
}

/** The statistic on the history, and the percentile interval over the resampled ones. */
export function estimate(
  hours: number,
  samples: readonly Int32Array[],
  confidence: number,
  statistic: (indices: Int32Array) => number,
): Estimate {
  const all = Int32Array.from({ length: hours }, (_, index) => index);
  const drawn = samples.map(statistic).sort((a, b) => a - b);
  const at = (share: number): number =>
    drawn[Math.min(drawn.length - 1, Math.floor(share * drawn.length))] ?? NaN;
  const tail = (1 - confidence) / 2;
  return { value: statistic(all), low: at(tail), high: at(1 - tail) };
}
