import type { SviRaw } from '../smile/svi';
import { sviWingSlopes } from '../smile/svi';
import type { SlopeBox, WingBoxes } from './slice-fit';
import { WING_SLOPE_MAX } from './slice-fit';

/** A slice's part in the ordering: its slopes and how many quotes speak for each wing. */
export interface WingEvidence {
  readonly svi: SviRaw;
  readonly putQuotes: number;
  readonly callQuotes: number;
}

/**
 * Boxes for the wing slopes of slices in order of expiry, such that slopes inside them never fall from one expiry to the
 * next: far enough out total variance then cannot cross. Boxes meet half-way between the isotonic regressions of the slopes
 * that the quotes alone gave, so slices that were in order keep theirs.
 */
export function orderedWings(slices: readonly WingEvidence[]): WingBoxes[] {
  const put = boxesOf(
    slices.map((slice) => sviWingSlopes(slice.svi).put),
    slices.map((slice) => slice.putQuotes + 1),
  );
  const call = boxesOf(
    slices.map((slice) => sviWingSlopes(slice.svi).call),
    slices.map((slice) => slice.callQuotes + 1),
  );
  return slices.map((_, i) => ({ put: put[i] as SlopeBox, call: call[i] as SlopeBox })); // one box per slice
}

function boxesOf(slopes: readonly number[], weights: readonly number[]): SlopeBox[] {
  const ordered = isotonic(slopes, weights);
  return ordered.map((slope, i) => ({
    low: i === 0 ? 0 : (slope + (ordered[i - 1] as number)) / 2, // both neighbours are in range
    high: i === ordered.length - 1 ? WING_SLOPE_MAX : (slope + (ordered[i + 1] as number)) / 2,
  }));
}

/** Weighted least-squares non-decreasing fit by pooling adjacent violators. */
export function isotonic(values: readonly number[], weights: readonly number[]): number[] {
  const blocks: { sum: number; weight: number; count: number }[] = [];
  values.forEach((value, i) => {
    const weight = weights[i] ?? 1;
    blocks.push({ sum: value * weight, weight, count: 1 });
    while (blocks.length > 1) {
      const last = blocks[blocks.length - 1] as { sum: number; weight: number; count: number }; // two blocks at least
      const before = blocks[blocks.length - 2] as { sum: number; weight: number; count: number };
      if (before.sum / before.weight <= last.sum / last.weight) break;
      blocks.pop();
      before.sum += last.sum;
      before.weight += last.weight;
      before.count += last.count;
    }
  });
  return blocks.flatMap((block) => new Array<number>(block.count).fill(block.sum / block.weight));
}
